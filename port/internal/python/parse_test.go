package python

import (
	"strings"
	"testing"
	"time"
)

// Parts of today's grammar, each read without a Bad statement.
var grammar = []string{
	"x = 1_000 + 0xFF + 1e-3 + .5 + 1. + 3j",
	"a = b = c, *d = e",
	"x: int = 3\ny: list[int]",
	"def f(a, /, b: int = 2, *args, c=3, **kw) -> int:\n    return a\n",
	"@dec(1)\n@other\nclass A(B, metaclass=M):\n    x = 1\n    def f(self): pass\n",
	"print(f'{a:.4f} {b!r:>{width}} {{x}} {c=}', end='')",
	"print(f'{d['k']} and {f(\"x\")}')",
	"match cmd:\n    case [x, *rest] if x:\n        pass\n    case {'a': 1, **kw} | None:\n        pass\n    case Point(x=0) as p:\n        pass\n    case _:\n        pass\n",
	"match = 3\nmatch.x = 4\nprint(match)",
	"if (n := len(a)) > 10: pass\nelif n: x = 1; y = 2\nelse:\n    pass",
	"with open('a') as f, open('b') as g:\n    pass\nwith (open('a') as f, open('b') as g):\n    pass",
	"try:\n    pass\nexcept (A, B) as e:\n    raise X from e\nexcept* C:\n    pass\nelse:\n    pass\nfinally:\n    pass",
	"x = [i * 2 for i in range(3) if i if i > 1 for j in i]\ny = {k: v for k, v in d.items()}\nz = {i for i in x}\ng = (i for i in x)",
	"x = lambda a, *b, c=1, **d: a + 1 if a else b",
	"a[1:2, ..., ::-1, None, :] = b[:, None][x > 3]",
	"async def f():\n    await g()\n    async for i in x:\n        yield i\n    return [x async for x in y]",
	"x = a if b else c\nx = not a in b and c is not d or e not in f",
	"x = (1 +\n     2)  # comment\ny = 'a' \"b\" \\\n    'c'\n",
	"global x\ndel a, b[1]\nassert x, 'no'",
	"from . import a\nfrom ..b.c import (d as e, f,)\nimport a.b.c as d, e\nfrom x import *",
	"type X = int\ntype = 3\ntype(x)\n",
	"def g[T: int](x: T) -> T: return x",
	"x @ y @= 3" + "\n",
	"s = '''a\n  b'''\nt = r'\\d' b'x'\n",
	"for i, (a, b) in enumerate(x):\n\tif i:\n\t\tcontinue\n\tbreak\nelse:\n\tpass\n",
	"f(*a, **b, c=1)(x)[1].y",
	"x = {**a, 'b': 1, }\ny = {*a, 1}\nz = ()\nw = (1,)\n",
}

func TestGrammar(t *testing.T) {
	for _, src := range grammar {
		for _, s := range Parse(src).Stmts {
			if s.Kind == Bad && src != "x @ y @= 3\n" {
				t.Errorf("%q: line %d: %s", src, s.Line, s.Text)
			}
		}
	}
}

func TestBrokenPlaces(t *testing.T) {
	f := Parse("a = 1\nb = (2\nc = 3\nprint 'x'\nd = 4\n  e = 5\ng = 6\n")
	var kinds []string
	for _, s := range f.Stmts {
		kinds = append(kinds, string(s.Kind))
	}
	if got := strings.Join(kinds, " "); got != "assign bad bad assign bad assign" {
		t.Errorf("statements are %s", got)
	}
	if f = Parse("a = 1\nprint 'x'\nb = 2"); len(f.Stmts) != 3 || f.Stmts[1].Kind != Bad || f.Stmts[2].Kind != Assign {
		t.Errorf("%d statements around a broken one", len(f.Stmts))
	}
}

func TestLines(t *testing.T) {
	f := Parse("# one\nx = f(1,\n      2)  # two\nif x:\n    y = 1\n    # three\n\nz = 1\n")
	if len(f.Stmts) != 3 || f.Stmts[0].Line != 2 || f.Stmts[0].End != 3 || f.Stmts[1].End != 5 || f.Stmts[2].Line != 8 {
		for _, s := range f.Stmts {
			t.Logf("%s %d-%d", s.Kind, s.Line, s.End)
		}
		t.Error("wrong lines")
	}
	if len(f.Comments) != 3 || !f.Comments[0].Alone || f.Comments[1].Alone || f.Comments[2].Line != 6 {
		t.Errorf("comments: %v", f.Comments)
	}
}

func TestHostile(t *testing.T) {
	for _, src := range []string{
		strings.Repeat("(", 1e5), strings.Repeat("(\n", 1e5), strings.Repeat("[", 50) + strings.Repeat("x\n", 1e4), strings.Repeat("-", 1e5) + "1",
		strings.Repeat("not ", 1e5), strings.Repeat("1+", 1e5) + "1", "x" + strings.Repeat(".a", 1e5), strings.Repeat("if x:\n ", 1e4), "\x00\xff\xfe",
		strings.Repeat("2**", 1e5) + "1", strings.Repeat("lambda: ", 1e5), "f'" + strings.Repeat("{", 1e5), strings.Repeat("'''", 3), strings.Repeat("x = 'a\n", 1e4),
		"if 1:\n x\n" + strings.Repeat("elif 1:\n x\n", 1e4),
	} {
		start := time.Now()
		Parse(src)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%.20q took %v", src, took)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, src := range grammar {
		f.Add(src)
	}
	f.Fuzz(func(_ *testing.T, src string) {
		file := Parse(src)
		for _, s := range file.Stmts {
			file.Source(s)
		}
	})
}
