package layers

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/symbolic"
)

// vectorizer makes numbers of texts.
type vectorizer struct {
	c          *textVectorizationConfig
	tokenizer  *tokenizer
	vocabulary *termList[string]
}

// masked is the number of the empty word in other modes than int, where it doesn't count.
const masked = -1

// number is the number of a word: its place in the vocabulary with the special words in front.
func (v *vectorizer) number(word []byte) int {
	isInt := v.c.OutputMode == Int
	if len(word) == 0 {
		if isInt {
			return 0
		}
		return masked
	}
	at, ok := v.vocabulary.index[string(word)]
	switch {
	case ok && isInt:
		return at + 2
	case ok:
		return at + 1
	case isInt:
		return 1
	}
	return 0
}

func (v *vectorizer) run(t *symbolic.Texts) (*tensors.Tensor, error) {
	if v.c.OutputMode == Int {
		return v.sequences(t)
	}
	return v.counts(t)
}

// sequences are the numbers in order, zeros behind them up to the longest row's length or the one asked for.
func (v *vectorizer) sequences(t *symbolic.Texts) (*tensors.Tensor, error) {
	count, size, err := v.tokenizer.rows(t)
	if err != nil {
		return nil, err
	}
	rows := make([][]int64, count)
	err = v.tokenizer.eachRow(t, func() func(int, *tokens) {
		return func(row int, of *tokens) {
			list := make([]int64, 0, len(of.at))
			v.tokenizer.eachGram(of, func(gram []byte) { list = append(list, int64(v.number(gram))) })
			rows[row] = list
		}
	})
	if err != nil {
		return nil, err
	}
	length := 0
	switch {
	case v.c.OutputSequenceLength != nil:
		length = *v.c.OutputSequenceLength
	case v.c.Split.none() && v.c.Ngrams.none():
		length = size // even where there are no rows
	default:
		for _, list := range rows {
			length = max(length, len(list))
		}
	}
	// Texts that aren't split, or a vector of them, keep all axes but the last; those of a column lose the axis of size 1.
	dims := slices.Clone(t.Dims)
	if v.c.Split.none() || len(dims) > 1 {
		dims = dims[:len(dims)-1]
	}
	out := tensors.FromShape(shapes.Make(dtypes.Int64, append(dims, length)...))
	err = tensors.MutableFlatData(out, func(flat []int64) {
		for i, list := range rows {
			copy(flat[i*length:(i+1)*length], list)
		}
	})
	return out, err
}

// counts are a number for each word of the vocabulary: how often it is in the row, or what else the output mode says.
func (v *vectorizer) counts(t *symbolic.Texts) (*tensors.Tensor, error) {
	if v.c.OutputMode == TFIDF {
		return countsOf(v, t, func(count float32, word int) float32 { return count * v.vocabulary.idf[word] })
	}
	return countsOf(v, t, func(count int64, _ int) int64 {
		if v.c.OutputMode == MultiHot {
			return min(count, 1)
		}
		return count
	})
}

// countsOf is counts in the type that the output mode has; finish makes of a word's count what the mode says.
func countsOf[T int64 | float32](v *vectorizer, t *symbolic.Texts, finish func(count T, word int) T) (*tensors.Tensor, error) {
	width := len(v.vocabulary.own) + 1
	if v.c.PadToMaxTokens {
		width = *v.c.MaxTokens
	}
	rank := len(t.Dims)
	if rank > 2 {
		return nil, fmt.Errorf("when output_mode is not `'int'`, maximum supported output rank is 2: received output_mode %s and input shape %s", v.c.OutputMode, symbolic.Shape(t.Dims))
	}
	if v.c.OutputMode == OneHot {
		return v.oneHot(t, width)
	}
	count, _, err := v.tokenizer.rows(t)
	if err != nil {
		return nil, err
	}
	dims := []int{count, width}
	if v.c.Split.none() && rank == 1 {
		dims = dims[1:]
	}
	out := tensors.FromShape(shapes.Make(dtypes.FromGenericsType[T](), dims...))
	var failed error
	err = tensors.MutableFlatData(out, func(flat []T) {
		failed = v.tokenizer.eachRow(t, func() func(int, *tokens) {
			return func(row int, of *tokens) {
				counts := flat[row*width : (row+1)*width]
				v.tokenizer.eachGram(of, func(gram []byte) {
					if i := v.number(gram); i != masked && i < width { // a file's vocabulary may be larger than max_tokens
						counts[i]++
					}
				})
				for i, n := range counts {
					counts[i] = finish(n, i)
				}
			}
		})
	})
	if err == nil {
		err = failed
	}
	return out, err
}

// oneHot has a row of the output for each token, which must be as many in each row of the input.
func (v *vectorizer) oneHot(t *symbolic.Texts, width int) (*tensors.Tensor, error) {
	if !v.c.Split.none() || !v.c.Ngrams.none() {
		return nil, fmt.Errorf("output_mode one_hot gives each token a row, but texts have different numbers of tokens: set split and ngrams to none, or use multi_hot")
	}
	dims := slices.Clone(t.Dims)
	if len(dims) > 1 && dims[len(dims)-1] == 1 {
		dims = dims[:len(dims)-1]
	}
	out := tensors.FromShape(shapes.Make(dtypes.Int64, append(dims, width)...))
	err := tensors.MutableFlatData(out, func(flat []int64) {
		word := &tokens{}
		for i, text := range t.Flat {
			word.reset()
			v.tokenizer.add(text, word)
			if at := v.number(word.flat); at != masked && at < width {
				flat[i*width+at] = 1
			}
		}
	})
	return out, err
}
