package layers

import (
	"fmt"
	"os"
	"slices"
	"strings"

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

// special are the words that stand for others, before the vocabulary's own.
func (c *textVectorizationConfig) special() []string {
	if c.OutputMode == Int {
		return []string{maskToken, oovToken}
	}
	return []string{oovToken}
}

// vocabularyOf checks what was given as a vocabulary, with or without the special words, and its weights.
func (c *textVectorizationConfig) vocabularyOf(words []string, idf []float32) (*termList[string], error) {
	if err := c.checkGiven(len(words), idf != nil); err != nil {
		return nil, err
	}
	special := c.special()
	own := words
	found := len(words) >= len(special) && slices.Equal(words[:len(special)], special)
	if found {
		own = words[len(special):]
	}
	v := newTermList(own)
	if len(v.index) < len(own) {
		return nil, fmt.Errorf("the passed vocabulary has at least one repeated term: please uniquify your dataset; the repeated terms are: %s", quoted(repeated(own)))
	}
	if at, ok := v.index[maskToken]; ok {
		return nil, fmt.Errorf("found reserved mask token at unexpected location in `vocabulary`: the word %d is empty. Either remove all mask and OOV tokens, "+
			"or include them only at the start of the vocabulary in precisely this order: %q", at+len(words)-len(own), special)
	}
	return v, v.weigh(&c.vocabularyConfig, idf, len(words), len(special), found)
}

// fileVocabulary takes the lines of a file as they are, as Keras does.
func (c *textVectorizationConfig) fileVocabulary(lines []string) (*termList[string], error) {
	if c.OutputMode == TFIDF {
		return nil, fmt.Errorf("output_mode `'tf_idf'` does not support loading a vocabulary from file")
	}
	v := newTermList(lines)
	if len(v.index) < len(lines) {
		return nil, fmt.Errorf("the vocabulary file has at least one repeated term: %s", quoted(repeated(lines)))
	}
	return v, nil
}

// quoted lists words.
func quoted(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = fmt.Sprintf("%.40q", w)
	}
	return strings.Join(list, ", ")
}

// counter counts words.
type counter struct {
	tokenizer *tokenizer
	words     map[string]*termCount
	rows      int
}

// add counts the words of texts.
func (c *counter) add(t *symbolic.Texts) error {
	rows, _, err := c.tokenizer.rows(t)
	if err != nil {
		return err
	}
	var parts []map[string]*termCount
	start := func() func(int, *tokens) {
		part := map[string]*termCount{}
		parts = append(parts, part)
		return func(row int, of *tokens) {
			c.tokenizer.eachGram(of, func(gram []byte) {
				w := part[string(gram)] // no string is made for this
				if w == nil {
					w = countOf(part, string(gram))
				}
				w.in(row)
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

// learn makes the vocabulary of what was counted.
func (c *textVectorizationConfig) learn(counts *counter) *termList[string] {
	delete(counts.words, maskToken)
	delete(counts.words, oovToken)
	return learnt(&c.vocabularyConfig, counts.words, counts.rows, len(c.special()))
}

// linesOf is a vocabulary as a file has it: a word in each line, the special ones first.
func linesOf(special, own []string) ([]byte, error) {
	for _, w := range own {
		if strings.ContainsAny(w, "\r\n") {
			return nil, fmt.Errorf("the word %.40q holds the end of a line, which the file of a vocabulary can't: give the vocabulary as an argument, or leave such words out", w)
		}
	}
	return []byte(strings.Join(slices.Concat(special, own), "\n")), nil
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
