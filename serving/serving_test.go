package serving_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/golden"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/serving"
)

func start(t *testing.T, m *functional.Model, o serving.Options) *httptest.Server {
	t.Helper()
	handler, err := serving.New(m, o)
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(func() { server.Close(); handler.Close() })
	return server
}

func post(t testing.TB, server *httptest.Server, body string) (status int, answer string) {
	r, err := server.Client().Post(server.URL+"/predict", "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, strings.TrimSpace(string(text))
}

func get(t *testing.T, server *httptest.Server, path string) string {
	r, err := server.Client().Get(server.URL + path)
	require.NoError(t, err)
	defer func() { _ = r.Body.Close() }()
	require.Equal(t, http.StatusOK, r.StatusCode)
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(text)
}

func classifier() *functional.Model {
	in := functional.InputWith(functional.InputOptions{Shape: []int{3}, Name: "x"})
	return must.M1(functional.NewModel(in, layers.Dense(2).Activation("softmax").Name("p").Apply(layers.Dense(8).Activation("relu").Apply(in))))
}

func TestRequests(t *testing.T) {
	golden.OnGo(t)
	functional.ClearSession()
	server := start(t, classifier(), serving.Options{BatchSize: 4, MaxBytes: 1000})
	for _, c := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"inputs": [[1, 2, 3]]}`, 200, `{"outputs":{"p":[[`},
		{`{"inputs": {"x": [[1, 2, 3]]}}`, 200, `{"outputs":{"p":[[`},
		{`{"inputs": [[1, 2]]}`, 400, `input \"x\" expects shape (None, 3), got data of shape (1, 2)`},
		{`{"inputs": [[1, 2, 3], [4, 5]]}`, 400, `a list of length 2, where others have 3`},
		{`{"inputs": 7}`, 400, `input \"x\" is a single value`},
		{`{"inputs": []}`, 400, `has 0 samples`},
		{`{"inputs": [["a", "b", "c"]]}`, 400, `got a [][]string, want a tensor`},
		{`{"inputs": {"y": [[1, 2, 3]]}}`, 400, `there is no \"y\": want x`},
		{`{"inputs": {}}`, 400, `\"x\" is missing`},
		{`{"input": [[1, 2, 3]]}`, 400, `unknown field \"input\"`},
		{`{}`, 400, `the request has no \"inputs\"`},
		{`not JSON`, 400, `invalid character`},
		{``, 400, `EOF`},
		{`{"inputs": [` + strings.Repeat("[1, 2, 3],", 200) + `]}`, 413, `request body too large`},
	} {
		status, answer := post(t, server, c.body)
		require.Equal(t, c.status, status, "%s: %s", c.body, answer)
		require.Contains(t, answer, c.want, c.body)
		require.True(t, json.Valid([]byte(answer)))
	}
	require.Equal(t, "ok\n", get(t, server, "/healthz"))
	require.JSONEq(t, `{"name":"model","inputs":[{"name":"x","shape":[null,3],"dtype":"float32"}],"outputs":[{"name":"p","shape":[null,2],"dtype":"float32"}],"params":50}`, get(t, server, "/model"))
	metrics := get(t, server, "/metrics")
	require.Contains(t, metrics, `gokeras_requests_total{code="200"} 2`)
	require.Contains(t, metrics, `gokeras_requests_total{code="400"} 11`)
	require.Contains(t, metrics, "gokeras_request_seconds_count 14\n")
	r, err := server.Client().Get(server.URL + "/predict")
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	require.Equal(t, http.StatusMethodNotAllowed, r.StatusCode)

	_, err = serving.New(classifier(), serving.Options{BatchSize: -1})
	require.ErrorContains(t, err, "want none below 0")
	_, err = serving.New(nil, serving.Options{})
	require.ErrorContains(t, err, "the model is nil")
}

// TestForms: several inputs and outputs, axes left open, and a request of more samples than are computed at once.
func TestForms(t *testing.T) {
	golden.OnGo(t)
	a := functional.InputWith(functional.InputOptions{Shape: []int{functional.None, 2}, Name: "a"})
	b := functional.InputWith(functional.InputOptions{Shape: []int{1}, Name: "b"})
	h := layers.GlobalAveragePooling1D().Apply(a)
	m := must.M1(functional.NewModel([]*functional.Tensor{a, b}, map[string]*functional.Tensor{"sum": layers.Add().Apply(h, b), "mean": h}))
	server := start(t, m, serving.Options{BatchSize: 2})
	status, answer := post(t, server, `{"inputs": {"a": [[[1, 2], [3, 4]]], "b": [[10]]}}`)
	require.Equal(t, 200, status, answer)
	require.JSONEq(t, `{"outputs": {"mean": [[2, 3]], "sum": [[12, 13]]}}`, answer)
	status, answer = post(t, server, `{"inputs": {"a": [[[1, 2]], [[3, 4]], [[5, 6]]], "b": [[10], [20], [30]]}}`)
	require.Equal(t, 200, status, answer)
	require.JSONEq(t, `{"outputs": {"mean": [[1, 2], [3, 4], [5, 6]], "sum": [[11, 12], [23, 24], [35, 36]]}}`, answer)
	status, answer = post(t, server, `{"inputs": {"a": [[[1, 2]]], "b": [[10], [20]]}}`)
	require.Equal(t, 400, status)
	require.Contains(t, answer, `input \"b\" has 2 samples`)

	server = start(t, classifier(), serving.Options{BatchSize: 2})
	status, answer = post(t, server, `{"inputs": [[1,2,3],[1,2,3],[1,2,3],[1,2,3],[1,2,3]]}`)
	require.Equal(t, 200, status)
	var got struct{ Outputs map[string][][]float32 }
	require.NoError(t, json.Unmarshal([]byte(answer), &got))
	require.Len(t, got.Outputs["p"], 5)
	require.Equal(t, got.Outputs["p"][0], got.Outputs["p"][4])
}

func TestTexts(t *testing.T) {
	golden.OnGo(t)
	in := functional.InputWith(functional.InputOptions{Shape: []int{1}, DType: "string"})
	texts := layers.TextVectorization().OutputSequenceLength(3)
	require.NoError(t, texts.SetVocabulary([]string{"good", "bad"}))
	m := must.M1(functional.NewModel(in, texts.Apply(in)))
	server := start(t, m, serving.Options{})
	status, answer := post(t, server, `{"inputs": [["good bad"], ["Bad!"]]}`)
	require.Equal(t, 200, status, answer)
	require.JSONEq(t, `{"outputs": {"text_vectorization": [[2, 3, 0], [3, 0, 0]]}}`, answer)
}

// TestManyClients compares each of many answers with Predict. GOKERAS_SIDE_BY_SIDE says for how long.
func TestManyClients(t *testing.T) {
	golden.OnEngines(t, func(t *testing.T, _ compute.Backend) {
		const clients, kinds = 64, 50
		long := must.M1(time.ParseDuration(cmp.Or(os.Getenv("GOKERAS_SIDE_BY_SIDE"), "500ms")))
		m := classifier()
		samples := make([][]float32, kinds)
		for i := range samples {
			// About 1, so that sums of another order, of a batch of another size, stay within the tolerance below.
			samples[i] = []float32{float32(i) / kinds, float32(i%7) / 7, 1}
		}
		want := must.M1(m.Predict(samples, functional.Predict{Verbose: functional.Silent})).Value().([][]float32)
		server := start(t, m, serving.Options{})
		server.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = clients
		var wait sync.WaitGroup
		var requests atomic.Int64
		end := time.Now().Add(long)
		for client := range clients {
			wait.Go(func() {
				for i := client; time.Now().Before(end); i++ {
					first, count := i%kinds, 1+i%3
					var rows [][]float32
					for k := range count {
						rows = append(rows, samples[(first+k)%kinds])
					}
					body := must.M1(json.Marshal(map[string]any{"inputs": rows}))
					r, err := server.Client().Post(server.URL+"/predict", "application/json", bytes.NewReader(body))
					if err != nil {
						t.Error(err)
						return
					}
					var got struct {
						Outputs map[string][][]float32
						Error   string
					}
					err = json.NewDecoder(r.Body).Decode(&got)
					_ = r.Body.Close()
					if err != nil || r.StatusCode != http.StatusOK || len(got.Outputs["p"]) != count {
						t.Errorf("%d %s %v", r.StatusCode, got.Error, err)
						return
					}
					for k, row := range got.Outputs["p"] {
						for c, p := range row {
							if d := p - want[(first+k)%kinds][c]; d > 1e-6 || d < -1e-6 {
								t.Errorf("sample %d: %v, want %v", (first+k)%kinds, row, want[(first+k)%kinds])
								return
							}
						}
					}
					requests.Add(1)
				}
			})
		}
		wait.Wait()
		t.Logf("%d requests in %v", requests.Load(), long)
		require.Greater(t, requests.Load(), int64(clients))
	})
}

// TestClose: what is under way is answered, what comes later is told.
func TestClose(t *testing.T) {
	golden.OnGo(t)
	handler := must.M1(serving.New(classifier(), serving.Options{}))
	handler.Close()
	handler.Close()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("POST", "/predict", strings.NewReader(`{"inputs": [[1,2,3]]}`)))
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, fmt.Sprint(w.Body), "the server was closed")
}
