//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package backend

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
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
	opened, err := xla.NewWithOptions(config, nil)
	if err != nil {
		return nil, err
	}
	return opened, nil
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
	attributes := plugin.Attributes()
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		if strings.Contains(key, "version") {
			version += fmt.Sprintf(", %s %v", key, attributes[key])
		}
	}
	return version
}
