package saving_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/functional"
	"github.com/gokeras/gokeras/saving"
)

const (
	// hostileTime tells a hang from a busy machine.
	hostileTime = time.Minute
	// hostileMemory is what reading an input may allocate beside a multiple of its size.
	hostileMemory = 64 << 20
	// A configuration's text of one byte can be a value of some 40 once decoded, and is decoded more than once.
	hostileRatio = 200
	// An error is for people to read, however large the value it complains of.
	hostileMessage = 8 << 10
)

// bounded runs read on an input of size bytes, and demands that it ends soon, takes little memory and doesn't panic.
func bounded(t testing.TB, what string, size int, read func() error) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan error, 1)
	var panicked any
	go func() {
		defer func() {
			if panicked = recover(); panicked != nil {
				stack := make([]byte, 8<<10)
				done <- fmt.Errorf("panic: %v\n%s", panicked, stack[:runtime.Stack(stack, false)])
			}
		}()
		done <- read()
	}()
	limit := hostileTime
	select {
	case err := <-done:
		require.Nil(t, panicked, "%s: %v", what, err)
		runtime.ReadMemStats(&after)
		most := uint64(hostileMemory + hostileRatio*size)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, most, "%s: an input of %d bytes took memory; error: %v", what, size, err)
		if err != nil {
			require.Less(t, len(err.Error()), hostileMessage, "%s: %.300s", what, err)
		}
		return err
	case <-time.After(limit):
		stack := make([]byte, 1<<20)
		t.Fatalf("%s: still reading %d bytes after %s:\n%s", what, size, limit, stack[:runtime.Stack(stack, true)])
	}
	return nil
}

// loadBytes gives the bytes to LoadModel as a file, and uses the model that comes of it.
func loadBytes(t testing.TB, what string, data []byte) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.keras")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return bounded(t, what, len(data), func() error {
		m, err := saving.LoadModel(path)
		if err != nil {
			return err
		}
		return useModel(m)
	})
}

// useModel does with a model what needs no values for its weights.
func useModel(m *functional.Model) error {
	var out bytes.Buffer
	if err := m.Summary(&out); err != nil {
		return fmt.Errorf("summary: %w", err)
	}
	if strings.ContainsAny(out.String(), "\x00\x1b\x07") {
		return fmt.Errorf("the summary has control characters")
	}
	_, err := m.ToJSON()
	return err
}
