package port

import (
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/internal/goapi"
	"github.com/gokeras/gokeras/port/internal/python"
)

// Options say how a program is written.
type Options struct {
	// Name is what the program is called in its comments: the notebook's file name.
	Name string
	// Package makes a library of that name instead of a program: Run does what the notebook does, functions are exported, flags are variables.
	Package string
	// Notebook makes a notebook for the kernel GoNB, notebook.ipynb, instead of a program's files.
	Notebook bool
	// Module is the module path of the program, "ported" if empty.
	Module string
	// Folder is the notebook's folder: modules that it imports are read there. "" reads none.
	Folder string
	// Replace is the folder of a checkout of gokeras that the program's go.mod uses instead of a released version.
	Replace string
	// proof makes a program that compares itself with what Python gave: package prove.
	proof bool
}

// Program is what Translate makes: files by name, and the report.
type Program struct {
	Files  map[string][]byte
	Report *Report
}

type def struct {
	stmt   *python.Stmt
	lambda *python.Expr
	home   home
	env    *scope    // of a function inside of another one
	now    *instance // what is being translated of it
	nowKey string
	name   string
	done   map[string]*instance
	busy   bool
	group  bool     // statements that are one step
	wanted []string // of a group: the names that are read outside of it
}

type instance struct {
	name   string
	shared map[int]bool // the parameters that are pointers to lists, since the function lets them grow
	module *value       // it returns a module, such as pyplot
	result *typ
	err    *left
	// captured are the variables of functions around it that it reads: parameters behind the others.
	captured []capture
	body     []*python.Stmt
	python   string // its name in the notebook
	recursed int    // how many they were where it called itself, and one more
	// reports are what a training step returns, by the names that it is reported by.
	reports []string
}

type binding struct {
	v       *value
	unknown string // why nothing is known of it
	mixed   bool   // it is unknown since it may be of two kinds
	// last is of a loop's variable behind the loop: the place at which its last value would have to be kept, and its type.
	last string
	// none is of a name that is None: the place at which it became so.
	none string
	ty   typ
}

type scope struct {
	names  map[string]*binding
	fn     *function
	result *typ
	module *value    // what a function returns, if that is a module
	inst   *instance // of a function of the program
	step   *step     // of a training step
	parent *scope
	// globals are the names that a function says are those of the program.
	globals []string
	top     bool   // of the notebook, or of a module of its own
	local   *local // of a module's top: the module
}

type translator struct {
	o               Options
	imports         map[string]bool
	helpers         map[string]bool
	words           map[string]bool // named string types, by package and name
	vars            []*variable
	funcs           []*function
	defs            []*function
	sc              *scope
	module          *scope
	out             *[]*line
	file            *python.File
	local           *local                 // the module whose code is being translated, nil for the notebook
	locals          map[string]*local      // modules of the notebook's own, by name
	paths           []string               // folders of modules
	fitted          *value                 // the object of a class whose fit is translated
	inCall          bool                   // the call of a notebook's layer on a symbolic tensor is being translated
	ownMade         map[string]int         // how many layers with weights of their own the classes have
	mentions        map[string]int         // how often words stand in the cells
	source          string                 // of all cells
	trainsVariables map[string]*stepModels // the steps in which optimizers train variables, by the optimizers' code
	inMetric        *classObject           // the metric of the notebook's whose update or result is being translated
	item            *Item
	report          *Report
	metrics         map[string]bool // models, by variable, that are compiled with metrics
	taken           map[string]bool
	declared        []string // variables of the package with a value
	intro           []string // headings before the first cell
	pending         []string // comments that wait for a statement
	depth           int
	lambdas         int
	// floats are names that hold numbers first and floats or arrays later, and which of them, as the translation before this one has
	// found; grown are those that this one finds.
	floats, grown map[string]string
	// lists are the types of empty lists by where they are made, as the translation before this one has found; found are those that this one
	// finds, and wanted the lists whose type was asked for before it was known.
	lists, found map[string]typ
	wanted       map[string]bool
	clashes      map[string]bool // the lists that are of several kinds in one translation
	flags        map[string]bool
	growth       []growth // of all cells
	// unbroken is the variable that says whether no break left the loop that is being translated, where the loop has an else.
	unbroken *variable
	escape   *escape // of the body of a try
	// catches says that a program may handle a key that a dict doesn't have.
	catches bool
	// handling is the error of the handler that is being translated.
	handling *variable
	// textRows is how many texts of a data set the notebook counts on, where it says so.
	textRows int
	// doc is the text that a script begins with.
	doc *value
	// channelsFirst says that the notebook has set images to have their channels first.
	channelsFirst bool
	// whole says that the notebook counts on the number of a data set's images.
	whole bool
}

var countsImages = regexp.MustCompile(`\b[56]0000\b`)

// slicesFar finds slices that begin or end far behind the texts that are made up otherwise, such as x[:10000].
var slicesFar = regexp.MustCompile(`\[\s*(?::\s*([0-9]{4,5})\b|([0-9]{4,5})\s*:)`)

// Translate makes a Go program of a notebook. It never fails: what can't be translated stands in the program as comments, and in the report.
func Translate(nb *Notebook, o Options) (*Program, error) {
	if o.Package != "" && (!token.IsIdentifier(o.Package) || o.Package == "main" || o.Package == "_" || knownPackages[o.Package] != "" || slices.Contains(goWords, o.Package)) {
		return nil, fmt.Errorf("%q can't be the name of the package", o.Package)
	}
	if o.Package != "" && o.Notebook {
		return nil, errors.New("a notebook isn't a package")
	}
	floats, lists := map[string]string{}, map[string]typ{}
	for range 4 {
		t := translate(nb, o, floats, lists)
		before, known := maps.Clone(floats), len(lists)
		for place := range t.wanted {
			if ty := t.found[place]; ty.goT != "" {
				lists[place] = ty
			}
		}
		for name, kind := range t.grown {
			if floats[name] != "array" {
				floats[name] = kind
			}
		}
		if maps.Equal(before, floats) && len(lists) == known {
			return t.program(t.intro)
		}
	}
	t := translate(nb, o, floats, lists)
	return t.program(t.intro)
}

// translate is one translation; Translate goes on until it finds nothing that would have changed it.
func translate(nb *Notebook, o Options, floats map[string]string, lists map[string]typ) *translator {
	t := &translator{floats: floats, grown: map[string]string{}, lists: lists, found: map[string]typ{}, wanted: map[string]bool{}, clashes: map[string]bool{}, o: o, imports: map[string]bool{}, helpers: map[string]bool{}, words: map[string]bool{}, metrics: map[string]bool{},
		taken: maps.Clone(helperNames), report: &Report{Notebook: o.Name}, flags: map[string]bool{}}
	for pkg, p := range goapi.Table() {
		for _, w := range p.Words {
			t.words[pkg+"."+w] = true
		}
	}
	for _, w := range []string{"activations.Name", "symbolic.DTypePolicy", "np.DType"} {
		t.words[w] = true
	}
	t.whole = slices.ContainsFunc(nb.Cells, func(c Cell) bool { return !c.Markdown && countsImages.MatchString(c.python()) })
	for _, c := range nb.Cells {
		if !c.Markdown {
			for _, m := range slicesFar.FindAllStringSubmatch(c.python(), -1) {
				n, _ := strconv.Atoi(m[1] + m[2])
				t.textRows = max(t.textRows, min(n, 20000)+512)
			}
		}
	}
	t.mentions = map[string]int{}
	for i, c := range nb.Cells {
		if !c.Markdown {
			t.read(c.python(), i+1, python.Parse(c.python()).Stmts)
		}
	}
	t.catches = catches.MatchString(t.source)
	t.paths = []string{o.Folder}
	t.module = &scope{names: map[string]*binding{}, top: true}
	t.sc = t.module
	section := &function{name: "notebook"}
	open := func(title string) {
		if len(section.body) > 0 {
			t.funcs = append(t.funcs, section)
		}
		section = &function{name: t.functionName(title), comments: []string{title}}
		t.module.fn = section
	}
	section.name = t.functionName("notebook")
	section.comments = []string{section.name + " is the notebook."}
	t.module.fn = section
	first := true
	for i, cell := range nb.Cells {
		if cell.Markdown {
			for _, h := range cell.headings() {
				if first {
					t.intro = append(t.intro, h)
					first = false
					continue
				}
				open(h)
			}
			continue
		}
		first = false
		t.cell(i, cell, section)
	}
	if len(section.body) > 0 || len(t.funcs) == 0 {
		t.funcs = append(t.funcs, section)
	}
	return t
}

// functionName makes a name that no other function has of a title.
func (t *translator) functionName(title string) string {
	var words []string
	for _, w := range strings.FieldsFunc(title, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') }) {
		if len(words) == 0 && w[0] >= '0' && w[0] <= '9' {
			continue
		}
		words = append(words, strings.ToLower(w))
		if len(words) == 6 {
			break
		}
	}
	name := camel(strings.Join(words, "_"))
	if name == "ignored" {
		name = "section"
	}
	if knownPackages[name] != "" || name == "must" || name == "fmt" || name == "os" {
		name += "Section"
	}
	name = free(name, t.taken)
	t.taken[name] = true
	return name
}

// cell translates a cell into a section.
func (t *translator) cell(n int, c Cell, section *function) {
	t.file = python.Parse(c.python())
	if s := t.file.Stmts; n == 0 && len(s) > 0 && s[0].Kind == python.ExprStmt && s[0].Value.Kind == python.String {
		t.doc = &value{typ: tStr, code: strconv.Quote(s[0].Value.Text), konst: true}
	}
	t.out = &section.body
	mark := len(section.body)
	comments := t.file.Comments
	take := func(line int) {
		for len(comments) > 0 && comments[0].Line <= line {
			text := strings.TrimSpace(strings.TrimLeft(comments[0].Text, "#"))
			if !strings.HasPrefix(text, magicMark) && text != "" && comments[0].Alone {
				t.pending = append(t.pending, text)
			}
			comments = comments[1:]
		}
	}
	unwrapped := unwrapped(t.file.Stmts)
	stmts := t.grouped(unwrapped)
	for i, s := range stmts {
		take(s.Line)
		if s.Kind == python.Def || s.Kind == python.For || s.Kind == python.If || s.Kind == python.While || s.Kind == python.With || s.Kind == stepGroup {
			// Comments inside stay with the statements there.
			for len(comments) > 0 && comments[0].Line <= s.End {
				comments = comments[1:]
			}
		}
		t.top(n, s, i == len(stmts)-1)
		for len(comments) > 0 && comments[0].Line <= s.End {
			comments = comments[1:]
		}
	}
	take(1 << 30)
	t.pending = nil
	if t.o.proof {
		t.proven(n+1, unwrapped)
	}
	if mark > 0 && mark < len(section.body) {
		section.body[mark].gap = true
	}
}

// unwrapped puts the statements of `if __name__ == "__main__"` in its place.
func unwrapped(stmts []*python.Stmt) []*python.Stmt {
	var out []*python.Stmt
	for _, s := range stmts {
		if c := s.Value; s.Kind == python.If && c.Kind == python.Compare && c.Args[0].Kind == python.Name && c.Args[0].Text == "__name__" && len(s.Else) == 0 {
			out = append(out, s.Body...)
			continue
		}
		out = append(out, s)
	}
	return out
}

// top translates a statement at the top of a cell and notes it in the report.
func (t *translator) top(cell int, s *python.Stmt, last bool) {
	t.item = &Item{Cell: cell + 1, Line: s.Line, Python: strings.Join(t.file.Source(s), "\n"), State: Translated}
	t.report.Items = append(t.report.Items, t.item)
	if n := len(*t.out); s.Line > 1 && strings.TrimSpace(t.file.Lines[s.Line-2]) == "" && n > 0 {
		defer func() {
			if len(*t.out) > n {
				(*t.out)[n].gap = true
			}
		}()
	}
	if last && s.Kind == python.ExprStmt {
		t.shown(s)
		return
	}
	t.stmt(s)
	if s.Kind == stepGroup {
		whole := t.item
		t.report.Items = t.report.Items[:len(t.report.Items)-1]
		for _, inner := range s.Body {
			part := *whole
			part.Line, part.Python = inner.Line, strings.Join(t.file.Source(inner), "\n")
			t.report.Items = append(t.report.Items, &part)
		}
	}
}

// emit adds a line to the block that is written.
func (t *translator) emit(l *line) *line {
	if len(t.pending) > 0 {
		l.comments = append(t.pending, l.comments...)
		l.gap = true
		t.pending = nil
	}
	*t.out = append(*t.out, l)
	return l
}

func (t *translator) code(format string, args ...any) {
	t.emit(&line{code: fmt.Sprintf(format, args...)})
}

func (t *translator) newVar(want, goType string) *variable {
	v := &variable{id: len(t.vars), want: want, goType: goType, section: t.module.fn}
	t.vars = append(t.vars, v)
	return v
}

// leave keeps a statement as a comment.
func (t *translator) leave(s *python.Stmt, l *left) {
	t.item.State = Left
	t.item.note(l.reason)
	lines := []string{"TODO: not translated: " + l.reason}
	for i, text := range t.file.Source(s) {
		if i == 40 {
			lines = append(lines, "\t…")
			break
		}
		lines = append(lines, "\t"+strings.ReplaceAll(strings.ReplaceAll(text, magicMark, ""), "\x02", ""))
	}
	t.emit(&line{comments: clean(lines)})
	where := fmt.Sprint("cell ", t.item.Cell)
	if t.local != nil {
		where = t.local.path()
	}
	t.forget([]*python.Stmt{s}, fmt.Sprintf("depends on line %d of %s, which isn't translated", s.Line, where))
}

func clean(lines []string) []string {
	for i, l := range lines {
		lines[i] = strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' {
				return -1
			}
			return r
		}, l)
	}
	return lines
}

// forget makes what statements assign unknown.
func (t *translator) forget(stmts []*python.Stmt, why string) {
	for _, name := range assigned(stmts) {
		t.sc.names[name] = &binding{unknown: why}
	}
}

// assigned are the names that statements bind, in their order.
func assigned(stmts []*python.Stmt) []string {
	var names []string
	var target func(e *python.Expr)
	target = func(e *python.Expr) {
		if e == nil {
			return
		}
		switch e.Kind {
		case python.Name:
			if !slices.Contains(names, e.Text) {
				names = append(names, e.Text)
			}
		case python.Tuple, python.List, python.Star:
			for _, a := range e.Args {
				target(a)
			}
		}
	}
	var visit func(s *python.Stmt)
	visit = func(s *python.Stmt) {
		for _, e := range s.Targets {
			if s.Kind != python.Del && s.Kind != python.Assert {
				target(e)
			}
		}
		if s.Kind == python.Def || s.Kind == python.Class {
			target(&python.Expr{Kind: python.Name, Text: s.Text})
			return
		}
		if s.Kind == python.Import || s.Kind == python.From {
			for _, a := range s.Names {
				name := a.As
				if name == "" {
					name, _, _ = strings.Cut(a.Name, ".")
				}
				target(&python.Expr{Kind: python.Name, Text: name})
			}
		}
		python.Walk(s.Value, func(e *python.Expr) bool {
			if e.Kind == python.Walrus {
				target(e.Args[0])
			}
			return true
		})
		for _, b := range append(slices.Clone(s.Body), s.Else...) {
			visit(b)
		}
	}
	for _, s := range stmts {
		visit(s)
	}
	return names
}

// attempt runs f and returns why it couldn't go on.
func (t *translator) attempt(f func()) (l *left) {
	out := t.out
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *left:
			l = r
			t.out = out
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

// knownPackages are the packages that programs import, by name.
var knownPackages = map[string]string{
	"fmt": "fmt", "flag": "flag", "reflect": "reflect", "maps": "maps", "os": "os", "math": "math", "strings": "strings", "slices": "slices", "time": "time", "filepath": "path/filepath", "strconv": "strconv", "regexp": "regexp", "runtime": "runtime", "unicode": "unicode", "utf8": "unicode/utf8", "big": "math/big", "bits": "math/bits", "cmp": "cmp", "iter": "iter", "http": "net/http", "io": "io", "zip": "archive/zip", "json": "encoding/json", "utf16": "unicode/utf16", "tar": "archive/tar", "gzip": "compress/gzip", "errors": "errors",
	"must": "github.com/janpfeifer/must", "tensors": "github.com/gomlx/gomlx/core/tensors", "graph": "github.com/gomlx/gomlx/core/graph", "dtypes": "github.com/gomlx/compute/dtypes", "shapes": "github.com/gomlx/compute/shapes",
	"np": root + "/port/np", "random": root + "/port/random", "prove": root + "/port/prove", "plt": root + "/port/plt", "sk": root + "/port/sk", "pd": root + "/port/pd",
	"activations": root + "/activations", "applications": root + "/applications", "callbacks": root + "/callbacks", "constraints": root + "/constraints", "datasets": root + "/datasets",
	"functional": root + "/functional", "initializers": root + "/initializers", "layers": root + "/layers", "losses": root + "/losses",
	"metrics": root + "/metrics", "ops": root + "/ops", "optimizers": root + "/optimizers", "plots": root + "/plots", "regularizers": root + "/regularizers",
	"saving": root + "/saving", "symbolic": root + "/symbolic",
}

const root = "github.com/gokeras/gokeras"

// use notes the package of a Go type or function.
func (t *translator) use(goType string) {
	goType = strings.TrimLeft(goType, "*[]0123456789.")
	if pkg, _, ok := strings.Cut(goType, "."); ok && knownPackages[pkg] != "" {
		t.imports[pkg] = true
	}
}

// program writes the files.
func (t *translator) program(intro []string) (*Program, error) {
	reserved := maps.Clone(helperNames)
	for name := range knownPackages {
		reserved[name] = true
	}
	for _, w := range goWords {
		reserved[w] = true
	}
	all := append(slices.Clone(t.funcs), t.defs...)
	for _, fn := range all {
		reserved[fn.name] = true
	}
	p := &printer{vars: t.vars, funcs: all}
	globals := p.resolve(reserved)

	if t.o.Package != "" {
		p.out.WriteString("// Run does what the notebook does. What it panics with is its error.\nfunc Run() (err error) {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t\terr = fmt.Errorf(\"%v\", r)\n\t\t}\n\t}()\n")
	} else {
		p.out.WriteString("func main() {\n\tflag.Parse()\n\tdefer np.Report()\n")
	}
	for _, fn := range t.funcs {
		fmt.Fprintf(&p.out, "\t%s()\n", fn.name)
	}
	if t.o.Package != "" {
		p.out.WriteString("\treturn nil\n")
	}
	p.out.WriteString("}\n\n")
	if len(globals) > 0 {
		p.out.WriteString("// What several sections use.\nvar (\n")
		for _, v := range globals {
			fmt.Fprintf(&p.out, "\t%s %s\n", v.name, v.goType)
			t.use(v.goType)
		}
		p.out.WriteString(")\n\n")
	}
	for _, d := range t.declared {
		p.out.WriteString(d + "\n\n")
	}
	for _, fn := range all {
		p.function(fn)
	}
	body := p.out.String()
	var b strings.Builder
	kind, name, file := "Command "+t.moduleName(), "main", "main.go"
	if t.o.Package != "" {
		kind, name, file = "Package "+t.o.Package, t.o.Package, t.o.Package+".go"
	}
	fmt.Fprintf(&b, "// %s is %s in Go", kind, orName(t.o.Name))
	if len(intro) > 0 {
		b.WriteString(": " + clean(intro)[0])
	}
	b.WriteString(".\npackage " + name + "\n\n" + t.importBlock(body) + body)
	main, err := format.Source([]byte(b.String()))
	if err != nil {
		return nil, fmt.Errorf("the program that was written isn't Go: %w\n%s", err, b.String())
	}
	help, err := format.Source([]byte(t.helperFile()))
	if err != nil {
		return nil, fmt.Errorf("the helpers aren't Go: %w", err)
	}
	if t.o.Notebook {
		notebook, err := t.gonb(main, help, intro)
		if err != nil {
			return nil, err
		}
		return &Program{Files: map[string][]byte{"notebook.ipynb": notebook}, Report: t.report}, nil
	}
	prog := &Program{Files: map[string][]byte{file: main, "helpers.go": help}, Report: t.report}
	return prog, t.moduleFiles(prog)
}

func orName(s string) string {
	if s == "" {
		return "a notebook"
	}
	return strings.Join(clean([]string{s}), "")
}

// importBlock imports the packages that the text names.
func (t *translator) importBlock(body string, more ...string) string {
	var std, own, other []string
	std = append(std, more...)
	used := packagesOf(body)
	for _, name := range sortedKeys(knownPackages) {
		if !used[name] {
			continue
		}
		path := knownPackages[name]
		switch {
		case strings.HasPrefix(path, root):
			own = append(own, path)
		case strings.Contains(path, "."):
			other = append(other, path)
		default:
			std = append(std, path)
		}
	}
	slices.Sort(std)
	var b strings.Builder
	b.WriteString("import (\n")
	for i, group := range [][]string{std, other, own} {
		if i > 0 && len(group) > 0 {
			b.WriteString("\n")
		}
		for _, path := range slices.Compact(group) {
			fmt.Fprintf(&b, "\t%q\n", path)
		}
	}
	return b.String() + ")\n\n"
}

// packagesOf are the packages that declarations name. No variable has the name of one.
func packagesOf(body string) map[string]bool {
	used := map[string]bool{}
	f, err := parser.ParseFile(token.NewFileSet(), "", "package main\n"+body, parser.SkipObjectResolution)
	if err != nil {
		return used
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok {
				used[id.Name] = true
			}
		}
		return true
	})
	return used
}

func (t *translator) moduleName() string {
	if t.o.Module == "" && t.o.Package != "" {
		return t.o.Package
	}
	if t.o.Module == "" {
		return "ported"
	}
	return t.o.Module
}
