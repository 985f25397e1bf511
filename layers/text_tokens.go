package layers

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gokeras/gokeras/internal/catch"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/symbolic"
)

// standardization is the argument standardize of TextVectorization.
type standardization struct {
	name string // "" for none
	by   func(string) string
}

var standardizations = []string{"lower_and_strip_punctuation", "lower", "strip_punctuation"}

// set takes one of Keras's names, nil, or a function.
func (s *standardization) set(standardize any) error {
	return setTextStep(&s.name, &s.by, standardize, "standardize", standardizations)
}

// EncodeKeras writes the name; a function can't be written.
func (s *standardization) EncodeKeras() (any, error) { return encodeTextStep(s.name, s.by != nil) }

// DecodeKeras reads the name, or null.
func (s *standardization) DecodeKeras(v any) error { return decodeTextStep(v, s.set) }

// splitting is the argument split of TextVectorization.
type splitting struct {
	name string // "" for none
	by   func(string) []string
}

const (
	splitWhitespace = "whitespace"
	splitCharacter  = "character"
)

var splittings = []string{splitWhitespace, splitCharacter}

// set takes one of Keras's names, nil, or a function.
func (s *splitting) set(split any) error {
	return setTextStep(&s.name, &s.by, split, "split", splittings)
}

// EncodeKeras writes the name; a function can't be written.
func (s *splitting) EncodeKeras() (any, error) { return encodeTextStep(s.name, s.by != nil) }

// DecodeKeras reads the name, or null.
func (s *splitting) DecodeKeras(v any) error { return decodeTextStep(v, s.set) }

// none reports whether each text is a token.
func (s *splitting) none() bool { return s.name == "" && s.by == nil }

// setTextStep takes one of Keras's names, nil, or a function of the result R.
func setTextStep[R any](name *string, by *func(string) R, step any, argument string, names []string) error {
	*name, *by = "", nil
	switch v := step.(type) {
	case nil:
		return nil
	case string:
		*name = v
		if !slices.Contains(names, v) {
			return config.UnknownName(argument, v, names)
		}
		return nil
	case func(string) R:
		if *by = v; v != nil {
			return nil
		}
	}
	return fmt.Errorf("got a %T, want one of %s, nil or a %T", step, strings.Join(names, ", "), *by)
}

func encodeTextStep(name string, function bool) (any, error) {
	switch {
	case function:
		return nil, fmt.Errorf("a Go function can't be written to a file: save the weights alone, or use one of Keras's names")
	case name == "":
		return nil, nil
	}
	return name, nil
}

func decodeTextStep(v any, set func(any) error) error {
	if _, isObject := v.(map[string]any); isObject {
		return fmt.Errorf("it is a Python function, which is never run here: save the model with one of Keras's names in its place, or make the layer in Go with a Go function")
	}
	return set(v)
}

// ngramWidths is the argument ngrams of TextVectorization.
type ngramWidths struct {
	most   int   // the widths 1 to most, if positive
	widths []int // just these
}

// set takes nil, an int for all widths up to it, or a []int of widths.
func (n *ngramWidths) set(ngrams any) error {
	*n = ngramWidths{}
	switch v := ngrams.(type) {
	case nil:
		return nil
	case int:
		n.most = v
		if v >= 1 {
			return nil
		}
	case []int:
		n.widths = slices.Clone(v)
		if len(v) > 0 && slices.Min(v) >= 1 {
			return nil
		}
	}
	return fmt.Errorf("`ngrams` must be None, a positive integer, or a tuple of positive integers: got %v", ngrams)
}

// EncodeKeras writes it as it was given.
func (n *ngramWidths) EncodeKeras() (any, error) {
	switch {
	case n.most > 0:
		return n.most, nil
	case n.widths != nil:
		list := make([]any, len(n.widths))
		for i, w := range n.widths {
			list[i] = w
		}
		return list, nil
	}
	return nil, nil
}

// DecodeKeras reads null, a number or a list.
func (n *ngramWidths) DecodeKeras(v any) error {
	list, isList := v.([]any)
	if !isList {
		if whole, ok := config.AsInt(v); ok {
			v = whole
		}
		return n.set(v)
	}
	widths := make([]int, len(list))
	for i, e := range list {
		var ok bool
		if widths[i], ok = config.AsInt(e); !ok {
			return n.set(v)
		}
	}
	return n.set(widths)
}

// each visits the widths that so many tokens have n-grams of.
func (n *ngramWidths) each(tokens int, visit func(width int)) {
	for width := 1; width <= min(n.most, tokens); width++ {
		visit(width)
	}
	for _, width := range n.widths {
		visit(width)
	}
}

// none reports whether tokens stay as they are.
func (n *ngramWidths) none() bool { return n.most == 0 && n.widths == nil }

// tokenizer makes tokens of texts: standardizes, splits, joins to n-grams. It may be used by several goroutines.
type tokenizer struct {
	lower, strip bool
	standardize  func(string) string
	split        splitting
	ngrams       ngramWidths
}

func newTokenizer(c *textVectorizationConfig) *tokenizer {
	return &tokenizer{
		lower: strings.HasPrefix(c.Standardize.name, "lower"), strip: strings.HasSuffix(c.Standardize.name, "strip_punctuation"),
		standardize: c.Standardize.by, split: c.Split, ngrams: c.Ngrams,
	}
}

// tokens are those of one row of texts: flat has them with a space between each two, at has where each begins and ends, so that what lies from the begin of one
// to the end of another is the n-gram.
type tokens struct {
	flat []byte
	at   [][2]int
}

func (t *tokens) reset() { t.flat, t.at = t.flat[:0], t.at[:0] }

func (t *tokens) begin() int {
	if len(t.at) > 0 {
		t.flat = append(t.flat, ' ')
	}
	return len(t.flat)
}

func (t *tokens) end(begin int) { t.at = append(t.at, [2]int{begin, len(t.flat)}) }

// add makes the tokens of a text.
func (k *tokenizer) add(text string, to *tokens) {
	if k.standardize != nil {
		text = k.standardize(text)
	}
	if k.split.by != nil {
		for _, token := range k.split.by(string(k.plain(nil, text))) {
			begin := to.begin()
			to.flat = append(to.flat, token...)
			to.end(begin)
		}
		return
	}
	switch k.split.name {
	case splitWhitespace:
		inside, begin := false, 0
		for i := range len(text) {
			c := text[i]
			switch {
			case isSpace(c):
				if inside {
					to.end(begin)
				}
				inside = false
				continue
			case k.strip && isPunctuation(c):
				continue
			case !inside:
				inside, begin = true, to.begin()
			}
			to.flat = append(to.flat, k.letter(c))
		}
		if inside {
			to.end(begin)
		}
	case splitCharacter:
		for i := 0; i < len(text); {
			c := text[i]
			if c < utf8.RuneSelf {
				i++
				if !k.strip || !isPunctuation(c) {
					begin := to.begin()
					to.flat = append(to.flat, k.letter(c))
					to.end(begin)
				}
				continue
			}
			size, valid := character(text[i:])
			begin := to.begin()
			if valid {
				to.flat = append(to.flat, text[i:i+size]...)
			} else {
				to.flat = utf8.AppendRune(to.flat, utf8.RuneError)
			}
			to.end(begin)
			i += size
		}
	default:
		begin := to.begin()
		to.flat = k.plain(to.flat, text)
		to.end(begin)
	}
}

// plain appends a text that is standardized but not split.
func (k *tokenizer) plain(to []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; !k.strip || !isPunctuation(c) {
			to = append(to, k.letter(c))
		}
	}
	return to
}

// letter makes a small letter of a large one, of ASCII's alone as TensorFlow does.
func (k *tokenizer) letter(c byte) byte {
	if k.lower && 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// isSpace knows ASCII's white space, as TensorFlow does.
func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// isPunctuation knows what Keras strips: all of ASCII's.
func isPunctuation(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

// character returns the size of the character that a text of more than ASCII begins with. Of one that is invalid or cut off it is the size of the longest
// beginning that could have become a character, as Unicode recommends; Go's own decoder takes a byte at a time.
func character(text string) (size int, valid bool) {
	r, size := utf8.DecodeRuneInString(text)
	if r != utf8.RuneError || size > 1 {
		return size, true
	}
	low, high := byte(0x80), byte(0xbf) // what may follow
	switch first := text[0]; {
	case first < 0xc2 || first > 0xf4:
		return 1, false
	case first == 0xe0:
		low = 0xa0
	case first == 0xed:
		high = 0x9f
	case first == 0xf0:
		low = 0x90
	case first == 0xf4:
		high = 0x8f
	}
	for size = 1; size < len(text) && low <= text[size] && text[size] <= high; size++ {
		low, high = 0x80, 0xbf
	}
	return size, false
}

// rows is how texts of a shape are cut into rows of tokens: each text alone, or, where texts aren't split, along the last axis.
func (k *tokenizer) rows(t *symbolic.Texts) (count, size int, err error) {
	rank := len(t.Dims)
	if k.split.none() {
		if rank == 0 {
			return 0, 0, fmt.Errorf("got one text where texts aren't split, want an array")
		}
		size = t.Dims[rank-1]
		count = 1
		for _, d := range t.Dims[:rank-1] {
			count *= d
		}
		return count, size, nil
	}
	if rank > 1 && t.Dims[rank-1] != 1 {
		return 0, 0, fmt.Errorf("when using `TextVectorization` to tokenize strings, the input rank must be 1 or the last shape dimension must be 1: received inputs.shape=%s with rank=%d",
			symbolic.Shape(t.Dims), rank)
	}
	return len(t.Flat), 1, nil
}

// eachRow calls start for each of the goroutines that share the rows, on all cores if that is worth it, and what start returns with each row's tokens, which
// hold until the next call.
func (k *tokenizer) eachRow(t *symbolic.Texts, start func() func(row int, of *tokens)) error {
	count, size, err := k.rows(t)
	if err != nil {
		return err
	}
	work := func(visit func(int, *tokens), from, to int) {
		of := &tokens{}
		for row := from; row < to; row++ {
			of.reset()
			for _, text := range t.Flat[row*size : (row+1)*size] {
				k.add(text, of)
			}
			visit(row, of)
		}
	}
	workers := min(runtime.GOMAXPROCS(0), count)
	if workers < 2 || !worthSharing(t.Flat) {
		work(start(), 0, count)
		return nil
	}
	errs := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		visit := start()
		group.Go(func() {
			errs[w] = catch.Panic(func() error { work(visit, count*w/workers, count*(w+1)/workers); return nil }) // a user's function may panic
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// worthSharing reports whether texts are so long that goroutines save more time than they take.
func worthSharing(texts []string) bool {
	const least = 32 << 10
	size := 0
	for _, text := range texts {
		if size += len(text); size >= least {
			return true
		}
	}
	return false
}

// eachGram visits the n-grams of a row, or its tokens.
func (k *tokenizer) eachGram(of *tokens, visit func(gram []byte)) {
	if k.ngrams.none() {
		for _, at := range of.at {
			visit(of.flat[at[0]:at[1]])
		}
		return
	}
	k.ngrams.each(len(of.at), func(width int) {
		for i := 0; i+width <= len(of.at); i++ {
			visit(of.flat[of.at[i][0]:of.at[i+width-1][1]])
		}
	})
}
