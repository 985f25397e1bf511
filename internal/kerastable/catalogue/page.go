package catalogue

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/kerastable"
)

// Page is the generated page of documentation, relative to the module's root; ReadMe has generated lists between comments:
// <!-- names: layer -->Dense, Flatten<!-- end -->.
const (
	Page   = "docs/catalogue.md"
	ReadMe = "README.md"
)

var titles = map[kerastable.Kind]string{
	kerastable.Layer: "Layers", kerastable.Loss: "Losses", kerastable.Metric: "Metrics", kerastable.Optimizer: "Optimizers",
	kerastable.Schedule: "Learning rate schedules", kerastable.Callback: "Callbacks", kerastable.Initializer: "Initializers",
	kerastable.Regularizer: "Regularizers", kerastable.Constraint: "Constraints", kerastable.Activation: "Activations",
	kerastable.Application: "Applications", kerastable.Operation: "Operations",
}

// has lists the entries of a kind that are there, functions that are but another form of a class left out.
func (v *Inventory) has(kind kerastable.Kind) []*kerastable.Entry {
	list := kerastable.List(kind)
	classes := map[string]bool{}
	for _, e := range list {
		if v.Has(e) {
			classes[mainForm(e)] = true
		}
	}
	return slices.DeleteFunc(list, func(e *kerastable.Entry) bool {
		switch {
		case !v.Has(e), isBase(e):
			return true
		case kind == kerastable.Operation:
			return !e.Function
		}
		return classes[otherForm(e)]
	})
}

// isBase reports whether an entry is the class that all of its kind are made from.
func isBase(e *kerastable.Entry) bool {
	return strings.EqualFold(e.Name, string(e.Kind)) || e.Name == "LearningRateSchedule"
}

// WritePage returns the text of Page.
func (v *Inventory) WritePage(m *Missing) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!-- Written by go generate ./internal/kerastable/... from Keras's names and what this module has; don't edit. -->

# Catalogue

What Keras %s has, kind by kind, what it is called here, and what isn't here, with the reason. Layers have a method for each further
argument; all have Name, DType, Trainable and ActivityRegularizer.
`, kerastable.Version())
	for _, kind := range kerastable.Kinds() {
		fmt.Fprintf(&b, "\n## %s\n", titles[kind])
		if list := v.has(kind); len(list) > 0 {
			b.WriteString("\n")
			v.writeTable(&b, kind, list)
		}
		writeMissing(&b, kind, m)
	}
	return b.String()
}

func (v *Inventory) writeTable(b *strings.Builder, kind kerastable.Kind, list []*kerastable.Entry) {
	switch kind {
	case kerastable.Layer:
		b.WriteString("| Keras | here | methods |\n| --- | --- | --- |\n")
		for _, e := range list {
			methods := ""
			if l, ok := v.Layer(e.Name); ok {
				methods = strings.Join(l.Setters(e), ", ")
			}
			fmt.Fprintf(b, "| %s | %s | %s |\n", called(e), code(v.Constructor(e)), methods)
		}
	case kerastable.Activation:
		var names []string
		for _, e := range list {
			names = append(names, called(e))
		}
		b.WriteString(strings.Join(names, ", ") + ".\n")
	default:
		b.WriteString("| Keras | here |\n| --- | --- |\n")
		for _, e := range list {
			fmt.Fprintf(b, "| %s | %s |\n", called(e), code(v.Constructor(e)))
		}
	}
}

// called names an entry, its aliases, and what else get() takes.
func called(e *kerastable.Entry) string {
	text := e.Name
	var also []string
	for _, name := range append(slices.Clone(e.Aliases), e.Strings...) {
		if name != e.Name && !slices.Contains(also, name) {
			also = append(also, name)
		}
	}
	if len(also) > 0 {
		text += " (" + strings.Join(also, ", ") + ")"
	}
	return text
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// writeMissing lists what of a kind isn't there, by reason.
func writeMissing(b *strings.Builder, kind kerastable.Kind, m *Missing) {
	var lines []string
	for _, g := range m.Groups {
		var names []string
		for _, item := range g.Items {
			keras, inGo, _ := strings.Cut(item.Name, "=")
			of, name, _ := strings.Cut(keras, ".")
			switch {
			case item.Topic == string(kind):
				names = append(names, item.Name)
			case of != string(kind) || item.Topic == positional:
			case item.Topic == named:
				names = append(names, name+" is "+code(inGo))
			case item.Topic == argument || item.Topic == stringName:
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			lines = append(lines, fmt.Sprintf("- %s: %s.", strings.TrimSuffix(g.Reason, "."), strings.Join(names, ", ")))
		}
	}
	if len(lines) > 0 {
		b.WriteString("\nNot there, or different:\n\n" + strings.Join(lines, "\n") + "\n")
	}
}

var list = regexp.MustCompile(`<!-- names: (\w+) -->.*?<!-- end -->`)

// WriteReadMe returns text with its lists of names written anew.
func (v *Inventory) WriteReadMe(text string) (string, error) {
	var err error
	out := list.ReplaceAllStringFunc(text, func(found string) string {
		kind := kerastable.Kind(list.FindStringSubmatch(found)[1])
		if titles[kind] == "" {
			err = fmt.Errorf("%s: %q is no kind of names", ReadMe, kind)
		}
		var names []string
		for _, e := range v.has(kind) {
			names = append(names, e.Name)
		}
		return fmt.Sprintf("<!-- names: %s -->%s<!-- end -->", kind, strings.Join(names, ", "))
	})
	return out, err
}

// Write writes what is generated, and takes out of the list of what is missing what is there.
func Write(dir string) error {
	files, err := Files(dir)
	if err != nil {
		return err
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Files returns the texts that Write writes, by path.
func Files(dir string) (map[string]string, error) {
	v, err := Open(dir)
	if err != nil {
		return nil, err
	}
	m, err := ReadMissing(v.root)
	if err != nil {
		return nil, err
	}
	_, stale := v.Differences(m)
	m.Prune(func(item Item) bool { return slices.Contains(stale, item) })
	readMe, err := os.ReadFile(filepath.Join(v.root, ReadMe))
	if err != nil {
		return nil, err
	}
	text, err := v.WriteReadMe(string(readMe))
	if err != nil {
		return nil, err
	}
	return map[string]string{
		filepath.Join(v.root, Path):   m.String(),
		filepath.Join(v.root, Page):   v.WritePage(m),
		filepath.Join(v.root, ReadMe): text,
	}, nil
}
