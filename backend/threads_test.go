//go:build cgo && linux && amd64

package backend

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestThreadsGetNoSignals looks at the signals that XLA's threads block: see kernels.WithoutSignals.
func TestThreadsGetNoSignals(t *testing.T) {
	openXLACPU(t)
	// For a moment a thread that is being started blocks all.
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		masks := threadMasks(t)
		require.NotEmpty(t, masks, "XLA's threads have another name now")
		for _, mask := range masks {
			for _, s := range []syscall.Signal{syscall.SIGPROF, syscall.SIGINT, syscall.SIGTERM} {
				require.NotZero(t, mask&(1<<(s-1)), s)
			}
			require.Zero(t, mask&(1<<(syscall.SIGSEGV-1)))
		}
	}, 10*time.Second, 5*time.Millisecond)
}

// openXLACPU opens XLA on the CPU, until the test ends; it skips the test where there is none.
func openXLACPU(t *testing.T) compute.Backend {
	t.Helper()
	for _, c := range List(Options{}) {
		if c.Name == "xla:cpu" && !c.Available {
			t.Skip(c.Reason)
		}
	}
	b, err := openEngine("xla:cpu")
	require.NoError(t, err)
	t.Cleanup(b.Finalize)
	return b
}

// threadMasks are the signals that XLA's threads block, a bit each.
func threadMasks(t require.TestingT) []uint64 {
	files, err := filepath.Glob("/proc/self/task/*/status")
	require.NoError(t, err)
	blocked := regexp.MustCompile(`SigBlk:\s*([0-9a-f]+)`)
	var masks []uint64
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), "tf_XLA") { // a thread may have ended
			continue
		}
		mask, err := strconv.ParseUint(blocked.FindStringSubmatch(string(text))[1], 16, 64)
		require.NoError(t, err)
		masks = append(masks, mask)
	}
	return masks
}
