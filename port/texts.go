package port

import (
	"fmt"
	"strings"
)

var (
	tInts      = listOf(tInt)
	tSequences = listOf(tInts)
	tTokenizer = object("tokenizer", "*datasets.Tokenizer")
)

// texts is load_data of imdb and reuters: lists of numbers, and arrays of classes.
func (t *translator) texts(set string, c *call) *value {
	fields := []struct{ python, name, goType string }{{"num_words", "NumWords", "int"}, {"nb_words", "NumWords", "int"}, {"skip_top", "SkipTop", "int"}, {"maxlen", "MaxLen", "int"},
		{"seed", "Seed", "*int"}, {"start_char", "StartChar", "*int"}, {"oov_char", "OOVChar", "*int"}, {"index_from", "IndexFrom", "*int"}, {"test_split", "TestSplit", "*float64"}}
	c.arg(0, "path")
	var opts []string
	for _, f := range fields {
		v := c.arg(-1, f.python)
		if v == nil || v.kind == "none" {
			continue
		}
		if elem, ok := strings.CutPrefix(f.goType, "*"); ok {
			t.helper("pointer")
			opts = append(opts, fmt.Sprintf("%s: pointer(%s(%s))", f.name, elem, t.as(v, elem, c.e)))
			continue
		}
		opts = append(opts, f.name+": "+t.as(v, f.goType, c.e))
	}
	c.done()
	t.use("datasets.SequenceOptions")
	code := fmt.Sprintf("%s(%q, datasets.SequenceOptions{%s})", t.helper("loadTexts"), set, strings.Join(opts, ", "))
	return &value{typ: typ{kind: "dataset", goT: "data", elems: []typ{tSequences, tArray, tSequences, tArray}}, code: code}
}

func (t *translator) padSequences(c *call) *value {
	v := c.need(0, "sequences")
	c.place(1, "maxlen", "dtype", "padding", "truncating", "value")
	if d := c.arg(-1, "dtype"); d != nil && d.code != `"int32"` {
		fail(c.e, "pad_sequences' dtype isn't translated")
	}
	if v.kind == "array" {
		v = &value{typ: typ{kind: "list", goT: "[]any", elem: &typ{kind: "list"}}, code: v.tight() + ".ToList()"}
	}
	if v.kind != "list" || v.elem.kind != "list" {
		fail(c.e, "pad_sequences of %s isn't translated", v.describe())
	}
	text := func(goType string) func(v *value) string {
		return func(v *value) string { return t.as(v, goType, c.e) }
	}
	side := func(v *value) string {
		if v.konst && v.kind == "str" {
			return v.code
		}
		return "datasets.Side(" + t.as(v, "string", c.e) + ")"
	}
	opts := t.fields(c, []field{{"maxlen", "MaxLen", text("int")}, {"padding", "Padding", side}, {"truncating", "Truncating", side}, {"value", "Value", text("float64")}})
	c.done()
	return &value{typ: tArray, code: fmt.Sprintf("np.FromTensor(must.M1(datasets.PadSequences(%s, datasets.PadOptions{%s})))", v.code, strings.Join(opts, ", "))}
}

func (t *translator) tokenizer(c *call) *value {
	var words, opts []string
	c.place(0, "num_words", "filters", "lower", "split", "char_level", "oov_token")
	for _, k := range c.keys {
		v := c.arg(-1, k)
		if v.kind == "none" {
			continue
		}
		switch k {
		case "num_words", "nb_words":
			opts = append(opts, "NumWords: "+t.as(v, "int", c.e))
		case "char_level":
			opts = append(opts, "CharLevel: "+t.as(v, "bool", c.e))
		case "oov_token":
			t.helper("pointer")
			opts = append(opts, "OOVToken: pointer("+t.as(v, "string", c.e)+")")
		case "filters":
			text := t.as(v, "string", c.e)
			if text == `""` {
				text = "datasets.NoFilters"
			}
			words = append(words, "Filters: "+text)
		case "split":
			words = append(words, "Split: "+t.as(v, "string", c.e))
		case "lower":
			if v.code == "false" {
				words = append(words, "KeepCase: true")
			} else if v.code != "true" {
				fail(c.e, "lower=%s isn't translated", v.code)
			}
		default:
			fail(c.e, "the argument %s of Tokenizer isn't translated", k)
		}
	}
	c.done()
	if len(words) > 0 {
		opts = append([]string{"Words: datasets.Words{" + strings.Join(words, ", ") + "}"}, opts...)
	}
	t.use("datasets.Tokenizer")
	return &value{typ: tTokenizer, code: "&datasets.Tokenizer{" + strings.Join(opts, ", ") + "}", loose: true}
}

func (t *translator) tokenizerMethod(v *value, name string, c *call) *value {
	if name == "to_json" {
		return &value{typ: tStr, code: fmt.Sprintf("must.M1(%s.ToJSON())", v.tight())}
	}
	x := c.need(0, "texts", "sequences")
	strs := func() string {
		switch x.goT {
		case "[]string":
			return x.code
		case "string":
			return "strings.Split(" + x.code + `, "")`
		}
		if x.kind == "array" {
			return x.tight() + ".Strings()"
		}
		if x.kind == "list" && x.elem.kind == "array" {
			return "np.Of(" + x.code + ").Strings()"
		}
		fail(c.e, "%s of %s isn't translated", name, x.describe())
		return ""
	}
	numbers := func() string {
		if x.goT == "[][]int" {
			return x.code
		}
		if x.kind == "list" && x.elem.kind == "array" {
			return t.helper("intsOf") + "(" + x.code + ")"
		}
		if x.kind == "array" {
			return t.helper("intsOf") + "(" + t.helper("listOf") + "(" + x.code + "))"
		}
		fail(c.e, "%s of %s isn't translated", name, x.describe())
		return ""
	}
	mode := `"binary"`
	if m := c.arg(1, "mode"); m != nil {
		mode = t.as(m, "string", c.e)
	}
	c.done()
	words := x.goT == "[][]string"
	switch name {
	case "fit_on_texts":
		if words {
			return done("%s.FitOnWords(%s)", v.tight(), x.code)
		}
		return done("%s.FitOnTexts(%s)", v.tight(), strs())
	case "texts_to_sequences":
		if words {
			return &value{typ: tSequences, code: fmt.Sprintf("%s.WordsToSequences(%s)", v.tight(), x.code)}
		}
		return &value{typ: tSequences, code: fmt.Sprintf("%s.TextsToSequences(%s)", v.tight(), strs())}
	case "fit_on_sequences":
		return done("%s.FitOnSequences(%s)", v.tight(), numbers())
	case "sequences_to_texts":
		return &value{typ: listOf(tStr), code: fmt.Sprintf("%s.SequencesToTexts(%s)", v.tight(), numbers())}
	case "texts_to_matrix":
		return &value{typ: tArray, code: fmt.Sprintf("np.FromTensor(must.M1(%s.TextsToMatrix(%s, %s)))", v.tight(), strs(), mode)}
	case "sequences_to_matrix":
		return &value{typ: tArray, code: fmt.Sprintf("np.FromTensor(must.M1(%s.SequencesToMatrix(%s, %s)))", v.tight(), numbers(), mode)}
	}
	fail(c.e, "the method %s of a Tokenizer isn't translated", name)
	return nil
}

func (t *translator) tokenizerAttr(v *value, name string) *value {
	switch name {
	case "word_index":
		if t.ordered() {
			return &value{typ: dictType(tStr, tInt), code: t.helper("byNumber") + "(" + v.tight() + ".WordIndex)"}
		}
		return &value{typ: dictType(tStr, tInt), code: v.tight() + ".WordIndex"}
	case "index_word":
		return &value{typ: dictType(tInt, tStr), code: v.tight() + ".IndexWord"}
	case "word_counts":
		return &value{typ: dictType(tStr, tInt), code: v.tight() + ".WordCounts"}
	case "word_docs":
		return &value{typ: dictType(tStr, tInt), code: v.tight() + ".WordDocs"}
	case "document_count":
		return &value{typ: tInt, code: v.tight() + ".DocumentCount"}
	case "num_words":
		return &value{typ: tInt, code: v.tight() + ".NumWords"}
	}
	return nil
}

// textCall is a call of what Keras has for texts; nil where it isn't known.
func (t *translator) textCall(path string, c *call) *value {
	_, name := split(path)
	switch name {
	case "pad_sequences":
		return t.padSequences(c)
	case "Tokenizer":
		return t.tokenizer(c)
	case "one_hot", "hashing_trick":
		if module, _ := split(path); !strings.HasSuffix(module, ".text") {
			return nil
		}
		text, n := c.need(0, "text", "input_text"), c.need(1, "n")
		c.done()
		t.approximate("Python's hash of a text differs from run to run: the numbers are others")
		f := map[string]string{"one_hot": "OneHot", "hashing_trick": "HashingTrick"}[name]
		return &value{typ: tInts, code: fmt.Sprintf("must.M1(datasets.%s(%s, %s, datasets.Words{}))", f, t.as(text, "string", c.e), t.as(n, "int", c.e))}
	case "text_to_word_sequence":
		text := c.need(0, "text", "input_text")
		c.done()
		return &value{typ: listOf(tStr), code: fmt.Sprintf("datasets.TextToWordSequence(%s, datasets.Words{})", t.as(text, "string", c.e))}
	case "get_word_index":
		c.arg(0, "path")
		c.done()
		set := map[bool]string{true: "IMDB", false: "Reuters"}[strings.Contains(path, "imdb")]
		return &value{typ: dictType(tStr, tInt), code: fmt.Sprintf("%s(%q)", t.helper("wordIndex"), set)}
	case "get_label_names":
		if strings.Contains(path, "reuters") {
			return &value{typ: listOf(tStr), code: "datasets.ReutersLabelNames()"}
		}
	}
	return nil
}
