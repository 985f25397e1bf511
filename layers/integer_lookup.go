package layers

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// IntegerLookupLayer is Keras's IntegerLookup: whole numbers become their places in a vocabulary, or one number for each of the vocabulary; with Invert places become
// numbers. It runs on the host, before the compiled program.
type IntegerLookupLayer struct {
	indexLookup[*IntegerLookupLayer, int64]
	cfg integerLookupConfig
}

type integerLookupConfig struct {
	indexLookupConfig
	OovToken        *int64            `keras:"oov_token" default:"-1"`
	MaskToken       *int64            `keras:"mask_token"`
	Vocabulary      integerVocabulary `keras:"vocabulary"`
	VocabularyDType string            `keras:"vocabulary_dtype" default:"int64"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return IntegerLookup() }) }

// IntegerLookup returns a layer that gives each whole number its place in a vocabulary, and 0 to those that aren't in it (Keras: IntegerLookup()). The vocabulary is given,
// or learnt by Adapt.
func IntegerLookup() *IntegerLookupLayer {
	l := &IntegerLookupLayer{}
	l.common, l.terms = &l.cfg.indexLookupConfig, &l.cfg
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// integerVocabulary is the argument vocabulary of IntegerLookup.
type integerVocabulary struct {
	terms []int64
	file  bool // the terms are those of a file, which files of models don't have
}

// set takes a []int or []int64, or the path of a text file with one number in each line, which is read now; nil takes it back.
func (a *integerVocabulary) set(vocabulary any) error {
	*a = integerVocabulary{}
	switch v := vocabulary.(type) {
	case nil:
		return nil
	case []int:
		a.terms = make([]int64, len(v))
		for i, n := range v {
			a.terms[i] = int64(n)
		}
		return nil
	case []int64:
		a.terms = append([]int64{}, v...)
		return nil
	case string:
		lines, err := readVocabulary(v)
		if err != nil {
			return err
		}
		a.file, a.terms = true, make([]int64, len(lines))
		for i, line := range lines {
			if a.terms[i], err = strconv.ParseInt(line, 10, 64); err != nil {
				return fmt.Errorf("the vocabulary file %s: line %d is %.40q, want a whole number", v, i+1, line)
			}
		}
		return nil
	}
	return fmt.Errorf("got a %T, want a []int or the path of a text file with one number in each line", vocabulary)
}

// EncodeKeras writes the numbers; those that came from a file go among the assets.
func (a *integerVocabulary) EncodeKeras() (any, error) {
	if a.terms == nil || a.file {
		return nil, nil
	}
	list := make([]any, len(a.terms))
	for i, n := range a.terms {
		list[i] = int(n)
	}
	return list, nil
}

// DecodeKeras reads a list of numbers, or null.
func (a *integerVocabulary) DecodeKeras(v any) error {
	list, isList := v.([]any)
	switch path, isPath := v.(string); {
	case isPath:
		return (&vocabularyArgument{}).DecodeKeras(path)
	case !isList:
		return a.set(v)
	}
	terms := make([]int64, len(list))
	for i, e := range list {
		n, ok := config.AsInt(e)
		if terms[i] = int64(n); !ok {
			return fmt.Errorf("[%d]: got %v, want a whole number", i, e)
		}
	}
	return a.set(terms)
}

// KerasConfig returns the layer's configuration.
func (l *IntegerLookupLayer) KerasConfig() any {
	if l.terms != nil && l.BaseLayer.Name() != "" {
		l.noteSize()
	}
	return &l.cfg
}

// Validate reports arguments that Keras rejects.
func (c *integerLookupConfig) Validate() error {
	switch {
	case c.VocabularyDType != "int64":
		return fmt.Errorf("only `vocabulary_dtype='int64'` is supported at this time: received vocabulary_dtype=%s", c.VocabularyDType)
	case c.Salt != nil && c.OovMethod != "farmhash":
		return fmt.Errorf("`salt` can only be used when `oov_method='farmhash'`: received oov_method=%s", c.OovMethod)
	}
	l := &indexLookup[*IntegerLookupLayer, int64]{common: &c.indexLookupConfig, terms: c}
	return l.check()
}

// Infer keeps the shape, or puts the vocabulary into it.
func (l *IntegerLookupLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	specs, err := l.infer(in)
	if err == nil && in.First()[0].DType == symbolic.Text {
		err = fmt.Errorf("the layer takes whole numbers, got texts: StringLookup takes those")
	}
	return specs, err
}

// VocabularySize is the number of terms, the special ones included (Keras: vocabulary_size).
func (l *IntegerLookupLayer) VocabularySize() int { return l.fullSize() }

// SetVocabulary gives the layer a vocabulary in place of the one it has, with or without the special numbers in front (Keras: set_vocabulary): a []int or []int64, or the
// path of a text file with one number in each line. The output mode tf_idf needs the weight of each.
func (l *IntegerLookupLayer) SetVocabulary(vocabulary any, idfWeights ...float64) error {
	var given integerVocabulary
	if err := given.set(vocabulary); err != nil {
		return fmt.Errorf("setting the vocabulary of layer %q: %w", l.BaseLayer.Name(), err)
	}
	return l.setVocabulary(given.terms, given.file, idfWeights)
}

func (c *integerLookupConfig) mask() *int64           { return c.MaskToken }
func (c *integerLookupConfig) oov() *int64            { return c.OovToken }
func (c *integerLookupConfig) given() ([]int64, bool) { return c.Vocabulary.terms, c.Vocabulary.file }

func (c *integerLookupConfig) read(v symbolic.HostValue) ([]int64, []int, error) {
	return wholeNumbers(v)
}

func (c *integerLookupConfig) make(flat []int64, dims []int) symbolic.HostValue {
	return tensors.FromFlatDataAndDimensions(slices.Clone(flat), dims...)
}

func (c *integerLookupConfig) bucket(term int64, buckets int) int64 {
	if c.OovMethod == "farmhash" {
		return c.Salt.bucket(textOf(term), buckets)
	}
	n := int64(buckets)
	return ((term % n) + n) % n
}

func (c *integerLookupConfig) write(term int64) (string, error) { return textOf(term), nil }

func (c *integerLookupConfig) parse(line string) (int64, error) {
	n, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("got %.40q, want a whole number", line)
	}
	return n, nil
}
