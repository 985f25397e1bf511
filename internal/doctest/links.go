package doctest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

var (
	linkPattern    = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)`)
	refPattern     = regexp.MustCompile(`^\s{0,3}\[[^\]]+\]:\s+<?([^\s>]+)>?`)
	codePattern    = regexp.MustCompile("`+[^`]*`+")
	headingPattern = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*\s*$`)
	anchorPattern  = regexp.MustCompile(`<a\s+(?:id|name)="([^"]+)"`)
)

// BrokenLinks lists, as "path:line: what", the relative links of the page that lead to no file or to no heading.
func (p *Page) BrokenLinks() ([]string, error) {
	var broken []string
	for i, line := range p.Lines {
		if !p.prose[i] {
			continue
		}
		line = codePattern.ReplaceAllString(line, "")
		matches := append(linkPattern.FindAllStringSubmatch(line, -1), refPattern.FindAllStringSubmatch(line, -1)...)
		for _, match := range matches {
			what, err := p.follow(match[1])
			if err != nil {
				return nil, err
			}
			if what != "" {
				broken = append(broken, fmt.Sprintf("%s:%d: link to %s: %s", p.Path, i+1, match[1], what))
			}
		}
	}
	return broken, nil
}

// follow returns what is wrong with a link, "" if nothing is.
func (p *Page) follow(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil {
		return err.Error(), nil
	}
	if u.Scheme != "" || u.Host != "" {
		return "", nil
	}
	target := p
	if u.Path != "" {
		path := filepath.Join(filepath.Dir(p.Path), filepath.FromSlash(u.Path))
		if _, err := os.Stat(path); err != nil {
			return "there is no such file", nil
		}
		if filepath.Ext(path) != ".md" || u.Fragment == "" {
			return "", nil
		}
		if target, err = ReadPage(path); err != nil {
			return "", err
		}
	}
	if u.Fragment != "" && !target.anchors()[u.Fragment] {
		return "there is no such heading", nil
	}
	return "", nil
}

// anchors are the names that links to the page's headings use.
func (p *Page) anchors() map[string]bool {
	names := map[string]bool{}
	for i, line := range p.Lines {
		if !p.prose[i] {
			continue
		}
		for _, m := range anchorPattern.FindAllStringSubmatch(line, -1) {
			names[m[1]] = true
		}
		if m := headingPattern.FindStringSubmatch(line); m != nil {
			base := slug(m[1])
			name := base
			for n := 1; names[name]; n++ {
				name = fmt.Sprintf("%s-%d", base, n)
			}
			names[name] = true
		}
	}
	return names
}

// slug is the anchor that code hosts give a heading.
func slug(heading string) string {
	heading = linkText.ReplaceAllString(heading, "$1")
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, heading)
}

var linkText = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
