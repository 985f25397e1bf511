package catalogue

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/kerastable"
)

// Path is the file of what is missing, relative to the module's root.
const Path = "internal/kerastable/catalogue/missing.txt"

// Missing is the list of what Keras has and this module doesn't.
type Missing struct {
	comment string // before the first reason
	Groups  []Group
}

// Group is what is missing for one reason.
type Group struct {
	Reason string
	Items  []Item
}

// Item is one name.
type Item struct {
	// Topic is a kind of kerastable; "argument" for arguments of what is there, "string" for names that get() doesn't take,
	// "positional" for constructors that take other arguments by position, and "named" for what has another name in Go.
	Topic string
	// Name is a [Key]; "layer.Dense.lora_rank" of an argument, "loss.bce" of a string, "layer.add=layers.Add" of what is named otherwise.
	Name string
}

const (
	argument   = "argument"
	stringName = "string"
	positional = "positional"
	named      = "named"
)

// ReadMissing reads the list of the module in root.
func ReadMissing(root string) (*Missing, error) {
	text, err := os.ReadFile(filepath.Join(root, Path))
	if err != nil {
		return nil, err
	}
	return parseMissing(string(text))
}

// parseMissing reads reasons, at the beginning of a line, and below each the lines of a topic and its names, which are indented.
func parseMissing(text string) (*Missing, error) {
	m := &Missing{}
	for at, line := range strings.Split(text, "\n") {
		switch words := strings.Fields(line); {
		case strings.HasPrefix(line, "#"):
			m.comment += line + "\n"
		case len(words) == 0:
		case !strings.HasPrefix(line, " "):
			m.Groups = append(m.Groups, Group{Reason: strings.TrimSpace(line)})
		case len(m.Groups) == 0 || len(words) == 1:
			return nil, fmt.Errorf("%s:%d: want a reason, then lines of a topic and names: %q", Path, at+1, line)
		case !isTopic(words[0]):
			return nil, fmt.Errorf("%s:%d: unknown topic %q", Path, at+1, words[0])
		default:
			g := &m.Groups[len(m.Groups)-1]
			for _, name := range words[1:] {
				g.Items = append(g.Items, Item{words[0], name})
			}
		}
	}
	return m, nil
}

func isTopic(word string) bool {
	return slices.Contains([]string{argument, stringName, positional, named}, word) || slices.Contains(kerastable.Kinds(), kerastable.Kind(word))
}

// String writes the list as it is read.
func (m *Missing) String() string {
	var b strings.Builder
	b.WriteString(m.comment)
	for _, g := range m.Groups {
		fmt.Fprintf(&b, "\n%s\n", g.Reason)
		line, topic := "", ""
		flush := func() {
			if line != "" {
				b.WriteString(line + "\n")
			}
		}
		for _, item := range g.Items {
			if item.Topic != topic || len(line)+1+len(item.Name) > 150 {
				flush()
				topic = item.Topic
				line = "  " + topic
			}
			line += " " + item.Name
		}
		flush()
	}
	return b.String()
}

// Has reports whether a name is listed under a topic.
func (m *Missing) Has(topic, name string) bool {
	return slices.ContainsFunc(m.Groups, func(g Group) bool { return slices.Contains(g.Items, Item{topic, name}) })
}

// Prune takes out what drop says, and reasons of which nothing is left.
func (m *Missing) Prune(drop func(Item) bool) {
	for i := range m.Groups {
		m.Groups[i].Items = slices.DeleteFunc(m.Groups[i].Items, drop)
	}
	m.Groups = slices.DeleteFunc(m.Groups, func(g Group) bool { return len(g.Items) == 0 })
}
