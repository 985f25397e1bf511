package port

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Cell is a cell of a notebook.
type Cell struct {
	// Markdown reports that Source is text; else it is Python.
	Markdown bool
	Source   string
	// Outputs are the texts that the cell printed when the notebook was saved, and those of its results, in order.
	Outputs []string
	// Pictures is how many pictures the cell showed.
	Pictures int
}

// Notebook is a notebook, or a script as one cell.
type Notebook struct{ Cells []Cell }

// maxNotebook bounds the size of a file, in bytes.
const maxNotebook = 64 << 20

// text is a string or a list of strings that belong together, as notebooks hold texts.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var one string
	if err := json.Unmarshal(raw, &one); err == nil {
		*t = text(one)
		return nil
	}
	var many []string
	if err := json.Unmarshal(raw, &many); err != nil {
		return errors.New("a text is neither a string nor a list of strings")
	}
	*t = text(strings.Join(many, ""))
	return nil
}

type jsonCell struct {
	Type    string `json:"cell_type"`
	Source  text   `json:"source"`
	Input   text   `json:"input"` // nbformat 3
	Level   int    `json:"level"`
	Outputs []struct {
		Type string                     `json:"output_type"`
		Text text                       `json:"text"`
		PNG  text                       `json:"png"`
		Data map[string]json.RawMessage `json:"data"`
	} `json:"outputs"`
}

// ReadNotebook reads an .ipynb file of nbformat 3 or 4.
func ReadNotebook(raw []byte) (*Notebook, error) {
	if err := checkText(raw); err != nil {
		return nil, err
	}
	var file struct {
		Format     int        `json:"nbformat"`
		Cells      []jsonCell `json:"cells"`
		Worksheets []struct {
			Cells []jsonCell `json:"cells"`
		} `json:"worksheets"`
		Metadata struct {
			Kernel struct {
				Language string `json:"language"`
			} `json:"kernelspec"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("this is no notebook: %w", err)
	}
	cells := file.Cells
	for _, w := range file.Worksheets {
		cells = append(cells, w.Cells...)
	}
	if len(cells) == 0 {
		return nil, errors.New("this is no notebook, or one without cells")
	}
	if l := strings.ToLower(file.Metadata.Kernel.Language); l != "" && !strings.HasPrefix(l, "python") {
		return nil, fmt.Errorf("the notebook is written in %s, not in Python", l)
	}
	nb := &Notebook{}
	for _, c := range cells {
		cell := Cell{Source: string(c.Source) + string(c.Input)}
		switch c.Type {
		case "code":
			cell.Source = unindented(cell.Source)
		case "heading":
			cell.Markdown = true
			cell.Source = strings.Repeat("#", min(max(c.Level, 1), 6)) + " " + cell.Source
		default:
			cell.Markdown = true
		}
		for _, o := range c.Outputs {
			out := string(o.Text)
			if raw, ok := o.Data["text/plain"]; ok {
				var t text
				if json.Unmarshal(raw, &t) == nil {
					out += string(t)
				}
			}
			if _, ok := o.Data["image/png"]; ok || o.PNG != "" {
				cell.Pictures++
			}
			if out != "" {
				cell.Outputs = append(cell.Outputs, out)
			}
		}
		nb.Cells = append(nb.Cells, cell)
	}
	return nb, nil
}

// ReadScript reads a .py file. Lines of Jupytext and of editors that begin with "# %%" divide it into cells.
func ReadScript(raw []byte) (*Notebook, error) {
	if err := checkText(raw); err != nil {
		return nil, err
	}
	nb := &Notebook{}
	var cell []string
	flush := func() {
		if strings.TrimSpace(strings.Join(cell, "")) != "" {
			nb.Cells = append(nb.Cells, Cell{Source: strings.Join(cell, "\n")})
		}
		cell = nil
	}
	for _, l := range strings.Split(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n") {
		if strings.HasPrefix(l, "# %%") || strings.HasPrefix(l, "# In[") {
			flush()
			continue
		}
		cell = append(cell, l)
	}
	flush()
	return nb, nil
}

func checkText(raw []byte) error {
	switch {
	case len(raw) > maxNotebook:
		return fmt.Errorf("the file has %d bytes; at most %d are read", len(raw), maxNotebook)
	case !utf8.Valid(raw):
		return errors.New("the file isn't UTF-8 text")
	}
	return nil
}

var magic = regexp.MustCompile(`^\s*%%?[a-zA-Z]|^\s*[!?]|^\s*[\w.]+\?\??\s*$`)

var shell = regexp.MustCompile(`^\s*(pip3?|conda)\s+install\s`)

// python is the source of a cell with IPython's magics as comments; a cell for another language is all comment.
func (c Cell) python() string {
	lines := strings.Split(strings.ReplaceAll(c.Source, "\r\n", "\n"), "\n")
	// IPython takes these without its mark, too.
	for i, l := range lines {
		if shell.MatchString(l) {
			lines[i] = "%" + strings.TrimSpace(l)
		}
	}
	whole, goesOn := false, false
	for i, l := range lines {
		t := strings.TrimSpace(l)
		if i == 0 && strings.HasPrefix(t, "%%") {
			whole = !strings.HasPrefix(t, "%%time") && !strings.HasPrefix(t, "%%capture") && !strings.HasPrefix(t, "%%timeit")
		}
		more := goesOn
		if goesOn = (more || magic.MatchString(l)) && strings.HasSuffix(l, "\\"); more {
			lines[i] = "#" + magicMark + t // the rest of a magic's line
			continue
		}
		if whole || magic.MatchString(l) {
			indent := l[:len(l)-len(strings.TrimLeft(l, " \t"))]
			lines[i] = indent + "#" + magicMark + t
			if indent != "" && !whole {
				lines[i] = indent + "pass  #" + magicMark + t
			}
		}
	}
	return strings.Join(lines, "\n")
}

// unindented is a cell without the indentation of its first line that isn't empty, which IPython takes from all lines that have it.
func unindented(source string) string {
	lines := strings.Split(source, "\n")
	for _, l := range lines {
		code := strings.TrimLeft(l, " \t")
		if strings.TrimSpace(code) == "" {
			continue
		}
		if indent := l[:len(l)-len(code)]; indent != "" {
			for i := range lines {
				lines[i] = strings.TrimPrefix(lines[i], indent)
			}
			return strings.Join(lines, "\n")
		}
		break
	}
	return source
}

// magicMark begins the comments that python makes of magics, which the program leaves out.
const magicMark = "\x03"

var heading = regexp.MustCompile(`^\s*#{1,6}\s+(.+?)\s*#*\s*$`)

// headings are the headings of a cell of text, without markup.
func (c Cell) headings() []string {
	var hs []string
	for _, l := range strings.Split(c.Source, "\n") {
		if m := heading.FindStringSubmatch(l); m != nil {
			if h := strings.Trim(markup.ReplaceAllString(m[1], ""), " :"); h != "" {
				hs = append(hs, h)
			}
		}
	}
	return hs
}

var markup = regexp.MustCompile("<[^>]*>|[*_`#$]|\\]\\([^)]*\\)|[\\[\\]]")
