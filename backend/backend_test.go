package backend

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
)

// captureNotice collects what Default prints, and forgets the process's engine before and after the test.
func captureNotice(t *testing.T) *bytes.Buffer {
	t.Helper()
	t.Cleanup(Use(nil))
	var buffer bytes.Buffer
	previous := noticeWriter
	noticeWriter = &buffer
	t.Cleanup(func() { noticeWriter = previous })
	return &buffer
}

func TestDefault(t *testing.T) {
	notice := captureNotice(t)
	t.Setenv("GOKERAS_BACKEND", "gogo")
	_, err := Default()
	require.ErrorContains(t, err, `GOKERAS_BACKEND="gogo"`)
	_, chosen := Current()
	require.False(t, chosen)
	require.Empty(t, notice.String())

	// The error isn't remembered; the choice is.
	t.Setenv("GOKERAS_BACKEND", "go")
	b, err := Default()
	require.NoError(t, err)
	require.Equal(t, "Go Backend", b.Name())
	if xlaSupport() == nil {
		require.Equal(t, "gokeras: using "+pureGo()+": GOKERAS_BACKEND=go asks for it\n", notice.String())
	} else {
		require.Empty(t, notice.String())
	}
	notice.Reset()
	t.Setenv("GOKERAS_BACKEND", "nonsense")
	again, err := Default()
	require.NoError(t, err)
	require.Same(t, b, again)
	require.Empty(t, notice.String())
	choice, chosen := Current()
	require.True(t, chosen)
	require.Equal(t, "go", choice.Name)
	require.Equal(t, "GOKERAS_BACKEND", choice.From)
}

func TestSetDefaultAndUse(t *testing.T) {
	captureNotice(t)
	one, two := &fakeBackend{config: "one"}, &fakeBackend{config: "two"}
	SetDefault(one)
	b, err := Default()
	require.NoError(t, err)
	require.Same(t, one, b)

	restore := Use(two)
	b, err = Default()
	require.NoError(t, err)
	require.Same(t, two, b)
	restore()
	b, err = Default()
	require.NoError(t, err)
	require.Same(t, one, b)

	SetDefault(nil)
	t.Setenv("GOKERAS_BACKEND", "go")
	b, err = Default()
	require.NoError(t, err)
	require.Equal(t, "Go Backend", b.Name())
}

// TestEnginesCompute runs a graph on every engine that is here.
func TestEnginesCompute(t *testing.T) {
	t.Setenv("GOKERAS_OFFLINE", "1")
	for _, name := range []string{"go", "xla:cpu", "xla:cuda"} {
		t.Run(name, func(t *testing.T) {
			for _, c := range List(Options{}) {
				if c.Name == name && !c.Available {
					t.Skip(c.Reason)
				}
			}
			choice, err := Resolve(t.Context(), Options{Getenv: func(key string) string {
				if key == "GOKERAS_BACKEND" {
					return name
				}
				return os.Getenv(key)
			}})
			require.NoError(t, err)
			require.Equal(t, name, choice.Name)
			if name == "xla:cpu" {
				require.True(t, choice.Backend.HasSharedBuffers())
				require.Contains(t, pluginVersion(choice.Backend), "PJRT API ")
			}
			exec, err := graph.NewExec(choice.Backend, func(a, b *graph.Node) *graph.Node {
				return graph.ReduceSum(graph.Mul(graph.InsertAxes(a, -1), graph.InsertAxes(b, 0)), 1)
			})
			require.NoError(t, err)
			result, err := exec.Call([][]float32{{1, 2}, {3, 4}}, [][]float32{{1, 0}, {10, 1}})
			require.NoError(t, err)
			require.Equal(t, [][]float32{{21, 2}, {43, 4}}, result[0].Value())
		})
	}
}

// TestOpenXLAReportsFailures makes sure that a broken library is an error, whatever go-xla does.
func TestOpenXLAReportsFailures(t *testing.T) {
	path := t.TempDir() + "/pjrt_c_api_cpu_plugin.so"
	require.NoError(t, os.WriteFile(path, []byte("not a library"), 0o644))
	_, err := openEngine("xla:" + path)
	require.Error(t, err)
	_, err = openEngine("no-such-engine")
	require.ErrorContains(t, err, "no-such-engine")
	require.False(t, strings.Contains(err.Error(), "goroutine "))
}
