package hdf5

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Builder gathers what a new file is to hold, and writes it. It is not safe for concurrent use.
type Builder struct {
	root *GroupBuilder
}

// NewBuilder returns a file with an empty root group.
func NewBuilder() *Builder {
	return &Builder{root: newGroupBuilder("/", 0)}
}

// Root returns the group that holds everything.
func (b *Builder) Root() *GroupBuilder { return b.root }

// GroupBuilder is a group of the file to be written.
type GroupBuilder struct {
	attrSet
	path   string
	depth  int
	groups map[string]*GroupBuilder
	data   map[string]*DatasetBuilder
}

// DatasetBuilder is a dataset of the file to be written.
type DatasetBuilder struct {
	attrSet
	path  string
	dtype Datatype
	shape []int
	size  int64
	write func(io.Writer) error
}

// attrSet holds attributes in the order in which they were set.
type attrSet struct {
	names  []string
	values map[string]any
}

// FixedStrings is an attribute of texts padded with zeros to one length, numpy's "S<length>", as Keras writes the names
// of layers and weights into its legacy files. A []string becomes variable strings instead.
type FixedStrings []string

func newGroupBuilder(path string, depth int) *GroupBuilder {
	return &GroupBuilder{path: path, depth: depth, groups: map[string]*GroupBuilder{}, data: map[string]*DatasetBuilder{}}
}

// SetAttr sets or replaces an attribute. Value is a string, []string, FixedStrings, bool, int, int32, int64, uint32, uint64, float32
// or float64, or a slice of one of those numbers. Texts of any length are fine; numbers and FixedStrings must stay below
// 64 kB, a limit of the format.
func (a *attrSet) SetAttr(name string, value any) error {
	if name == "" || strings.ContainsRune(name, 0) || len(name) > math.MaxUint16/2 {
		return fmt.Errorf("attribute %q: a name must not be empty, hold a zero byte or be very long", name)
	}
	if _, _, _, err := encodeValue(value, func(string) ([]byte, error) { return make([]byte, 16), nil }); err != nil {
		return fmt.Errorf("attribute %q: %w", name, err)
	}
	if a.values == nil {
		a.values = map[string]any{}
	}
	if _, again := a.values[name]; !again {
		a.names = append(a.names, name)
	}
	a.values[name] = value
	return nil
}

// Group returns the group at a path of names joined by slashes, relative to g; groups that are missing are made.
func (g *GroupBuilder) Group(path string) (*GroupBuilder, error) {
	for _, name := range strings.Split(path, "/") {
		if err := g.checkName(name); err != nil {
			return nil, err
		}
		if g.data[name] != nil {
			return nil, fmt.Errorf("%s: it is a dataset, and cannot be a group too", g.join(name))
		}
		next := g.groups[name]
		if next == nil {
			if g.depth+1 >= maxDepth {
				return nil, fmt.Errorf("%s: groups can nest %d deep", g.join(name), maxDepth)
			}
			next = newGroupBuilder(g.join(name), g.depth+1)
			g.groups[name] = next
		}
		g = next
	}
	return g, nil
}

// Dataset adds a dataset at a path relative to g; groups that are missing are made. An empty shape is a single value.
//
// write must give the values, in row-major order and little-endian bytes, exactly as many as the shape takes; it is called
// when the file is written, once each time.
func (g *GroupBuilder) Dataset(path string, dtype Datatype, shape []int, write func(io.Writer) error) (*DatasetBuilder, error) {
	if at := strings.LastIndexByte(path, '/'); at >= 0 {
		var err error
		if g, err = g.Group(path[:at]); err != nil {
			return nil, err
		}
		path = path[at+1:]
	}
	if err := g.checkName(path); err != nil {
		return nil, err
	}
	full := g.join(path)
	if g.groups[path] != nil || g.data[path] != nil {
		return nil, fmt.Errorf("%s: there is already something of that name", full)
	}
	if _, err := encodeType(dtype); err != nil || dtype.Kind == VarString {
		return nil, fmt.Errorf("%s: a dataset of %s cannot be written", full, dtype)
	}
	if len(shape) > maxRank {
		return nil, fmt.Errorf("%s: %d dimensions; HDF5 allows %d", full, len(shape), maxRank)
	}
	size, err := product(shape, dtype.Size)
	for _, n := range shape {
		if n < 0 || err != nil {
			return nil, fmt.Errorf("%s: shape %v cannot be written", full, shape)
		}
	}
	d := &DatasetBuilder{path: full, dtype: dtype, shape: append([]int(nil), shape...), size: size, write: write}
	g.data[path] = d
	return d, nil
}

func (g *GroupBuilder) checkName(name string) error {
	if name == "" || name == "." || strings.ContainsAny(name, "/\x00") {
		return fmt.Errorf("%s: %q cannot be the name of a group or dataset", g.path, name)
	}
	return nil
}

func (g *GroupBuilder) join(name string) string { return strings.TrimSuffix(g.path, "/") + "/" + name }

// Size returns how many bytes WriteTo will write.
func (b *Builder) Size() (int64, error) {
	p, err := b.plan()
	if err != nil {
		return 0, err
	}
	return p.end, nil
}

// WriteTo writes the file to w from beginning to end. Memory is taken for the structure alone; values stream through.
func (b *Builder) WriteTo(w io.Writer) (int64, error) {
	p, err := b.plan()
	if err != nil {
		return 0, err
	}
	out := &counter{w: w}
	if _, err := out.Write(p.meta); err != nil {
		return out.n, err
	}
	for _, d := range p.datasets {
		if err := d.stream(out); err != nil {
			return out.n, err
		}
	}
	return out.n, nil
}

// stream writes the values of one dataset, and the padding after them.
func (d *DatasetBuilder) stream(out *counter) error {
	start := out.n
	out.limit = start + d.size
	if err := d.write(out); err != nil {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	if n := out.n - start; n != d.size {
		return fmt.Errorf("%s: its values took %d bytes, and should take %d", d.path, n, d.size)
	}
	out.limit = 0
	_, err := out.Write(make([]byte, -d.size&7))
	return err
}

// counter counts what passes to w, and refuses more than limit, when there is one.
type counter struct {
	w        io.Writer
	n, limit int64
}

func (c *counter) Write(p []byte) (int, error) {
	if c.limit > 0 && int64(len(p)) > c.limit-c.n {
		return 0, fmt.Errorf("more values than the %d bytes left", c.limit-c.n)
	}
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
