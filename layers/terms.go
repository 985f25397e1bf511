package layers

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/symbolic"
)

// termList is a vocabulary. It never changes once a layer has it.
type termList[T cmp.Ordered] struct {
	own   []T       // without those that stand for others
	index map[T]int // of own
	idf   []float32 // by place in the output, nil in other modes than tf_idf
}

func newTermList[T cmp.Ordered](own []T) *termList[T] {
	v := &termList[T]{own: own, index: make(map[T]int, len(own))}
	for i, term := range own {
		v.index[term] = i
	}
	return v
}

// vocabularyConfig are the arguments that say how large a vocabulary may be, and what the output has for it.
type vocabularyConfig struct {
	MaxTokens      *int       `keras:"max_tokens"`
	OutputMode     OutputMode `keras:"output_mode" default:"int"`
	PadToMaxTokens bool       `keras:"pad_to_max_tokens"`
}

// checkSize reports a size that Keras rejects.
func (c *vocabularyConfig) checkSize() error {
	switch {
	case c.MaxTokens != nil && *c.MaxTokens <= 1:
		return fmt.Errorf("if set, `max_tokens` must be greater than 1: received max_tokens=%d", *c.MaxTokens)
	case c.PadToMaxTokens && c.MaxTokens == nil:
		return fmt.Errorf("if pad_to_max_tokens is True, must set `max_tokens`: received max_tokens=None")
	case c.PadToMaxTokens && *c.MaxTokens > maxVocabulary:
		return fmt.Errorf("pad_to_max_tokens makes the output as wide as max_tokens, which may be %d at most then: received max_tokens=%d", maxVocabulary, *c.MaxTokens)
	}
	return nil
}

// checkGiven reports a vocabulary of that length that can't be one, or that has weights where it shouldn't.
func (c *vocabularyConfig) checkGiven(length int, weighed bool) error {
	switch {
	case c.OutputMode == TFIDF && !weighed:
		return fmt.Errorf("`idf_weights` must be set if output_mode is 'tf_idf'")
	case c.OutputMode != TFIDF && weighed:
		return fmt.Errorf("`idf_weights` should only be set if output_mode is `'tf_idf'`: received output_mode=%s", c.OutputMode)
	case length == 0:
		return fmt.Errorf("cannot set an empty vocabulary")
	case length > maxVocabulary:
		return fmt.Errorf("a vocabulary of %d terms is larger than the %d allowed", length, maxVocabulary)
	}
	return nil
}

// keepsSize refuses a vocabulary of another size where later layers were made for the one before.
func (c *vocabularyConfig) keepsSize(size int, width func() (int, error)) error {
	if c.OutputMode == Int || c.PadToMaxTokens {
		return nil
	}
	old, err := width()
	if err == nil && old != symbolic.None && size != old {
		err = fmt.Errorf("when using `output_mode=%s` and `pad_to_max_tokens=False`, the vocabulary size cannot be changed after the layer is called: old vocab size is %d, new vocab size is %d",
			c.OutputMode, old, size)
	}
	return err
}

// padded fills weights up to max_tokens where the output is so wide.
func (c *vocabularyConfig) padded(idf []float32) []float32 {
	if c.PadToMaxTokens && len(idf) < *c.MaxTokens {
		idf = append(idf, make([]float32, *c.MaxTokens-len(idf))...)
	}
	return idf
}

// weigh checks the size of a vocabulary that was given as so many terms, with or without the special ones in front, and gives it its weights, nil for none.
func (v *termList[T]) weigh(c *vocabularyConfig, idf []float32, given, special int, withSpecial bool) error {
	if size := special + len(v.own); c.MaxTokens != nil && size > *c.MaxTokens {
		return fmt.Errorf("attempted to set a vocabulary larger than the maximum vocab size: received vocabulary size is %d; `max_tokens` is %d", size, *c.MaxTokens)
	}
	switch {
	case idf == nil:
		return nil
	case len(idf) != given && !(withSpecial && c.PadToMaxTokens && len(idf) == *c.MaxTokens): // a file has those of a padded vocabulary padded
		return fmt.Errorf("`idf_weights` must be the same length as vocabulary: len(idf_weights) is %d; len(vocabulary) is %d", len(idf), given)
	case !withSpecial:
		idf = append(slices.Repeat([]float32{average(idf)}, special), idf...)
	}
	v.idf = c.padded(slices.Clone(idf))
	return nil
}

func average(list []float32) float32 {
	sum := 0.0
	for _, v := range list {
		sum += float64(v)
	}
	return float32(sum / float64(len(list)))
}

// repeated lists terms that are there more than once, the first few of them.
func repeated[T cmp.Ordered](terms []T) []T {
	seen, list := map[T]int{}, []T{}
	for _, term := range terms {
		if seen[term]++; seen[term] == 2 && len(list) < 10 {
			list = append(list, term)
		}
	}
	return list
}

// termCount says how often a term occurs, and in how many rows.
type termCount struct{ n, rows, last int }

// in counts the term once more.
func (c *termCount) in(row int) {
	c.n++
	if c.last != row {
		c.rows, c.last = c.rows+1, row
	}
}

// countOf is the count of a term, a new one if it wasn't there.
func countOf[T cmp.Ordered](counts map[T]*termCount, term T) *termCount {
	c := counts[term]
	if c == nil {
		c = &termCount{last: -1}
		counts[term] = c
	}
	return c
}

// learnt makes the vocabulary of what was counted in so many rows: the terms by their number, equally frequent ones from the last in order to the first. So
// many special terms come before them.
func learnt[T cmp.Ordered](c *vocabularyConfig, counts map[T]*termCount, rows, special int) *termList[T] {
	own := make([]T, 0, len(counts))
	for term := range counts {
		own = append(own, term)
	}
	slices.SortFunc(own, func(a, b T) int {
		return cmp.Or(cmp.Compare(counts[b].n, counts[a].n), cmp.Compare(b, a))
	})
	if c.MaxTokens != nil {
		most := *c.MaxTokens - special
		if most < 0 { // Python counts it from the end
			most = max(len(own)+most, 0)
		}
		own = slices.Clip(own[:min(len(own), most)])
	}
	v := newTermList(own)
	if c.OutputMode != TFIDF || len(own) == 0 {
		return v
	}
	idf := make([]float32, special, special+len(own))
	for _, term := range own {
		idf = append(idf, float32(math.Log(1+float64(rows)/float64(1+counts[term].rows))))
	}
	mean := average(idf[special:]) // of the terms that are unknown nothing is known
	for i := range special {
		idf[i] = mean
	}
	v.idf = c.padded(idf)
	return v
}

// The names under which an archive has a vocabulary and its weights.
const (
	vocabularyFile = "vocabulary.txt"
	idfArray       = "idf_weights"
)

// keepWeights puts the weights into what is kept, in the mode that has them.
func (v *termList[T]) keepWeights(c *vocabularyConfig, kept *symbolic.Kept) error {
	if c.OutputMode != TFIDF {
		return nil
	}
	if v == nil || v.idf == nil {
		return fmt.Errorf("its vocabulary has no weights yet: call Adapt before")
	}
	kept.Arrays = map[string]*tensors.Tensor{idfArray: tensors.FromFlatDataAndDimensions(slices.Clone(v.idf), len(v.idf))}
	return nil
}

// keptWeights reads them, nil in other modes.
func (c *vocabularyConfig) keptWeights(kept *symbolic.Kept) ([]float32, error) {
	if c.OutputMode != TFIDF {
		return nil, nil
	}
	t := kept.Arrays[idfArray]
	if t == nil {
		return nil, fmt.Errorf("the file has no %s", idfArray)
	}
	if t.Rank() != 1 {
		return nil, fmt.Errorf("%s: it has shape %s, want a list of numbers", idfArray, symbolic.Shape(t.Shape().Dimensions))
	}
	idf, err := flatFloats(t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", idfArray, err)
	}
	return idf, nil
}

// reweighed is the vocabulary with the weights of a file, if that has some.
func (v *termList[T]) reweighed(idf []float32) (*termList[T], error) {
	switch {
	case idf == nil:
		return v, nil
	case v == nil:
		return nil, fmt.Errorf("the file has weights of %d terms, but the layer has no vocabulary: set it, or load the whole model from a .keras archive", len(idf))
	case len(idf) != len(v.idf):
		return nil, fmt.Errorf("the file has weights of %d terms, the layer's vocabulary has %d", len(idf), len(v.idf))
	}
	return &termList[T]{own: v.own, index: v.index, idf: idf}, nil
}
