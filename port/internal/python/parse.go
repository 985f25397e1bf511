package python

import (
	"errors"
	"slices"
	"strings"
)

// maxBroken bounds the places of a file that aren't Python; what follows the last of them is one Bad statement.
const maxBroken = 200

// Parse reads a file or a cell. It never fails: what isn't Python is among the statements, as Bad.
func Parse(src string) *File {
	src = strings.ReplaceAll(strings.ReplaceAll(src, "\r\n", "\n"), "\r", "\n")
	f := &File{Lines: strings.Split(src, "\n")}
	line, rest := 1, src
	for broken := 0; ; broken++ {
		p := &parser{lex: newLexer(rest, line, &f.Comments)}
		err := p.file(f)
		if err == nil {
			return f
		}
		var bad *syntaxError
		if !errors.As(err, &bad) {
			bad = &syntaxError{line, err.Error()}
		}
		// The statement that broke begins at p.start; the next one at a line without indentation after the error's.
		from := max(p.start, line)
		to := max(bad.line, from)
		for to < len(f.Lines) && (f.Lines[to] == "" || strings.ContainsAny(f.Lines[to][:1], " \t)]}#")) {
			to++
		}
		if broken == maxBroken {
			to = len(f.Lines)
		}
		f.Comments = slices.DeleteFunc(f.Comments, func(c Comment) bool { return c.Line > to })
		f.Stmts = append(f.Stmts, &Stmt{Kind: Bad, Line: from, End: to, Text: bad.text})
		if to >= len(f.Lines) {
			return f
		}
		line, rest = to+1, strings.Join(f.Lines[to:], "\n")
	}
}

// ParseExpr reads one expression.
func ParseExpr(src string, line int) (e *Expr, err error) {
	l := newLexer("("+src+")", line, nil)
	p := &parser{lex: l}
	defer p.recover(&err)
	p.advance()
	e = p.testlist()
	if p.tok.kind != tNewline {
		p.fail("%q can't stand here", p.tok.text)
	}
	return e, nil
}

type parser struct {
	lex   *lexer
	tok   token
	last  int // the line where the token before ended
	start int // the first line of the statement at the top
	depth int
	queue []token
}

func (p *parser) recover(err *error) {
	switch r := recover().(type) {
	case nil:
	case *syntaxError:
		*err = r
	default:
		panic(r)
	}
}

func (p *parser) fail(format string, args ...any) {
	err := p.lex.fail(format, args...).(*syntaxError)
	err.line = p.tok.line
	panic(err)
}

func (p *parser) advance() {
	p.last = p.tok.end
	if len(p.queue) > 0 {
		p.tok, p.queue = p.queue[0], p.queue[1:]
		return
	}
	p.tok = p.read()
}

func (p *parser) read() token {
	t, err := p.lex.next()
	if err != nil {
		panic(err)
	}
	return t
}

// peek looks at the token after this one.
func (p *parser) peek() token {
	if len(p.queue) == 0 {
		p.queue = append(p.queue, p.read())
	}
	return p.queue[0]
}

func (p *parser) deeper() func() {
	if p.depth++; p.depth > 2*maxDepth {
		p.fail("nested too deeply")
	}
	return func() { p.depth-- }
}

func (p *parser) is(text string) bool {
	return (p.tok.kind == tOp || p.tok.kind == tName) && p.tok.text == text
}

func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		if p.tok.kind == tNewline || p.tok.kind == tEnd {
			p.fail("%q is missing", text)
		}
		p.fail("%q can't stand here, where %q is expected", p.tok.text, text)
	}
}

var keywords = strings.Fields("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield")

func (p *parser) name() string {
	if p.tok.kind != tName || slices.Contains(keywords, p.tok.text) {
		p.fail("a name is missing")
	}
	text := p.tok.text
	p.advance()
	return text
}

func (p *parser) file(f *File) (err error) {
	defer p.recover(&err)
	p.advance()
	for p.tok.kind != tEnd {
		if p.tok.kind == tNewline {
			p.advance()
			continue
		}
		p.start = p.tok.line
		if p.tok.kind == tIndent {
			p.fail("unexpected indent")
		}
		stmts := p.statement()
		f.Stmts = append(f.Stmts, stmts...)
	}
	return nil
}

// statement reads a compound statement, or the simple ones of a line.
func (p *parser) statement() []*Stmt {
	defer p.deeper()()
	s := &Stmt{Line: p.tok.line}
	if p.tok.kind == tOp && p.is("@") {
		for p.accept("@") {
			s.Decorators = append(s.Decorators, p.namedTest())
			if p.tok.kind != tNewline {
				p.fail("%q can't stand here", p.tok.text)
			}
			p.advance()
		}
		if !p.is("def") && !p.is("class") && !p.is("async") {
			p.fail("a decorator needs a function or a class")
		}
	}
	if p.tok.kind != tName || !p.compound(s) {
		return p.simpleLine()
	}
	s.End = p.last
	return []*Stmt{s}
}

// block reads the suite after a colon.
func (p *parser) block() []*Stmt {
	p.expect(":")
	if p.tok.kind != tNewline {
		return p.simpleLine()
	}
	p.advance()
	if p.tok.kind != tIndent {
		p.fail("an indented block is missing")
	}
	p.advance()
	var body []*Stmt
	end := p.last
	for p.tok.kind != tDedent && p.tok.kind != tEnd {
		if p.tok.kind == tNewline {
			p.advance()
			continue
		}
		body = append(body, p.statement()...)
		end = body[len(body)-1].End
	}
	if p.tok.kind == tDedent {
		p.advance()
	}
	p.last = end
	return body
}

func (p *parser) compound(s *Stmt) bool {
	switch p.tok.text {
	case "async":
		p.advance()
		if !p.is("def") && !p.is("for") && !p.is("with") {
			p.fail("async can't stand here")
		}
		return p.compound(s)
	case "if":
		s.Kind = If
		p.advance()
		s.Value = p.namedTest()
		s.Body = p.block()
		s.Else = p.elseOf()
	case "while":
		s.Kind = While
		p.advance()
		s.Value = p.namedTest()
		s.Body = p.block()
		if p.accept("else") {
			s.Else = p.block()
		}
	case "for":
		s.Kind = For
		p.advance()
		s.Targets = []*Expr{p.targets()}
		p.expect("in")
		s.Value = p.testlist()
		s.Body = p.block()
		if p.accept("else") {
			s.Else = p.block()
		}
	case "try":
		s.Kind = Try
		p.advance()
		s.Body = p.block()
		for p.is("except") || p.is("else") || p.is("finally") {
			h := &Stmt{Kind: Kind(p.tok.text), Line: p.tok.line}
			p.advance()
			p.accept("*")
			if h.Kind == "except" && !p.is(":") {
				h.Value = p.testlist()
				if p.accept("as") {
					h.Text = p.name()
				}
			}
			h.Body = p.block()
			h.End = p.last
			s.Else = append(s.Else, h)
		}
		if len(s.Else) == 0 {
			p.fail("try needs except or finally")
		}
	case "with":
		s.Kind = With
		p.advance()
		// Brackets around the items are read as a tuple, which leaves `as` inside them to be found here.
		bracket := p.is("(") && p.withBrackets()
		if bracket {
			p.advance()
		}
		for {
			s.Targets = append(s.Targets, p.test())
			var as *Expr
			if p.accept("as") {
				as = p.starTarget()
			}
			s.Targets = append(s.Targets, as)
			if !p.accept(",") || p.is(")") {
				break
			}
		}
		if bracket {
			p.expect(")")
		}
		s.Body = p.block()
	case "def":
		s.Kind = Def
		p.advance()
		s.Text = p.name()
		p.typeParams()
		p.expect("(")
		s.Params = p.params(")", true)
		p.expect(")")
		if p.accept("->") {
			s.Annotation = p.testlist()
		}
		s.Body = p.block()
	case "class":
		s.Kind = Class
		p.advance()
		s.Text = p.name()
		p.typeParams()
		if p.accept("(") {
			call := &Expr{Kind: Call, Line: s.Line, Args: []*Expr{{Kind: Name, Text: s.Text}}}
			p.arguments(call)
			s.Value = call
		}
		s.Body = p.block()
	case "match":
		// match is a name unless a subject and a colon at the end of the line follow.
		if !p.softKeyword() {
			return false
		}
		s.Kind = Match
		p.advance()
		s.Value = p.testlist()
		p.expect(":")
		if p.tok.kind != tNewline {
			p.fail("a block of cases is missing")
		}
		p.advance()
		if p.tok.kind != tIndent {
			p.fail("an indented block is missing")
		}
		p.advance()
		for p.is("case") {
			c := &Stmt{Kind: "case", Line: p.tok.line}
			p.advance()
			c.Targets = []*Expr{p.pattern()}
			if p.accept("if") {
				c.Value = p.namedTest()
			}
			c.Body = p.block()
			c.End = p.last
			s.Body = append(s.Body, c)
		}
		if len(s.Body) == 0 || p.tok.kind != tDedent {
			p.fail("case is missing")
		}
		end := p.last
		p.advance()
		p.last = end
	default:
		return false
	}
	return true
}

// typeParams passes over the [T] of a generic function or class.
func (p *parser) typeParams() {
	if p.accept("[") {
		for !p.is("]") {
			p.accept("*")
			p.accept("**")
			p.name()
			if p.accept(":") || p.accept("=") {
				p.test()
			}
			if !p.accept(",") {
				break
			}
		}
		p.expect("]")
	}
}

func (p *parser) elseOf() []*Stmt {
	if p.is("elif") {
		s := &Stmt{Kind: If, Line: p.tok.line}
		p.advance()
		s.Value = p.namedTest()
		s.Body = p.block()
		defer p.deeper()()
		s.Else = p.elseOf()
		s.End = p.last
		return []*Stmt{s}
	}
	if p.accept("else") {
		return p.block()
	}
	return nil
}

// restOfLine is the text between the current token and the end of its line, without a comment.
func (p *parser) restOfLine() string {
	rest := p.lex.src[p.lex.pos:]
	rest, _, _ = strings.Cut(rest, "\n")
	rest, _, _ = strings.Cut(rest, " #")
	return strings.TrimSpace(rest)
}

func (p *parser) softKeyword() bool {
	if len(p.queue) > 0 {
		return false
	}
	rest := p.restOfLine()
	return strings.HasSuffix(rest, ":") && rest != ":" && rest[0] != '=' && rest[0] != '.' && !(rest[0] == '[' && strings.HasSuffix(rest, "]:"))
}

func (p *parser) withBrackets() bool {
	depth := 1
	src := p.lex.src
	for i := p.lex.pos; i < len(src) && i < p.lex.pos+4000; i++ {
		switch src[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				rest := strings.TrimLeft(src[i+1:min(len(src), i+20)], " ")
				return strings.HasPrefix(rest, ":") && strings.Contains(src[p.lex.pos:i], " as ")
			}
		}
	}
	return false
}

// pattern reads what follows `case`, as an expression; `as` and `|` are those of the expression grammar where that has them.
func (p *parser) pattern() *Expr {
	one := func() *Expr {
		e := p.starOr(p.or)
		if p.accept("as") {
			e = &Expr{Kind: Walrus, Line: e.Line, Args: []*Expr{{Kind: Name, Line: e.Line, Text: p.name()}, e}}
		}
		return e
	}
	return p.list(one, ":")
}

func (p *parser) simpleLine() []*Stmt {
	var stmts []*Stmt
	for {
		s := &Stmt{Line: p.tok.line}
		p.simple(s)
		s.End = max(p.last, s.Line)
		stmts = append(stmts, s)
		if !p.accept(";") || p.tok.kind == tNewline {
			break
		}
	}
	if p.tok.kind != tNewline {
		p.fail("%q can't stand here", p.tok.text)
	}
	last := p.last
	p.advance()
	p.last = last
	return stmts
}

var augmented = []string{"+=", "-=", "*=", "/=", "//=", "%=", "**=", ">>=", "<<=", "&=", "|=", "^=", "@="}

func (p *parser) simple(s *Stmt) {
	if p.tok.kind == tName {
		word := p.tok.text
		switch word {
		case "pass", "break", "continue":
			s.Kind = Kind(word)
			p.advance()
			return
		case "return":
			s.Kind = Return
			p.advance()
			if p.tok.kind != tNewline && !p.is(";") {
				s.Value = p.testlist()
			}
			return
		case "del":
			s.Kind = Del
			p.advance()
			s.Targets = []*Expr{p.testlist()}
			return
		case "global", "nonlocal":
			s.Kind, s.Text = Global, p.tok.text
			p.advance()
			for {
				s.Names = append(s.Names, Alias{Name: p.name()})
				if !p.accept(",") {
					return
				}
			}
		case "raise":
			s.Kind = Raise
			p.advance()
			if p.tok.kind != tNewline && !p.is(";") {
				s.Value = p.test()
				if p.accept("from") {
					p.test()
				}
			}
			return
		case "assert":
			s.Kind = Assert
			p.advance()
			s.Value = p.test()
			if p.accept(",") {
				s.Targets = []*Expr{p.test()}
			}
			return
		case "import":
			s.Kind = Import
			p.advance()
			for {
				s.Names = append(s.Names, p.alias(true))
				if !p.accept(",") {
					return
				}
			}
		case "from":
			p.from(s)
			return
		case "type":
			if next := p.peek(); next.kind == tName && !slices.Contains(keywords, next.text) {
				s.Kind = TypeAlias
				p.advance()
				p.name()
				p.typeParams()
				p.expect("=")
				s.Value = p.test()
				return
			}
		}
	}
	e := p.testlist()
	switch {
	case p.is(":"):
		s.Kind, s.Targets = AnnAssign, []*Expr{e}
		p.advance()
		s.Annotation = p.test()
		if p.accept("=") {
			s.Value = p.testlist()
		}
	case p.is("="):
		s.Kind = Assign
		for p.accept("=") {
			s.Targets = append(s.Targets, e)
			e = p.testlist()
		}
		s.Value = e
		for _, t := range s.Targets {
			p.assignable(t)
		}
	case p.tok.kind == tOp && slices.Contains(augmented, p.tok.text):
		s.Kind, s.Targets, s.Op = AugAssign, []*Expr{e}, strings.TrimSuffix(p.tok.text, "=")
		p.assignable(e)
		p.advance()
		s.Value = p.testlist()
	default:
		s.Kind, s.Value = ExprStmt, e
	}
}

func (p *parser) assignable(e *Expr) {
	switch e.Kind {
	case Name, Attr, Index:
	case Star:
		p.assignable(e.Args[0])
	case Tuple, List:
		for _, a := range e.Args {
			p.assignable(a)
		}
	default:
		p.fail("can't assign to this")
	}
}

func (p *parser) dotted() string {
	name := p.name()
	for p.accept(".") {
		name += "." + p.name()
	}
	return name
}

func (p *parser) alias(dots bool) Alias {
	var a Alias
	if dots {
		a.Name = p.dotted()
	} else {
		a.Name = p.name()
	}
	if p.accept("as") {
		a.As = p.name()
	}
	return a
}

func (p *parser) from(s *Stmt) {
	s.Kind = From
	p.advance()
	for p.is(".") || p.is("...") {
		s.Module += p.tok.text
		p.advance()
	}
	if !p.is("import") {
		s.Module += p.dotted()
	}
	p.expect("import")
	if p.accept("*") {
		s.Names = []Alias{{Name: "*"}}
		return
	}
	bracket := p.accept("(")
	for {
		s.Names = append(s.Names, p.alias(false))
		if !p.accept(",") || bracket && p.is(")") {
			break
		}
	}
	if bracket {
		p.expect(")")
	}
}

// params reads the parameters of a function or a lambda up to the token that ends them.
func (p *parser) params(end string, annotated bool) []Param {
	var params []Param
	for !p.is(end) {
		var a Param
		switch {
		case p.accept("/"):
			a = Param{Star: "/"}
		case p.accept("**"):
			a = Param{Star: "**", Name: p.name()}
		case p.accept("*"):
			a.Star = "*"
			if !p.is(",") && !p.is(end) {
				a.Name = p.name()
			}
		default:
			a.Name = p.name()
		}
		if annotated && p.accept(":") {
			p.starOr(p.test)
		}
		if p.accept("=") {
			a.Default = p.test()
		}
		params = append(params, a)
		if !p.accept(",") {
			break
		}
	}
	return params
}

// list reads items with commas between them: one alone is itself, others are a Tuple.
func (p *parser) list(item func() *Expr, ends ...string) *Expr {
	line := p.tok.line
	first := item()
	if !p.is(",") {
		return first
	}
	t := &Expr{Kind: Tuple, Line: line, Args: []*Expr{first}}
	for p.accept(",") {
		if p.tok.kind == tNewline || p.tok.kind == tEnd || p.tok.kind == tOp && slices.Contains([]string{")", "]", "}", "=", ":", ";"}, p.tok.text) ||
			p.is("in") || p.tok.kind == tOp && slices.Contains(augmented, p.tok.text) || p.tok.kind == tOp && slices.Contains(ends, p.tok.text) {
			break
		}
		t.Args = append(t.Args, item())
	}
	return t
}

func (p *parser) testlist() *Expr {
	if p.is("yield") {
		return p.yield()
	}
	return p.list(func() *Expr { return p.starOr(p.namedTest) })
}

func (p *parser) targets() *Expr { return p.list(p.starTarget) }

func (p *parser) starTarget() *Expr { return p.starOr(p.bitOr) }

func (p *parser) starOr(item func() *Expr) *Expr {
	line := p.tok.line
	for _, star := range []string{"*", "**"} {
		if p.tok.kind == tOp && p.accept(star) {
			return &Expr{Kind: Star, Line: line, Text: star, Args: []*Expr{p.bitOr()}}
		}
	}
	return item()
}

func (p *parser) yield() *Expr {
	e := &Expr{Kind: Yield, Line: p.tok.line, Text: "yield"}
	p.advance()
	if p.accept("from") {
		e.Text = "yield from"
		e.Args = []*Expr{p.test()}
	} else if p.tok.kind != tNewline && !p.is(")") && !p.is("]") && !p.is("=") && !p.is(";") {
		e.Args = []*Expr{p.testlist()}
	}
	return e
}

func (p *parser) namedTest() *Expr {
	e := p.test()
	if e.Kind == Name && p.is(":=") {
		p.advance()
		return &Expr{Kind: Walrus, Line: e.Line, Args: []*Expr{e, p.test()}}
	}
	return e
}

func (p *parser) test() *Expr {
	defer p.deeper()()
	if p.is("lambda") {
		e := &Expr{Kind: Lambda, Line: p.tok.line}
		p.advance()
		e.Params = p.params(":", false)
		p.expect(":")
		e.Args = []*Expr{p.test()}
		return e
	}
	e := p.or()
	if p.is("if") {
		p.advance()
		cond := p.or()
		p.expect("else")
		return &Expr{Kind: IfElse, Line: e.Line, Args: []*Expr{cond, e, p.test()}}
	}
	return e
}

func (p *parser) logical(word string, next func() *Expr) *Expr {
	e := next()
	if p.is(word) {
		e = &Expr{Kind: Bool, Line: e.Line, Text: word, Args: []*Expr{e}}
		for p.accept(word) {
			e.Args = append(e.Args, next())
		}
	}
	return e
}

func (p *parser) or() *Expr  { return p.logical("or", p.and) }
func (p *parser) and() *Expr { return p.logical("and", p.not) }

func (p *parser) not() *Expr {
	if p.is("not") {
		defer p.deeper()()
		line := p.tok.line
		p.advance()
		return &Expr{Kind: Unary, Line: line, Text: "not", Args: []*Expr{p.not()}}
	}
	return p.comparison()
}

func (p *parser) comparison() *Expr {
	e := p.bitOr()
	for {
		op := p.tok.text
		switch {
		case p.tok.kind == tOp && slices.Contains([]string{"==", "!=", "<", ">", "<=", ">="}, op), p.tok.kind == tName && op == "in":
			p.advance()
		case p.is("not") && p.peek().text == "in":
			p.advance()
			p.advance()
			op = "not in"
		case p.is("is"):
			p.advance()
			if p.accept("not") {
				op = "is not"
			}
		default:
			return e
		}
		if e.Kind != Compare || e.Text == "closed" {
			e = &Expr{Kind: Compare, Line: e.Line, Args: []*Expr{e}}
		}
		e.Ops = append(e.Ops, op)
		e.Args = append(e.Args, p.bitOr())
	}
}

var levels = [][]string{{"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "//", "%", "@"}}

func (p *parser) bitOr() *Expr { return p.binary(0) }

func (p *parser) binary(level int) *Expr {
	if level == len(levels) {
		return p.unary()
	}
	e := p.binary(level + 1)
	for n := 0; p.tok.kind == tOp && slices.Contains(levels[level], p.tok.text); n++ {
		if n > 1000 {
			p.fail("the expression is too long")
		}
		op := p.tok.text
		p.advance()
		e = &Expr{Kind: Binary, Line: e.Line, Text: op, Args: []*Expr{e, p.binary(level + 1)}}
	}
	return e
}

func (p *parser) unary() *Expr {
	if p.tok.kind == tOp && (p.is("-") || p.is("+") || p.is("~")) {
		defer p.deeper()()
		e := &Expr{Kind: Unary, Line: p.tok.line, Text: p.tok.text}
		p.advance()
		e.Args = []*Expr{p.unary()}
		return e
	}
	return p.power()
}

func (p *parser) power() *Expr {
	if p.is("await") && p.tok.kind == tName {
		line := p.tok.line
		p.advance()
		return &Expr{Kind: Await, Line: line, Args: []*Expr{p.power()}}
	}
	e := p.primary()
	if p.tok.kind == tOp && p.is("**") {
		defer p.deeper()()
		p.advance()
		e = &Expr{Kind: Binary, Line: e.Line, Text: "**", Args: []*Expr{e, p.unary()}}
	}
	return e
}

func (p *parser) primary() *Expr {
	e := p.atom()
	for n := 0; ; n++ {
		if n > 1000 {
			p.fail("the chain is too long")
		}
		switch {
		case p.tok.kind != tOp:
			return e
		case p.accept("."):
			e = &Expr{Kind: Attr, Line: p.tok.line, Text: p.name(), Args: []*Expr{e}}
		case p.accept("("):
			e = &Expr{Kind: Call, Line: e.Line, Args: []*Expr{e}}
			p.arguments(e)
		case p.accept("["):
			index := p.subscripts()
			p.expect("]")
			e = &Expr{Kind: Index, Line: e.Line, Args: []*Expr{e, index}}
		default:
			return e
		}
	}
}

func (p *parser) subscripts() *Expr {
	line := p.tok.line
	first := p.subscript()
	if !p.is(",") {
		return first
	}
	t := &Expr{Kind: Tuple, Line: line, Args: []*Expr{first}}
	for p.accept(",") && !p.is("]") {
		t.Args = append(t.Args, p.subscript())
	}
	return t
}

func (p *parser) subscript() *Expr {
	line := p.tok.line
	part := func() *Expr {
		if p.is(":") || p.is(",") || p.is("]") {
			return nil
		}
		return p.starOr(p.namedTest)
	}
	first := part()
	if !p.is(":") {
		if first == nil {
			p.fail("an index is missing")
		}
		return first
	}
	s := &Expr{Kind: Slice, Line: line, Args: []*Expr{first, nil, nil}}
	p.expect(":")
	s.Args[1] = part()
	if p.accept(":") {
		s.Args[2] = part()
	}
	return s
}

func (p *parser) arguments(call *Expr) {
	for !p.is(")") {
		switch {
		case p.tok.kind == tOp && p.accept("**"):
			call.Keywords = append(call.Keywords, Keyword{Value: p.test()})
		case p.tok.kind == tOp && p.is("*"):
			call.Args = append(call.Args, p.starOr(p.test))
		case p.tok.kind == tName && p.peek().kind == tOp && p.peek().text == "=":
			k := Keyword{Name: p.name()}
			p.advance()
			k.Value = p.test()
			call.Keywords = append(call.Keywords, k)
		default:
			e := p.namedTest()
			if p.is("for") || p.is("async") {
				e = p.comprehension("generator", e)
			}
			call.Args = append(call.Args, e)
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
}

func (p *parser) comprehension(kind string, elements ...*Expr) *Expr {
	e := &Expr{Kind: Comp, Line: elements[0].Line, Text: kind, Args: elements}
	for p.is("for") || p.is("async") {
		p.accept("async")
		p.expect("for")
		l := Loop{Target: p.targets()}
		p.expect("in")
		l.Iter = p.or()
		for p.accept("if") {
			cond := p.or()
			if cond.Kind == Name && p.accept(":=") {
				cond = &Expr{Kind: Walrus, Line: cond.Line, Args: []*Expr{cond, p.or()}}
			}
			l.Ifs = append(l.Ifs, cond)
		}
		e.Loops = append(e.Loops, l)
	}
	return e
}

func (p *parser) atom() *Expr {
	t := p.tok
	e := &Expr{Line: t.line, Text: t.text}
	switch t.kind {
	case tName:
		switch t.text {
		case "None", "True", "False":
			e.Kind = Constant
			p.advance()
			return e
		}
		e.Kind, e.Text = Name, p.name()
		return e
	case tNumber:
		e.Kind = Number
		p.advance()
		return e
	case tString:
		return p.strings()
	case tOp:
	default:
		p.fail("an expression is missing")
	}
	switch t.text {
	case "...":
		e.Kind = Constant
		p.advance()
	case "(":
		p.advance()
		if p.accept(")") {
			return &Expr{Kind: Tuple, Line: t.line}
		}
		inner := p.testlist()
		if p.is("for") || p.is("async") {
			inner = p.comprehension("generator", inner)
		}
		p.expect(")")
		if inner.Kind == Compare {
			inner.Text = "closed" // so that (a < b) < c isn't a chain
		}
		return inner
	case "[":
		p.advance()
		e.Kind, e.Text = List, ""
		if p.accept("]") {
			return e
		}
		inner := p.starOr(p.namedTest)
		if p.is("for") || p.is("async") {
			e = p.comprehension("list", inner)
		} else {
			e.Args = p.items(inner, "]")
		}
		p.expect("]")
	case "{":
		p.advance()
		e.Kind, e.Text = Dict, ""
		if p.accept("}") {
			return e
		}
		return p.braces(e)
	default:
		p.fail("%q can't stand here", t.text)
	}
	return e
}

func (p *parser) items(first *Expr, end string) []*Expr {
	items := []*Expr{first}
	for p.accept(",") {
		if p.is(end) {
			break
		}
		items = append(items, p.starOr(p.namedTest))
	}
	return items
}

func (p *parser) braces(e *Expr) *Expr {
	pair := func() (*Expr, *Expr, bool) {
		if p.tok.kind == tOp && p.accept("**") {
			return nil, p.bitOr(), true
		}
		key := p.starOr(p.namedTest)
		if !p.accept(":") {
			return key, nil, false
		}
		return key, p.test(), true
	}
	key, value, dict := pair()
	switch {
	case dict && (p.is("for") || p.is("async")):
		if key == nil {
			p.fail("** can't stand in a comprehension")
		}
		e = p.comprehension("dict", key, value)
	case dict:
		e.Args = []*Expr{key, value}
		for p.accept(",") {
			if p.is("}") {
				break
			}
			key, value, dict = pair()
			if !dict {
				p.fail("a value is missing")
			}
			e.Args = append(e.Args, key, value)
		}
	case p.is("for") || p.is("async"):
		e = p.comprehension("set", key)
	default:
		e.Kind = Set
		e.Args = p.items(key, "}")
	}
	p.expect("}")
	return e
}

// strings joins adjacent strings.
func (p *parser) strings() *Expr {
	e := &Expr{Kind: String, Line: p.tok.line}
	var parts []*Expr
	formatted := false
	for p.tok.kind == tString {
		t := p.tok
		switch {
		case strings.ContainsAny(t.prefix, "ft"):
			formatted = true
			parts = append(parts, p.fstring(t.text, t.line, strings.Contains(t.prefix, "r"), 0)...)
		default:
			text := t.text
			if !strings.Contains(t.prefix, "r") {
				text = unescape(text)
			}
			if strings.Contains(t.prefix, "b") {
				e.Kind = Bytes
			}
			parts = append(parts, &Expr{Kind: String, Line: t.line, Text: text})
		}
		p.advance()
	}
	if formatted {
		return &Expr{Kind: FString, Line: e.Line, Args: parts}
	}
	var b strings.Builder
	for _, part := range parts {
		b.WriteString(part.Text)
	}
	e.Text = b.String()
	return e
}

// fstring cuts the text of an f-string into strings and fields.
func (p *parser) fstring(s string, line int, raw bool, depth int) []*Expr {
	if depth > 3 {
		p.fail("the f-string is nested too deeply")
	}
	var parts []*Expr
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			t := text.String()
			if !raw {
				t = unescape(t)
			}
			parts = append(parts, &Expr{Kind: String, Line: line, Text: t})
			text.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && !raw:
			text.WriteByte(c)
			i++
			text.WriteByte(s[i])
		case (c == '{' || c == '}') && i+1 < len(s) && s[i+1] == c && depth == 0:
			text.WriteByte(c)
			i++
		case c == '}':
			p.fail("a single } in an f-string")
		case c == '{':
			flush()
			field, n := p.field(s[i+1:], line, raw, depth)
			parts = append(parts, field)
			i += n
		default:
			text.WriteByte(c)
		}
	}
	flush()
	return parts
}

// field reads a replacement field after its brace, and says how long it is with the brace that closes it.
func (p *parser) field(s string, line int, raw bool, depth int) (*Expr, int) {
	open, quote := 0, byte(0)
	end := -1
scan:
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.IndexByte("([{", c) >= 0:
			open++
		case open > 0 && strings.IndexByte(")]}", c) >= 0:
			open--
		case open == 0 && (c == '}' || c == ':' || c == '!' && (i+1 >= len(s) || s[i+1] != '=')):
			end = i
			break scan
		}
	}
	if end < 0 {
		p.fail("a field of an f-string is never closed")
	}
	source := s[:end]
	f := &Expr{Kind: Field, Line: line, Args: []*Expr{nil, nil}}
	if trimmed := strings.TrimRight(source, " "); strings.HasSuffix(trimmed, "=") && !strings.HasSuffix(trimmed, "==") {
		f.Spec = source
		source = strings.TrimSuffix(trimmed, "=")
	}
	if strings.TrimSpace(source) == "" {
		p.fail("an empty field in an f-string")
	}
	e, err := ParseExpr(source, line)
	if err != nil {
		panic(err)
	}
	f.Args[0] = e
	if s[end] == '!' && end+1 < len(s) {
		f.Text = s[end+1 : end+2]
		end += 2
	}
	if end < len(s) && s[end] == ':' {
		from := end + 1
		nested := 0
		for end = from; end < len(s) && (nested > 0 || s[end] != '}'); end++ {
			switch s[end] {
			case '{':
				nested++
			case '}':
				nested--
			}
		}
		f.Args[1] = &Expr{Kind: FString, Line: line, Args: p.fstring(s[from:min(end, len(s))], line, raw, depth+1)}
	}
	if end >= len(s) || s[end] != '}' {
		p.fail("a field of an f-string is never closed")
	}
	return f, end + 1
}
