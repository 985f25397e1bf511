package kerasfile

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/hdf5"
)

// maxDepth is how deep groups may nest, and attributes of a layer with them.
const maxDepth = 150

// The arrays of a file may take valuesFloor bytes, and beyond that valuesRatio times its size: Keras writes them as they are, but they
// may have been compressed since.
const (
	valuesFloor = 64 << 20
	valuesRatio = 16
)

// Group is a folder of the weights tree: groups and arrays under names, in the order in which they were added, and
// attributes. It is not safe for concurrent changes.
type Group struct {
	names  []string
	groups map[string]*Group
	arrays map[string]Array

	attrNames []string
	attrs     map[string]any
}

// NewGroup returns an empty group.
func NewGroup() *Group { return &Group{} }

// Names returns the names of the members: in the order in which they were added, or as the file sorts them.
func (g *Group) Names() []string { return slices.Clone(g.names) }

// Group returns the group at a path of names joined by slashes, such as "layers/dense/vars"; "" is g itself. It is nil when there is
// none.
func (g *Group) Group(path string) *Group {
	if path == "" {
		return g
	}
	for _, name := range strings.Split(path, "/") {
		if g == nil {
			return nil
		}
		g = g.groups[name]
	}
	return g
}

// Array returns the array at a path such as "layers/dense/vars/0", and whether there is one.
func (g *Group) Array(path string) (Array, bool) {
	if at := strings.LastIndexByte(path, '/'); at >= 0 {
		g, path = g.Group(path[:at]), path[at+1:]
	}
	if g == nil {
		return Array{}, false
	}
	a, ok := g.arrays[path]
	return a, ok
}

// MkGroup returns the group at a path, making what is missing of it.
func (g *Group) MkGroup(path string) (*Group, error) {
	names := strings.Split(path, "/")
	if len(names) > maxDepth {
		return nil, fmt.Errorf("group %.100q: groups can nest %d deep", path, maxDepth)
	}
	for i, name := range names {
		if err := checkName(name); err != nil {
			return nil, fmt.Errorf("group %q: %w", path, err)
		}
		if _, taken := g.arrays[name]; taken {
			return nil, fmt.Errorf("group %q: %q is an array already", path, strings.Join(names[:i+1], "/"))
		}
		next := g.groups[name]
		if next == nil {
			next = NewGroup()
			g.attach(name, next)
		}
		g = next
	}
	return g, nil
}

func (g *Group) attach(name string, child *Group) {
	if g.groups == nil {
		g.groups = map[string]*Group{}
	}
	g.groups[name] = child
	g.names = append(g.names, name)
}

// Set puts an array at a path such as "layers/dense/vars/0", making the groups that are missing and replacing an array that is
// there.
func (g *Group) Set(path string, a Array) error {
	if err := a.valid(); err != nil {
		return fmt.Errorf("array %q: %w", path, err)
	}
	name := path
	if at := strings.LastIndexByte(path, '/'); at >= 0 {
		var err error
		if g, err = g.MkGroup(path[:at]); err != nil {
			return err
		}
		name = path[at+1:]
	}
	if err := checkName(name); err != nil {
		return fmt.Errorf("array %q: %w", path, err)
	}
	if g.groups[name] != nil {
		return fmt.Errorf("array %q: there is a group of that name", path)
	}
	if _, again := g.arrays[name]; !again {
		g.names = append(g.names, name)
	}
	if g.arrays == nil {
		g.arrays = map[string]Array{}
	}
	g.arrays[name] = a
	return nil
}

func checkName(name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
		return fmt.Errorf("%q cannot be a name", name)
	}
	return nil
}

// SetAttr sets an attribute of the group. Keras writes one: "name", the name of the object that owns the variables. Value
// is a text, a boolean or a number, or a slice of texts or numbers.
func (g *Group) SetAttr(name string, value any) error {
	// The file's own rules apply; asking it now puts the error where the mistake is.
	if err := hdf5.NewBuilder().Root().SetAttr(name, value); err != nil {
		return err
	}
	g.keepAttr(name, value)
	return nil
}

func (g *Group) keepAttr(name string, value any) {
	if g.attrs == nil {
		g.attrs = map[string]any{}
	}
	if _, again := g.attrs[name]; !again {
		g.attrNames = append(g.attrNames, name)
	}
	g.attrs[name] = value
}

// Attr returns an attribute: a string, bool, int64, uint64 or float64 as read from a file, or a slice of those; nil when there
// is none.
func (g *Group) Attr(name string) any { return g.attrs[name] }

// Walk calls visit with every array in the tree and its path, in order, until it returns an error.
func (g *Group) Walk(visit func(path string, a Array) error) error { return g.walk("", visit) }

func (g *Group) walk(prefix string, visit func(path string, a Array) error) error {
	for _, name := range g.names {
		if child := g.groups[name]; child != nil {
			if err := child.walk(prefix+name+"/", visit); err != nil {
				return err
			}
			continue
		}
		if err := visit(prefix+name, g.arrays[name]); err != nil {
			return err
		}
	}
	return nil
}

// treeReader turns a file's groups into a tree.
type treeReader struct {
	file *hdf5.File
	left int64 // objects and attributes that may still come
	most int64 // bytes of structure that may be read

	values, mostValues int64 // bytes that the arrays take, and may take

	legacy bool // names are layers' own
}

// readTree reads the structure of an HDF5 file.
func readTree(f *hdf5.File, size int64) (*Group, error) {
	// An object takes more than 32 bytes of the file, unless it is reached by more ways than one: as Keras never
	// writes that, more objects than this are an attempt to exhaust memory.
	// The same goes for structure read over and over.
	r := &treeReader{file: f, left: size/32 + 1, most: 4*size + 1<<20, mostValues: valuesFloor + valuesRatio*size}
	root := NewGroup()
	return root, r.group(f.Root(), root, 0)
}

func (r *treeReader) group(from *hdf5.Group, to *Group, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: groups nest more than %d deep", from.Path(), maxDepth)
	}
	attrs, err := from.Attributes()
	if err != nil {
		return err
	}
	r.left -= int64(len(attrs))
	for _, a := range attrs {
		value, err := a.Value()
		if errors.Is(err, hdf5.ErrUnsupported) || value == nil && err == nil {
			continue // Keras writes none of these
		}
		if err != nil {
			return fmt.Errorf("%s: %w", from.Path(), err)
		}
		switch value.(type) {
		case []byte, []bool: // nor these
		default:
			to.keepAttr(a.Name, value)
		}
	}
	if depth == 0 {
		r.legacy = detectHDF5(r.file) != WeightsFormat
	}
	names, err := from.Names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if r.left--; r.left < 0 || r.file.Consumed() > r.most {
			return fmt.Errorf("%s: the file links to its objects too many times", from.Path())
		}
		child, err := from.Child(name)
		if err != nil {
			return err
		}
		if err := checkName(name); err != nil {
			return fmt.Errorf("%s: %w", from.Path(), err)
		}
		switch child := child.(type) {
		case *hdf5.Dataset:
			a, err := fromDataset(child)
			if err != nil {
				return err
			}
			if a.size > r.mostValues-r.values {
				return fmt.Errorf("%s: with shape %v the arrays take more than the %d bytes allowed for a file of its size; it would exhaust memory",
					child.Path(), a.shape, r.mostValues)
			}
			r.values += a.size
			if err := to.Set(name, a); err != nil {
				return fmt.Errorf("%s: %w", from.Path(), err)
			}
		case *hdf5.Group:
			// Keras 2 on Windows joins the names of groups by what separates folders there.
			if path := strings.Split(name, `\`); len(path) > 1 && !r.legacy {
				next, err := to.MkGroup(strings.Join(path, "/"))
				if err != nil {
					return fmt.Errorf("%s: %w", from.Path(), err)
				}
				if err := r.group(child, next, depth+len(path)); err != nil {
					return err
				}
				continue
			}
			if to.groups[name] != nil {
				return fmt.Errorf("%s: two groups are named %q", from.Path(), name)
			}
			next := NewGroup()
			to.attach(name, next)
			if err := r.group(child, next, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// build gives the tree to an HDF5 file about to be written.
func (g *Group) build(to *hdf5.GroupBuilder) error {
	for _, name := range g.attrNames {
		if err := to.SetAttr(name, g.attrs[name]); err != nil {
			return err
		}
	}
	for _, name := range g.names {
		if child := g.groups[name]; child != nil {
			next, err := to.Group(name)
			if err != nil {
				return err
			}
			if err := child.build(next); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		a := g.arrays[name]
		k, err := kindNamed(a.dtype)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		set, err := to.Dataset(name, k.file, a.shape, func(w io.Writer) error { return a.stream(w) })
		if err != nil {
			return err
		}
		if a.dtype == bfloat16 {
			if err := set.SetAttr("dtype", bfloat16); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *Group) builder() (*hdf5.Builder, error) {
	b := hdf5.NewBuilder()
	if g == nil {
		return b, nil
	}
	if err := g.build(b.Root()); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	return b, nil
}
