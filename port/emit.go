package port

import (
	"fmt"
	"go/ast"
	"go/parser"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
)

// variable is a variable of the program. Code refers to it by a mark, so that its name and the place of its declaration can be chosen
// when all uses are known.
type variable struct {
	id      int
	want    string // the name it would like
	name    string
	goType  string
	section *function // of the notebook, where it was made
	pinned  bool      // a function reads it
	given   bool      // declared by what it belongs to: a parameter, a loop
	global  bool
	born    string // of an empty list or dict: the place at which it is made
	dict    bool   // an empty dict, else a list, while goType isn't known
}

func (v *variable) ref() string { return fmt.Sprintf("\x01%d\x02", v.id) }

// line is a Go statement: an assignment where lhs isn't nil, a block where body isn't nil, else code.
type line struct {
	comments []string
	lhs      []*variable // a nil one is _
	code     string
	block    bool
	closing  string // what stands after the block's closing brace
	body     []*line
	orElse   *line
	keep     *variable // a use of a variable, for where there is no other
	gap      bool      // an empty line stands before it
}

// function is a function of the program: a section of the notebook or a def.
type function struct {
	name     string
	comments []string
	params   []*variable
	results  []string
	body     []*line
}

type printer struct {
	vars  []*variable
	funcs []*function
	out   strings.Builder
	// reads are the variables that something reads, readers how many times.
	reads   map[*variable]bool
	readers map[*variable]int
	// home is the block in which a variable was declared, by number; block is the one being written, top that of the function, blocks how many there were.
	home               map[*variable]int
	block, top, blocks int
}

var mark = regexp.MustCompile("\x01([0-9]+)\x02")

func (p *printer) marked(code string) []*variable {
	var vs []*variable
	for _, m := range mark.FindAllStringSubmatch(code, -1) {
		n, _ := strconv.Atoi(m[1])
		vs = append(vs, p.vars[n])
	}
	return vs
}

// walk calls f for each line with the blocks around it.
func walk(body []*line, path []*[]*line, at *[]*line, f func(l *line, path []*[]*line)) {
	path = append(slices.Clone(path), at)
	for _, l := range body {
		f(l, path)
		for b := l; b != nil; b = b.orElse {
			if b != l {
				f(b, path)
			}
			if b.block {
				walk(b.body, path, &b.body, f)
			}
		}
	}
}

// resolve finds which variables several functions share, then names all and puts declarations where they are needed.
func (p *printer) resolve(reserved map[string]bool) (globals []*variable) {
	p.reads, p.readers = map[*variable]bool{}, map[*variable]int{}
	for _, v := range p.vars {
		if v.goType == "" && v.dict {
			v.goType = "map[string]any"
		}
		if v.goType == "" {
			v.goType = "[]any" // an empty list that nothing is appended to
		}
	}
	owner := map[*variable]*function{}
	for _, fn := range p.funcs {
		use := func(v *variable) {
			if o, ok := owner[v]; ok && o != fn {
				v.global = true
			}
			owner[v] = fn
		}
		for _, v := range fn.params {
			use(v)
		}
		walk(fn.body, nil, &fn.body, func(l *line, _ []*[]*line) {
			for _, v := range l.lhs {
				if v != nil {
					use(v)
				}
			}
			for _, v := range p.marked(l.code) {
				use(v)
			}
			read := l.code
			if _, over, ok := strings.Cut(l.code, " range "); ok && l.block && strings.HasPrefix(l.code, "for ") {
				read = over // a loop's own names aren't read by its head
			}
			for _, v := range p.marked(read) {
				p.reads[v] = true
				p.readers[v]++
			}
		})
	}
	taken := map[string]bool{}
	for name := range reserved {
		taken[name] = true
	}
	for _, v := range p.vars {
		if v.global && owner[v] != nil {
			v.name = free(v.want, taken)
			taken[v.name] = true
			globals = append(globals, v)
		}
	}
	for _, fn := range p.funcs {
		local := map[string]bool{}
		for name := range taken {
			local[name] = true
		}
		for _, v := range p.vars {
			if owner[v] == fn && !v.global {
				v.name = free(v.want, local)
				local[v.name] = true
			}
		}
		p.declare(fn, owner)
	}
	return globals
}

func free(want string, taken map[string]bool) string {
	if !taken[want] {
		return want
	}
	for n := 2; ; n++ {
		if name := want + strconv.Itoa(n); !taken[name] {
			return name
		}
	}
}

// declare adds `var x T` lines for the variables of a function whose first assignment can't declare them.
func (p *printer) declare(fn *function, owner map[*variable]*function) {
	type place struct{ common []*[]*line }
	places := map[*variable]*place{}
	var order []*variable
	note := func(v *variable, path []*[]*line) {
		if v == nil || v.global || v.given || owner[v] != fn {
			return
		}
		if at, ok := places[v]; ok {
			n := 0
			for n < len(at.common) && n < len(path) && at.common[n] == path[n] {
				n++
			}
			at.common = at.common[:n]
			return
		}
		places[v] = &place{slices.Clone(path)}
		order = append(order, v)
	}
	walk(fn.body, nil, &fn.body, func(l *line, path []*[]*line) {
		for _, v := range p.marked(l.code) {
			note(v, path)
		}
		for _, v := range l.lhs {
			note(v, path)
		}
	})
	for _, v := range order {
		if !p.reads[v] {
			continue // _ stands for it
		}
		block := places[v].common[len(places[v].common)-1]
		for i, l := range *block {
			if !p.mentions(l, v) {
				continue
			}
			if !l.block && slices.Contains(l.lhs, v) && !slices.Contains(p.marked(l.code), v) && p.alone(l) {
				break
			}
			v.given = true
			*block = slices.Insert(*block, i, &line{code: "var " + v.ref() + " " + v.goType, gap: l.gap})
			l.gap = false
			break
		}
	}
}

// alone reports that := can stand in a line: none of its variables is one of the package.
func (p *printer) alone(l *line) bool {
	return !slices.ContainsFunc(l.lhs, func(v *variable) bool { return v != nil && v.global })
}

func (p *printer) mentions(l *line, v *variable) bool {
	for ; l != nil; l = l.orElse {
		if slices.Contains(l.lhs, v) || slices.Contains(p.marked(l.code), v) {
			return true
		}
		for _, inner := range l.body {
			if p.mentions(inner, v) {
				return true
			}
		}
	}
	return false
}

func (p *printer) text(code string) string {
	return mark.ReplaceAllStringFunc(code, func(m string) string {
		n, _ := strconv.Atoi(m[1 : len(m)-1])
		return p.vars[n].name
	})
}

func (p *printer) function(fn *function) {
	for _, c := range fn.comments {
		fmt.Fprintf(&p.out, "// %s\n", c)
	}
	var params []string
	for _, v := range fn.params {
		params = append(params, v.name+" "+v.goType)
	}
	results := strings.Join(fn.results, ", ")
	if len(fn.results) > 1 {
		results = "(" + results + ")"
	}
	fmt.Fprintf(&p.out, "func %s(%s) %s {\n", fn.name, strings.Join(params, ", "), results)
	p.home, p.top = map[*variable]int{}, p.blocks+1
	p.lines(fn.body, map[*variable]bool{})
	p.out.WriteString("}\n\n")
}

func (p *printer) lines(body []*line, declared map[*variable]bool) {
	outer := p.block
	p.blocks++
	p.block = p.blocks
	defer func() { p.block = outer }()
	for i, l := range body {
		if l.gap && i > 0 {
			p.out.WriteString("\n")
		}
		for _, c := range l.comments {
			p.out.WriteString(strings.TrimRight("// "+c, " ") + "\n")
		}
		switch {
		case l.block:
			p.out.WriteString(p.text(l.code) + " {\n")
			p.lines(l.body, declared)
			p.out.WriteString("}" + l.closing)
			for e := l.orElse; e != nil; e = e.orElse {
				p.out.WriteString(" else ")
				if e.code != "" {
					p.out.WriteString(p.text(e.code) + " ")
				}
				p.out.WriteString("{\n")
				p.lines(e.body, declared)
				p.out.WriteString("}")
			}
			p.out.WriteString("\n")
		case l.lhs != nil:
			p.assignment(l, declared)
		case l.keep != nil && !p.reads[l.keep]:
			p.out.WriteString("_ = " + l.keep.name + "\n")
		case l.code != "":
			p.out.WriteString(p.text(l.code) + "\n")
		}
	}
}

func (p *printer) assignment(l *line, declared map[*variable]bool) {
	var names []string
	var made []*variable
	op, unread, outside := "=", true, false
	for _, v := range l.lhs {
		switch {
		case v == nil || !v.global && !p.reads[v]:
			names = append(names, "_")
			continue
		case !v.global && !v.given && !declared[v]:
			op = ":="
			declared[v], p.home[v] = true, p.block
			made = append(made, v)
		case v.global || p.home[v] != p.block && (!v.given || p.block != p.top):
			outside = true
		}
		unread = false
		names = append(names, v.name)
	}
	code := p.text(l.code)
	if unread && strings.HasPrefix(code, "np.FromTensor(") && strings.Contains(code, ".Outputs[") {
		for _, v := range p.marked(l.code) { // what a step gives is there without being read
			if p.readers[v]--; p.readers[v] == 0 && !v.global && !v.given {
				p.out.WriteString("_ = " + v.name + "\n")
			}
		}
		return
	}
	if unread && !strings.ContainsAny(code, "(\x01") && len(p.marked(l.code)) == 0 {
		return
	}
	if unread && len(l.lhs) == 1 && strings.HasPrefix(code, "must.M1(") && oneCall(code) {
		p.out.WriteString(code + "\n")
		return
	}
	if op == ":=" && len(l.lhs) == 1 && code == "nil" {
		fmt.Fprintf(&p.out, "var %s %s\n", names[0], l.lhs[0].goType)
		return
	}
	if op == ":=" && len(l.lhs) == 1 && l.lhs[0].goType == "float64" && isInteger(code) {
		code += ".0"
	}
	if op == ":=" && len(l.lhs) == 1 && l.lhs[0].goType == "any" {
		code = "any(" + code + ")"
	}
	if op == ":=" && outside && !slices.ContainsFunc(made, func(v *variable) bool { return v.goType == "" || v.goType == "multi" }) {
		// With := the variables of outer blocks would be others of the same name.
		for _, v := range made {
			fmt.Fprintf(&p.out, "var %s %s\n", v.name, v.goType)
		}
		op = "="
	}
	fmt.Fprintf(&p.out, "%s %s %s\n", strings.Join(names, ", "), op, code)
}

// oneCall reports that the first parenthesis of an expression is closed by its end.
func oneCall(code string) bool {
	e, err := parser.ParseExpr(code)
	if err != nil {
		return false
	}
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	_, name := call.Fun.(*ast.SelectorExpr)
	return name && strings.Count(code[:call.Lparen-1], "(") == 0
}

func isInteger(code string) bool {
	_, err := strconv.Atoi(code)
	return err == nil
}

// goWords can't be names in the program, beside the imported packages.
var goWords = strings.Fields("break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var " +
	"any bool byte error false float32 float64 int iota nil string true append cap clear close copy delete len make max min new panic print println init main")

// camel writes a Python name in Go's case: "x_train" and "X_train" are "xTrain", "BATCH_SIZE" is "batchSize".
func camel(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var b strings.Builder
	for i, w := range words {
		if strings.ToUpper(w) == w && len(w) > 1 {
			w = strings.ToLower(w)
		}
		if i == 0 {
			// HTTPServer and ModelA: lower the capitals that begin the name.
			runes := []rune(w)
			for j := range runes {
				if j > 0 && (j+1 < len(runes) && unicode.IsLower(runes[j+1]) || !unicode.IsUpper(runes[j])) {
					break
				}
				runes[j] = unicode.ToLower(runes[j])
			}
			b.WriteString(string(runes))
			continue
		}
		r := []rune(w)
		r[0] = unicode.ToUpper(r[0])
		b.WriteString(string(r))
	}
	s := b.String()
	if s == "" {
		return "ignored"
	}
	if slices.Contains(goWords, s) {
		return s + "Value"
	}
	if unicode.IsDigit(rune(s[0])) {
		return "n" + s
	}
	return s
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
