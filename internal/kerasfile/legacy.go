package kerasfile

import (
	"fmt"
	"strconv"

	"github.com/gokeras/gokeras/internal/hdf5"
)

// maxAttr is how many bytes of texts Keras puts into one attribute, a little below HDF5's own limit.
const maxAttr = 64512

// Texts returns a list of texts that Keras's legacy formats keep in an attribute, such as "layer_names". Where the list was
// too long for one, it lies in several, name0, name1 and so on. It is empty when there is none.
func (g *Group) Texts(name string) ([]string, error) {
	if value, ok := g.attrs[name]; ok {
		return texts(name, value)
	}
	var all []string
	for i := 0; ; i++ {
		part := name + strconv.Itoa(i)
		value, ok := g.attrs[part]
		if !ok {
			return all, nil
		}
		list, err := texts(part, value)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
}

func texts(name string, value any) ([]string, error) {
	switch value := value.(type) {
	case []string:
		return value, nil
	case hdf5.FixedStrings:
		return value, nil
	case []float64: // how numpy sees a list of nothing
		if len(value) == 0 {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("attribute %s is a %T, want a list of texts", name, value)
}

// SetTexts sets a list of texts as Texts reads it, split as Keras splits it.
func (g *Group) SetTexts(name string, list []string) error {
	if len(list) == 0 {
		return g.SetAttr(name, []float64{})
	}
	width := 0
	for _, text := range list {
		width = max(width, len(text))
	}
	if width > maxAttr {
		return fmt.Errorf("attribute %s: a text of %d bytes is longer than the %d that fit", name, width, maxAttr)
	}
	parts := 1
	for (len(list)+parts-1)/parts*width > maxAttr {
		parts++
	}
	if parts == 1 {
		return g.SetAttr(name, hdf5.FixedStrings(list))
	}
	// The first parts take one more where the list doesn't divide evenly.
	for i, at := 0, 0; i < parts; i++ {
		n := len(list) / parts
		if i < len(list)%parts {
			n++
		}
		if err := g.SetAttr(name+strconv.Itoa(i), hdf5.FixedStrings(list[at:at+n])); err != nil {
			return err
		}
		at += n
	}
	return nil
}
