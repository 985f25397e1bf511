package port

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// gonbCell is a cell of a notebook in Go.
type gonbCell struct {
	Type      string         `json:"cell_type"`
	Metadata  map[string]any `json:"metadata"`
	Source    []string       `json:"source"`
	Outputs   *[]any         `json:"outputs,omitempty"`
	Execution *int           `json:"execution_count,omitempty"`
}

// gonb makes a notebook for the kernel GoNB of a program's files: declarations in cells, a section's function below its heading, and a
// last cell that runs them all, since the kernel runs each cell as a program of its own, in which the variables begin anew.
func (t *translator) gonb(main, help []byte, intro []string) ([]byte, error) {
	var cells []gonbCell
	add := func(kind, text string) {
		c := gonbCell{Type: kind, Metadata: map[string]any{}, Source: strings.SplitAfter(strings.TrimSpace(text), "\n")}
		if kind == "code" {
			c.Outputs = &[]any{}
		}
		cells = append(cells, c)
	}
	title := orName(t.o.Name)
	if len(intro) > 0 {
		title = clean(intro)[0]
	}
	add("markdown", "# "+title+"\n\n"+orName(t.o.Name)+" in Go, for the kernel [GoNB](https://github.com/janpfeifer/gonb). Run the cells from top to bottom: they declare what the last one runs. "+
		"The first line of that one may have arguments, such as `%args -epochs 1`.")
	add("code", "!*go get "+root+" github.com/janpfeifer/gonb github.com/janpfeifer/must")

	sections := map[string]bool{}
	for _, fn := range t.funcs {
		sections[fn.name] = true
	}
	var globals, functions string
	headed := map[string]string{}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "main.go", main, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			from := d.Pos()
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
			text := string(main[set.Position(from).Offset:set.Position(d.End()).Offset])
			switch {
			case d.Name.Name == "main":
			case sections[d.Name.Name]:
				headed[d.Name.Name] = string(main[set.Position(d.Pos()).Offset:set.Position(d.End()).Offset])
			default:
				functions += text + "\n\n"
			}
		case *ast.GenDecl:
			if d.Tok != token.IMPORT {
				globals += string(main[set.Position(d.Pos()).Offset:set.Position(d.End()).Offset]) + "\n\n"
			}
		}
	}
	_, body, _ := bytes.Cut(help, []byte("\n\n"))
	helpers := string(body)
	if f, err := parser.ParseFile(set, "helpers.go", help, 0); err == nil && len(f.Decls) > 0 {
		first := 0
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
				first = set.Position(d.End()).Offset
			}
		}
		helpers = ""
		if first > 0 {
			helpers = string(help[first:])
		}
	}
	run := "%%\ndefer np.Report()\n"
	for _, fn := range t.funcs {
		run += fn.name + "()\n"
	}
	run += "for _, path := range must.M1(filepath.Glob(filepath.Join(plt.Folder, \"*.png\"))) {\n\tgonbui.DisplayPNG(must.M1(os.ReadFile(path)))\n}\ngonbui.Sync()"
	all := globals + functions + helpers + "func run() {\n" + strings.ReplaceAll(run, "%%\n", "") + "\n}\n"
	for _, fn := range t.funcs {
		all += headed[fn.name] + "\n"
	}
	imports := strings.Replace(t.importBlock(all), "import (\n", "import (\n\t\"github.com/janpfeifer/gonb/gonbui\"\n", 1)
	add("code", imports+globals)
	for _, part := range []string{helpers, functions} {
		if strings.TrimSpace(part) != "" {
			add("code", part)
		}
	}
	for _, fn := range t.funcs {
		if len(fn.comments) > 0 && !strings.HasPrefix(fn.comments[0], fn.name+" is") {
			add("markdown", "## "+fn.comments[0])
		}
		add("code", headed[fn.name])
	}
	add("code", run)
	raw, err := json.MarshalIndent(map[string]any{"cells": slices.Clip(cells), "nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{
		"kernelspec":    map[string]any{"display_name": "Go (gonb)", "language": "go", "name": "gonb"},
		"language_info": map[string]any{"file_extension": ".go", "mimetype": "text/x-go", "name": "go"}}}, "", " ")
	if err != nil {
		return nil, fmt.Errorf("the notebook: %w", err)
	}
	return append(raw, '\n'), nil
}
