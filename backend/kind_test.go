package backend

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/stretchr/testify/require"
)

// pluginEngine is an engine that has a plugin, as go-xla's do.
type pluginEngine struct {
	fakeBackend
	plugin string
}

func (p *pluginEngine) PluginName() string { return p.plugin }

// wrapped is an engine that hides all that another has beside GoMLX's interface.
type wrapped struct{ compute.Backend }

func (w wrapped) Unwrap() compute.Backend { return w.Backend }

func TestKindOf(t *testing.T) {
	ours, err := openEngine("go")
	require.NoError(t, err)
	gomlx, err := gobackend.New("")
	require.NoError(t, err)
	for _, c := range []struct {
		engine compute.Backend
		want   Kind
		plugin string
	}{
		{ours, Go, ""},
		{gomlx, Go, ""},
		{&fakeBackend{}, Other, ""},
		{nil, Other, ""},
		{&pluginEngine{plugin: "cpu"}, XLACPU, "cpu"},
		{&pluginEngine{plugin: "cpu_v0.98.0"}, XLACPU, "cpu_v0.98.0"},
		{&pluginEngine{plugin: "/lib/pjrt_c_api_CPU_plugin.so"}, XLACPU, "/lib/pjrt_c_api_CPU_plugin.so"},
		{&pluginEngine{plugin: "cuda"}, XLAAccelerator, "cuda"},
		{&pluginEngine{plugin: "/home/cpu/pjrt_c_api_cuda_plugin.so"}, XLAAccelerator, "/home/cpu/pjrt_c_api_cuda_plugin.so"},
	} {
		require.Equal(t, c.want, KindOf(c.engine), "%v", c.plugin)
		require.Equal(t, c.plugin, PluginOf(c.engine))
		require.Equal(t, c.want, KindOf(wrapped{wrapped{c.engine}}), "%v wrapped", c.plugin)
		require.Equal(t, c.plugin, PluginOf(wrapped{c.engine}))
	}
}
