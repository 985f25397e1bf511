package layers

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// TextVectorizationLayer is Keras's TextVectorization: texts become the numbers of their words in a vocabulary, or one number for each word of the vocabulary. It runs
// on the host, before the compiled program. Texts are Go's, in UTF-8, whatever the argument encoding says.
type TextVectorizationLayer struct {
	layer[*TextVectorizationLayer]
	symbolic.OnHost
	cfg    textVectorizationConfig
	known  atomic.Pointer[termList[string]] // nil before there is one
	size   int                              // of the output as a file says, 0 if it doesn't
	lookup *lookupLayer
}

type textVectorizationConfig struct {
	symbolic.LayerConfig
	vocabularyConfig
	Standardize          standardization    `keras:"standardize" default:"lower_and_strip_punctuation"`
	Split                splitting          `keras:"split" default:"whitespace"`
	Ngrams               ngramWidths        `keras:"ngrams"`
	OutputSequenceLength *int               `keras:"output_sequence_length"`
	Vocabulary           vocabularyArgument `keras:"vocabulary"`
	IdfWeights           []float64          `keras:"idf_weights"`
	Sparse               bool               `keras:"sparse"`
	Ragged               bool               `keras:"ragged"`
	Encoding             string             `keras:"encoding" default:"utf-8"`
	VocabularySize       *int               `keras:"vocabulary_size"`
}

// OutputMode is the form in which a layer gives categories: [Int], [OneHot], [MultiHot], [Count] or [TFIDF].
type OutputMode string

// The output modes.
const (
	Int      = "int"
	OneHot   = "one_hot"
	MultiHot = "multi_hot"
	Count    = "count"
	TFIDF    = "tf_idf"
)

func (m OutputMode) check() error {
	switch m {
	case Int, OneHot, MultiHot, Count, TFIDF:
		return nil
	}
	return config.UnknownName("output_mode", string(m), []string{"int", "one_hot", "multi_hot", "count", "tf_idf"})
}

// DecodeKeras reads a mode, those of older files too.
func (m *OutputMode) DecodeKeras(v any) error {
	name, ok := v.(string)
	if !ok {
		return fmt.Errorf("got %v, want a string", v)
	}
	switch name {
	case "binary":
		name = "multi_hot"
	case "tf-idf":
		name = "tf_idf"
	}
	*m = OutputMode(name)
	return m.check()
}

// EncodeKeras writes the mode.
func (m *OutputMode) EncodeKeras() (any, error) { return string(*m), nil }

func init() { symbolic.RegisterLayer(func() symbolic.Layer { return TextVectorization() }) }

// TextVectorization returns a layer that splits texts into words and gives each its number (Keras: TextVectorization()). [TextVectorizationLayer.Adapt]
// learns which words there are.
func TextVectorization() *TextVectorizationLayer {
	l := &TextVectorizationLayer{}
	l.init(l, &l.cfg.LayerConfig)
	return l
}

// KerasConfig returns the layer's configuration. Without a vocabulary its size is the one that was read: later layers were made for it, and Keras, which
// writes the number of the special words then, can't read that back.
func (l *TextVectorizationLayer) KerasConfig() any {
	size := l.VocabularySize()
	if v, err := l.vocabulary(); v == nil && err == nil && l.size > 0 {
		size = l.size
	}
	l.cfg.VocabularySize = &size
	return &l.cfg
}

// FinishDecoding takes over what a configuration that was read into the layer says.
func (l *TextVectorizationLayer) FinishDecoding() {
	// Of a layer that knows no words yet Keras writes the number of the special ones, and then can't adapt what it reads back.
	if size := l.cfg.VocabularySize; size != nil && *size > len(l.cfg.special()) && *size <= maxVocabulary {
		l.size = *size
	}
}

// TakesTexts says that the inputs are texts.
func (l *TextVectorizationLayer) TakesTexts() {}

// SamplesAlone reports whether a sample's numbers, and how many they are, follow from that sample alone.
func (l *TextVectorizationLayer) SamplesAlone() bool {
	return l.cfg.OutputMode != Int || l.cfg.OutputSequenceLength != nil || l.cfg.Split.none()
}

// Validate reports arguments that Keras rejects.
func (c *textVectorizationConfig) Validate() error {
	switch {
	case c.Sparse:
		return fmt.Errorf("`sparse=True` can only be used with the TensorFlow backend")
	case c.Ragged:
		return fmt.Errorf("`ragged=True` can only be used with the TensorFlow backend")
	case c.OutputMode != Int && c.OutputSequenceLength != nil:
		return fmt.Errorf("`output_sequence_length` must not be set if `output_mode` is not 'int': received output_sequence_length=%d", *c.OutputSequenceLength)
	case c.OutputSequenceLength != nil && (*c.OutputSequenceLength < 0 || *c.OutputSequenceLength > maxVocabulary):
		return fmt.Errorf("`output_sequence_length` must be between 0 and %d: received %d", maxVocabulary, *c.OutputSequenceLength)
	}
	if err := c.checkSize(); err != nil {
		return err
	}
	if c.IdfWeights != nil && c.OutputMode != TFIDF {
		return fmt.Errorf("`idf_weights` should only be set if `output_mode` is `'tf_idf'`: received output_mode=%s", c.OutputMode)
	}
	if !c.Vocabulary.given() {
		return nil
	}
	if c.OutputMode == TFIDF && c.IdfWeights == nil {
		return fmt.Errorf("when specifying the `vocabulary` argument, in TF-IDF output mode, the `idf_weights` argument must also be provided")
	}
	_, err := c.givenVocabulary()
	return err
}

// givenVocabulary is that of the arguments.
func (c *textVectorizationConfig) givenVocabulary() (*termList[string], error) {
	if c.Vocabulary.file != nil {
		return c.fileVocabulary(c.Vocabulary.file)
	}
	var idf []float32
	for _, w := range c.IdfWeights {
		idf = append(idf, float32(w))
	}
	return c.vocabularyOf(c.Vocabulary.words, idf)
}

// vocabulary is what the layer knows, nil for nothing.
func (l *TextVectorizationLayer) vocabulary() (*termList[string], error) {
	if v := l.known.Load(); v != nil || !l.cfg.Vocabulary.given() {
		return v, nil
	}
	if err := l.cfg.Validate(); err != nil {
		return nil, err
	}
	v, err := l.cfg.givenVocabulary()
	if err != nil {
		return nil, err
	}
	l.known.CompareAndSwap(nil, v)
	return l.known.Load(), nil
}

// width is the output's last axis in other modes than int, None before that is known.
func (l *TextVectorizationLayer) width() (int, error) {
	if l.cfg.PadToMaxTokens {
		return *l.cfg.MaxTokens, nil
	}
	v, err := l.vocabulary()
	switch {
	case err != nil:
		return 0, err
	case v != nil:
		return len(l.cfg.special()) + len(v.own), nil
	case l.size > 0:
		return l.size, nil
	}
	return symbolic.None, nil
}

// Infer replaces the texts by their words' numbers. Of a column of texts that are split Keras counts an axis too many, and so does this.
func (l *TextVectorizationLayer) Infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := in.One()
	if err != nil {
		return nil, err
	}
	if err := minRank(x.Shape, 1); err != nil {
		return nil, err
	}
	if _, err := l.vocabulary(); err != nil {
		return nil, err
	}
	if l.cfg.OutputMode == Int {
		length := symbolic.None
		if l.cfg.OutputSequenceLength != nil {
			length = *l.cfg.OutputSequenceLength
		}
		return []symbolic.Spec{{Shape: symbolic.Shape{x.Shape[0], length}, DType: "int64"}}, nil
	}
	shape := x.Shape.Clone()
	switch {
	case !l.cfg.Split.none():
		shape = append(shape, symbolic.None)
	case len(shape) == 1:
		shape = append(shape, 1)
	}
	width, err := l.width()
	if err != nil {
		return nil, err
	}
	if last := len(shape) - 1; l.cfg.OutputMode != OneHot || shape[last] == 1 {
		shape = shape[:last]
	}
	return []symbolic.Spec{{Shape: append(shape, width), DType: promisedCounts}}, nil
}

// Declare makes the vocabulary a layer of its own, as it is in Keras's files.
func (l *TextVectorizationLayer) Declare(b *symbolic.Builder, in *symbolic.Inputs) error {
	l.lookup = newLookupLayer(l)
	b.Track("_lookup_layer", l.lookup, in.First()[0])
	return nil
}

// ready returns what the layer knows, an error if that isn't enough to compute.
func (l *TextVectorizationLayer) ready() (*termList[string], error) {
	if err := l.Err(); err != nil {
		return nil, err
	}
	if err := l.cfg.Validate(); err != nil {
		return nil, err
	}
	v, err := l.vocabulary()
	if err == nil && v == nil {
		err = fmt.Errorf("you must set the layer's vocabulary before calling it: either pass a `vocabulary` argument to the layer, or call Adapt with some sample data")
	}
	return v, err
}

// HostCall returns the function from texts to their words' numbers.
func (l *TextVectorizationLayer) HostCall() (symbolic.HostFunc, error) {
	v, err := l.ready()
	if err != nil {
		return nil, err
	}
	vectorizer := &vectorizer{c: &l.cfg, tokenizer: newTokenizer(&l.cfg), vocabulary: v}
	return func(inputs []symbolic.HostValue) ([]symbolic.HostValue, error) {
		texts, err := symbolic.ReadTexts("input", inputs[0])
		if err != nil {
			return nil, err
		}
		out, err := vectorizer.run(texts)
		return []symbolic.HostValue{out}, err
	}, nil
}

// Vectorize returns the words' numbers of texts: Go strings in slices or arrays, or *symbolic.Texts (Keras: layer(texts)).
func (l *TextVectorizationLayer) Vectorize(data any) (*tensors.Tensor, error) {
	fail := func(err error) (*tensors.Tensor, error) {
		return nil, fmt.Errorf("layer %q: %w", l.BaseLayer.Name(), err)
	}
	call, err := l.HostCall()
	if err != nil {
		return fail(err)
	}
	texts, err := symbolic.ReadTexts("texts", data)
	if err != nil {
		return fail(err)
	}
	var out []symbolic.HostValue
	err = catch.Panic(func() error {
		out, err = call([]symbolic.HostValue{texts})
		return err
	})
	if err != nil {
		return fail(err)
	}
	return out[0].(*tensors.Tensor), nil
}

// Adapt learns the vocabulary from texts, and forgets the one before: the words by how often they are there (Keras: adapt). data is an array of texts, or
// batches of such: a list ([]any) or an iterator (iter.Seq or, with an error, iter.Seq2). For the output mode tf_idf it counts in how many texts a word is, too.
func (l *TextVectorizationLayer) Adapt(data any) error {
	return adapting(&l.BaseLayer, func() error { return l.adapt(data) })
}

func (l *TextVectorizationLayer) adapt(data any) error {
	if err := l.Err(); err != nil {
		return err
	}
	if err := l.cfg.Validate(); err != nil {
		return err
	}
	if l.cfg.Vocabulary.given() {
		return fmt.Errorf("cannot adapt layer after setting a static vocabulary via `vocabulary` argument")
	}
	counts := &counter{tokenizer: newTokenizer(&l.cfg), words: map[string]*termCount{}}
	batches, array := symbolic.HostBatches(data)
	for batch, err := range batches {
		if err != nil {
			return err
		}
		texts, err := symbolic.ReadTexts("data", batch)
		if err != nil {
			return err
		}
		if array && len(texts.Dims) == 1 { // each a text by itself, even where it isn't split
			texts = &symbolic.Texts{Flat: texts.Flat, Dims: []int{len(texts.Flat), 1}}
		}
		if err := counts.add(texts); err != nil {
			return err
		}
	}
	learnt := l.cfg.learn(counts)
	if len(counts.words) == 0 {
		return fmt.Errorf("the data has no words to learn")
	}
	return l.take(learnt)
}

// SetVocabulary gives the layer a vocabulary in place of the one it has, with or without the special words in front (Keras: set_vocabulary): a []string, or the
// path of a text file with one word in each line. The output mode tf_idf needs the weight of each word.
func (l *TextVectorizationLayer) SetVocabulary(vocabulary any, idfWeights ...float64) error {
	fail := func(err error) error {
		return fmt.Errorf("setting the vocabulary of layer %q: %w", l.BaseLayer.Name(), err)
	}
	given := l.cfg
	if err := given.Vocabulary.set(vocabulary); err != nil {
		return fail(err)
	}
	given.IdfWeights = idfWeights
	v, err := given.givenVocabulary()
	if err == nil {
		err = l.take(v)
	}
	if err != nil {
		return fail(err)
	}
	return nil
}

// take makes v what the layer knows.
func (l *TextVectorizationLayer) take(v *termList[string]) error {
	if err := l.fits(v); err != nil {
		return err
	}
	l.known.Store(v)
	return nil
}

// fits refuses a vocabulary of another size where later layers were made for the one before.
func (l *TextVectorizationLayer) fits(v *termList[string]) error {
	return l.cfg.keepsSize(len(l.cfg.special())+len(v.own), l.width)
}

// GetVocabulary returns the words in order, the special ones first: the number of a word is its place (Keras: get_vocabulary).
func (l *TextVectorizationLayer) GetVocabulary() []string {
	return append(l.cfg.special(), l.Words()...)
}

// Words returns the words in order, without the special ones (Keras: get_vocabulary(include_special_tokens=False)).
func (l *TextVectorizationLayer) Words() []string {
	v, err := l.vocabulary()
	if v == nil || err != nil {
		return nil
	}
	return append([]string{}, v.own...)
}

// VocabularySize is the number of words, the special ones included (Keras: vocabulary_size).
func (l *TextVectorizationLayer) VocabularySize() int {
	size := len(l.cfg.special())
	if v, err := l.vocabulary(); v != nil && err == nil {
		size += len(v.own)
	}
	return size
}

// Keep returns the weights of words, and the file of the vocabulary where the configuration doesn't have it.
func (l *TextVectorizationLayer) Keep() (*symbolic.Kept, error) {
	kept := &symbolic.Kept{}
	v, err := l.vocabulary()
	if err != nil {
		return nil, err
	}
	if v == nil {
		v = newTermList[string](nil)
	}
	if err := v.keepWeights(&l.cfg.vocabularyConfig, kept); err != nil {
		return nil, err
	}
	if l.cfg.Vocabulary.words == nil {
		file, err := linesOf(l.cfg.special(), v.own)
		if err != nil {
			return nil, err
		}
		kept.Files = map[string][]byte{vocabularyFile: file}
	}
	return kept, nil
}

// Restore reads what Keep returned.
func (l *TextVectorizationLayer) Restore(kept *symbolic.Kept) (commit func(), err error) {
	v, err := l.vocabulary()
	if err != nil {
		return nil, err
	}
	idf, err := l.cfg.keptWeights(kept)
	if err != nil {
		return nil, err
	}
	switch file, there := kept.Files[vocabularyFile]; {
	case l.cfg.Vocabulary.words == nil && kept.Files != nil && !there:
		return nil, fmt.Errorf("the archive has no file %s of it", vocabularyFile)
	case l.cfg.Vocabulary.words == nil && kept.Files != nil:
		words, err := wordsOfFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", vocabularyFile, err)
		}
		if slices.Equal(words, l.cfg.special()) { // nothing was learnt
			return func() {}, nil
		}
		if v, err = l.cfg.vocabularyOf(words, idf); err != nil {
			return nil, fmt.Errorf("%s: %w", vocabularyFile, err)
		}
	default:
		if v, err = v.reweighed(idf); err != nil {
			return nil, err
		}
	}
	if v == nil {
		return func() {}, nil
	}
	if err := l.fits(v); err != nil {
		return nil, err
	}
	return func() { l.known.Store(v) }, nil
}

// lookupLayer stands for the StringLookup that Keras's TextVectorization has inside, and that its files have, too.
type lookupLayer struct {
	layer[*lookupLayer]
	symbolic.OnHost
	cfg symbolic.LayerConfig
	of  *TextVectorizationLayer
}

func newLookupLayer(of *TextVectorizationLayer) *lookupLayer {
	l := &lookupLayer{of: of}
	l.init(l, &l.cfg)
	return l
}

// KerasClass names Keras's StringLookup.
func (l *lookupLayer) KerasClass() symbolic.Class { return keras("StringLookup") }

// KerasConfig returns what every layer has; files hold none of it.
func (l *lookupLayer) KerasConfig() any { return &l.cfg }

// HostCall is that of the layer around it.
func (l *lookupLayer) HostCall() (symbolic.HostFunc, error) { return l.of.HostCall() }

// Keep returns what the layer around it keeps.
func (l *lookupLayer) Keep() (*symbolic.Kept, error) { return l.of.Keep() }

// Restore leaves that to the layer around it.
func (l *lookupLayer) Restore(*symbolic.Kept) (func(), error) { return func() {}, nil }
