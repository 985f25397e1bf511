//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package golden

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"

	"github.com/gokeras/gokeras/internal/kernels"
)

// newXLA returns the XLA CPU engine if its plugin is installed, else nil.
func newXLA() compute.Backend {
	xla.EnableAutoInstall(false)
	var b compute.Backend
	var err error
	kernels.WithoutSignals(func() { b, err = xla.New("cpu") })
	if err != nil {
		return nil
	}
	return b
}
