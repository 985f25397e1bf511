package layers

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// indexLookup is what StringLookup and IntegerLookup have in common: terms become their places in a vocabulary, or the other way round.
type indexLookup[L symbolic.Layer, T cmp.Ordered] struct {
	layer[L]
	symbolic.OnHost
	sampleWise
	common *indexLookupConfig
	terms  termsOf[T]
	known  atomic.Pointer[termList[T]] // nil before there is one
}

type indexLookupConfig struct {
	symbolic.LayerConfig
	vocabularyConfig
	NumOovIndices  int       `keras:"num_oov_indices" default:"1"`
	IdfWeights     []float64 `keras:"idf_weights"`
	Invert         bool      `keras:"invert"`
	Sparse         bool      `keras:"sparse"`
	OovMethod      oovMethod `keras:"oov_method" default:"floormod"`
	Salt           salt      `keras:"salt"`
	VocabularySize *int      `keras:"vocabulary_size"`
	// HasInputVocabulary is an argument of Keras's that files don't hold.
	HasInputVocabulary bool `keras:"has_input_vocabulary,unsaved"`
}

// oovMethod is how numbers that aren't in the vocabulary are spread over their indices.
type oovMethod string

var oovMethods = []string{"floormod", "farmhash"}

// set takes one of Keras's names.
func (m *oovMethod) set(method string) error {
	*m = oovMethod(method)
	return m.check()
}

func (m oovMethod) check() error {
	if slices.Contains(oovMethods, string(m)) {
		return nil
	}
	return config.UnknownName("oov_method", string(m), oovMethods)
}

// termsOf is what terms of one type have of their own.
type termsOf[T cmp.Ordered] interface {
	// mask and oov are the terms that stand for no term and for one that isn't in the vocabulary, nil for none.
	mask() *T
	oov() *T
	// given are the terms of the argument vocabulary, nil for none; fromFile says that they aren't written with the configuration.
	given() (terms []T, fromFile bool)
	// read returns the terms in data on the host.
	read(v symbolic.HostValue) (flat []T, dims []int, err error)
	// make puts terms into an array.
	make(flat []T, dims []int) symbolic.HostValue
	// bucket is the index among so many of a term that isn't in the vocabulary.
	bucket(term T, buckets int) int64
	// write and parse are a term in a line of a file.
	write(term T) (string, error)
	parse(line string) (T, error)
}

// BuildArguments says that files keep no shapes of the layer.
func (l *indexLookup[L, T]) BuildArguments() string { return "" }

// Validate reports arguments that Keras rejects.
func (c *indexLookupConfig) validate() error {
	if err := c.checkSize(); err != nil {
		return err
	}
	switch {
	case c.NumOovIndices < 0 || c.NumOovIndices > maxVocabulary:
		return fmt.Errorf("`num_oov_indices` must be greater than or equal to 0, and at most %d: received num_oov_indices=%d", maxVocabulary, c.NumOovIndices)
	case c.Sparse:
		return fmt.Errorf("`sparse=True` can only be used with the TensorFlow backend")
	case c.Invert && c.OutputMode != Int:
		return fmt.Errorf("`output_mode` must be `'int'` when `invert` is true: received output_mode=%s", c.OutputMode)
	case c.IdfWeights != nil && c.OutputMode != TFIDF:
		return fmt.Errorf("`idf_weights` should only be set if `output_mode` is `'tf_idf'`: received output_mode=%s", c.OutputMode)
	}
	if err := c.OovMethod.check(); err != nil {
		return err
	}
	return c.OutputMode.check()
}

// check is Validate with the vocabulary.
func (l *indexLookup[L, T]) check() error {
	if err := l.common.validate(); err != nil {
		return err
	}
	if l.common.Invert && l.terms.oov() == nil {
		return fmt.Errorf("with invert, want an oov_token, which stands for indices that have no term")
	}
	terms, fromFile := l.terms.given()
	if terms == nil {
		return nil
	}
	if l.common.OutputMode == TFIDF && l.common.IdfWeights == nil {
		return fmt.Errorf("when specifying the `vocabulary` argument, in TF-IDF output mode, the `idf_weights` argument must also be provided")
	}
	_, err := l.listOf(terms, fromFile, l.common.IdfWeights)
	return err
}

// starts are the first index of terms that aren't in the vocabulary, and of those that are.
func (l *indexLookup[L, T]) starts() (oov, own int) {
	if l.terms.mask() != nil && l.common.OutputMode == Int {
		oov = 1
	}
	return oov, oov + l.common.NumOovIndices
}

// startsWithSpecial reports whether terms begin with those that stand for others.
func (l *indexLookup[L, T]) startsWithSpecial(terms []T) bool {
	oovStart, start := l.starts()
	if len(terms) < start {
		return false
	}
	for i, term := range terms[:start] {
		want := l.terms.oov()
		if i < oovStart {
			want = l.terms.mask()
		}
		if want == nil || term != *want {
			return false
		}
	}
	return true
}

// listOf checks what was given as a vocabulary, with or without the special terms, and its weights.
func (l *indexLookup[L, T]) listOf(terms []T, fromFile bool, weights []float64) (*termList[T], error) {
	c := l.common
	_, start := l.starts()
	if c.OutputMode == TFIDF && fromFile {
		return nil, fmt.Errorf("output_mode `'tf_idf'` does not support loading a vocabulary from file")
	}
	if err := c.checkGiven(len(terms), weights != nil); err != nil {
		return nil, err
	}
	own := terms
	special := !fromFile && l.startsWithSpecial(terms)
	if special {
		own = terms[start:]
	}
	v := newTermList(own)
	if len(v.index) < len(own) {
		return nil, fmt.Errorf("the passed vocabulary has at least one repeated term: please uniquify your dataset; the repeated terms are: %v", repeated(own))
	}
	if fromFile {
		return v, nil
	}
	reserved := map[string]*T{"mask": l.terms.mask()}
	if c.Invert {
		reserved["OOV"] = l.terms.oov()
	}
	for name, term := range reserved {
		if term == nil {
			continue
		}
		if at, ok := v.index[*term]; ok {
			return nil, fmt.Errorf("found reserved %s token at unexpected location in `vocabulary`: the term %d is %v. Either remove all mask and OOV tokens, "+
				"or include them only at the start of the vocabulary", name, at+len(terms)-len(own), *term)
		}
	}
	var idf []float32
	if weights != nil {
		idf = toFloat32(weights)
	}
	return v, v.weigh(&c.vocabularyConfig, idf, len(terms), start, special)
}

// vocabulary is what the layer knows, nil for nothing.
func (l *indexLookup[L, T]) vocabulary() (*termList[T], error) {
	terms, fromFile := l.terms.given()
	if v := l.known.Load(); v != nil || terms == nil {
		return v, nil
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	v, err := l.listOf(terms, fromFile, l.common.IdfWeights)
	if err != nil {
		return nil, err
	}
	l.known.CompareAndSwap(nil, v)
	return l.known.Load(), nil
}

// size is the number of terms, None before it is known.
func (l *indexLookup[L, T]) size() (int, error) {
	v, err := l.vocabulary()
	switch {
	case err != nil:
		return 0, err
	case v != nil:
		_, start := l.starts()
		return start + len(v.own), nil
	case l.common.VocabularySize != nil && *l.common.VocabularySize > 0 && *l.common.VocabularySize <= maxVocabulary:
		return *l.common.VocabularySize, nil
	}
	return symbolic.None, nil
}

// noteSize is the size of the vocabulary as files have it.
func (l *indexLookup[L, T]) noteSize() {
	if size, err := l.size(); err == nil && size != symbolic.None {
		l.common.VocabularySize = &size
	}
}

// depth is the output's last axis in other modes than int, None before that is known.
func (l *indexLookup[L, T]) depth() (int, error) {
	if l.common.PadToMaxTokens {
		return *l.common.MaxTokens, nil
	}
	return l.size()
}

// infer is the output of an input.
func (l *indexLookup[L, T]) infer(in *symbolic.Inputs) ([]symbolic.Spec, error) {
	x, err := one(in)
	if err != nil {
		return nil, err
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	if l.common.OutputMode == Int {
		return []symbolic.Spec{{Shape: x, DType: "int64"}}, nil
	}
	if err := minRank(x, 1); err != nil {
		return nil, err
	}
	depth, err := l.depth()
	if err != nil {
		return nil, err
	}
	if l.common.OutputMode == OneHot {
		x = withoutLastOne(x)
	} else {
		x = x[:len(x)-1]
	}
	return []symbolic.Spec{{Shape: append(x, depth), DType: promisedCounts}}, nil
}

// promisedCounts is the type that symbolic tensors of categories that are counted have, in Keras's files, too. What is computed are whole numbers.
const promisedCounts = "float32"

// HostCall returns the function from terms to indices, or from indices to terms.
func (l *indexLookup[L, T]) HostCall() (symbolic.HostFunc, error) {
	if err := l.Err(); err != nil {
		return nil, err
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	v, err := l.vocabulary()
	if err == nil && v == nil {
		err = fmt.Errorf("you must set the layer's vocabulary before calling it: either pass a `vocabulary` argument to the layer, or call Adapt with some sample data")
	}
	if err != nil {
		return nil, err
	}
	return func(inputs []symbolic.HostValue) ([]symbolic.HostValue, error) {
		if l.common.Invert {
			out, err := l.termsAt(v, inputs[0])
			return []symbolic.HostValue{out}, err
		}
		terms, dims, err := l.terms.read(inputs[0])
		if err != nil {
			return nil, err
		}
		indices, err := l.indices(v, terms)
		if err != nil {
			return nil, err
		}
		out, err := l.encode(v, indices, dims)
		return []symbolic.HostValue{out}, err
	}, nil
}

// indices are the places of terms in a vocabulary.
func (l *indexLookup[L, T]) indices(v *termList[T], terms []T) ([]int64, error) {
	oovStart, start := l.starts()
	masked := int64(0)
	if l.common.OutputMode != Int {
		masked = -1 // it doesn't count
	}
	mask := l.terms.mask()
	indices := make([]int64, len(terms))
	var unknown []T
	for i, term := range terms {
		at, ok := v.index[term]
		switch {
		case mask != nil && term == *mask:
			indices[i] = masked
		case ok:
			indices[i] = int64(start + at)
		case l.common.NumOovIndices == 0:
			if len(unknown) < 10 {
				unknown = append(unknown, term)
			}
		case l.common.NumOovIndices == 1:
			indices[i] = int64(oovStart)
		default:
			indices[i] = int64(oovStart) + l.terms.bucket(term, l.common.NumOovIndices)
		}
	}
	if unknown != nil {
		return nil, fmt.Errorf("when `num_oov_indices=0` all inputs should be in vocabulary, found OOV values %v, consider setting `num_oov_indices=1`", unknown)
	}
	return indices, nil
}

// encode is the output of indices.
func (l *indexLookup[L, T]) encode(v *termList[T], indices []int64, dims []int) (*tensors.Tensor, error) {
	mode, dtype := l.common.OutputMode, dtypes.Int64
	if mode == TFIDF {
		mode, dtype = Count, dtypes.Float32
	}
	depth, err := l.depth()
	if err != nil {
		return nil, err
	}
	out, err := encodeCategories(indices, dims, mode, depth, dtype)
	if err != nil || l.common.OutputMode != TFIDF {
		return out, err
	}
	if len(v.idf) != depth {
		return nil, fmt.Errorf("the vocabulary has %d weights, want %d", len(v.idf), depth)
	}
	err = tensors.MutableFlatData(out, func(flat []float32) {
		for i := range flat {
			flat[i] *= v.idf[i%depth]
		}
	})
	return out, err
}

// termsAt are the terms at indices.
func (l *indexLookup[L, T]) termsAt(v *termList[T], indices symbolic.HostValue) (symbolic.HostValue, error) {
	flat, dims, err := wholeNumbers(indices)
	if err != nil {
		return nil, err
	}
	_, start := l.starts()
	oov, mask := *l.terms.oov(), l.terms.mask()
	terms := make([]T, len(flat))
	for i, index := range flat {
		at := index - int64(start)
		switch {
		case index == 0 && mask != nil:
			terms[i] = *mask
		case at >= 0 && at < int64(len(v.own)):
			terms[i] = v.own[at]
		default:
			terms[i] = oov
		}
	}
	return l.terms.make(terms, dims), nil
}

// Adapt learns the vocabulary from data, and forgets the one before: the terms by how often they are there (Keras: adapt). data is an array of terms, or batches of such:
// a list ([]any) or an iterator (iter.Seq or, with an error, iter.Seq2). For the output mode tf_idf it counts in how many rows a term is, too.
func (l *indexLookup[L, T]) Adapt(data any) error {
	return adapting(&l.BaseLayer, func() error { return l.adapt(data) })
}

func (l *indexLookup[L, T]) adapt(data any) error {
	if err := l.Err(); err != nil {
		return err
	}
	if err := l.check(); err != nil {
		return err
	}
	if given, _ := l.terms.given(); given != nil || l.common.HasInputVocabulary {
		return fmt.Errorf("cannot adapt layer after setting a static vocabulary via `vocabulary` argument")
	}
	counts, rows := map[T]*termCount{}, 0
	batches, array := symbolic.HostBatches(data)
	for batch, err := range batches {
		if err != nil {
			return err
		}
		terms, dims, err := l.terms.read(batch)
		if err != nil {
			return err
		}
		size := max(len(terms), 1) // a batch of one axis is one row, an array of one axis has a row for each
		switch {
		case len(dims) > 1:
			size = max(len(terms)/max(dims[0], 1), 1)
		case array && len(dims) == 1:
			size = 1
		}
		for i, term := range terms {
			countOf(counts, term).in(rows + i/size)
		}
		rows += len(terms) / size
	}
	if len(counts) == 0 {
		return fmt.Errorf("the data has no terms to learn")
	}
	for _, special := range []*T{l.terms.mask(), l.terms.oov()} {
		if special != nil {
			delete(counts, *special)
		}
	}
	_, start := l.starts()
	return l.take(learnt(&l.common.vocabularyConfig, counts, rows, start))
}

// setVocabulary gives the layer other terms.
func (l *indexLookup[L, T]) setVocabulary(terms []T, fromFile bool, weights []float64) error {
	err := l.common.validate()
	if err == nil {
		var v *termList[T]
		if v, err = l.listOf(terms, fromFile, weights); err == nil {
			err = l.take(v)
		}
	}
	if err != nil {
		return fmt.Errorf("setting the vocabulary of layer %q: %w", l.BaseLayer.Name(), err)
	}
	return nil
}

// take makes v what the layer knows.
func (l *indexLookup[L, T]) take(v *termList[T]) error {
	if err := l.fits(v); err != nil {
		return err
	}
	l.known.Store(v)
	return nil
}

// fits refuses a vocabulary of another size where later layers were made for the one before.
func (l *indexLookup[L, T]) fits(v *termList[T]) error {
	_, start := l.starts()
	return l.common.keepsSize(start+len(v.own), l.size)
}

// GetVocabulary returns the terms in order, the special ones first: the index of a term is its place (Keras: get_vocabulary).
func (l *indexLookup[L, T]) GetVocabulary() []T {
	oovStart, start := l.starts()
	list := make([]T, 0, start)
	for i := range min(start, maxVocabulary) {
		special := l.terms.oov()
		if i < oovStart {
			special = l.terms.mask()
		}
		var term T
		if special != nil {
			term = *special
		}
		list = append(list, term)
	}
	return append(list, l.Tokens()...)
}

// Tokens returns the terms in order, without the special ones (Keras: get_vocabulary(include_special_tokens=False)).
func (l *indexLookup[L, T]) Tokens() []T {
	v, err := l.vocabulary()
	if v == nil || err != nil {
		return nil
	}
	return append([]T{}, v.own...)
}

// fullSize is the number of terms, the special ones included.
func (l *indexLookup[L, T]) fullSize() int {
	_, size := l.starts()
	if v, err := l.vocabulary(); v != nil && err == nil {
		size += len(v.own)
	}
	return size
}

// Encode returns the indices of terms, or what else the output mode says, without a model (Keras: layer(inputs)).
func (l *indexLookup[L, T]) Encode(inputs any) (*tensors.Tensor, error) {
	return numbersOnHost(l, inputs)
}

// KerasClass is that of the layer itself.
func (l *indexLookup[L, T]) KerasClass() symbolic.Class { return l.self.KerasClass() }

// KerasConfig is that of the layer itself.
func (l *indexLookup[L, T]) KerasConfig() any { return l.self.KerasConfig() }

// Keep returns the weights of terms, and the file of the vocabulary where the configuration doesn't have it.
func (l *indexLookup[L, T]) Keep() (*symbolic.Kept, error) {
	kept := &symbolic.Kept{}
	v, err := l.vocabulary()
	if err != nil {
		return nil, err
	}
	if err := v.keepWeights(&l.common.vocabularyConfig, kept); err != nil {
		return nil, err
	}
	if terms, fromFile := l.terms.given(); terms != nil && !fromFile {
		return kept, nil
	}
	if l.terms.oov() == nil && l.common.NumOovIndices > 0 {
		return nil, fmt.Errorf("without an oov_token Keras can't read a vocabulary back: give the vocabulary as an argument, or an oov_token")
	}
	terms := l.GetVocabulary()
	lines := make([]string, len(terms))
	for i, term := range terms {
		if lines[i], err = l.terms.write(term); err != nil {
			return nil, err
		}
	}
	kept.Files = map[string][]byte{vocabularyFile: joinLines(lines)}
	return kept, nil
}

// Restore reads what Keep returned.
func (l *indexLookup[L, T]) Restore(kept *symbolic.Kept) (commit func(), err error) {
	v, err := l.vocabulary()
	if err != nil {
		return nil, err
	}
	idf, err := l.common.keptWeights(kept)
	if err != nil {
		return nil, err
	}
	given, fromFile := l.terms.given()
	inConfig := given != nil && !fromFile
	switch file, there := kept.Files[vocabularyFile]; {
	case !inConfig && kept.Files != nil && !there:
		return nil, fmt.Errorf("the archive has no file %s of it", vocabularyFile)
	case !inConfig && kept.Files != nil:
		if v, err = l.listFromFile(file, idf); err != nil {
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

// listFromFile reads the file of a vocabulary, nil if nothing was learnt.
func (l *indexLookup[L, T]) listFromFile(file []byte, idf []float32) (*termList[T], error) {
	lines, err := wordsOfFile(file)
	if err != nil {
		return nil, err
	}
	// An empty word at the end is an empty line, which Keras loses. The configuration tells how many words there were.
	if size := l.common.VocabularySize; size != nil && *size == len(lines)+1 && bytes.HasSuffix(file, []byte("\n")) {
		lines = append(lines, "")
	}
	terms := make([]T, len(lines))
	for i, line := range lines {
		if terms[i], err = l.terms.parse(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if _, start := l.starts(); len(terms) == 0 || len(terms) == start && l.startsWithSpecial(terms) {
		return nil, nil
	}
	var weights []float64
	for _, w := range idf {
		weights = append(weights, float64(w))
	}
	return l.listOf(terms, false, weights)
}
