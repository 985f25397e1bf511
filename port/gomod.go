package port

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	requirements = regexp.MustCompile(`(?m)^(?:require )?\s*([\w.\-/~]+ v[\w.\-+]+)`)
	goVersion    = regexp.MustCompile(`(?m)^go ([0-9.]+)`)
)

// moduleFiles adds go.mod, and with a checkout its go.sum, so that the program builds without a network.
func (t *translator) moduleFiles(p *Program) error {
	version := "1.26"
	var needed []string
	replace := ""
	if t.o.Replace != "" {
		raw, err := os.ReadFile(filepath.Join(t.o.Replace, "go.mod"))
		if err != nil {
			return fmt.Errorf("the checkout of gokeras: %w", err)
		}
		text := string(raw)
		if !strings.Contains(text, "module "+root+"\n") {
			return fmt.Errorf("%s is no checkout of %s", t.o.Replace, root)
		}
		if m := goVersion.FindStringSubmatch(text); m != nil {
			version = m[1]
		}
		for _, m := range requirements.FindAllStringSubmatch(text, -1) {
			indirect := " // indirect"
			if strings.HasPrefix(m[1], "github.com/janpfeifer/must ") {
				indirect = ""
			}
			needed = append(needed, m[1]+indirect)
		}
		sum, err := os.ReadFile(filepath.Join(t.o.Replace, "go.sum"))
		if err != nil {
			return fmt.Errorf("the checkout of gokeras: %w", err)
		}
		p.Files["go.sum"] = sum
		full, err := filepath.Abs(t.o.Replace)
		if err != nil {
			return err
		}
		needed = append([]string{root + " v0.0.0"}, needed...)
		replace = fmt.Sprintf("\nreplace %s => %s\n", root, full)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "module %s\n\ngo %s\n", t.moduleName(), version)
	if len(needed) > 0 {
		b.WriteString("\nrequire (\n\t" + strings.Join(needed, "\n\t") + "\n)\n")
	}
	p.Files["go.mod"] = []byte(b.String() + replace)
	return nil
}
