package datasets

import (
	"crypto/md5"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"math/big"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/gomlx/gomlx/core/tensors"
)

// DefaultFilters are the characters that Keras takes for white space: ASCII's punctuation but for the apostrophe, tabs and line ends.
const DefaultFilters = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n"

// Words says how a text is split into words. The zero value is Keras's default.
type Words struct {
	// Filters are characters that separate words, besides Split. "" means [DefaultFilters], "none" nothing.
	Filters string
	// Split separates words; "" means a space.
	Split string
	// KeepCase leaves capital letters; without it, they become small (Keras: lower=False).
	KeepCase bool
	// Analyzer replaces all of this by a function.
	Analyzer func(text string) []string
}

// NoFilters is the value of Words.Filters that filters nothing.
const NoFilters = "none"

func (w Words) filters() string {
	switch w.Filters {
	case "":
		return DefaultFilters
	case NoFilters:
		return ""
	}
	return w.Filters
}

func (w Words) separator() string {
	if w.Split == "" {
		return " "
	}
	return w.Split
}

// TextToWordSequence splits a text into words (Keras 2: text_to_word_sequence).
func TextToWordSequence(text string, w Words) []string {
	if w.Analyzer != nil {
		return w.Analyzer(text)
	}
	if !w.KeepCase {
		text = pythonLower(text)
	}
	filters, split := w.filters(), w.separator()
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(filters, r) {
			b.WriteString(split)
		} else {
			b.WriteRune(r)
		}
	}
	words := []string{}
	for word := range strings.SplitSeq(b.String(), split) {
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// pythonLower is Python's str.lower: as Go's, but for a dotted capital I, and for a sigma at the end of a word.
func pythonLower(text string) string {
	if !strings.ContainsAny(text, "İΣ") {
		return strings.ToLower(text)
	}
	runes := []rune(text)
	cased := func(from, step int) bool {
		for i := from; i >= 0 && i < len(runes); i += step {
			r := runes[i]
			if unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) {
				return true
			}
			if !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) && !strings.ContainsRune("'.:·’‘․", r) {
				return false
			}
		}
		return false
	}
	var b strings.Builder
	for i, r := range runes {
		switch {
		case r == 'İ':
			b.WriteString("i̇")
		case r == 'Σ' && cased(i-1, -1) && !cased(i+1, 1):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// HashingTrick gives each word of a text a number from 1 to n-1, by a hash: different words may have the same (Keras 2: hashing_trick with hash_function="md5").
func HashingTrick(text string, n int, w Words) ([]int, error) {
	return hashWords("HashingTrick", text, n, w, func(word string) *big.Int {
		sum := md5.Sum([]byte(word))
		return new(big.Int).SetBytes(sum[:])
	})
}

// OneHot is [HashingTrick] by a faster hash (Keras 2: one_hot). Python's own differs from one run to the next, so that no numbers are the right ones; these stay the same.
func OneHot(text string, n int, w Words) ([]int, error) {
	return hashWords("OneHot", text, n, w, func(word string) *big.Int {
		h := fnv.New64a()
		_, _ = h.Write([]byte(word))
		return new(big.Int).SetUint64(h.Sum64())
	})
}

func hashWords(name, text string, n int, w Words, hash func(string) *big.Int) ([]int, error) {
	if n < 2 {
		return nil, fmt.Errorf("datasets.%s: n is %d, and 2 or more was expected", name, n)
	}
	numbers := []int{}
	for _, word := range TextToWordSequence(text, w) {
		rest := new(big.Int).Mod(hash(word), big.NewInt(int64(n-1)))
		numbers = append(numbers, int(rest.Int64())+1)
	}
	return numbers, nil
}

// Tokenizer gives words numbers, the most frequent ones first (Keras 2: Tokenizer). Set its options before it learns; the zero value has Keras's. In new programs the layer
// TextVectorization does this inside a model.
type Tokenizer struct {
	Words
	// NumWords leaves out the words whose number isn't below it; 0 leaves out none.
	NumWords int
	// CharLevel takes each character for a word.
	CharLevel bool
	// OOVToken is a word that stands for unknown ones, with the number 1; nil leaves those out.
	OOVToken *string

	// DocumentCount is the number of texts that were learnt from.
	DocumentCount int
	// WordCounts says how often a word was there, WordDocs in how many texts, IndexDocs the same by number.
	WordCounts, WordDocs map[string]int
	IndexDocs            map[int]int
	// WordIndex has the number of each word, from 1 on, IndexWord the word of each number.
	WordIndex map[string]int
	IndexWord map[int]string

	order []string // of WordCounts
}

// words are those of a text.
func (k *Tokenizer) words(text string) []string {
	if !k.CharLevel {
		return TextToWordSequence(text, k.Words)
	}
	if !k.KeepCase {
		text = pythonLower(text)
	}
	return strings.Split(text, "")
}

func (k *Tokenizer) allWords(texts []string) [][]string {
	list := make([][]string, len(texts))
	for i, text := range texts {
		list[i] = k.words(text)
	}
	return list
}

// FitOnTexts learns the words of texts, beside those that are known (Keras 2: fit_on_texts).
func (k *Tokenizer) FitOnTexts(texts []string) { k.fit(k.allWords(texts)) }

// FitOnWords is [Tokenizer.FitOnTexts] on texts that are words already (Keras 2: fit_on_texts with lists).
func (k *Tokenizer) FitOnWords(texts [][]string) { k.fit(k.lowered(texts)) }

func (k *Tokenizer) lowered(texts [][]string) [][]string {
	if k.KeepCase {
		return texts
	}
	list := make([][]string, len(texts))
	for i, words := range texts {
		list[i] = make([]string, len(words))
		for j, word := range words {
			list[i][j] = pythonLower(word)
		}
	}
	return list
}

func (k *Tokenizer) fit(texts [][]string) {
	if k.WordCounts == nil {
		k.WordCounts, k.WordDocs, k.IndexDocs = map[string]int{}, map[string]int{}, map[int]int{}
	}
	for _, words := range texts {
		k.DocumentCount++
		seen := map[string]bool{}
		for _, word := range words {
			if _, known := k.WordCounts[word]; !known {
				k.order = append(k.order, word)
			}
			k.WordCounts[word]++
			if !seen[word] {
				seen[word] = true
				k.WordDocs[word]++
			}
		}
	}
	sorted := slices.Clone(k.order)
	sort.SliceStable(sorted, func(i, j int) bool { return k.WordCounts[sorted[i]] > k.WordCounts[sorted[j]] })
	if k.OOVToken != nil {
		sorted = slices.Insert(sorted, 0, *k.OOVToken)
	}
	k.WordIndex, k.IndexWord = map[string]int{}, map[int]string{}
	for i, word := range sorted {
		k.WordIndex[word] = i + 1 // of a word that is there twice the last counts
	}
	for word, i := range k.WordIndex {
		k.IndexWord[i] = word
	}
	for word, n := range k.WordDocs {
		k.IndexDocs[k.WordIndex[word]] = n
	}
}

// FitOnSequences learns in how many of the sequences each number is (Keras 2: fit_on_sequences).
func (k *Tokenizer) FitOnSequences(sequences [][]int) {
	if k.IndexDocs == nil {
		k.IndexDocs = map[int]int{}
	}
	k.DocumentCount += len(sequences)
	for _, s := range sequences {
		seen := map[int]bool{}
		for _, n := range s {
			if !seen[n] {
				seen[n] = true
				k.IndexDocs[n]++
			}
		}
	}
}

// TextsToSequences are the numbers of the texts' words (Keras 2: texts_to_sequences).
func (k *Tokenizer) TextsToSequences(texts []string) [][]int { return k.sequences(k.allWords(texts)) }

// WordsToSequences is [Tokenizer.TextsToSequences] of texts that are words already.
func (k *Tokenizer) WordsToSequences(texts [][]string) [][]int {
	return k.sequences(k.lowered(texts))
}

// oov is the number of unknown words.
func (k *Tokenizer) oov() (int, bool) {
	if k.OOVToken == nil {
		return 0, false
	}
	i, ok := k.WordIndex[*k.OOVToken]
	return i, ok
}

func (k *Tokenizer) sequences(texts [][]string) [][]int {
	oov, hasOOV := k.oov()
	list := make([][]int, len(texts))
	for i, words := range texts {
		list[i] = []int{}
		for _, word := range words {
			n, known := k.WordIndex[word]
			switch {
			case known && (k.NumWords == 0 || n < k.NumWords):
				list[i] = append(list[i], n)
			case hasOOV:
				list[i] = append(list[i], oov)
			}
		}
	}
	return list
}

// SequencesToTexts are the words of numbers, with a space between each two (Keras 2: sequences_to_texts).
func (k *Tokenizer) SequencesToTexts(sequences [][]int) []string {
	oov, hasOOV := k.oov()
	texts := make([]string, len(sequences))
	for i, s := range sequences {
		var words []string
		for _, n := range s {
			word, known := k.IndexWord[n]
			switch {
			case known && (k.NumWords == 0 || n < k.NumWords):
				words = append(words, word)
			case hasOOV:
				words = append(words, k.IndexWord[oov])
			}
		}
		texts[i] = strings.Join(words, " ")
	}
	return texts
}

// TextsToMatrix is a row of float64 for each text, with a number for each word (Keras 2: texts_to_matrix): mode "binary" (whether it is there), "count", "freq" or "tfidf".
func (k *Tokenizer) TextsToMatrix(texts []string, mode string) (*tensors.Tensor, error) {
	return k.SequencesToMatrix(k.TextsToSequences(texts), mode)
}

// SequencesToMatrix is [Tokenizer.TextsToMatrix] of numbers of words (Keras 2: sequences_to_matrix).
func (k *Tokenizer) SequencesToMatrix(sequences [][]int, mode string) (*tensors.Tensor, error) {
	width := k.NumWords
	switch {
	case width < 0:
		return nil, fmt.Errorf("datasets.Tokenizer: NumWords is %d, and 0 or more was expected", width)
	case width == 0 && len(k.WordIndex) == 0:
		return nil, errors.New("datasets.Tokenizer: specify a dimension (NumWords), or fit on some text data first")
	case width == 0:
		width = len(k.WordIndex) + 1
	}
	if modes := []string{"binary", "count", "freq", "tfidf"}; !slices.Contains(modes, mode) {
		return nil, fmt.Errorf("datasets.Tokenizer: mode is %q, and one of %s was expected", mode, strings.Join(modes, ", "))
	}
	if mode == "tfidf" && k.DocumentCount == 0 {
		return nil, errors.New("datasets.Tokenizer: fit on some data before using tfidf mode")
	}
	if float64(len(sequences))*float64(width) > maxCategorical {
		return nil, fmt.Errorf("datasets.Tokenizer: %d texts of %d words are more than fit in memory", len(sequences), width)
	}
	flat := make([]float64, len(sequences)*width)
	for i, s := range sequences {
		counts := map[int]int{}
		for _, n := range s {
			if n < 0 {
				return nil, fmt.Errorf("datasets.Tokenizer: sequence %d has the number %d, and 0 or more was expected", i, n)
			}
			if n < width {
				counts[n]++
			}
		}
		for n, count := range counts {
			v := 1.0
			switch mode {
			case "count":
				v = float64(count)
			case "freq":
				v = float64(count) / float64(len(s))
			case "tfidf":
				v = (1 + math.Log(float64(count))) * math.Log(1+float64(k.DocumentCount)/float64(1+k.IndexDocs[n]))
			}
			flat[i*width+n] = v
		}
	}
	return tensors.FromFlatDataAndDimensions(flat, len(sequences), width), nil
}

// ToJSON writes the tokenizer as Keras 2's to_json does. A function can't be written.
func (k *Tokenizer) ToJSON() (string, error) {
	if k.Analyzer != nil {
		return "", errors.New("datasets.Tokenizer: an Analyzer can't be written")
	}
	words := func(counts map[string]int, order []string) string {
		parts := make([]string, len(order))
		for i, word := range order {
			parts[i] = pythonQuote(word) + ": " + strconv.Itoa(counts[word])
		}
		return pythonQuote("{" + strings.Join(parts, ", ") + "}")
	}
	numbers := func(keys []int, value func(int) string) string {
		parts := make([]string, len(keys))
		for i, n := range keys {
			parts[i] = `"` + strconv.Itoa(n) + `": ` + value(n)
		}
		return pythonQuote("{" + strings.Join(parts, ", ") + "}")
	}
	byIndex := slices.SortedFunc(maps.Keys(k.WordIndex), func(a, b string) int { return k.WordIndex[a] - k.WordIndex[b] })
	numWords, oov := "null", "null"
	if k.NumWords != 0 {
		numWords = strconv.Itoa(k.NumWords)
	}
	if k.OOVToken != nil {
		oov = pythonQuote(*k.OOVToken)
	}
	return fmt.Sprintf(`{"class_name": "Tokenizer", "config": {"num_words": %s, "filters": %s, "lower": %t, "split": %s, "char_level": %t, "oov_token": %s, "document_count": %d, `+
		`"word_counts": %s, "word_docs": %s, "index_docs": %s, "index_word": %s, "word_index": %s}}`,
		numWords, pythonQuote(k.filters()), !k.KeepCase, pythonQuote(k.separator()), k.CharLevel, oov, k.DocumentCount,
		words(k.WordCounts, k.order), words(k.WordDocs, k.order),
		numbers(slices.Sorted(maps.Keys(k.IndexDocs)), func(n int) string { return strconv.Itoa(k.IndexDocs[n]) }),
		numbers(slices.Sorted(maps.Keys(k.IndexWord)), func(n int) string { return pythonQuote(k.IndexWord[n]) }),
		words(k.WordIndex, byIndex)), nil
}

// pythonQuote is a text in JSON, as Python writes it: in ASCII.
func pythonQuote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	short := map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\f': `\f`, '\b': `\b`}
	for _, r := range text {
		switch s, isShort := short[r]; {
		case isShort:
			b.WriteString(s)
		case r < 0x20 || r >= 0x7f && r <= 0xffff:
			if r == 0x7f {
				b.WriteByte(0x7f)
				continue
			}
			fmt.Fprintf(&b, `\u%04x`, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// TokenizerFromJSON reads what [Tokenizer.ToJSON] or Keras 2's to_json wrote (Keras 2: tokenizer_from_json).
func TokenizerFromJSON(text string) (*Tokenizer, error) {
	fail := func(err error) (*Tokenizer, error) {
		return nil, fmt.Errorf("datasets.TokenizerFromJSON: %w", err)
	}
	var f struct {
		Config *struct {
			NumWords      *int    `json:"num_words"`
			Filters       *string `json:"filters"`
			Lower         *bool   `json:"lower"`
			Split         *string `json:"split"`
			CharLevel     bool    `json:"char_level"`
			OOVToken      *string `json:"oov_token"`
			DocumentCount int     `json:"document_count"`
			WordCounts    string  `json:"word_counts"`
			WordDocs      string  `json:"word_docs"`
			IndexDocs     string  `json:"index_docs"`
			IndexWord     string  `json:"index_word"`
			WordIndex     string  `json:"word_index"`
		} `json:"config"`
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return fail(err)
	}
	c := f.Config
	if c == nil {
		return fail(errors.New("it has no config"))
	}
	k := &Tokenizer{CharLevel: c.CharLevel, OOVToken: c.OOVToken, DocumentCount: c.DocumentCount}
	if c.NumWords != nil {
		k.NumWords = *c.NumWords
	}
	if c.Filters != nil {
		if k.Filters = *c.Filters; *c.Filters == "" {
			k.Filters = NoFilters
		}
	}
	if c.Split != nil {
		k.Split = *c.Split
	}
	k.KeepCase = c.Lower != nil && !*c.Lower
	for name, part := range map[string]struct {
		text string
		to   any
	}{
		"word_counts": {c.WordCounts, &k.WordCounts}, "word_docs": {c.WordDocs, &k.WordDocs}, "index_docs": {c.IndexDocs, &k.IndexDocs},
		"index_word": {c.IndexWord, &k.IndexWord}, "word_index": {c.WordIndex, &k.WordIndex},
	} {
		if err := json.Unmarshal([]byte(part.text), part.to); err != nil {
			return fail(fmt.Errorf("%s: %w", name, err))
		}
	}
	order, err := keysInOrder(c.WordCounts)
	if err != nil {
		return fail(fmt.Errorf("word_counts: %w", err))
	}
	k.order = order
	return k, nil
}

// keysInOrder are the keys of an object of numbers as they stand in the text.
func keysInOrder(text string) ([]string, error) {
	d := json.NewDecoder(strings.NewReader(text))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var keys []string
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if !ok {
			return nil, fmt.Errorf("got %v, and a word was expected", token)
		}
		if !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
		if _, err := d.Token(); err != nil {
			return nil, err
		}
	}
	return keys, nil
}
