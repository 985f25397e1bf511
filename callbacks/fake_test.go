package callbacks

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
)

// fakeModel is a model of one weight that notes what is asked of it.
type fakeModel struct {
	weight  float32
	lr      float32
	stopped bool
	saved   []string
	fail    error
}

var _ Model = (*fakeModel)(nil)

func (m *fakeModel) Name() string { return "fake" }

func (m *fakeModel) Save(path string) error {
	m.saved = append(m.saved, path)
	return m.fail
}

func (m *fakeModel) SaveWeights(path string) error {
	m.saved = append(m.saved, "weights:"+path)
	return m.fail
}

func (m *fakeModel) GetWeights() ([]*tensors.Tensor, error) {
	return []*tensors.Tensor{tensors.FromValue([]float32{m.weight})}, m.fail
}

func (m *fakeModel) SetWeights(weights []*tensors.Tensor) error {
	if len(weights) != 1 {
		return errors.New("want one weight")
	}
	m.weight = weights[0].Value().([]float32)[0]
	return m.fail
}

func (m *fakeModel) LearningRate() (float64, error) { return float64(m.lr), m.fail }

func (m *fakeModel) SetLearningRate(lr float64) error {
	m.lr = float32(lr)
	return m.fail
}

func (m *fakeModel) StopTraining() bool        { return m.stopped }
func (m *fakeModel) SetStopTraining(stop bool) { m.stopped = stop }

// takeSaved returns the paths saved since the last call.
func (m *fakeModel) takeSaved() []string {
	saved := m.saved
	m.saved = nil
	if saved == nil {
		saved = []string{}
	}
	return saved
}

// loggedPair is a name and a value as Python's repr writes it: JSON has no NaN.
type loggedPair [2]string

func logsOf(t *testing.T, pairs []loggedPair) *Logs {
	t.Helper()
	var names []string
	var shapes [][]int
	var values []float64
	for _, p := range pairs {
		names = append(names, p[0])
		var shape []int
		texts := []string{p[1]}
		if list, ok := strings.CutPrefix(p[1], "["); ok {
			texts = strings.Split(strings.TrimSuffix(list, "]"), ", ")
			shape = []int{len(texts)}
		}
		shapes = append(shapes, shape)
		for _, text := range texts {
			values = append(values, number(t, text))
		}
	}
	return LazyArrays(names, shapes, func() ([]float64, error) { return values, nil })
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if !errors.Is(err, strconv.ErrRange) {
		require.NoError(t, err)
	}
	return v
}

func readFixture(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}
