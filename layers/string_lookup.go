package layers

import (
	"fmt"
	"strings"

	"github.com/gokeras/gokeras/symbolic"
)

// StringLookupLayer is Keras's StringLookup: texts become their places in a vocabulary, or one number for each text of the vocabulary; with Invert places become texts.
// It runs on the host, before the compiled program. Texts are Go's, in UTF-8, whatever the argument encoding says.
type StringLookupLayer struct {
	indexLookup[*StringLookupLayer, string]
	cfg stringLookupConfig
}

type stringLookupConfig struct {
	indexLookupConfig
	OovToken   *string            `keras:"oov_token" default:"[UNK]"`
	MaskToken  *string            `keras:"mask_token"`
	Vocabulary vocabularyArgument `keras:"vocabulary"`
	Encoding   string             `keras:"encoding" default:"utf-8"`
}

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return StringLookup() }) }

// StringLookup returns a layer that gives each text its place in a vocabulary, and 0 to those that aren't in it (Keras: StringLookup()). The vocabulary is given, or learnt
// by Adapt.
func StringLookup() *StringLookupLayer {
	l := &StringLookupLayer{}
	l.common, l.terms = &l.cfg.indexLookupConfig, &l.cfg
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// KerasConfig returns the layer's configuration.
func (l *StringLookupLayer) KerasConfig() any {
	if l.terms != nil && l.BaseLayer.Name() != "" {
		l.noteSize()
	}
	return &l.cfg
}

// Validate reports arguments that Keras rejects.
func (c *stringLookupConfig) Validate() error {
	l := &indexLookup[*StringLookupLayer, string]{common: &c.indexLookupConfig, terms: c}
	return l.check()
}

// Infer keeps the shape, or puts the vocabulary into it.
func (l *StringLookupLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	specs, err := l.infer(in)
	if err != nil {
		return nil, err
	}
	switch text := in.First()[0].DType == symbolic.Text; {
	case l.cfg.Invert && text:
		return nil, fmt.Errorf("with invert the layer takes whole numbers, got texts")
	case !l.cfg.Invert && !text:
		return nil, fmt.Errorf("the layer takes texts, got an input of type %s: want one made with InputWith(InputOptions{DType: %q})", in.First()[0].DType, symbolic.Text)
	case l.cfg.Invert:
		specs[0].DType = symbolic.Text
	}
	return specs, nil
}

// Decode returns the texts at places in the vocabulary, of a layer with Invert, without a model (Keras: layer(inputs)).
func (l *StringLookupLayer) Decode(indices any) (*symbolic.Texts, error) {
	out, err := encodeOnHost(l, indices)
	if err != nil {
		return nil, err
	}
	texts, ok := out.(*symbolic.Texts)
	if !ok {
		return nil, fmt.Errorf("layer %q makes numbers of texts: call Encode, or make one with Invert(true)", l.BaseLayer.Name())
	}
	return texts, nil
}

// VocabularySize is the number of terms, the special ones included (Keras: vocabulary_size).
func (l *StringLookupLayer) VocabularySize() int { return l.fullSize() }

// SetVocabulary gives the layer a vocabulary in place of the one it has, with or without the special words in front (Keras: set_vocabulary): a []string, or the
// path of a text file with one word in each line. The output mode tf_idf needs the weight of each word.
func (l *StringLookupLayer) SetVocabulary(vocabulary any, idfWeights ...float64) error {
	var given vocabularyArgument
	if err := given.set(vocabulary); err != nil {
		return fmt.Errorf("setting the vocabulary of layer %q: %w", l.BaseLayer.Name(), err)
	}
	if given.file != nil {
		return l.setVocabulary(given.file, true, idfWeights)
	}
	return l.setVocabulary(given.words, false, idfWeights)
}

func (c *stringLookupConfig) mask() *string { return c.MaskToken }
func (c *stringLookupConfig) oov() *string  { return c.OovToken }

func (c *stringLookupConfig) given() ([]string, bool) {
	if c.Vocabulary.file != nil {
		return c.Vocabulary.file, true
	}
	return c.Vocabulary.words, false
}

func (c *stringLookupConfig) read(v symbolic.HostValue) ([]string, []int, error) {
	texts, ok := v.(*symbolic.Texts)
	if !ok {
		return nil, nil, fmt.Errorf("got numbers, want texts")
	}
	return texts.Flat, texts.Dims, nil
}

func (c *stringLookupConfig) make(flat []string, dims []int) symbolic.HostValue {
	return &symbolic.Texts{Flat: flat, Dims: dims}
}

func (c *stringLookupConfig) bucket(term string, buckets int) int64 {
	return c.Salt.bucket(term, buckets)
}

func (c *stringLookupConfig) write(term string) (string, error) {
	if strings.ContainsAny(term, "\r\n") {
		return "", fmt.Errorf("the word %.40q holds the end of a line, which the file of a vocabulary can't: give the vocabulary as an argument, or leave such words out", term)
	}
	return term, nil
}

func (c *stringLookupConfig) parse(line string) (string, error) { return line, nil }

func joinLines(lines []string) []byte { return []byte(strings.Join(lines, "\n")) }
