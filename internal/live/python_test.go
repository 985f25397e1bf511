//go:build live

package live

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/golden"
)

// server is a process of server.py.
type server struct {
	backend string // of Keras
	sync.Mutex
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors bytes.Buffer
}

// python serves all checks but those of texts, which Keras's other backends don't take in a model.
var (
	python     = &server{backend: "jax"}
	tensorflow = &server{backend: "tensorflow"}
)

func TestMain(m *testing.M) {
	if os.Getenv("XLA_FLAGS") == "" {
		// The least time for compiling, on both sides: Python's files and numbers are what is checked here. That XLA computes these layers as Keras does with
		// the code that it makes for users, the fixtures check.
		os.Setenv("XLA_FLAGS", "--xla_backend_optimization_level=1 --xla_cpu_use_fusion_emitters=false")
	}
	code := 1
	if err := python.start(); err != nil {
		fmt.Fprintln(os.Stderr, "internal/live:", err)
	} else {
		code = m.Run()
		python.end()
		tensorflow.end()
		if commandFolder != "" {
			_ = os.RemoveAll(commandFolder)
		}
	}
	os.Exit(code)
}

// start starts the process, unless it runs.
func (s *server) start() error {
	if s.cmd != nil {
		return nil
	}
	exe := os.Getenv("GOKERAS_PYTHON")
	if exe == "" {
		return fmt.Errorf("GOKERAS_PYTHON is not set: it must name a Python interpreter with keras, jax, tensorflow, h5py, numpy and pytest")
	}
	cmd := exec.Command(exe, "server.py", s.backend)
	cmd.Stderr = &s.errors
	var err error
	if s.in, err = cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	s.out = bufio.NewReaderSize(out, 1<<20)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("GOKERAS_PYTHON: %w", err)
	}
	s.cmd = cmd
	return nil
}

func (s *server) end() {
	if s.cmd != nil {
		_ = s.in.Close()
		_ = s.cmd.Wait()
	}
}

// ask has Python run an operation of server.py and decodes its result into the value that into points to.
func ask(t testing.TB, into any, operation string, arguments map[string]any) {
	t.Helper()
	python.ask(t, into, operation, arguments)
}

func (s *server) ask(t testing.TB, into any, operation string, arguments map[string]any) {
	t.Helper()
	s.Lock()
	defer s.Unlock()
	require.NoError(t, s.start())
	request := map[string]any{"operation": operation}
	for name, value := range arguments {
		request[name] = value
	}
	line, err := json.Marshal(request)
	require.NoError(t, err)
	_, err = s.in.Write(append(line, '\n'))
	if err == nil {
		line, err = s.out.ReadBytes('\n')
	}
	if err != nil {
		s.end()
		t.Fatalf("Python ended: %v\n%s", err, s.errors.String())
	}
	var answer struct {
		Result json.RawMessage
		Error  string
	}
	require.NoError(t, json.Unmarshal(line, &answer))
	if answer.Error != "" {
		t.Fatalf("Python: %s: %s", operation, answer.Error)
	}
	if into != nil {
		require.NoError(t, json.Unmarshal(answer.Result, into))
	}
}

// array is a NumPy array on its way from or to Python.
type array struct {
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
	Data  []byte `json:"data"` // base64 in JSON
	// Texts are the values of an array of texts, each base64 in JSON.
	Texts [][]byte `json:"texts,omitempty"`
}

func toArray(t testing.TB, x *tensors.Tensor) array {
	t.Helper()
	a := array{DType: x.DType().String(), Shape: append([]int{}, x.Shape().Dimensions...)}
	switch x.DType() {
	case dtypes.Float32:
		a.DType = "float32"
	case dtypes.Int32:
		a.DType = "int32"
	case dtypes.Int64:
		a.DType = "int64"
	default:
		t.Fatalf("a tensor of type %s is not sent to Python", x.DType())
	}
	require.NoError(t, x.ConstBytes(func(data []byte) { a.Data = bytes.Clone(data) }))
	return a
}

func toArrays(t testing.TB, list []*tensors.Tensor) []array {
	t.Helper()
	out := make([]array, len(list))
	for i, x := range list {
		out[i] = toArray(t, x)
	}
	return out
}

func (a array) tensor(t testing.TB) *tensors.Tensor {
	t.Helper()
	dtype, err := dtypes.DTypeString(a.DType)
	require.NoError(t, err)
	x := tensors.FromShape(shapes.Make(dtype, a.Shape...))
	require.NoError(t, x.MutableBytes(func(data []byte) { require.Equal(t, len(data), copy(data, a.Data)) }))
	return x
}

func (a array) floats(t testing.TB) []float64 {
	t.Helper()
	return golden.Floats(t, a.tensor(t))
}

// state is what server.py's describe says of a model.
type state struct {
	JSON      string  `json:"json"`
	Weights   []named `json:"weights"`
	Trainable []string
	Optimizer []named
}

type named struct {
	Path  string
	Value array
}

// on makes an engine that of the test.
func on(t *testing.T, name string) {
	t.Helper()
	for _, e := range golden.Engines(t) {
		if e.Name == name {
			t.Cleanup(backend.Use(e.Backend))
			return
		}
	}
	t.Fatalf("the engine %q is not there: `go run ./cmd/gokeras backend install` fetches XLA's plugin", name)
}
