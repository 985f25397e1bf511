package layers

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/symbolic"
)

// The words that stand for no word and for one that isn't in the vocabulary.
const (
	maskToken = ""
	oovToken  = "[UNK]"
)

// maxVocabulary is the most words that a vocabulary may have, and the widest row of numbers that is made of a text. Real ones have two million.
const maxVocabulary = 1 << 24

// vocabularyArgument is the argument vocabulary of TextVectorization.
type vocabularyArgument struct {
	words []string
	file  []string // the lines of a file, which files of models don't have
}

// set takes a []string of words, or the path of a text file with one in each line, which is read now; nil takes it back.
func (a *vocabularyArgument) set(vocabulary any) error {
	*a = vocabularyArgument{}
	switch v := vocabulary.(type) {
	case nil:
		return nil
	case []string:
		a.words = append([]string{}, v...)
		return nil
	case string:
		var err error
		a.file, err = readVocabulary(v)
		return err
	}
	return fmt.Errorf("got a %T, want a []string or the path of a text file with one word in each line", vocabulary)
}

func readVocabulary(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("the vocabulary file: %w", err)
	}
	if info.Size() > maxVocabularyFile {
		return nil, fmt.Errorf("the vocabulary file %s has %d bytes, more than the %d allowed", path, info.Size(), maxVocabularyFile)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the vocabulary file: %w", err)
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimSuffix(string(raw), "\n"), "\r", ""), "\n")
	if i := slices.Index(lines, ""); i >= 0 {
		return nil, fmt.Errorf("the vocabulary file %s: line %d is empty, want a word in every line", path, i+1)
	}
	return lines, nil
}

const maxVocabularyFile = 1 << 28

// EncodeKeras writes the words; those that came from a file go among the assets.
func (a *vocabularyArgument) EncodeKeras() (any, error) {
	if a.words == nil {
		return nil, nil
	}
	list := make([]any, len(a.words))
	for i, w := range a.words {
		list[i] = w
	}
	return list, nil
}

// DecodeKeras reads a list of words, or null.
func (a *vocabularyArgument) DecodeKeras(v any) error {
	switch v := v.(type) {
	case string:
		return fmt.Errorf("it is the path of a file outside of the model (%.100q), which is not opened: a model from elsewhere could so read any file of yours. "+
			"Save the model with the words themselves, or as a .keras archive, which keeps them", v)
	case []any:
		words := make([]string, len(v))
		for i, e := range v {
			var ok bool
			if words[i], ok = e.(string); !ok {
				return fmt.Errorf("[%d]: got %v, want a string", i, e)
			}
		}
		return a.set(words)
	}
	return a.set(v)
}

// given reports whether the argument has words, so that Adapt is an error.
func (a *vocabularyArgument) given() bool { return a.words != nil || a.file != nil }

// vocabulary is what a layer knows of words. It never changes.
type vocabulary struct {
	words []string       // without those that stand for others
	index map[string]int // of the words
	idf   []float32      // by place in the output, nil in other modes than tf_idf
}

func newVocabulary(words []string, idf []float32) *vocabulary {
	v := &vocabulary{words: words, index: make(map[string]int, len(words)), idf: idf}
	for i, w := range words {
		v.index[w] = i
	}
	return v
}

// special are the words that stand for others, before the vocabulary's own.
func (c *textVectorizationConfig) special() []string {
	if c.OutputMode == Int {
		return []string{maskToken, oovToken}
	}
	return []string{oovToken}
}

// vocabularyOf checks what was given as a vocabulary, with or without the special words, and its weights.
func (c *textVectorizationConfig) vocabularyOf(words []string, idf []float32) (*vocabulary, error) {
	switch {
	case c.OutputMode == TFIDF && idf == nil:
		return nil, fmt.Errorf("`idf_weights` must be set if output_mode is 'tf_idf'")
	case c.OutputMode != TFIDF && idf != nil:
		return nil, fmt.Errorf("`idf_weights` should only be set if output_mode is `'tf_idf'`: received output_mode=%s", c.OutputMode)
	case len(words) == 0:
		return nil, fmt.Errorf("cannot set an empty vocabulary")
	case len(words) > maxVocabulary:
		return nil, fmt.Errorf("a vocabulary of %d words is larger than the %d allowed", len(words), maxVocabulary)
	}
	special := c.special()
	own := words
	found := len(words) >= len(special) && slices.Equal(words[:len(special)], special)
	if found {
		own = words[len(special):]
	}
	v := newVocabulary(own, nil)
	if len(v.index) < len(own) {
		return nil, fmt.Errorf("the passed vocabulary has at least one repeated term: please uniquify your dataset; the repeated terms are: %s", repeated(own))
	}
	if at, ok := v.index[maskToken]; ok {
		return nil, fmt.Errorf("found reserved mask token at unexpected location in `vocabulary`: the word %d is empty. Either remove all mask and OOV tokens, "+
			"or include them only at the start of the vocabulary in precisely this order: %q", at+len(words)-len(own), special)
	}
	size := len(special) + len(own)
	if c.MaxTokens != nil && size > *c.MaxTokens {
		return nil, fmt.Errorf("attempted to set a vocabulary larger than the maximum vocab size: received vocabulary size is %d; `max_tokens` is %d", size, *c.MaxTokens)
	}
	if idf == nil {
		return v, nil
	}
	// A file has those of a padded vocabulary padded.
	if len(idf) != len(words) && !(found && c.PadToMaxTokens && len(idf) == *c.MaxTokens) {
		return nil, fmt.Errorf("`idf_weights` must be the same length as vocabulary: len(idf_weights) is %d; len(vocabulary) is %d", len(idf), len(words))
	}
	if !found {
		idf = append(slices.Repeat([]float32{average(idf)}, len(special)), idf...)
	}
	v.idf = c.padded(slices.Clone(idf))
	return v, nil
}

// fileVocabulary takes the lines of a file as they are, as Keras does.
func (c *textVectorizationConfig) fileVocabulary(lines []string) (*vocabulary, error) {
	if c.OutputMode == TFIDF {
		return nil, fmt.Errorf("output_mode `'tf_idf'` does not support loading a vocabulary from file")
	}
	v := newVocabulary(lines, nil)
	if len(v.index) < len(lines) {
		return nil, fmt.Errorf("the vocabulary file has at least one repeated term: %s", repeated(lines))
	}
	return v, nil
}

// padded fills weights up to max_tokens where the output is so wide.
func (c *textVectorizationConfig) padded(idf []float32) []float32 {
	if c.PadToMaxTokens && len(idf) < *c.MaxTokens {
		idf = append(idf, make([]float32, *c.MaxTokens-len(idf))...)
	}
	return idf
}

func average(list []float32) float32 {
	sum := 0.0
	for _, v := range list {
		sum += float64(v)
	}
	return float32(sum / float64(len(list)))
}

// repeated lists the words that are there more than once, the first few of them.
func repeated(words []string) string {
	seen, list := map[string]int{}, []string{}
	for _, w := range words {
		if seen[w]++; seen[w] == 2 && len(list) < 10 {
			list = append(list, fmt.Sprintf("%.40q", w))
		}
	}
	return strings.Join(list, ", ")
}

// wordCount says how often a word occurs, and in how many rows.
type wordCount struct{ n, rows, last int }

// counter counts words.
type counter struct {
	tokenizer *tokenizer
	words     map[string]*wordCount
	rows      int
}

// add counts the words of texts.
func (c *counter) add(t *symbolic.Texts) error {
	rows, _, err := c.tokenizer.rows(t)
	if err != nil {
		return err
	}
	var parts []map[string]*wordCount
	start := func() func(int, *tokens) {
		part := map[string]*wordCount{}
		parts = append(parts, part)
		return func(row int, of *tokens) {
			c.tokenizer.eachGram(of, func(gram []byte) {
				w := part[string(gram)]
				if w == nil {
					w = &wordCount{last: -1}
					part[string(gram)] = w
				}
				w.n++
				if w.last != row {
					w.rows, w.last = w.rows+1, row
				}
			})
		}
	}
	if err := c.tokenizer.eachRow(t, start); err != nil {
		return err
	}
	c.rows += rows
	for _, part := range parts {
		for text, w := range part {
			if known := c.words[text]; known != nil {
				known.n, known.rows = known.n+w.n, known.rows+w.rows
			} else {
				c.words[text] = w
			}
		}
	}
	return nil
}

// learn makes the vocabulary of what was counted: the words by their number, equally frequent ones from the last in order of their bytes to the first.
func (c *textVectorizationConfig) learn(counts *counter) *vocabulary {
	delete(counts.words, maskToken)
	delete(counts.words, oovToken)
	words := make([]string, 0, len(counts.words))
	for w := range counts.words {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int {
		if d := counts.words[b].n - counts.words[a].n; d != 0 {
			return d
		}
		return strings.Compare(b, a)
	})
	special := len(c.special())
	if c.MaxTokens != nil {
		words = slices.Clip(words[:min(len(words), *c.MaxTokens-special)])
	}
	v := newVocabulary(words, nil)
	if c.OutputMode != TFIDF || len(words) == 0 {
		return v
	}
	idf := make([]float32, special, special+len(words))
	for _, w := range words {
		idf = append(idf, float32(math.Log(1+float64(counts.rows)/float64(1+counts.words[w].rows))))
	}
	mean := average(idf[special:]) // of the words that are unknown nothing is known
	for i := range special {
		idf[i] = mean
	}
	v.idf = c.padded(idf)
	return v
}

// The file of a vocabulary in an archive.
const vocabularyFile = "vocabulary.txt"

// file is the vocabulary as a file has it: a word in each line, the special ones first.
func (v *vocabulary) file(special []string) ([]byte, error) {
	for _, w := range v.words {
		if strings.ContainsAny(w, "\r\n") {
			return nil, fmt.Errorf("the word %.40q holds the end of a line, which the file of a vocabulary can't: give the vocabulary as an argument, or leave such words out", w)
		}
	}
	return []byte(strings.Join(slices.Concat(special, v.words), "\n")), nil
}

// wordsOfFile reads such a file.
func wordsOfFile(raw []byte) ([]string, error) {
	lines := strings.Split(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n")
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) > maxVocabulary {
		return nil, fmt.Errorf("it has %d words, more than the %d allowed", len(lines), maxVocabulary)
	}
	return lines, nil
}

// floatsOf reads the weights of a file.
func floatsOf(t *tensors.Tensor) ([]float32, error) {
	if t.Rank() != 1 {
		return nil, fmt.Errorf("it has shape %s, want a list of numbers", symbolic.Shape(t.Shape().Dimensions))
	}
	return flatFloats(t)
}
