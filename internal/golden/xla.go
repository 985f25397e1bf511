//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package golden

import (
	"cmp"
	"fmt"
	"os"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"

	"github.com/gokeras/gokeras/internal/kernels"
)

// newXLA returns the XLA CPU engine if its plugin is installed, else nil; where GOKERAS_TEST_XLA names a plugin, by its file, and options, that one.
// It compiles quickly, unless XLA_FLAGS says otherwise.
func newXLA() compute.Backend {
	xla.EnableAutoInstall(false)
	if os.Getenv("XLA_FLAGS") == "" { // the tests compile many programs, and run them on little
		os.Setenv("XLA_FLAGS", "--xla_backend_optimization_level=1")
	}
	kernels.PassNaNOn()
	var b compute.Backend
	var err error
	plugin := os.Getenv("GOKERAS_TEST_XLA")
	kernels.WithoutSignals(func() { b, err = xla.New(cmp.Or(plugin, "cpu")) })
	if err != nil && plugin != "" {
		panic(fmt.Errorf("GOKERAS_TEST_XLA=%s: %w", plugin, err))
	}
	if err != nil {
		return nil
	}
	return b
}
