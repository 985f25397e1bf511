package catalogue

import (
	"maps"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerastable"
)

// Lacks lists what Keras has and this module doesn't, in the table's order: names, and of what is there arguments, strings for get(), and
// constructors that take other arguments by position than those that Keras's wants. Two forms of one thing, a function and its class, are
// one name: the class, or the function of keras.ops.
func (v *Inventory) Lacks() []Item {
	var list []Item
	for _, kind := range kerastable.Kinds() {
		entries := kerastable.List(kind)
		lacking := map[string]bool{}
		for _, e := range entries {
			if !v.Has(e) {
				lacking[mainForm(e)] = true
				for _, class := range e.Makes {
					lacking[class] = true
				}
			}
		}
		for _, e := range entries {
			switch {
			case v.Has(e):
				list = append(list, v.lacksOf(e)...)
			case !lacking[otherForm(e)]:
				list = append(list, Item{string(kind), Key(e)})
			}
		}
	}
	return list
}

// mainForm names a class, such that otherForm finds it.
func mainForm(e *kerastable.Entry) string {
	if e.Function || e.Kind == kerastable.Operation {
		return ""
	}
	return config.SnakeCase(e.Name)
}

// otherForm names the form under which a thing is listed: that of a loss's function is its class, that of an operation's class its function.
func otherForm(e *kerastable.Entry) string {
	switch {
	case e.Kind == kerastable.Operation && !e.Function:
		return e.Name
	case e.Kind != kerastable.Operation && e.Function:
		return e.Name
	}
	return "\x00" // It is listed itself.
}

func (v *Inventory) lacksOf(e *kerastable.Entry) []Item {
	var list []Item
	name := string(e.Kind) + "." + e.Name
	if has := v.arguments(e); has != nil {
		for _, a := range e.Arguments {
			if a.Kind != kerastable.Varargs && a.Kind != kerastable.Kwargs && !has(a.Name) {
				list = append(list, Item{argument, name + "." + a.Name})
			}
		}
	}
	if l, ok := v.Layer(e.Name); ok && e.Kind == kerastable.Layer && !slices.Equal(l.Taken, required(e)) {
		list = append(list, Item{positional, name})
	}
	if _, err, ok := Get(e.Kind, e.Name); ok && err == nil {
		for _, s := range e.Strings {
			if _, err, _ := Get(e.Kind, s); err != nil {
				list = append(list, Item{stringName, string(e.Kind) + "." + s})
			}
		}
	}
	return list
}

// required lists the arguments that Keras's constructor can't do without.
func required(e *kerastable.Entry) []string {
	var list []string
	for _, a := range e.Arguments {
		if a.Kind == kerastable.Plain && !a.Optional {
			list = append(list, a.Name)
		}
	}
	return list
}

// arguments says which of Keras's arguments a class has in Go; nil where there is nothing to compare.
func (v *Inventory) arguments(e *kerastable.Entry) func(name string) bool {
	if e.Function {
		return nil
	}
	if e.Kind == kerastable.Layer {
		l, ok := v.Layer(e.Name)
		if !ok {
			return nil
		}
		return l.Holds
	}
	o, err, ok := Get(e.Kind, e.Name)
	if !ok || err != nil || o == nil {
		return nil
	}
	keys := config.Keys(o.KerasConfig())
	return func(name string) bool { return slices.Contains(keys, name) }
}

// Differences compares a list with what is missing: names that are missing and not listed, and names that are listed and not missing. Those
// that have another name in Go count as there if that name is.
func (v *Inventory) Differences(m *Missing) (unlisted, stale []Item) {
	elsewhere := map[Item]Item{} // by what they stand for
	for _, g := range m.Groups {
		for _, item := range g.Items {
			if item.Topic == named {
				keras, inGo, _ := strings.Cut(item.Name, "=")
				kind, name, _ := strings.Cut(keras, ".")
				if v.Exported(inGo) {
					elsewhere[Item{kind, name}] = item
				}
			}
		}
	}
	lacks := v.Lacks()
	needed := map[Item]bool{}
	for _, item := range lacks {
		if other, ok := elsewhere[item]; ok {
			needed[other] = true
			continue
		}
		needed[item] = true
		if !m.Has(item.Topic, item.Name) {
			unlisted = append(unlisted, item)
		}
	}
	seen := map[Item]bool{}
	for _, g := range m.Groups {
		for _, item := range g.Items {
			if !needed[item] || seen[item] {
				stale = append(stale, item)
			}
			seen[item] = true
		}
	}
	return unlisted, stale
}

// Text groups items by topic, for messages.
func Text(items []Item) string {
	byTopic := map[string][]string{}
	for _, item := range items {
		byTopic[item.Topic] = append(byTopic[item.Topic], item.Name)
	}
	var lines []string
	for _, topic := range slices.Sorted(maps.Keys(byTopic)) {
		lines = append(lines, "  "+topic+" "+strings.Join(byTopic[topic], " "))
	}
	return strings.Join(lines, "\n")
}
