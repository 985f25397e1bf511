package datasets

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/mt19937"
)

// TimeseriesGeneratorOptions are the arguments of [TimeseriesGenerator]; the zero value of each is Keras's default.
type TimeseriesGeneratorOptions struct {
	SamplingRate int  // distance between the steps of a sample, 0: 1
	Stride       int  // distance between samples, 0: 1
	StartIndex   int  // steps before it aren't used
	EndIndex     *int // nor are those behind it; nil: all are
	Shuffle      bool // each batch has samples at random
	Seed         *int // for Shuffle: the first pass has the samples that NumPy draws behind np.random.seed; nil: one that is drawn
	Reverse      bool // steps of each sample in reverse order
	BatchSize    int  // 0: 128
}

// TimeseriesGenerator cuts samples of length steps out of data, (steps, …), whose targets are those of the step behind them (Keras 2: TimeseriesGenerator): a
// pipeline of batches.
func TimeseriesGenerator(data, targets any, length int, o TimeseriesGeneratorOptions) (*Pipeline, error) {
	p, err := timeseriesGenerator(data, targets, length, o)
	if err != nil {
		return nil, fmt.Errorf("datasets.TimeseriesGenerator: %w", err)
	}
	return p, nil
}

func timeseriesGenerator(data, targets any, length int, o TimeseriesGeneratorOptions) (*Pipeline, error) {
	all, err := given(Element{X: data, Y: targets})
	if err != nil {
		return nil, err
	}
	n, err := allRows(all)
	if err != nil {
		return nil, fmt.Errorf("data and targets have to be of the same length: %w", err)
	}
	if all.X == nil || all.Y == nil {
		return nil, errors.New("data or targets are nil")
	}
	for _, v := range []*int{&o.SamplingRate, &o.Stride} {
		if *v == 0 {
			*v = 1
		}
	}
	if o.BatchSize == 0 {
		o.BatchSize = 128
	}
	end := orDefault(o.EndIndex, n-1)
	begin := o.StartIndex + length
	switch {
	case o.SamplingRate < 0 || o.Stride < 0 || o.BatchSize < 0 || length < 1 || length > n || o.StartIndex < 0 || o.StartIndex > n:
		return nil, fmt.Errorf("SamplingRate, Stride, BatchSize, length and StartIndex are %d, %d, %d, %d and %d for data of length %d", o.SamplingRate, o.Stride, o.BatchSize, length, o.StartIndex, n)
	case end >= n:
		return nil, fmt.Errorf("EndIndex is %d for data of length %d", end, n)
	case begin > end:
		return nil, fmt.Errorf("StartIndex+length, %d, is more than EndIndex, %d: no step would be left as the current one", begin, end)
	case o.BatchSize > maxBatchBytes/8 || o.Stride > maxBatchBytes:
		return nil, fmt.Errorf("BatchSize is %d and Stride %d, which is too large", o.BatchSize, o.Stride)
	}
	_, seed, err := generatorSeed(o.Seed)
	if err != nil {
		return nil, err
	}
	step := o.BatchSize * o.Stride
	count := (end - begin + step) / step
	var offsets []int
	for i := 0; i < length; i += o.SamplingRate {
		offsets = append(offsets, i-length)
	}
	if o.Reverse {
		slices.Reverse(offsets)
	}
	return source("TimeseriesGenerator", count, func(p pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			rng := mt19937.New(seed + uint32(p.key))
			for i := range count {
				var rows []int
				if o.Shuffle {
					for range o.BatchSize {
						rows = append(rows, begin+int(mt19937.UpTo(rng, uint64(end-begin))))
					}
				}
				for row := begin + i*step; !o.Shuffle && row <= end && len(rows) < o.BatchSize; row += o.Stride {
					rows = append(rows, row)
				}
				e, err := samplesAt(all, rows, offsets)
				if !yield(e, err) || err != nil || p.ctx.Err() != nil {
					return
				}
			}
		}
	}), nil
}

// samplesAt has at each row the steps of X at offsets from it, and Y at the row.
func samplesAt(all Element, rows, offsets []int) (Element, error) {
	var steps []int
	for _, row := range rows {
		for _, o := range offsets {
			steps = append(steps, row+o)
		}
	}
	x, err := Element{X: all.X}.each(func(leaf any) (any, error) {
		t, ok := leaf.(*tensors.Tensor)
		if !ok {
			return nil, errors.New("want numbers")
		}
		return gather(t, steps, len(rows), len(offsets))
	})
	if err != nil {
		return Element{}, err
	}
	y, err := Element{Y: all.Y}.each(func(leaf any) (any, error) { return rowsOf(leaf, rows, 0) })
	return Element{X: x.X, Y: y.Y}, err
}

// MakeSamplingTable returns for the words of each rank by frequency how likely they are kept (Keras 2: make_sampling_table). A samplingFactor of 0 is 1e-5.
func MakeSamplingTable(size int, samplingFactor float64) ([]float64, error) {
	if samplingFactor == 0 {
		samplingFactor = 1e-5
	}
	if size < 1 || size > maxCategorical || !(samplingFactor > 0) {
		return nil, fmt.Errorf("datasets.MakeSamplingTable: size is %d and samplingFactor %v, want positive numbers", size, samplingFactor)
	}
	table := make([]float64, size)
	for i := range table {
		rank := float64(max(i, 1))
		f := samplingFactor * (rank*(math.Log(rank)+0.577) + 0.5 - 1/(12*rank))
		table[i] = min(1, f/math.Sqrt(f))
	}
	return table, nil
}

// SkipgramsOptions are the arguments of [Skipgrams]; the zero value of each is Keras's default.
type SkipgramsOptions struct {
	WindowSize      int       // words to either side, 0: 4
	NegativeSamples *float64  // random pairs for each real one, nil: 1
	KeepOrder       bool      // no shuffling (Keras: shuffle=False)
	SamplingTable   []float64 // how likely a word is kept, see [MakeSamplingTable]; nil: all are
	Seed            *int      // of the order alone, as in Keras; nil: one that is drawn
	RandomSeed      *int      // of everything that is drawn, as Python's random.seed before the call; nil: a random one
}

// maxPairs bounds the memory of Skipgrams.
const maxPairs = 1 << 28

// Skipgrams returns pairs of words that stand near each other, with label 1, and pairs of a word with any other, with label 0 (Keras 2: skipgrams). Words are
// numbers; 0 is no word. ToCategorical(labels, 2) is what Keras returns for categorical=True.
func Skipgrams(sequence []int, vocabularySize int, o SkipgramsOptions) (couples [][2]int, labels []int, err error) {
	fail := func(format string, args ...any) ([][2]int, []int, error) {
		return nil, nil, fmt.Errorf("datasets.Skipgrams: %w", fmt.Errorf(format, args...))
	}
	window, negative := o.WindowSize, orDefault(o.NegativeSamples, 1)
	if window == 0 {
		window = 4
	}
	if window < 0 || math.IsNaN(negative) || math.IsInf(negative, 0) {
		return fail("WindowSize is %d and NegativeSamples %v", window, negative)
	}
	window = min(window, len(sequence))
	rng := seedPython(orDefault(o.RandomSeed, rand.Int()))
	for i, word := range sequence {
		if word == 0 {
			continue
		}
		if o.SamplingTable != nil {
			if word < 0 || word >= len(o.SamplingTable) {
				return fail("word %d isn't in SamplingTable, which has %d", word, len(o.SamplingTable))
			}
			if o.SamplingTable[word] < rng.Double() {
				continue
			}
		}
		for j := max(0, i-window); j < min(len(sequence), i+window+1); j++ {
			if other := sequence[j]; j != i && other != 0 {
				couples, labels = append(couples, [2]int{word, other}), append(labels, 1)
			}
		}
		if float64(len(couples))*(1+max(negative, 0)) > maxPairs {
			return fail("there are more than %d pairs", maxPairs)
		}
	}
	if more := int(float64(len(labels)) * negative); negative > 0 && len(couples) > 0 {
		if vocabularySize < 2 || vocabularySize > math.MaxInt32 {
			return fail("vocabularySize is %d, want 2 or more", vocabularySize)
		}
		words := make([]int, len(couples))
		for i, c := range couples {
			words[i] = c[0]
		}
		words = pick(words, shufflePython(rng, len(words)))
		for i := range more {
			couples, labels = append(couples, [2]int{words[i%len(words)], 1 + belowPython(rng, vocabularySize-1)}), append(labels, 0)
		}
	}
	if !o.KeepOrder {
		seed := orDefault(o.Seed, 0)
		if o.Seed == nil {
			seed = belowPython(rng, 10_000_001)
		}
		order := shufflePython(seedPython(seed), len(couples))
		couples, labels = pick(couples, order), pick(labels, order)
	}
	return couples, labels, nil
}

// belowPython draws from 0 to n-1 as Python's random.randrange does.
func belowPython(s *mt19937.Source, n int) int {
	shift := 32 - bits.Len32(uint32(n))
	for {
		if v := s.Uint32() >> shift; v < uint32(n) {
			return int(v)
		}
	}
}
