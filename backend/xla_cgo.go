//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package backend

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
	"k8s.io/klog/v2"

	"github.com/gokeras/gokeras/internal/kernels"
)

func init() { releaseVersion = pjrt.DefaultCPUVersion }

// xlaSupport says why this program can't use XLA plugins at all, or nil.
func xlaSupport() error { return nil }

// openXLA opens an XLA backend; config is a plugin's name or path with go-xla's options.
func openXLA(config string) (b compute.Backend, err error) {
	// go-xla panics on some plugins that can't be loaded.
	defer func() {
		if r := recover(); r != nil {
			b, err = nil, fmt.Errorf("go-xla failed to open %q: %v", config, r)
		}
	}()
	defer quietLog()()
	kernels.PassNaNOn()
	var opened *xla.Backend
	kernels.WithoutSignals(func() { opened, err = xla.NewWithOptions(config, nil) })
	if err != nil {
		return nil, err
	}
	if KindOf(opened) == XLACPU {
		kernels.KeepMemory(opened.PluginName())
	}
	return opened, nil
}

// quietLog keeps go-xla from logging on standard error what its error says anyway, unless its log was
// asked for. It returns a function that ends this.
func quietLog() (restore func()) {
	if klog.V(1).Enabled() {
		return func() {}
	}
	state := klog.CaptureState()
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	return state.Restore
}

// pluginVersion describes the version of the plugin behind b, "" if b isn't XLA's.
func pluginVersion(b compute.Backend) string {
	x, ok := b.(*xla.Backend)
	if !ok || x.IsFinalized() {
		return ""
	}
	plugin, err := pjrt.GetPlugin(x.PluginName())
	if err != nil {
		return ""
	}
	major, minor := plugin.Version()
	version := fmt.Sprintf("PJRT API %d.%d", major, minor)
	if dialect, ok := plugin.Attributes()["stablehlo_current_version"].([]int64); ok {
		parts := make([]string, len(dialect))
		for i, part := range dialect {
			parts[i] = strconv.FormatInt(part, 10)
		}
		version += ", StableHLO " + strings.Join(parts, ".")
	}
	return version
}
