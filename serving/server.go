package serving

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/internal/jsonarray"
)

const (
	defaultBatchSize = 32
	defaultMaxBytes  = 32 << 20
	defaultTimeout   = 30 * time.Second
)

// Options are the arguments of [New]; the zero value of each is usual.
type Options struct {
	// BatchSize is the number of samples computed at once; 0: 32. Programs for 1, 4, 16 … samples up to it are compiled at the start.
	BatchSize int
	// InputShapes are the inputs' shapes without the batch axis, for a model that leaves axes open (None); without them requests of any
	// shape are taken, and the first of each shape compiles.
	InputShapes []functional.Shape
	// Workers is how many batches are computed at the same time; 0: 1, which uses all cores already.
	Workers int
	// MaxBytes is the size of the largest body of a request; 0: 32 MiB.
	MaxBytes int64
	// Timeout is how long the body of a request may take to arrive, an answer to be taken, and a request's pictures to be decoded; 0: 30 seconds.
	Timeout time.Duration
	// Images makes the server take pictures, and show a page for them; nil: it takes arrays alone.
	Images *Images
}

// Server is the http.Handler that answers for a model. Weights that the model gets later don't change it if the model's inputs have fixed shapes.
type Server struct {
	model    *functional.Model
	batches  *batcher
	counts   *counters
	mux      *http.ServeMux
	max      int64
	timeout  time.Duration
	pictures *pictures
	once     sync.Once
}

// New compiles what is needed to serve the model.
func New(m *functional.Model, o Options) (*Server, error) {
	if err := m.Ready(); err != nil {
		return nil, err
	}
	if o.BatchSize < 0 || o.Workers < 0 || o.MaxBytes < 0 || o.Timeout < 0 {
		return nil, fmt.Errorf("serving model %q: BatchSize %d, Workers %d, MaxBytes %d, Timeout %v: want none below 0", m.Name(), o.BatchSize, o.Workers, o.MaxBytes, o.Timeout)
	}
	s := &Server{model: m, counts: newCounters(), mux: http.NewServeMux(), max: cmp.Or(o.MaxBytes, defaultMaxBytes), timeout: cmp.Or(o.Timeout, defaultTimeout)}
	if o.Images != nil {
		var err error
		if s.pictures, err = newPictures(m, o); err != nil {
			return nil, fmt.Errorf("serving model %q: %w", m.Name(), err)
		}
		s.mux.HandleFunc("POST /classify", s.answer(s.classify))
		s.mux.HandleFunc("GET /{$}", showPage)
	}
	b, err := newBatcher(m, o)
	if err != nil {
		return nil, fmt.Errorf("serving model %q: %w", m.Name(), err)
	}
	s.batches = b
	b.observe = s.counts.batch
	b.start(max(1, o.Workers))
	s.mux.HandleFunc("POST /predict", s.answer(s.predict))
	s.mux.HandleFunc("GET /model", s.describe)
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	s.mux.HandleFunc("GET /metrics", s.counts.write)
	return s, nil
}

// ServeHTTP implements http.Handler, for an http.Server of one's own.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close ends the computing, after what is under way. Requests that come later get 503. Shut the http.Server down first.
func (s *Server) Close() { s.once.Do(s.batches.close) }

// grace is how long requests that are under way may take when the context ends.
const grace = 30 * time.Second

// Serve answers on the listener until the context ends, and then the requests that are under way, for 30 seconds at most; then it closes the server.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	defer s.Close()
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

// requestError is a mistake in a request.
type requestError struct {
	status int
	text   string
}

func (e *requestError) Error() string { return e.text }

func badRequest(format string, args ...any) error {
	return &requestError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// statusOf says whose mistake an error was.
func statusOf(err error) int {
	var request *requestError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &request):
		return request.status
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout
	case errors.Is(err, functional.ErrData):
		return http.StatusBadRequest
	case errors.Is(err, errClosed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// answer makes a handler of what finds the answer to a request, whose body is bounded in size and time.
func (s *Server) answer(find func(r *http.Request, body io.Reader) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		connection := http.NewResponseController(w)
		_ = connection.SetReadDeadline(began.Add(s.timeout)) // what isn't a connection is never slow
		body := &arriving{http.MaxBytesReader(w, r.Body, s.max), connection}
		answer, err := find(r, body)
		status := http.StatusOK
		if err != nil {
			status = statusOf(err)
			answer, _ = json.Marshal(map[string]string{"error": err.Error()})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = connection.SetWriteDeadline(time.Now().Add(s.timeout))
		w.WriteHeader(status)
		_, _ = w.Write(append(answer, '\n'))
		s.counts.request(status, time.Since(began))
	}
}

// arriving is a body that has no deadline any more once it is there: computing may take longer.
type arriving struct {
	io.Reader
	connection *http.ResponseController
}

func (a *arriving) Read(b []byte) (int, error) {
	n, err := a.Reader.Read(b)
	if err == io.EOF {
		_ = a.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}

// predict is the answer to a request with arrays.
func (s *Server) predict(r *http.Request, body io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	inputs, err := s.inputs(raw)
	if err != nil {
		return nil, err
	}
	results, err := s.batches.predict(r.Context(), inputs)
	if err != nil {
		return nil, err
	}
	out := []byte(`{"outputs":{`)
	for i, name := range s.model.OutputNames() {
		if i > 0 {
			out = append(out, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		if out, err = jsonarray.Append(append(append(out, key...), ':'), results[i]); err != nil {
			return nil, fmt.Errorf("output %q: %w", name, err)
		}
	}
	return append(out, "}}"...), nil
}

// inputs reads the arrays of a request, in the order of the model's inputs.
func (s *Server) inputs(raw []byte) ([]any, error) {
	var request struct {
		Inputs json.RawMessage `json:"inputs"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&request); err != nil {
		return nil, badRequest(`the request is no {"inputs": …}: %v`, err)
	}
	names := s.model.InputNames()
	byName := map[string]json.RawMessage{}
	switch {
	case len(request.Inputs) == 0:
		return nil, badRequest(`the request has no "inputs"`)
	case !strings.HasPrefix(string(request.Inputs), "{") && len(names) == 1:
		byName[names[0]] = request.Inputs
	case json.Unmarshal(request.Inputs, &byName) != nil:
		return nil, badRequest(`"inputs": the model has %d inputs: want an object with an array for each of %s`, len(names), strings.Join(names, ", "))
	}
	for name := range byName {
		if !slices.Contains(names, name) {
			return nil, badRequest(`"inputs": there is no %q: want %s`, name, strings.Join(names, ", "))
		}
	}
	inputs := make([]any, len(names))
	for i, name := range names {
		text, ok := byName[name]
		if !ok {
			return nil, badRequest(`"inputs": %q is missing`, name)
		}
		var err error
		if inputs[i], err = jsonarray.Decode(text); err != nil {
			return nil, badRequest("input %q: %v", name, err)
		}
	}
	return inputs, nil
}

// signature is what GET /model answers.
type signature struct {
	Name    string      `json:"name"`
	Inputs  []tensorDoc `json:"inputs"`
	Outputs []tensorDoc `json:"outputs"`
	Params  int         `json:"params"`
}

type tensorDoc struct {
	Name  string `json:"name"`
	Shape any    `json:"shape"` // null: any length
	DType string `json:"dtype"`
}

func (s *Server) describe(w http.ResponseWriter, _ *http.Request) {
	m := s.model
	body, err := json.Marshal(signature{m.Name(), tensorDocs(m.InputNames(), m.Inputs()), tensorDocs(m.OutputNames(), m.Outputs()), m.CountParams()})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n'))
}

func tensorDocs(names []string, list []*functional.Tensor) []tensorDoc {
	out := make([]tensorDoc, len(list))
	for i, t := range list {
		out[i] = tensorDoc{Name: names[i], DType: t.DType(), Shape: t.Shape().JSON()}
	}
	return out
}
