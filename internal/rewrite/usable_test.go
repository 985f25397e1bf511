package rewrite

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/internal/kernels"
	"github.com/gokeras/gokeras/internal/notice"
)

// otherBuilder is an engine of another version of go-xla: its programs can't be reached.
type otherBuilder struct{ compute.Backend }

func (o otherBuilder) PluginName() string {
	return o.Backend.(interface{ PluginName() string }).PluginName()
}

func (o otherBuilder) Builder(name string) compute.Builder {
	return struct{ compute.Builder }{nothingInside{o.Backend.Builder(name)}}
}

type nothingInside struct{ compute.Builder }

func (n nothingInside) Main() compute.Function {
	return struct{ compute.Function }{n.Builder.Main()}
}

// TestSelfCheck has every rule serve the program that it looks at.
func TestSelfCheck(t *testing.T) {
	require.NoError(t, selfCheck(xlaWithKernels(t), kernels.Best()))
}

// TestKernelsSayWhyTheyAreOff: once on standard error, if they could serve.
func TestKernelsSayWhyTheyAreOff(t *testing.T) {
	engine := xlaWithKernels(t)
	require.Equal(t, Kernels{Level: min(kernels.Best(), kernels.AVX512).String()}, Describe(engine))

	for _, c := range []struct {
		name   string
		change func(t *testing.T) compute.Backend
		off    string
		said   bool
	}{
		{"a builder of another kind", func(*testing.T) compute.Backend { return otherBuilder{engine} },
			"this version of go-xla is unknown to them: its builder doesn't hold a program that can be reached", true},
		{"programs written in another way", func(t *testing.T) compute.Backend {
			known := checkCalls
			checkCalls = map[string]kernels.Options{"gokeras.conv.sideways": 0}
			t.Cleanup(func() { checkCalls = known })
			return engine
		}, "this version of go-xla is unknown to them: of a network they find [adam 0 conv.forward 15 conv.input_gradient 8 conv.kernel_gradient 10 depthwise.forward 0 depthwise.input_gradient 0 depthwise.kernel_gradient 0 dot 524290 max_pool 8 max_pool_gradient 8 simple_rnn 512 sum 4096], not [conv.sideways 0]", true},
		{"no calls", func(t *testing.T) compute.Backend {
			known := customCall
			customCall = nil
			t.Cleanup(func() { customCall = known })
			return engine
		}, "this version of go-xla is unknown to them: it makes no calls", true},
		{"turned off", func(t *testing.T) compute.Backend {
			t.Setenv(variable, "off")
			return engine
		}, "GOKERAS_KERNELS=off", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			checks.Clear()
			t.Cleanup(checks.Clear)
			changed := c.change(t)
			require.Equal(t, Kernels{Off: c.off}, Describe(changed))
			var out strings.Builder
			defer notice.To(&out)()
			for range 2 {
				require.Equal(t, kernels.None, Compiler(changed).(compiler).level)
			}
			want := ""
			if c.said {
				want = "gokeras: XLA's programs run without kernels, two to three times as slow: " + c.off + "\n"
			}
			require.Equal(t, want, out.String())
		})
	}
}

// TestMisspeltKernels are an error for who compiles.
func TestMisspeltKernels(t *testing.T) {
	engine := xlaWithKernels(t)
	t.Setenv(variable, "avx1024")
	require.Contains(t, Describe(engine).Off, `"avx1024", want "off", "avx2" or "avx512"`)
	_, err := Compiler(engine).Builder("test").Compile()
	require.ErrorContains(t, err, `the environment variable GOKERAS_KERNELS is "avx1024", want "off", "avx2" or "avx512"`)
}

// TestKernelsOfOtherEngines: there are none, and nothing is said of them.
func TestKernelsOfOtherEngines(t *testing.T) {
	engine := golden.Engines(t)[0].Backend
	require.Equal(t, engine, Compiler(engine))
	require.Equal(t, Kernels{}, Describe(engine))
}

// BenchmarkSelfCheck is what a process pays for it once.
func BenchmarkSelfCheck(b *testing.B) {
	engine := xlaWithKernels(b)
	for b.Loop() {
		require.NoError(b, selfCheck(engine, kernels.Best()))
	}
}
