//go:build !(cgo && ((linux && (amd64 || arm64)) || (darwin && arm64)))

package backend

import (
	"fmt"
	"runtime"

	"github.com/gomlx/compute"
)

// xlaSupport says why this program can't use XLA plugins at all, or nil.
func xlaSupport() error {
	switch runtime.GOOS + "/" + runtime.GOARCH {
	case "linux/amd64", "linux/arm64", "darwin/arm64":
		return errNoCgo
	}
	return fmt.Errorf("XLA plugins are not supported on %s/%s", runtime.GOOS, runtime.GOARCH)
}

// openXLA reports that XLA isn't compiled in.
func openXLA(string) (compute.Backend, error) { return nil, xlaSupport() }

// pluginVersion returns "", since no engine of this program has a plugin.
func pluginVersion(compute.Backend) string { return "" }
