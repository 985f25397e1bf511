package doctest

import (
	"fmt"
	"os"
	"regexp"
	"slices"
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
	Tags     map[string]string // what follows the language, after commas: "serve", "live", "embed=name"
	Given    []Given           // what the page takes for granted here
	With     [][2]string       // what stands in for what when the block is run, of this and the earlier blocks
	Line     int               // of its first line of code, counted from 1
	Text     string
}

// Given is code of a comment.
type Given struct {
	Line int
	Text string
}

// Run is the text with what stands in.
func (b Block) Run() string {
	text := b.Text
	for _, with := range b.With {
		text = strings.ReplaceAll(text, with[0], with[1])
	}
	return text
}

var tags = []string{"serve", "live", "embed"}

var commentPattern = regexp.MustCompile(`^<!--\s*(given|with):\s*(.*?)\s*-->$`)

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
	var comment *Given // that isn't closed yet
	var fence, indent string
	var code []string
	var given []Given
	var with [][2]string
	for i, line := range p.Lines {
		trimmed := strings.TrimLeft(line, " ")
		p.prose = append(p.prose, false)
		switch {
		case comment != nil:
			if strings.TrimSpace(line) == "-->" {
				given = append(given, *comment)
				comment = nil
				continue
			}
			comment.Text += line + "\n"
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
			open, code = &Block{Language: parts[0], Tags: map[string]string{}, Line: i + 2, Given: given, With: slices.Clone(with)}, nil
			given = nil
			for _, tag := range parts[1:] {
				name, value, _ := strings.Cut(tag, "=")
				if !slices.Contains(tags, name) {
					return nil, fmt.Errorf("%s:%d: unknown tag %q of a block, want one of %s", path, i+1, name, strings.Join(tags, ", "))
				}
				open.Tags[name] = value
			}
		case strings.TrimSpace(line) == "<!-- given:":
			comment = &Given{Line: i + 2}
		default:
			p.prose[i] = true
			if m := commentPattern.FindStringSubmatch(trimmed); m != nil && m[1] == "given" {
				given = append(given, Given{Line: i + 1, Text: m[2] + "\n"})
			} else if m != nil {
				old, now, ok := strings.Cut(m[2], " => ")
				if !ok || old == "" {
					return nil, fmt.Errorf("%s:%d: want <!-- with: text => what stands in for it -->", path, i+1)
				}
				with = append(with, [2]string{old, now})
			}
		}
	}
	if open != nil {
		return nil, fmt.Errorf("%s:%d: the block that begins here is not closed", path, open.Line-1)
	}
	if comment != nil {
		return nil, fmt.Errorf("%s:%d: the comment that begins here is not closed", path, comment.Line-1)
	}
	return p, nil
}
