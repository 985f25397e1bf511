package symbolic

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/gokeras/gokeras/internal/autoname"
)

// session holds what Keras keeps per process besides automatic names: the source of random seeds.
var session = struct {
	sync.Mutex
	seeds  *rand.PCG
	policy DTypePolicy // of new layers, "" for float32
}{seeds: rand.NewPCG(rand.Uint64(), rand.Uint64())}

// ClearSession starts the automatic names over: the next Conv2D is "conv2d"
// again (Keras: keras.backend.clear_session).
func ClearSession() { autoname.Clear() }

// SetRandomSeed makes everything random that follows repeatable: initial
// weights, dropout and shuffling (Keras: keras.utils.set_random_seed).
func SetRandomSeed(seed int64) {
	session.Lock()
	defer session.Unlock()
	session.seeds = rand.NewPCG(uint64(seed), 0x6b65726173)
}

// NextSeed draws a seed from the session's source.
func NextSeed() uint64 { return nextSeed() }

// nextSeed draws a seed from the session's source.
func nextSeed() uint64 {
	session.Lock()
	defer session.Unlock()
	return session.seeds.Uint64()
}

// Seeds returns the state of the session's source of seeds.
func Seeds() ([]byte, error) {
	session.Lock()
	defer session.Unlock()
	return session.seeds.MarshalBinary()
}

// SetSeeds gives the source of seeds a state that [Seeds] returned.
func SetSeeds(state []byte) error {
	session.Lock()
	defer session.Unlock()
	seeds := &rand.PCG{}
	if err := seeds.UnmarshalBinary(state); err != nil {
		return fmt.Errorf("the state of the random seeds: %w", err)
	}
	session.seeds = seeds
	return nil
}

// autoName is an automatic name together with what is needed to give it back.
type autoName struct {
	prefix       string
	count, first int
}

func (n autoName) String() string { return autoname.Join(n.prefix, n.count) }

// takeName returns the next automatic name: "dense", "dense_1", … A prefix
// whose first name is numbered too (Keras's "input_1") starts at first = 1.
func takeName(prefix string, first int) autoName {
	return autoName{prefix, autoname.Take(prefix) + first, first}
}

// giveBack undoes takeName if no later name with the prefix was taken, so that
// a layer that is named right after its construction uses no number up.
func (n autoName) giveBack() {
	if n.prefix != "" {
		autoname.GiveBack(n.prefix, n.count-n.first)
	}
}

const inputPrefix = "input"
