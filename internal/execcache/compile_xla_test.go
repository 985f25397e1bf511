//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package execcache

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
)

// TestGoXLALayout fails when an upgrade of go-xla has changed what the cache reaches into. Then goxla_xla.go must be
// brought up to date: users would only see that nothing is cached any more.
func TestGoXLALayout(t *testing.T) {
	require.NoError(t, goxlaLayout())
}

// TestLayoutNotices makes sure that the check sees a field missing, of another type, and one too many.
func TestLayoutNotices(t *testing.T) {
	type structure struct {
		a int
		c *int
	}
	_ = structure{a: 1, c: nil}
	of, integer := reflect.TypeFor[structure](), reflect.TypeFor[int]()
	require.NoError(t, knownStruct{of: of, fields: map[string]reflect.Type{"a": integer, "c": nil}}.check())
	require.ErrorContains(t, knownStruct{of: of, fields: map[string]reflect.Type{"b": integer}}.check(), "no field b")
	require.ErrorContains(t, knownStruct{of: of, fields: map[string]reflect.Type{"a": nil}}.check(), "of type int")
	require.ErrorContains(t, knownStruct{of: of, fields: map[string]reflect.Type{"a": reflect.TypeFor[string]()}}.check(), "of type int")
	require.ErrorContains(t, knownStruct{of: of, made: true, fields: map[string]reflect.Type{"a": integer}}.check(), "2 fields")
	require.ErrorContains(t, knownStruct{of: of, made: true, fields: map[string]reflect.Type{"a": integer, "c": nil}}.check(), "no method Destroy")
	require.Equal(t, reflect.TypeFor[nothing](), pointedTo(of, "a"))
	require.Error(t, knownStruct{of: reflect.TypeFor[nothing](), fields: map[string]reflect.Type{"c": nil}}.check())
}

// engine is the XLA CPU plugin, where there is one.
func engine(t *testing.T) *xla.Backend {
	t.Helper()
	choice, err := backend.Resolve(t.Context(), backend.Options{NoFetch: true, Getenv: func(key string) string {
		if key == "GOKERAS_BACKEND" {
			return "xla:cpu"
		}
		return os.Getenv(key)
	}})
	if err != nil {
		t.Skip(err)
	}
	return choice.Backend.(*xla.Backend)
}

// counting is an engine that compiles through the cache and counts.
type counting struct {
	*xla.Backend
	extra               string
	compiled, fromCache *int
}

func count(b *xla.Backend, extra string) counting { return counting{b, extra, new(int), new(int)} }

func (e counting) Builder(name string) compute.Builder {
	return countingBuilder{e.Backend.Builder(name), e}
}

type countingBuilder struct {
	compute.Builder
	engine counting
}

func (b countingBuilder) Compile() (compute.Executable, error) {
	e, cached, err := compile(b.Builder, b.engine.extra)
	if cached {
		*b.engine.fromCache++
	} else {
		*b.engine.compiled++
	}
	return e, err
}

// step is a program with what training steps have: a convolution and its gradient, reductions, a loop in closures.
func step(b compute.Backend) *graph.Graph {
	g := graph.NewGraph(b, "step")
	x := graph.Parameter(g, "x", shapes.Make(dtypes.Float32, 4, 8, 8, 3))
	k := graph.Parameter(g, "k", shapes.Make(dtypes.Float32, 3, 3, 3, 5))
	y := graph.Tanh(graph.Convolve(x, k).PadSame().Done())
	loss := graph.ReduceAllSum(graph.Exp(graph.MulScalar(y, 0.3)))
	update := graph.Sub(k, graph.MulScalar(graph.Gradient(loss, k)[0], 0.01))
	scalar := shapes.Make(dtypes.Float32)
	below := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		return []*graph.Node{graph.LessThan(graph.Parameter(g, "i", scalar), graph.Const(g, float32(10)))}
	})
	more := graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		return []*graph.Node{graph.AddScalar(graph.Parameter(g, "i", scalar), 3)}
	})
	loop := graph.While(below, more, graph.Const(g, float32(0)))
	if err := g.Compile(update, loss, loop[0]); err != nil {
		panic(err)
	}
	return g
}

// ramp is an array of some numbers.
func ramp(dims ...int) *tensors.Tensor {
	x := tensors.FromShape(shapes.Make(dtypes.Float32, dims...))
	tensors.MustMutableFlatData(x, func(flat []float32) {
		for i := range flat {
			flat[i] = float32(math.Sin(float64(i)))
		}
	})
	return x
}

// run runs the step, whose weight is donated, a few times and returns all results' bits.
func run(t *testing.T, g *graph.Graph, b compute.Backend) []uint32 {
	t.Helper()
	var bits []uint32
	k := ramp(3, 3, 3, 5)
	for range 3 {
		x, err := ramp(4, 8, 8, 3).DonateBuffer(b, 0)
		require.NoError(t, err)
		weight, err := k.DonateBuffer(b, 0)
		require.NoError(t, err)
		results := g.RunWithBuffers([]compute.Buffer{x, weight}, []bool{true, true}, 0)
		for _, r := range results {
			tensors.MustConstFlatData(r, func(flat []float32) {
				for _, v := range flat {
					bits = append(bits, math.Float32bits(v))
				}
			})
		}
		require.Equal(t, float32(12), results[2].Value())
		k = results[0]
	}
	return bits
}

func TestCompile(t *testing.T) {
	b := engine(t)
	c := temporary(t)
	first := count(b, "")
	want := run(t, step(first), b)
	require.Equal(t, 1, *first.compiled)
	require.Equal(t, 1, Describe().Programs)

	again := count(b, "")
	g := step(again)
	require.Equal(t, want, run(t, g, b), "the loaded program computes something else")
	require.Equal(t, []int{0, 1}, []int{*again.compiled, *again.fromCache})
	compiled, loaded := executable(step(b)), executable(g)
	require.Equal(t, compiled.Outputs(), loaded.Outputs())
	names, inputs := compiled.Inputs()
	loadedNames, loadedInputs := loaded.Inputs()
	require.Equal(t, names, loadedNames)
	require.Equal(t, inputs, loadedInputs)

	t.Run("another extra", func(t *testing.T) {
		e := count(b, "kernels 2")
		step(e)
		require.Equal(t, 1, *e.compiled)
	})
	t.Run("other options", func(t *testing.T) {
		t.Setenv("XLA_FLAGS", os.Getenv("XLA_FLAGS")+" ")
		e := count(b, "")
		step(e)
		require.Equal(t, 1, *e.compiled)
	})
	t.Run("off", func(t *testing.T) {
		t.Setenv(Variable, "off")
		e := count(b, "")
		step(e)
		require.Equal(t, 1, *e.compiled)
	})
	t.Run("broken files", func(t *testing.T) {
		files, err := c.list()
		require.NoError(t, err)
		for _, f := range files {
			require.NoError(t, os.Truncate(f.path, f.size-100))
		}
		e := count(b, "")
		require.Equal(t, want, run(t, step(e), b))
		require.Equal(t, 1, *e.compiled)
		e = count(b, "")
		step(e)
		require.Equal(t, 1, *e.fromCache)
	})
	t.Run("a folder that others may write", func(t *testing.T) {
		require.NoError(t, os.Chmod(c.dir, 0o777))
		e := count(b, "")
		step(e)
		require.Equal(t, 1, *e.compiled)
	})
}

// TestForeignBytes has a file that is whole, but of something that isn't an executable.
func TestForeignBytes(t *testing.T) {
	b := engine(t)
	c := temporary(t)
	want := run(t, step(count(b, "")), b)
	files, err := c.list()
	require.NoError(t, err)
	require.Len(t, files, 1)
	content, err := os.ReadFile(files[0].path)
	require.NoError(t, err)
	key := Key(content[len(magic):])
	require.Equal(t, c.path(key), files[0].path)
	require.NoError(t, c.store(key, []byte("not an executable")))
	e := count(b, "")
	require.Equal(t, want, run(t, step(e), b))
	require.Equal(t, 1, *e.compiled)
}

func executable(g *graph.Graph) compute.Executable { return g.Executable() }

// TestLoadedProgramsAreFreed makes sure that C's objects go with go-xla's, once each.
func TestLoadedProgramsAreFreed(t *testing.T) {
	b := engine(t)
	temporary(t)
	step(count(b, ""))
	for range 5 {
		e := count(b, "")
		g := step(e)
		require.Equal(t, 1, *e.fromCache)
		g.Finalize()
	}
	e := count(b, "")
	g := step(e)
	for range 3 {
		runtime.GC()
	}
	run(t, g, b)
	require.NoError(t, get[*pjrt.LoadedExecutable](executable(g), "exec").Destroy())
	runtime.GC()
}

func TestErrorsOfCompiling(t *testing.T) {
	b := engine(t)
	temporary(t)
	builder := b.Builder("bad")
	value, err := builder.Main().Constant([]float32{1}, 1)
	require.NoError(t, err)
	require.NoError(t, builder.Main().Return([]compute.Value{value}, nil))
	_, err = Compile(builder, "")
	require.NoError(t, err)
	_, err = Compile(failing{}, "")
	require.ErrorContains(t, err, "cannot compile")
}

type failing struct{ compute.Builder }

func (failing) Compile() (compute.Executable, error) { return nil, fmt.Errorf("cannot compile") }

const childVariable = "GOKERAS_EXECCACHE_CHILD"

// TestChild is a process of TestProcesses.
func TestChild(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		t.Skip("a part of TestProcesses")
	}
	b := engine(t)
	e := count(b, "")
	bits := run(t, step(e), b)
	fmt.Printf("child: %x %d\n", hashParts(fmt.Sprint(bits)), *e.fromCache)
}

// TestProcesses starts two processes at once with no program in the cache, and one that finds it there.
func TestProcesses(t *testing.T) {
	engine(t)
	temporary(t)
	// wait returns the hash of the child's results, and whether it loaded the program.
	start := func() (wait func() (string, bool)) {
		cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
		cmd.Env = append(os.Environ(), childVariable+"=1")
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		return func() (string, bool) {
			said := ""
			for lines := bufio.NewScanner(out); lines.Scan(); {
				if line, ok := strings.CutPrefix(lines.Text(), "child: "); ok {
					said = line
				}
			}
			require.NoError(t, cmd.Wait())
			hash, loaded, ok := strings.Cut(said, " ")
			require.True(t, ok)
			return hash, loaded == "1"
		}
	}
	one, two := start(), start()
	first, _ := one()
	second, _ := two()
	third, loaded := start()()
	require.Equal(t, first, second)
	require.Equal(t, first, third)
	require.True(t, loaded, "the third process found nothing in the cache")
	require.Equal(t, 1, Describe().Programs)
}
