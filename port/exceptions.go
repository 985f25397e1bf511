package port

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/python"
)

// catches finds handlers that a key which a dict doesn't have, or a division by zero, may come to.
var catches = regexp.MustCompile(`(?m)^\s*except\s*(?::|[^:\n]*\b(?:KeyError|LookupError|ZeroDivisionError|ArithmeticError|Exception|BaseException)\b)`)

// escape is how the body of a try is left by return, break or continue: it is a function, which can't do that itself.
type escape struct {
	how     *variable
	used    map[string]bool
	results []*variable // of a return
	loops   int         // around the statement, in the body
}

const escapes = "break continue return"

// leaveTry is break, continue or return in the body of a try; false elsewhere.
func (t *translator) leaveTry(kind string) bool {
	if t.escape == nil || kind != "return" && t.escape.loops > 0 {
		return false
	}
	t.escape.used[kind] = true
	t.emit(&line{lhs: []*variable{t.escape.how}, code: strconv.Quote(kind)})
	t.code("return")
	return true
}

// returnFromTry keeps what a return in the body of a try gives.
func (t *translator) returnFromTry(types []typ, codes []string) bool {
	if t.escape == nil {
		return false
	}
	for i, ty := range types {
		if len(t.escape.results) == i {
			t.escape.results = append(t.escape.results, t.newVar("result", ty.goT))
			t.use(strings.TrimLeft(ty.goT, "[]*"))
		}
		t.emit(&line{lhs: []*variable{t.escape.results[i]}, code: codes[i]})
	}
	return t.leaveTry("return")
}

// tryStmt is a try statement. What is raised is an exception of package np or any other panic.
func (t *translator) tryStmt(s *python.Stmt) {
	imports := true
	for _, b := range s.Body {
		imports = imports && (b.Kind == python.Import || b.Kind == python.From || b.Kind == python.Pass)
	}
	var handlers []*python.Stmt
	var otherwise, finally *python.Stmt
	for _, h := range s.Else {
		switch h.Kind {
		case "except":
			handlers = append(handlers, h)
		case "else":
			otherwise = h
		case "finally":
			finally = h
		}
	}
	if imports || len(handlers) == 0 {
		for _, b := range s.Body {
			t.stmt(b)
		}
		for _, h := range []*python.Stmt{otherwise, finally} {
			if h != nil {
				for _, b := range h.Body {
					t.stmt(b)
				}
			}
		}
		return
	}
	out := t.escape
	defer func() { t.escape = out }()
	way := &escape{used: map[string]bool{}}
	if body := append(slices.Clone(s.Body), elseOf(otherwise)...); leaves(body) {
		if t.sc.step != nil {
			panic(&left{s.Line, "a try in a training step that is left by return, break or continue isn't translated"})
		}
		way.how = t.newVar("leave", "string")
		t.emit(&line{lhs: []*variable{way.how}, code: `""`})
	}
	before := t.snapshot()
	failed := t.newVar("failed", "error")
	failed.given = true
	l := t.emit(&line{code: failed.ref() + " := " + t.helper("try") + "(func()", block: true, closing: ")"})
	t.escape = way
	t.block(&l.body, s.Body)
	if otherwise != nil {
		t.block(&l.body, otherwise.Body)
	}
	t.escape = out
	t.merge(before, s.Line)
	first, lost := map[string]*binding{}, map[string]*binding{}
	t.newNames(before, first, lost, s.Line)
	end := &line{code: "if " + failed.ref() + " != nil", block: true}
	for i, h := range handlers {
		classes := t.exceptionClasses(h)
		code := "if " + failed.ref() + " != nil"
		if len(classes) > 0 && !(len(handlers) == 1 && slices.Equal(classes, []string{"Exception"})) {
			code += " && " + t.helper("raised") + "(" + failed.ref() + ", " + quoted(classes) + ")"
		}
		if i == 0 {
			end.code = code
			t.emit(end)
		} else {
			end.orElse = &line{code: code, block: true}
			end = end.orElse
		}
		t.handler(h, failed, &end.body)
		t.merge(before, s.Line)
		t.newNames(before, first, lost, s.Line)
	}
	for name, b := range lost {
		t.sc.names[name] = b
	}
	if strings.Contains(end.code, "&&") {
		end.orElse = &line{code: "if " + failed.ref() + " != nil", block: true, body: []*line{{code: "panic(" + failed.ref() + ")"}}}
	}
	if finally != nil {
		for _, b := range finally.Body {
			t.stmt(b)
		}
	}
	t.leaveAfter(way)
}

// leaveAfter leaves the place of a try as its body was left.
func (t *translator) leaveAfter(way *escape) {
	for _, kind := range strings.Fields(escapes) {
		if !way.used[kind] {
			continue
		}
		l := t.emit(&line{code: "if " + way.how.ref() + " == " + strconv.Quote(kind), block: true})
		out := t.out
		t.out = &l.body
		if kind == "break" && t.unbroken != nil && (t.escape == nil || t.escape.loops > 0) {
			t.emit(&line{lhs: []*variable{t.unbroken}, code: "false"})
		}
		var types []typ
		var codes []string
		for _, v := range way.results {
			types, codes = append(types, typ{goT: v.goType}), append(codes, v.ref())
		}
		switch {
		case kind == "return" && t.returnFromTry(types, codes):
		case kind == "return":
			t.code("%s", strings.TrimSpace("return "+strings.Join(codes, ", ")))
		case !t.leaveTry(kind):
			t.code("%s", kind)
		}
		t.out = out
	}
}

func elseOf(s *python.Stmt) []*python.Stmt {
	if s == nil {
		return nil
	}
	return s.Body
}

// exceptionClasses are the names of the classes that a handler takes, none for all.
func (t *translator) exceptionClasses(h *python.Stmt) (names []string) {
	if h.Value == nil {
		return nil
	}
	each := []*python.Expr{h.Value}
	if h.Value.Kind == python.Tuple {
		each = h.Value.Args
	}
	for _, e := range each {
		if e.Kind != python.Name && e.Kind != python.Attr {
			fail(h.Value, "this exception isn't translated")
		}
		names = append(names, e.Text)
	}
	return names
}

// handler is what is done with an exception.
func (t *translator) handler(h *python.Stmt, failed *variable, body *[]*line) {
	if h.Text != "" {
		t.sc.names[h.Text] = &binding{v: &value{typ: tStr, code: t.helper("exceptionText") + "(" + failed.ref() + ")"}}
	}
	outer := t.handling
	t.handling = failed
	t.block(body, h.Body)
	t.handling = outer
	if h.Text != "" {
		delete(t.sc.names, h.Text)
	}
}
