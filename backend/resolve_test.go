package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/goengine"
)

// fakeBackend is an engine that only knows the configuration it was opened with.
type fakeBackend struct {
	compute.Backend // nil: nothing here computes
	config          string
}

func (f *fakeBackend) Name() string                               { return "fake" }
func (f *fakeBackend) Description() string                        { return "fake " + f.config }
func (f *fakeBackend) NumDevices() int                            { return 1 }
func (f *fakeBackend) DeviceDescription(compute.DeviceNum) string { return "fake device" }
func (f *fakeBackend) HasSharedBuffers() bool                     { return true }
func (f *fakeBackend) IsFinalized() bool                          { return false }

// world is a machine that a test describes.
type world struct {
	env     map[string]string
	plugins []string // names of installed plugins
	gpu     bool
	broken  []string // names of plugins that fail their check
	noOpen  []string // names of plugins that pass it but can't be opened
	fetch   func(ctx context.Context) (string, error)
	support error
}

// options puts the world's plugins into a folder and returns the options that describe the world. A
// fetch that the world doesn't provide fails the test.
func (w world) options(t *testing.T) (o Options, dir string) {
	t.Helper()
	// Not t.TempDir: the names of tests would be in the path, where "CUDA" has a meaning.
	dir, err := os.MkdirTemp("", "gokeras")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, name := range w.plugins {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "pjrt_c_api_"+name+"_plugin.so"), []byte(name), 0o644))
	}
	holds := func(names []string, text string) bool {
		for _, name := range names {
			if strings.Contains(text, "_"+name+"_plugin.so") {
				return true
			}
		}
		return false
	}
	fetch := w.fetch
	if fetch == nil {
		fetch = func(context.Context) (string, error) {
			t.Error("a plugin was fetched")
			return "", errors.New("unexpected fetch")
		}
	}
	return Options{
		Getenv:     func(key string) string { return w.env[key] },
		PluginDirs: []string{dir},
		HasGPU:     func() bool { return w.gpu },
		Fetch:      fetch,
		Open: func(config string) (compute.Backend, error) {
			if holds(w.noOpen, config) {
				return nil, fmt.Errorf("can't open\n%s", config)
			}
			return &fakeBackend{config: config}, nil
		},
		support: func() error { return w.support },
		check: func(path string) error {
			if holds(w.broken, path) {
				return fmt.Errorf("%s is broken", filepath.Base(path))
			}
			return nil
		},
	}, dir
}

func fetched(path string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return path, nil }
}

func fetchFails(context.Context) (string, error) { return "", errors.New("no such host") }

func TestResolve(t *testing.T) {
	env := func(pairs ...string) map[string]string {
		m := make(map[string]string)
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	slow := "using the pure-Go engine, much slower than XLA: "
	if goengine.Vectorized {
		slow = "using the pure-Go engine, slower than XLA: "
	}
	tests := map[string]struct {
		world  world
		name   string // of the choice
		config string // with DIR for the plugin folder
		notice string // "" for silence
		from   string
	}{
		"CUDA with a GPU": {
			world:  world{plugins: []string{"cpu", "cuda"}, gpu: true},
			name:   "xla:cuda",
			config: "xla:DIR/pjrt_c_api_cuda_plugin.so,noshared_buffers",
		},
		"CUDA without a GPU": {
			world:  world{plugins: []string{"cpu", "cuda"}},
			name:   "xla:cpu",
			config: "xla:DIR/pjrt_c_api_cpu_plugin.so,shared_buffers",
		},
		"a GPU without CUDA": {
			world:  world{plugins: []string{"cpu"}, gpu: true},
			name:   "xla:cpu",
			config: "xla:DIR/pjrt_c_api_cpu_plugin.so,shared_buffers",
			notice: "using XLA on the CPU: this machine has an NVIDIA GPU, but no XLA CUDA plugin is installed" + cudaHint(),
		},
		"a GPU with a CUDA plugin that doesn't open": {
			world:  world{plugins: []string{"cpu", "cuda"}, gpu: true, noOpen: []string{"cuda"}},
			name:   "xla:cpu",
			config: "xla:DIR/pjrt_c_api_cpu_plugin.so,shared_buffers",
			notice: "using XLA on the CPU: this machine has an NVIDIA GPU, but the installed XLA CUDA plugin doesn't work" +
				" (can't open xla:DIR/pjrt_c_api_cuda_plugin.so,noshared_buffers)",
		},
		"a GPU and nothing else": {
			world: world{gpu: true, env: env("GOKERAS_OFFLINE", "1")},
			name:  "go", config: "go",
			notice: slow + "this machine has an NVIDIA GPU, but no XLA CUDA plugin is installed" + cudaHint() +
				"; no XLA CPU plugin is installed and fetching it is forbidden by GOKERAS_OFFLINE",
		},
		"the newest of several versions": {
			world:  world{plugins: []string{"cpu_v0.9.1", "cpu_v0.83.4", "cpu_v0.83.12"}},
			name:   "xla:cpu",
			config: "xla:DIR/pjrt_c_api_cpu_v0.83.12_plugin.so,shared_buffers",
		},
		"the plain name before versions": {
			world:  world{plugins: []string{"cpu_v0.83.4", "cpu"}},
			name:   "xla:cpu",
			config: "xla:DIR/pjrt_c_api_cpu_plugin.so,shared_buffers",
		},
		"a broken plugin beside one that works": {
			world:  world{plugins: []string{"cpu", "cpu_v0.83.4"}, broken: []string{"cpu"}},
			name:   "xla:cpu",
			config: "xla:DIR/pjrt_c_api_cpu_v0.83.4_plugin.so,shared_buffers",
		},
		"fetched": {
			world:  world{fetch: fetched("/lib/pjrt_c_api_cpu_plugin.so")},
			name:   "xla:cpu",
			config: "xla:/lib/pjrt_c_api_cpu_plugin.so,shared_buffers",
		},
		"fetched instead of a broken one": {
			world:  world{plugins: []string{"cpu"}, broken: []string{"cpu"}, fetch: fetched("/lib/new.so")},
			name:   "xla:cpu",
			config: "xla:/lib/new.so,shared_buffers",
		},
		"a fetch that fails": {
			world: world{fetch: fetchFails},
			name:  "go", config: "go",
			notice: slow + "no XLA CPU plugin is installed and fetching it failed: no such host",
		},
		"a fetched plugin that doesn't work": {
			world: world{fetch: fetched("/lib/pjrt_c_api_bad_plugin.so"), broken: []string{"bad"}},
			name:  "go", config: "go",
			notice: slow + "the XLA CPU plugin doesn't work: pjrt_c_api_bad_plugin.so is broken",
		},
		"offline": {
			world: world{env: env("GOKERAS_OFFLINE", "1")},
			name:  "go", config: "go",
			notice: slow + "no XLA CPU plugin is installed and fetching it is forbidden by GOKERAS_OFFLINE",
		},
		"offline with a plugin": {
			world:  world{env: env("GOKERAS_OFFLINE", "1"), plugins: []string{"cpu"}},
			name:   "xla:cpu",
			config: "xla:DIR/pjrt_c_api_cpu_plugin.so,shared_buffers",
		},
		"offline set to no": {
			world:  world{env: env("GOKERAS_OFFLINE", "0"), fetch: fetched("/lib/cpu.so")},
			name:   "xla:cpu",
			config: "xla:/lib/cpu.so,shared_buffers",
		},
		"GoMLX's installs forbidden": {
			world: world{env: env("GOMLX_NO_AUTO_INSTALL", "1")},
			name:  "go", config: "go",
			notice: slow + "no XLA CPU plugin is installed and fetching it is forbidden by GOMLX_NO_AUTO_INSTALL (`gokeras backend install` fetches it)",
		},
		"without cgo": {
			world: world{plugins: []string{"cpu"}, support: errNoCgo},
			name:  "go", config: "go",
			notice: slow + errNoCgo.Error(),
		},
		"where there is no XLA": {
			world: world{support: errors.New("not on this platform")},
			name:  "go", config: "go",
		},
		"go asked for": {
			world: world{env: env("GOKERAS_BACKEND", "go"), plugins: []string{"cpu"}},
			name:  "go", config: "go", from: "GOKERAS_BACKEND",
			notice: slow + "GOKERAS_BACKEND=go asks for it",
		},
		"go asked for without cgo": {
			world: world{env: env("GOKERAS_BACKEND", "go"), support: errNoCgo},
			name:  "go", config: "go", from: "GOKERAS_BACKEND",
		},
		"go with options": {
			world: world{env: env("GOKERAS_BACKEND", "go:ops_sequential"), support: errNoCgo},
			name:  "go", config: "go:ops_sequential", from: "GOKERAS_BACKEND",
		},
		"GOMLX_BACKEND": {
			world: world{env: env("GOMLX_BACKEND", "xla:cpu"), plugins: []string{"cpu", "cuda"}, gpu: true},
			name:  "xla:cpu", config: "xla:DIR/pjrt_c_api_cpu_plugin.so,shared_buffers", from: "GOMLX_BACKEND",
		},
		"GOKERAS_BACKEND before GOMLX_BACKEND": {
			world: world{env: env("GOKERAS_BACKEND", " xla:cpu ", "GOMLX_BACKEND", "nonsense"), plugins: []string{"cpu"}},
			name:  "xla:cpu", config: "xla:DIR/pjrt_c_api_cpu_plugin.so,shared_buffers", from: "GOKERAS_BACKEND",
		},
		"an alias of xla": {
			world: world{env: env("GOMLX_BACKEND", "stablehlo:cpu"), plugins: []string{"cpu"}},
			name:  "xla:cpu", config: "xla:DIR/pjrt_c_api_cpu_plugin.so,shared_buffers", from: "GOMLX_BACKEND",
		},
		"the best XLA": {
			world: world{env: env("GOKERAS_BACKEND", "xla"), plugins: []string{"cpu", "cuda"}, gpu: true},
			name:  "xla:cuda", config: "xla:DIR/pjrt_c_api_cuda_plugin.so,noshared_buffers", from: "GOKERAS_BACKEND",
		},
		"xla:cpu fetched": {
			world: world{env: env("GOKERAS_BACKEND", "xla:cpu"), fetch: fetched("/lib/cpu.so")},
			name:  "xla:cpu", config: "xla:/lib/cpu.so,shared_buffers", from: "GOKERAS_BACKEND",
		},
		"xla:cuda with options and without a GPU that shows": {
			world: world{env: env("GOKERAS_BACKEND", "xla:cuda,tf32=false"), plugins: []string{"cuda"}},
			name:  "xla:cuda", config: "xla:DIR/pjrt_c_api_cuda_plugin.so,tf32=false,noshared_buffers", from: "GOKERAS_BACKEND",
		},
		"shared buffers refused": {
			world: world{env: env("GOKERAS_BACKEND", "xla:CPU,noshared_buffers"), plugins: []string{"cpu"}},
			name:  "xla:cpu", config: "xla:DIR/pjrt_c_api_cpu_plugin.so,noshared_buffers", from: "GOKERAS_BACKEND",
		},
		"a path": {
			world: world{env: env("GOKERAS_BACKEND", "xla:/opt/xla_cpu_pjrt.so")},
			name:  "xla:/opt/xla_cpu_pjrt.so", config: "xla:/opt/xla_cpu_pjrt.so,shared_buffers", from: "GOKERAS_BACKEND",
		},
		"a path in a folder called cpu": {
			world: world{env: env("GOKERAS_BACKEND", "xla:/cpu/accelerator.so")},
			name:  "xla:/cpu/accelerator.so", config: "xla:/cpu/accelerator.so,noshared_buffers", from: "GOKERAS_BACKEND",
		},
		"another installed plugin": {
			world: world{env: env("GOKERAS_BACKEND", "xla:metal"), plugins: []string{"metal_v2"}},
			name:  "xla:metal", config: "xla:DIR/pjrt_c_api_metal_v2_plugin.so,noshared_buffers", from: "GOKERAS_BACKEND",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			o, dir := tc.world.options(t)
			choice, err := Resolve(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, tc.name, choice.Name)
			require.Equal(t, strings.ReplaceAll(tc.config, "DIR", dir), choice.Config)
			require.Equal(t, strings.ReplaceAll(tc.notice, "DIR", dir), choice.Notice)
			require.Equal(t, tc.from, choice.From)
			require.Equal(t, choice.Config, choice.Backend.(*fakeBackend).config)
			if strings.HasPrefix(choice.Config, "xla:") {
				require.True(t, strings.HasPrefix(choice.Config, "xla:"+choice.Plugin+","), choice.Plugin)
			} else {
				require.Empty(t, choice.Plugin)
			}
		})
	}
}

func TestResolveErrors(t *testing.T) {
	right := []string{`"xla:cuda"`, `"xla:cpu"`, `"xla:/abs/plugin.so"`, `"xla"`, `"go"`}
	tests := map[string]struct {
		value string
		world world
		want  []string
		is    error
	}{
		"a misspelt engine":        {value: "xal", want: append(right, `GOKERAS_BACKEND="xal"`, `no engine is called "xal"`)},
		"an engine off by one":     {value: "xlaa:cpu", want: append(right, `did you mean "xla"?`)},
		"a plugin as the engine":   {value: "cpu", want: append(right, `did you mean "xla:cpu"?`)},
		"a GPU as the engine":      {value: "gpu", want: append(right, `did you mean "xla:cuda"?`)},
		"a misspelt plugin":        {value: "xla:cdua", world: world{plugins: []string{"cpu", "metal"}}, want: append(right, `no XLA plugin is called "cdua"`, "installed plugins: cpu, metal")},
		"a plugin off by one":      {value: "xla:cud", want: append(right, `did you mean "xla:cuda"?`)},
		"a relative path":          {value: "xla:./plugin.so", want: append(right, "must be absolute")},
		"a CUDA that is missing":   {value: "xla:cuda", want: []string{"no XLA CUDA plugin is installed"}},
		"a CPU that is broken":     {value: "xla:cpu", world: world{plugins: []string{"cpu"}, broken: []string{"cpu"}, env: map[string]string{"GOKERAS_OFFLINE": "yes"}}, want: []string{"pjrt_c_api_cpu_plugin.so is broken", "GOKERAS_OFFLINE"}, is: ErrOffline},
		"offline":                  {value: "xla:cpu", world: world{env: map[string]string{"GOKERAS_OFFLINE": "1"}}, want: []string{`GOKERAS_BACKEND="xla:cpu"`, "no XLA CPU plugin is installed"}, is: ErrOffline},
		"offline, the best XLA":    {value: "xla", world: world{gpu: true, env: map[string]string{"GOKERAS_OFFLINE": "1"}}, want: []string{"NVIDIA GPU", "no XLA CPU plugin is installed"}, is: ErrOffline},
		"a fetch that fails":       {value: "xla:cpu", world: world{fetch: fetchFails}, want: []string{"fetching it failed: no such host"}},
		"without cgo":              {value: "xla:cpu", world: world{support: errNoCgo}, want: []string{"without cgo"}, is: errNoCgo},
		"a path that doesn't open": {value: "xla:/x/pjrt_c_api_bad_plugin.so", world: world{noOpen: []string{"bad"}}, want: []string{"can't open"}},
		"a path that is broken":    {value: "xla:/x/pjrt_c_api_bad_plugin.so", world: world{broken: []string{"bad"}}, want: []string{"is broken"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{"GOKERAS_BACKEND": tc.value}
			for key, value := range tc.world.env {
				env[key] = value
			}
			tc.world.env = env
			o, _ := tc.world.options(t)
			_, err := Resolve(t.Context(), o)
			require.Error(t, err)
			for _, text := range tc.want {
				require.ErrorContains(t, err, text)
			}
			if tc.is != nil {
				require.ErrorIs(t, err, tc.is)
			}
		})
	}
}

func TestResolveStopsWithItsContext(t *testing.T) {
	for _, value := range []string{"", "xla:cpu"} {
		ctx, cancel := context.WithCancel(t.Context())
		o, _ := world{
			env: map[string]string{"GOKERAS_BACKEND": value},
			fetch: func(ctx context.Context) (string, error) {
				cancel()
				return "", ctx.Err()
			},
		}.options(t)
		_, err := Resolve(ctx, o)
		require.ErrorIs(t, err, context.Canceled, "GOKERAS_BACKEND=%q", value)
	}
}

func TestXLAConfig(t *testing.T) {
	_, err := xlaConfig(Plugin{Name: "cpu", Path: "/a,b/pjrt_c_api_cpu_plugin.so"}, "")
	require.ErrorContains(t, err, "comma")

	// go-xla would take this path for a CUDA plugin's.
	config, err := xlaConfig(Plugin{Name: "cpu_v1", Path: "/home/nvidia/pjrt_c_api_cpu_v1_plugin.so"}, "")
	require.NoError(t, err)
	require.Equal(t, "xla:cpu_v1,shared_buffers", config)

	config, err = xlaConfig(Plugin{Name: "cuda", Path: "/home/nvidia/pjrt_c_api_cuda_plugin.so"}, "tf32=false")
	require.NoError(t, err)
	require.Equal(t, "xla:/home/nvidia/pjrt_c_api_cuda_plugin.so,tf32=false,noshared_buffers", config)
}

func TestListAndDescribe(t *testing.T) {
	w := world{plugins: []string{"cpu_v0.98.0", "cuda", "metal"}}
	o, dir := w.options(t)
	names := func(list []Candidate) (names []string) {
		for _, c := range list {
			names = append(names, c.Name)
		}
		return names
	}
	list := List(o)
	require.Equal(t, []string{"xla:cuda", "xla:metal", "xla:cpu", "go"}, names(list))
	require.False(t, list[0].Available)
	require.Equal(t, "this machine has no NVIDIA GPU", list[0].Reason)
	require.True(t, list[2].Available)
	require.Equal(t, "plugin 0.98.0", list[2].Version)
	require.Equal(t, filepath.Join(dir, "pjrt_c_api_cpu_v0.98.0_plugin.so"), list[2].Plugin)
	require.True(t, list[3].Available)

	report, err := Describe(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, "xla:cpu", report.InUse)
	require.Empty(t, report.Notice)
	require.Equal(t, "fake device", report.Candidates[2].Device)
	for i, c := range report.Candidates {
		require.Equal(t, i == 2, c.InUse, c.Name)
	}

	// An engine that is no candidate of its own is listed first.
	w.env = map[string]string{"GOKERAS_BACKEND": "xla:/opt/cpu.so"}
	o, _ = w.options(t)
	report, err = Describe(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, []string{"xla:/opt/cpu.so", "xla:cuda", "xla:metal", "xla:cpu", "go"}, names(report.Candidates))
	require.Equal(t, "GOKERAS_BACKEND", report.From)
	require.True(t, report.Candidates[0].InUse)

	// What could be used is told also when what was asked for can't.
	w.env = map[string]string{"GOKERAS_BACKEND": "nonsense"}
	o, _ = w.options(t)
	report, err = Describe(t.Context(), o)
	require.Error(t, err)
	require.Empty(t, report.InUse)
	require.Len(t, report.Candidates, 4)

	// Nothing is fetched to find out.
	o, _ = world{}.options(t)
	report, err = Describe(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, "go", report.InUse)
	require.Contains(t, report.Notice, "gokeras backend install")
	require.Contains(t, report.Candidates[1].Reason, "no CPU plugin is installed")

	o, _ = world{plugins: []string{"cpu"}, broken: []string{"cpu"}, support: errNoCgo}.options(t)
	list = List(o)
	require.Equal(t, errNoCgo.Error(), list[1].Reason)
	require.False(t, list[1].Available)
}

func TestSearchPath(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	own, err := PluginDir()
	require.NoError(t, err)
	env := map[string]string{"LD_LIBRARY_PATH": "/opt/lib::relative:/opt/lib"}
	getenv := func(key string) string { return env[key] }
	dirs := SearchPath(getenv)
	require.Equal(t, own, dirs[0])
	require.Contains(t, dirs, filepath.Join(own, "nvidia"))
	require.Contains(t, dirs, "/usr/local/lib/go-xla")
	require.Equal(t, "/opt/lib", dirs[len(dirs)-1])
	require.NotContains(t, dirs, "relative")

	env["PJRT_PLUGIN_LIBRARY_PATH"] = "/one:/two"
	require.Equal(t, []string{"/one", "/two", own}, SearchPath(getenv))
}

func TestFindPlugins(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	write := func(dir, name string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
	write(first, "pjrt_c_api_cpu_v1_plugin.so")
	require.NoError(t, os.Symlink("pjrt_c_api_cpu_v1_plugin.so", filepath.Join(first, "pjrt_c_api_cpu_plugin.so")))
	require.NoError(t, os.Symlink("gone", filepath.Join(first, "pjrt_c_api_dangling_plugin.so")))
	require.NoError(t, os.Mkdir(filepath.Join(first, "pjrt_c_api_folder_plugin.so"), 0o755))
	write(first, "pjrt_c_api_cpu_v1_plugin.so.lock")
	write(first, "unrelated.so")
	write(second, "pjrt_c_api_cpu_plugin.so")
	write(second, "pjrt-plugin-metal.dylib")

	found := FindPlugins([]string{first, filepath.Join(first, "missing"), second})
	require.Equal(t, []Plugin{
		{"cpu", filepath.Join(first, "pjrt_c_api_cpu_plugin.so")},
		{"cpu_v1", filepath.Join(first, "pjrt_c_api_cpu_v1_plugin.so")},
		{"metal", filepath.Join(second, "pjrt-plugin-metal.dylib")},
	}, found)
	// The link and its target are one plugin.
	require.Equal(t, found[:1], matching(found, "cpu"))
}
