package symbolic

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// session holds what Keras keeps per process: the counters behind automatic
// names and the source of random seeds.
var session = struct {
	sync.Mutex
	counts map[string]int
	seeds  *rand.Rand
	policy DTypePolicy // of new layers, "" for float32
}{counts: map[string]int{}, seeds: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}

// ClearSession starts the automatic names over: the next Conv2D is "conv2d"
// again (Keras: keras.backend.clear_session).
func ClearSession() {
	session.Lock()
	defer session.Unlock()
	session.counts = map[string]int{}
}

// SetRandomSeed makes everything random that follows repeatable: initial
// weights, dropout and shuffling (Keras: keras.utils.set_random_seed).
func SetRandomSeed(seed int64) {
	session.Lock()
	defer session.Unlock()
	session.seeds = rand.New(rand.NewPCG(uint64(seed), 0x6b65726173))
}

// NextSeed draws a seed from the session's source.
func NextSeed() uint64 { return nextSeed() }

// nextSeed draws a seed from the session's source.
func nextSeed() uint64 {
	session.Lock()
	defer session.Unlock()
	return session.seeds.Uint64()
}

// autoName is an automatic name together with what is needed to give it back.
type autoName struct {
	prefix string
	count  int
}

func (n autoName) String() string {
	if n.count == 0 {
		return n.prefix
	}
	return fmt.Sprintf("%s_%d", n.prefix, n.count)
}

// takeName returns the next automatic name: "dense", "dense_1", … A prefix
// whose first name is numbered too (Keras's "input_1") starts at first = 1.
func takeName(prefix string, first int) autoName {
	session.Lock()
	defer session.Unlock()
	n := session.counts[prefix]
	session.counts[prefix]++
	return autoName{prefix, n + first}
}

// giveBack undoes takeName if no later name with the prefix was taken, so that
// a layer that is named right after its construction uses no number up.
func (n autoName) giveBack() {
	session.Lock()
	defer session.Unlock()
	if last := session.counts[n.prefix] - 1; n.prefix != "" && (n.count == last || (n.prefix == inputPrefix && n.count == last+1)) {
		session.counts[n.prefix]--
	}
}

const inputPrefix = "input"
