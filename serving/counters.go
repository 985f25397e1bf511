package serving

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// bounds of the histogram of a request's time, in seconds.
var bounds = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// counters are what GET /metrics tells.
type counters struct {
	mu       sync.Mutex
	requests map[int]int // by status
	within   []int       // requests that took at most each of the bounds, but not the one before
	seconds  float64
	batches  int
	samples  int
}

func newCounters() *counters {
	return &counters{requests: map[int]int{}, within: make([]int, len(bounds)+1)}
}

func (c *counters) request(status int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[status]++
	c.seconds += took.Seconds()
	at, _ := slices.BinarySearch(bounds, took.Seconds())
	c.within[at]++
}

func (c *counters) batch(samples int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batches++
	c.samples += samples
}

func (c *counters) write(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out strings.Builder
	describe := func(name, kind, help string) {
		fmt.Fprintf(&out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	}
	describe("gokeras_requests_total", "counter", "Requests for predictions by the status of the answer.")
	var statuses []int
	for status := range c.requests {
		statuses = append(statuses, status)
	}
	slices.Sort(statuses)
	for _, status := range statuses {
		fmt.Fprintf(&out, "gokeras_requests_total{code=\"%d\"} %d\n", status, c.requests[status])
	}
	describe("gokeras_request_seconds", "histogram", "Time of a request for predictions.")
	total := 0
	for i, bound := range bounds {
		total += c.within[i]
		fmt.Fprintf(&out, "gokeras_request_seconds_bucket{le=\"%g\"} %d\n", bound, total)
	}
	total += c.within[len(bounds)]
	fmt.Fprintf(&out, "gokeras_request_seconds_bucket{le=\"+Inf\"} %d\ngokeras_request_seconds_sum %g\ngokeras_request_seconds_count %d\n", total, c.seconds, total)
	describe("gokeras_batches_total", "counter", "Batches computed.")
	fmt.Fprintf(&out, "gokeras_batches_total %d\n", c.batches)
	describe("gokeras_samples_total", "counter", "Samples computed.")
	fmt.Fprintf(&out, "gokeras_samples_total %d\n", c.samples)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	_, _ = fmt.Fprint(w, out.String())
}
