package port

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/gokeras/gokeras/port/internal/python"
)

// Modules of the notebook's own: Python files in its folder, and in folders that sys.path.append names. Their functions, classes and variables become
// those of the program, each looked up in the module that defines it, so that the same name in two modules means two things.

// local is such a module.
type local struct {
	name   string // as Python names it: "models.blocks"
	number int    // from 1, in the order in which they are imported
	pkg    bool   // it is a package: modules beside its __init__.py are its parts
	scope  *scope
	file   *python.File
	all    []string // what __all__ names, where that is written out
}

// path is the module's file.
func (m *local) path() string {
	path := strings.ReplaceAll(m.name, ".", "/")
	if m.pkg {
		path += "/__init__"
	}
	return path + ".py"
}

// home is where something is defined: in the notebook, or in a module.
type home struct {
	scope *scope
	file  *python.File
	local *local // nil in the notebook
}

func (t *translator) here() home { return home{t.module, t.file, t.local} }

// enter goes to where something is defined, and returns the way back.
func (t *translator) enter(h home) func() {
	old := t.here()
	if h.scope == nil {
		return func() {}
	}
	h.scope.fn = t.module.fn
	t.module, t.file, t.local = h.scope, h.file, h.local
	return func() { t.module, t.file, t.local = old.scope, old.file, old.local }
}

// inHome computes something as it is where it is defined, such as the default of a parameter.
func (t *translator) inHome(h home, f func() *value) *value {
	if h.scope == nil || h.local == t.scopeLocal() {
		return f()
	}
	defer t.enter(h)()
	old := t.sc
	t.sc = h.scope
	defer func() { t.sc = old }()
	return f()
}

// scopeLocal is the module to which the code belongs that is being translated, nil for the notebook.
func (t *translator) scopeLocal() *local {
	for sc := t.sc; sc != nil; sc = sc.parent {
		if sc.top {
			return sc.local
		}
	}
	return nil
}

// at is the cell, or a number for the module, to which line numbers belong.
func (t *translator) at() int {
	if t.local != nil {
		return -t.local.number
	}
	return t.item.Cell
}

// builtIn are modules of Python's that it looks for before those in folders.
var builtIn = []string{"sys", "time", "builtins", "marshal", "itertools", "gc", "errno", "math", "array", "zipimport"}

// findModule looks for a module's file in the folders of sys.path. A folder without __init__.py counts where it is named with a part of it: "" is its text.
func (t *translator) findModule(name string) (text []byte, pkg, ok bool) {
	if t.o.Folder == "" || name == "" || slices.Contains(builtIn, name) {
		return nil, false, false
	}
	parts := strings.Split(name, ".")
	for _, p := range parts {
		if p == "" || strings.ContainsFunc(p, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			return nil, false, false
		}
	}
	for _, dir := range t.paths {
		base := filepath.Join(append([]string{dir}, parts...)...)
		for _, file := range []string{filepath.Join(base, "__init__.py"), base + ".py"} {
			raw, err := readModule(file)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, false, false
			}
			return raw, strings.HasSuffix(file, "__init__.py"), true
		}
	}
	return nil, false, false
}

// readModule reads a Python file.
func readModule(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fs.ErrNotExist
	}
	if !info.Mode().IsRegular() || info.Size() > maxNotebook {
		return nil, fmt.Errorf("%s isn't a file of Python's", file)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return raw, checkText(raw)
}

// load gives a module of the notebook's, nil if there is none of this name. What it imports and computes is translated at its first import.
func (t *translator) load(name string, s *python.Stmt) *local {
	if m := t.locals[name]; m != nil {
		return m
	}
	raw, pkg, ok := t.findModule(name)
	if !ok {
		return nil
	}
	if len(t.locals) >= 200 {
		panic(&left{s.Line, "the notebook has too many modules"})
	}
	source := Cell{Source: string(raw)}.python()
	m := &local{name: name, number: len(t.locals) + 1, pkg: pkg, file: python.Parse(source)}
	m.scope = &scope{names: map[string]*binding{}, top: true, local: m}
	if t.locals == nil {
		t.locals = map[string]*local{}
	}
	t.locals[name] = m // also while it is being translated: modules may import each other
	t.read(source, -m.number, m.file.Stmts)

	top, out, pending, sc := t.sc.top && t.sc.step == nil, t.out, t.pending, t.sc
	back := t.enter(home{m.scope, m.file, m})
	var lines []*line
	t.sc, t.out, t.pending = m.scope, &lines, nil
	for _, stmt := range m.file.Stmts {
		t.ofModule(m, stmt)
	}
	back()
	t.sc, t.out, t.pending = sc, out, pending
	if len(lines) > 0 && !top {
		delete(t.locals, name)
		panic(&left{s.Line, fmt.Sprintf("the module %s, which computes something, is imported first in a function: that isn't translated", name)})
	}
	for _, l := range lines {
		t.emit(l)
	}
	return m
}

// ofModule translates a statement at the top of a module.
func (t *translator) ofModule(m *local, s *python.Stmt) {
	if s.Kind == python.ExprStmt && s.Value.Kind == python.String {
		return
	}
	if s.Kind == python.Assign && len(s.Targets) == 1 && s.Targets[0].Kind == python.Name && s.Targets[0].Text == "__all__" {
		for _, e := range s.Value.Args {
			m.all = append(m.all, e.Text)
		}
		return
	}
	mark := len(*t.out)
	l := t.attempt(func() { t.translate(s) })
	if l == nil {
		return
	}
	*t.out = (*t.out)[:mark]
	if s.Kind == python.Def || s.Kind == python.Class {
		// Nothing happens by it: what uses it is left.
		t.forget([]*python.Stmt{s}, fmt.Sprintf("isn't translated: line %d of %s: %s", max(l.line, s.Line), m.path(), l.reason))
		return
	}
	t.leave(s, &left{s.Line, fmt.Sprintf("line %d of %s: %s", max(l.line, s.Line), m.path(), l.reason)})
}

// nameOfModule is what a module has under a name; nil if it has none.
func (t *translator) nameOfModule(m *local, name string, e *python.Expr) *value {
	if v, _ := t.resolve(m.scope, name, e); v != nil {
		return v
	}
	if sub := t.locals[m.name+"."+name]; sub != nil {
		return &value{local: sub}
	}
	return nil
}

// absolute is the name of a module that a statement names from where it stands.
func (t *translator) absolute(name string) string {
	rest := strings.TrimLeft(name, ".")
	up := len(name) - len(rest)
	if up == 0 || t.local == nil {
		return name
	}
	parts := strings.Split(t.local.name, ".")
	if !t.local.pkg {
		parts = parts[:len(parts)-1]
	}
	if up--; up > len(parts) {
		return name
	}
	parts = parts[:len(parts)-up]
	if rest != "" {
		parts = append(parts, rest)
	}
	return strings.Join(parts, ".")
}

// importLocal is `import a.b` of a module of the notebook's own; false if it isn't one.
func (t *translator) importLocal(a python.Alias, s *python.Stmt) bool {
	parts := strings.Split(a.Name, ".")
	var first, last *local
	for i := range parts {
		m := t.load(strings.Join(parts[:i+1], "."), s)
		if m == nil && (i == len(parts)-1 || last != nil) {
			if last != nil {
				panic(&left{s.Line, fmt.Sprintf("%s has no module %s", last.name, parts[i])})
			}
			return false
		}
		if m == nil { // a folder without __init__.py
			if _, _, ok := t.findModule(a.Name); !ok {
				return false
			}
			m = t.folder(strings.Join(parts[:i+1], "."))
		}
		if last = m; i == 0 {
			first = m
		}
	}
	name, m := a.As, last
	if name == "" {
		name, m = parts[0], first
	}
	t.sc.names[name] = &binding{v: &value{local: m}}
	return true
}

// folder is a folder of modules that has no __init__.py.
func (t *translator) folder(name string) *local {
	if t.locals[name] == nil {
		m := &local{name: name, number: len(t.locals) + 1, pkg: true, file: &python.File{}}
		m.scope = &scope{names: map[string]*binding{}, top: true, local: m}
		if t.locals == nil {
			t.locals = map[string]*local{}
		}
		t.locals[name] = m
	}
	return t.locals[name]
}

// fromLocal is `from a.b import c` of a module of the notebook's own; false if it isn't one.
func (t *translator) fromLocal(s *python.Stmt) bool {
	name := t.absolute(s.Module)
	if name == "" || strings.HasPrefix(name, ".") {
		return false
	}
	var m *local
	parts := strings.Split(name, ".")
	for i := range parts { // a package's own code runs before that of its parts
		m = t.load(strings.Join(parts[:i+1], "."), s)
	}
	if m == nil {
		for _, a := range s.Names {
			if t.load(name+"."+a.Name, s) == nil {
				return false
			}
		}
		m = t.folder(name)
	}
	for _, a := range s.Names {
		if a.Name == "*" {
			t.allOf(m, s)
			continue
		}
		e := &python.Expr{Kind: python.Name, Line: s.Line, Text: a.Name}
		if b := m.scope.names[a.Name]; b == nil {
			t.load(m.name+"."+a.Name, s)
		}
		as := a.As
		if as == "" {
			as = a.Name
		}
		l := t.attempt(func() {
			v := t.nameOfModule(m, a.Name, e)
			if v == nil {
				fail(e, "%s.%s isn't defined", m.name, a.Name)
			}
			t.bindImported(as, v, e)
		})
		if l != nil {
			t.sc.names[as] = &binding{unknown: strings.TrimPrefix(l.reason, a.Name+" ")}
		}
	}
	return true
}

// allOf is `from m import *`.
func (t *translator) allOf(m *local, s *python.Stmt) {
	for _, name := range sortedKeys(m.scope.names) {
		if strings.HasPrefix(name, "_") && m.all == nil || m.all != nil && !slices.Contains(m.all, name) || t.mentions[name] == 0 {
			continue
		}
		e := &python.Expr{Kind: python.Name, Line: s.Line, Text: name}
		if l := t.attempt(func() { t.bindImported(name, t.nameOfModule(m, name, e), e) }); l != nil {
			t.sc.names[name] = &binding{unknown: strings.TrimPrefix(l.reason, name+" ")}
		}
	}
}

// bindImported binds a name to what a module has: a variable of its own, since either may get another value.
func (t *translator) bindImported(name string, v *value, e *python.Expr) {
	if compileTime(v) {
		t.sc.names[name] = &binding{v: v}
		return
	}
	if v.open != nil || v.optional != "" {
		fail(e, "%s, %s, can't be imported here", e.Text, v.describe())
	}
	if v.kind == "list" && slices.ContainsFunc(t.growth, func(g growth) bool { return !g.anew && (g.name == name || g.name == e.Text) }) {
		fail(e, "a list of a module that grows isn't translated")
	}
	t.bindName(name, v, e)
}

// searchPath is sys.path.append and sys.path.insert: a folder in which modules lie.
func (t *translator) searchPath(path string, c *call) *value {
	at := 1
	if strings.HasSuffix(path, "insert") {
		at++
	}
	dir, ok := "", false
	if at < len(c.e.Args) {
		dir, ok = t.constantPath(c.e.Args[at])
	}
	if !ok || t.o.Folder == "" {
		t.approximate("%s is left out", path)
		return done("")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(t.o.Folder, dir)
	}
	if !slices.Contains(t.paths, dir) {
		t.paths = append(t.paths, dir)
	}
	return done("")
}

// constantPath is a path that is written out, in the notebook's folder.
func (t *translator) constantPath(e *python.Expr) (string, bool) {
	switch e.Kind {
	case python.String:
		return e.Text, true
	case python.Name:
		if e.Text == "__file__" {
			return t.o.Name, true
		}
	case python.Call:
		f := t.expr(e.Args[0])
		var parts []string
		for _, a := range e.Args[1:] {
			p, ok := t.constantPath(a)
			if !ok {
				return "", false
			}
			parts = append(parts, p)
		}
		switch {
		case f.path == "os.path.join":
			return filepath.Join(parts...), true
		case f.path == "os.getcwd" && len(parts) == 0:
			return ".", true
		case len(parts) != 1:
		case f.path == "os.path.dirname":
			return filepath.Dir(parts[0]), true
		case f.path == "os.path.abspath", f.path == "os.path.realpath":
			return parts[0], true
		}
	}
	return "", false
}

// read notes what a cell or a module says, for questions that are asked of the whole source.
func (t *translator) read(source string, at int, stmts []*python.Stmt) {
	t.source += source + "\n"
	for _, word := range strings.FieldsFunc(source, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		t.mentions[word]++
	}
	grown(stmts, func(s *python.Stmt, name string, anew bool) {
		if name != "" {
			t.growth = append(t.growth, growth{at, s, name, anew})
		}
	})
}
