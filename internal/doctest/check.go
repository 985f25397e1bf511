package doctest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Module is the module whose documentation is tested.
type Module struct {
	Dir  string // its root
	Path string // its import path
	// Files puts what a reader of the pages has into a page's folder; its .keras is the folder of Keras.
	Files func(folder string) error
}

// longest is how long a program may run.
const longest = 3 * time.Minute

// program is what is run: a complete file, or the fragments of a page.
type program struct {
	name   string // of its package
	page   *Page
	folder string // in which it runs, the page's
	block  Block  // the complete file; without text, the fragments of the page
	output *string
}

func (p program) at() string { return fmt.Sprintf("%s:%d", p.page.Path, p.block.Line) }

// Check builds the Go of the pages in a module of its own, as a reader does who has just required this one, and runs it. The error has the
// go command's messages, which name the pages and their lines.
func (m Module) Check(ctx context.Context, pages []*Page) error {
	dir, err := os.MkdirTemp("", "doctest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &builder{m: m, dir: dir}
	for i, p := range pages {
		folder := filepath.Join(dir, "pages", strconv.Itoa(i))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if m.Files != nil {
			if err := m.Files(folder); err != nil {
				return err
			}
		}
		programs, err := b.page(i, p, folder)
		if err != nil {
			return err
		}
		b.programs = append(b.programs, programs...)
	}
	if len(b.programs) == 0 {
		return nil
	}
	exe, err := b.build(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, p := range b.programs {
		failed = append(failed, b.run(ctx, p, exe))
	}
	return errors.Join(failed...)
}

type builder struct {
	m        Module
	dir      string // of the reader's module
	programs []program
}

// page writes the packages of a page: one for each complete file and one for all fragments.
func (b *builder) page(index int, p *Page, folder string) ([]program, error) {
	var programs []program
	f := &fragments{page: p}
	for i, block := range p.Blocks {
		if block.Language != "go" {
			continue
		}
		if !isFile(block.Text) {
			if err := f.add(block); err != nil {
				return nil, err
			}
			continue
		}
		pr := program{name: fmt.Sprintf("page%d_%d", index, block.Line), page: p, folder: folder, block: block}
		if i+1 < len(p.Blocks) && p.Blocks[i+1].Language == "output" {
			pr.output = &p.Blocks[i+1].Text
		}
		text, err := asPackage(block.Run())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pr.at(), err)
		}
		if err := b.write(pr.name, lineDirective(p, block.Line)+text); err != nil {
			return nil, err
		}
		if name, embeds := block.Tags["embed"]; embeds {
			data, err := os.ReadFile(filepath.Join(folder, filepath.Base(name)))
			if err == nil {
				err = os.WriteFile(filepath.Join(b.dir, pr.name, filepath.Base(name)), data, 0o600)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", pr.at(), err)
			}
		}
		programs = append(programs, pr)
	}
	if f.count == 0 {
		return programs, nil
	}
	text, err := f.source(b.m)
	if err != nil {
		return nil, err
	}
	pr := program{name: fmt.Sprintf("page%d", index), page: p, folder: folder}
	return append(programs, pr), b.write(pr.name, text)
}

func (b *builder) write(pkg, text string) error {
	dir := filepath.Join(b.dir, pkg)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "page.go"), []byte(text), 0o600)
}

func lineDirective(p *Page, line int) string { return fmt.Sprintf("//line %s:%d\n", p.Path, line) }

func isFile(text string) bool {
	_, err := parser.ParseFile(token.NewFileSet(), "", text, parser.PackageClauseOnly)
	return err == nil
}

// asPackage makes a package with a function Main of a program, so that all programs are linked at once.
func asPackage(text string) (string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "main" {
			at, pkg := fset.Position(f.Name.Pos()).Offset, fset.Position(file.Name.Pos()).Offset
			return text[:pkg] + "page" + text[pkg+len(file.Name.Name):at] + "Main" + text[at+len("main"):], nil
		}
	}
	return "", errors.New("the file has no function main")
}

// reader is the path of the module that the pages' code is put into.
const reader = "example.com/reader"

var modulePattern = regexp.MustCompile(`(?m)^module .*$`)

// build writes the module and compiles it to one executable, which is told as an argument what to run.
func (b *builder) build(ctx context.Context) (exe string, err error) {
	mod, err := os.ReadFile(filepath.Join(b.m.Dir, "go.mod"))
	if err != nil {
		return "", err
	}
	text := modulePattern.ReplaceAllLiteralString(string(mod), "module "+reader)
	text += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %s\n", b.m.Path, b.m.Path, b.m.Dir)
	sums, err := os.ReadFile(filepath.Join(b.m.Dir, "go.sum"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	var imports, cases strings.Builder
	for _, p := range b.programs {
		fmt.Fprintf(&imports, "\t%s %q\n", p.name, reader+"/"+p.name)
		call := p.name + ".Main(); return nil"
		if p.block.Text == "" {
			call = "return " + p.name + ".Run()"
		}
		fmt.Fprintf(&cases, "\tcase %q: %s\n", p.name, call)
	}
	main := "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\n" + imports.String() + ")\n\nfunc run() error {\n\tswitch os.Args[1] {\n" + cases.String() +
		"\t}\n\treturn fmt.Errorf(\"no program %q\", os.Args[1])\n}\n\n" +
		"func main() {\n\tif err := run(); err != nil {\n\t\tfmt.Fprintln(os.Stderr, err)\n\t\tos.Exit(1)\n\t}\n}\n"
	for name, data := range map[string]string{"go.mod": text, "go.sum": string(sums), "main.go": main} {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(data), 0o600); err != nil {
			return "", err
		}
	}
	exe = filepath.Join(b.dir, "programs")
	cmd := exec.CommandContext(ctx, "go", "build", "-mod=mod", "-o", exe, ".")
	cmd.Dir = b.dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the pages' code doesn't compile: %w\n%s", err, out)
	}
	return exe, nil
}

// run runs a program in the page's folder and compares what it prints.
func (b *builder) run(ctx context.Context, p program, exe string) error {
	if _, live := p.block.Tags["live"]; live {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe, p.name)
	cmd.Dir = p.folder
	// The pure-Go engine starts at once, is everywhere, and is told to nobody's caches.
	cmd.Env = append(cmd.Environ(), "GOKERAS_BACKEND=go", "GOKERAS_CACHE=off", "GOKERAS_OFFLINE=1", "KERAS_HOME="+filepath.Join(p.folder, ".keras"))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_, serves := p.block.Tags["serve"]
	var err error
	if serves {
		err = Serve(ctx, cmd, `{"inputs": [[1, 2, 3, 4]]}`)
	} else {
		err = cmd.Run()
	}
	if err != nil {
		return fmt.Errorf("%s: the program failed: %w\n%s%s", p.at(), err, errs.String(), out.String())
	}
	if p.output == nil {
		return nil
	}
	printed := p.inMain(out.String())
	if strings.TrimSpace(printed) != strings.TrimSpace(*p.output) {
		return fmt.Errorf("%s: the program printed\n%s\nwhere the page shows\n%s", p.at(), printed, *p.output)
	}
	return nil
}

// inMain is a text in which the lines of the page are those of the reader's main.go.
func (p program) inMain(text string) string {
	pattern := regexp.MustCompile(regexp.QuoteMeta(filepath.Base(p.page.Path)) + `:(\d+)`)
	return pattern.ReplaceAllStringFunc(text, func(place string) string {
		line, _ := strconv.Atoi(pattern.FindStringSubmatch(place)[1])
		return fmt.Sprintf("main.go:%d", line-p.block.Line+1)
	})
}
