package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/janpfeifer/must"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/saving"
)

func TestMain(m *testing.M) {
	// The tests are small, and the same everywhere, on the engine that every machine has.
	_ = os.Setenv("GOKERAS_BACKEND", cmp.Or(os.Getenv("GOKERAS_BACKEND"), "go"))
	os.Exit(m.Run())
}

// serve runs the program; stop ends it and returns its error.
func serve(t *testing.T) (url string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-listen", "127.0.0.1:0"}, in)
		_ = in.CloseWithError(cmp.Or(err, io.EOF))
		ended <- err
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	_, url, found := strings.Cut(strings.TrimSpace(line), "Drop pictures at ")
	require.True(t, found, line)
	return url, func() error { cancel(); return <-ended }
}

type top []struct {
	Class string
	Score float64
}

func classify(client *http.Client, url string, picture []byte) (top, error) {
	r, err := client.Post(url+"/classify", "image/png", bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Body.Close() }()
	var answer struct {
		Predictions []struct{ Top top }
		Error       string
	}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if r.StatusCode != http.StatusOK || len(answer.Predictions) != 1 {
		return nil, fmt.Errorf("status %d, %d predictions: %s", r.StatusCode, len(answer.Predictions), answer.Error)
	}
	return answer.Predictions[0].Top, nil
}

// TestServe has pictures of testdata classified, which the model never saw in training.
func TestServe(t *testing.T) {
	url, stop := serve(t)
	for digit, name := range names {
		picture, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("%d.png", digit)))
		require.NoError(t, err)
		got, err := classify(http.DefaultClient, url, picture)
		require.NoError(t, err)
		require.Len(t, got, 5)
		require.Equal(t, name, got[0].Class)
		require.Greater(t, got[0].Score, 0.5)
	}
	r, err := http.Post(url+"/classify", "image/png", io.LimitReader(zeros{}, 100<<20))
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	require.Equal(t, http.StatusRequestEntityTooLarge, r.StatusCode)
	r, err = http.Get(url)
	require.NoError(t, err)
	page, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	require.Contains(t, string(page), "Drop pictures here")
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, stop())

	require.ErrorContains(t, run(t.Context(), []string{"-listen", "127.0.0.1:x"}, io.Discard), "unknown port")
	require.Error(t, run(t.Context(), []string{"-x"}, io.Discard))
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// TestManyClients: 64 clients get what Predict says. GOKERAS_SIDE_BY_SIDE says for how long.
func TestManyClients(t *testing.T) {
	const clients = 64
	long := must.M1(time.ParseDuration(cmp.Or(os.Getenv("GOKERAS_SIDE_BY_SIDE"), "500ms")))
	pictures := make([][]byte, len(names))
	var pixels []float32
	for i := range pictures {
		path := filepath.Join("testdata", fmt.Sprintf("%d.png", i))
		pictures[i] = must.M1(os.ReadFile(path))
		picture := must.M1(datasets.LoadImage(path, datasets.LoadImageOptions{ColorMode: "grayscale"}))
		pixels = append(pixels, tensors.MustCopyFlatData[float32](must.M1(datasets.ImageToArray(picture)))...)
	}
	model := must.M1(saving.LoadModelBytes(digits))
	want := must.M1(model.Predict(tensors.FromFlatDataAndDimensions(pixels, len(pictures), 28, 28, 1), functional.Predict{Verbose: functional.Silent})).Value().([][]float32)

	url, stop := serve(t)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	var wait sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	end := time.Now().Add(long)
	for c := range clients {
		wait.Go(func() {
			for i := c; time.Now().Before(end); i++ {
				digit, began := i%len(pictures), time.Now()
				got, err := classify(client, url, pictures[digit])
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				took = append(took, time.Since(began))
				mu.Unlock()
				for _, s := range got {
					if d := s.Score - float64(want[digit][slices.Index(names, s.Class)]); d > 1e-5 || d < -1e-5 {
						t.Errorf("digit %d: %v, and Predict says %v", digit, got, want[digit])
						return
					}
				}
			}
		})
	}
	wait.Wait()
	client.CloseIdleConnections()
	require.NoError(t, stop())
	require.Greater(t, len(took), clients)
	slices.Sort(took)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	t.Logf("%d requests in %v: p50 %v, p99 %v; the heap has %d MiB, the process got %d MiB", len(took), long,
		took[len(took)/2].Round(time.Microsecond), took[len(took)*99/100].Round(time.Microsecond), memory.HeapAlloc>>20, memory.Sys>>20)
}
