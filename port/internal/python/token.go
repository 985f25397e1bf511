package python

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	tEnd tokenKind = iota
	tNewline
	tIndent
	tDedent
	tName
	tNumber
	tString
	tOp
)

type token struct {
	kind      tokenKind
	text      string
	prefix    string // of a string, in lower case
	line, end int
	space     bool // something stands between this token and the one before
}

// maxDepth bounds brackets, blocks and nested expressions.
const maxDepth = 100

type syntaxError struct {
	line int
	text string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

// lexer makes tokens one by one, so that a broken place costs no more than what was read up to it.
type lexer struct {
	src      string
	pos      int
	line     int
	brackets []byte
	indents  []int
	pending  []token
	fresh    bool // at the beginning of a logical line
	ended    bool
	comments *[]Comment
}

func newLexer(src string, line int, comments *[]Comment) *lexer {
	return &lexer{src: src, line: line, indents: []int{0}, fresh: true, comments: comments}
}

func (l *lexer) fail(format string, args ...any) error {
	return &syntaxError{l.line, fmt.Sprintf(format, args...)}
}

var operators = []string{
	"**=", "//=", ">>=", "<<=", "...", "!=", "->", ":=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "==", "<=", ">=", "<<", ">>", "**", "//",
	"+", "-", "*", "/", "%", "@", "&", "|", "^", "~", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "=", "!",
}

func (l *lexer) next() (token, error) {
	if len(l.pending) > 0 {
		t := l.pending[0]
		l.pending = l.pending[1:]
		return t, nil
	}
	if l.fresh && len(l.brackets) == 0 {
		if err := l.indentation(); err != nil {
			return token{}, err
		}
		l.fresh = false
		if len(l.pending) > 0 {
			return l.next()
		}
	}
	space := false
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == ' ' || c == '\t' || c == '\f' || c == '\r':
			l.pos++
		case c == '\\' && l.pos+1 < len(l.src) && (l.src[l.pos+1] == '\n' || l.src[l.pos+1] == '\r'):
			l.pos += strings.IndexByte(l.src[l.pos:]+"\n", '\n') + 1
			l.pos = min(l.pos, len(l.src))
			l.line++
		case c == '#':
			l.comment(false)
		case c == '\n':
			l.pos++
			l.line++
			if len(l.brackets) == 0 {
				l.fresh = true
				return token{kind: tNewline, line: l.line - 1, end: l.line - 1}, nil
			}
		default:
			return l.solid(space)
		}
		space = true
	}
	if !l.ended {
		l.ended = true
		if len(l.brackets) > 0 {
			return token{}, l.fail("%q is never closed", l.brackets[len(l.brackets)-1])
		}
		l.pending = append(l.pending, token{kind: tNewline, line: l.line, end: l.line})
		for range l.indents[1:] {
			l.pending = append(l.pending, token{kind: tDedent, line: l.line, end: l.line})
		}
		l.indents = l.indents[:1]
		return l.next()
	}
	return token{kind: tEnd, line: l.line, end: l.line}, nil
}

func (l *lexer) comment(alone bool) {
	end := strings.IndexByte(l.src[l.pos:], '\n')
	if end < 0 {
		end = len(l.src) - l.pos
	}
	text := strings.TrimRight(l.src[l.pos:l.pos+end], " \t\r")
	if l.comments != nil {
		*l.comments = append(*l.comments, Comment{l.line, text, alone})
	}
	l.pos += end
}

// indentation skips empty lines and says by tokens how the next line is indented.
func (l *lexer) indentation() error {
	for {
		column := 0
		p := l.pos
	measure:
		for ; p < len(l.src); p++ {
			switch l.src[p] {
			case ' ':
				column++
			case '\t':
				column = (column/8 + 1) * 8
			case '\f', '\r':
			default:
				break measure
			}
		}
		l.pos = p
		if p >= len(l.src) {
			return nil
		}
		switch l.src[p] {
		case '#':
			l.comment(true)
			continue
		case '\n':
			l.pos++
			l.line++
			continue
		}
		top := l.indents[len(l.indents)-1]
		if column > top {
			if len(l.indents) > maxDepth {
				return l.fail("blocks are nested too deeply")
			}
			l.indents = append(l.indents, column)
			l.pending = append(l.pending, token{kind: tIndent, line: l.line, end: l.line})
			return nil
		}
		for column < l.indents[len(l.indents)-1] {
			l.indents = l.indents[:len(l.indents)-1]
			l.pending = append(l.pending, token{kind: tDedent, line: l.line, end: l.line})
		}
		if column != l.indents[len(l.indents)-1] {
			return l.fail("the indentation doesn't match an outer block")
		}
		return nil
	}
}

func (l *lexer) solid(space bool) (token, error) {
	rest := l.src[l.pos:]
	c, _ := utf8.DecodeRuneInString(rest)
	switch {
	case c == '_' || unicode.IsLetter(c):
		n := 0
		for i, r := range rest {
			if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) {
				break
			}
			n = i + utf8.RuneLen(r)
		}
		word := rest[:n]
		if n <= 2 && n < len(rest) && (rest[n] == '"' || rest[n] == '\'') && strings.Trim(strings.ToLower(word), "rbfut") == "" {
			l.pos += n
			return l.stringToken(strings.ToLower(word), space)
		}
		l.pos += n
		return token{kind: tName, text: word, line: l.line, end: l.line, space: space}, nil
	case c >= '0' && c <= '9' || c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		return l.number(space)
	case c == '"' || c == '\'':
		return l.stringToken("", space)
	}
	for _, op := range operators {
		if !strings.HasPrefix(rest, op) {
			continue
		}
		switch op {
		case "(", "[", "{":
			if len(l.brackets) >= maxDepth {
				return token{}, l.fail("brackets are nested too deeply")
			}
			l.brackets = append(l.brackets, op[0])
		case ")", "]", "}":
			open := map[string]byte{")": '(', "]": '[', "}": '{'}[op]
			if len(l.brackets) == 0 || l.brackets[len(l.brackets)-1] != open {
				return token{}, l.fail("unmatched %q", op)
			}
			l.brackets = l.brackets[:len(l.brackets)-1]
		}
		l.pos += len(op)
		return token{kind: tOp, text: op, line: l.line, end: l.line, space: space}, nil
	}
	return token{}, l.fail("%q can't stand here", c)
}

func (l *lexer) number(space bool) (token, error) {
	start := l.pos
	digit := func(c byte) bool { return c >= '0' && c <= '9' || c == '_' }
	at := func(i int) byte {
		if l.pos+i < len(l.src) {
			return l.src[l.pos+i] | 0x20
		}
		return 0
	}
	if at(0) == '0' && strings.IndexByte("xob", at(1)) >= 0 && at(1) != 0 {
		for l.pos += 2; l.pos < len(l.src) && (digit(l.src[l.pos]) || at(0) >= 'a' && at(0) <= 'f'); {
			l.pos++
		}
	} else {
		digits := func() {
			for l.pos < len(l.src) && digit(l.src[l.pos]) {
				l.pos++
			}
		}
		digits()
		if l.pos < len(l.src) && l.src[l.pos] == '.' {
			l.pos++
			digits()
		}
		if at(0) == 'e' {
			sign := 0
			if l.pos+1 < len(l.src) && (l.src[l.pos+1] == '-' || l.src[l.pos+1] == '+') {
				sign = 1
			}
			if l.pos+1+sign < len(l.src) && digit(l.src[l.pos+1+sign]) {
				l.pos += 1 + sign
				digits()
			}
		}
		if at(0) == 'j' {
			l.pos++
		}
	}
	return token{kind: tNumber, text: strings.ReplaceAll(l.src[start:l.pos], "_", ""), line: l.line, end: l.line, space: space}, nil
}

// stringToken reads a string from its quotes on; the token's text is what stands between them, as it stands.
func (l *lexer) stringToken(prefix string, space bool) (token, error) {
	first := l.line
	rest := l.src[l.pos:]
	quote := rest[:1]
	if strings.HasPrefix(rest, strings.Repeat(quote, 3)) {
		quote = rest[:3]
	}
	for i := len(quote); i < len(rest); i++ {
		switch {
		case strings.HasPrefix(rest[i:], quote):
			l.pos += i + len(quote)
			return token{kind: tString, text: rest[len(quote):i], prefix: prefix, line: first, end: l.line, space: space}, nil
		case rest[i] == '\\':
			if i+1 < len(rest) && rest[i+1] == '\n' {
				l.line++
			}
			i++
		case rest[i] == '\n':
			if len(quote) == 1 {
				return token{}, &syntaxError{first, "the string isn't closed on its line"}
			}
			l.line++
		case rest[i] == '{' && strings.Contains(prefix, "f") && len(quote) == 1:
			// Since Python 3.12 the inside of braces may hold the same quotes.
			if n := sameQuotes(rest[i:], quote[0]); n > 0 {
				i += n - 1
			}
		}
	}
	return token{}, &syntaxError{first, "the string is never closed"}
}

// maxField bounds the fields that sameQuotes looks for.
const maxField = 300

// sameQuotes is the length of a replacement field on one line that holds the quote that surrounds it, 0 if this is none.
func sameQuotes(s string, quote byte) int {
	depth, seen, inside := 0, false, byte(0)
	for i := 0; i < min(len(s), maxField) && s[i] != '\n'; i++ {
		c := s[i]
		switch {
		case inside != 0:
			if c == inside {
				inside = 0
			}
		case c == '"' || c == '\'':
			if c == quote {
				before := strings.TrimRight(s[:i], " ")
				if before == "" || strings.IndexByte("[(,+=", before[len(before)-1]) < 0 {
					return 0
				}
				seen = true
			}
			inside = c
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				if seen {
					return i + 1
				}
				return 0
			}
		}
	}
	return 0
}

var escapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '\\': "\\", '\'': "'", '"': "\"", 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v", '\n': ""}

// unescape decodes the backslashes of a string.
func unescape(s string) string {
	if !strings.Contains(s, "\\") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[i]]
		if digits > 0 && i+digits < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+1+digits], 16, 32); err == nil {
				b.WriteRune(rune(n))
				i += digits
				continue
			}
		}
		if s[i] >= '0' && s[i] <= '7' {
			n, j := 0, i
			for ; j < len(s) && j < i+3 && s[j] >= '0' && s[j] <= '7'; j++ {
				n = n*8 + int(s[j]-'0')
			}
			b.WriteRune(rune(n))
			i = j - 1
			continue
		}
		if e, ok := escapes[s[i]]; ok {
			b.WriteString(e)
		} else {
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
