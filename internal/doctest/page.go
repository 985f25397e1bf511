package doctest

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Page is a Markdown file.
type Page struct {
	Path   string // absolute
	Blocks []Block
	Lines  []string
	prose  []bool // whether the line is outside of all blocks
}

// Block is a fenced code block.
type Block struct {
	Language string
	Tags     map[string]string // what follows the language, after commas: "run", "file=path", "embed=name"
	Given    []string          // declarations of variables that the page takes for granted
	Line     int               // of its first line of code, counted from 1
	Text     string
}

var givenPattern = regexp.MustCompile(`^<!--\s*given:\s*(.*?)\s*-->$`)

// ReadPage reads a Markdown file.
func ReadPage(path string) (*Page, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parsePage(path, string(raw))
}

func parsePage(path, text string) (*Page, error) {
	p := &Page{Path: path, Lines: strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")}
	var open *Block
	var fence, indent string
	var code, given []string
	for i, line := range p.Lines {
		trimmed := strings.TrimLeft(line, " ")
		p.prose = append(p.prose, false)
		switch {
		case open != nil && strings.HasPrefix(trimmed, fence) && strings.Trim(trimmed, "`~ ") == "":
			open.Text = strings.Join(code, "\n") + "\n"
			p.Blocks = append(p.Blocks, *open)
			open = nil
		case open != nil:
			code = append(code, strings.TrimPrefix(line, indent))
		case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
			info := strings.TrimLeft(trimmed, trimmed[:1])
			fence = trimmed[:len(trimmed)-len(info)]
			indent = line[:len(line)-len(trimmed)]
			parts := strings.Split(strings.TrimSpace(info), ",")
			open, code = &Block{Language: parts[0], Tags: map[string]string{}, Line: i + 2, Given: given}, nil
			given = nil
			for _, tag := range parts[1:] {
				name, value, _ := strings.Cut(tag, "=")
				if name != "run" && name != "file" && name != "embed" {
					return nil, fmt.Errorf("%s:%d: unknown tag %q of a block, want run, file=path or embed=name", path, i+1, name)
				}
				open.Tags[name] = value
			}
		default:
			p.prose[i] = true
			if m := givenPattern.FindStringSubmatch(trimmed); m != nil {
				given = append(given, m[1])
			}
		}
	}
	if open != nil {
		return nil, fmt.Errorf("%s:%d: the block that begins here is not closed", path, open.Line-1)
	}
	return p, nil
}
