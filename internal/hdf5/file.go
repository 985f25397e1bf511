package hdf5

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// File is an open HDF5 file. Its methods, and those of the groups and datasets in it, may be called concurrently.
type File struct {
	src   *source
	root  *Group
	texts textHeap
}

// Open reads the superblock of the size bytes that r gives. r must stay usable as long as the file is in use.
//
// The error wraps ErrNotHDF5 when there is no HDF5 file in r.
func Open(r io.ReaderAt, size int64) (*File, error) {
	src, root, err := openSource(r, size)
	if err != nil {
		return nil, err
	}
	f := &File{src: src}
	h, err := src.readHeader(root)
	if err != nil {
		return nil, fmt.Errorf("root group: %w", err)
	}
	if f.root, err = f.newGroup(h, "/", nil); err != nil {
		return nil, err
	}
	return f, nil
}

// Root returns the group that holds everything.
func (f *File) Root() *Group { return f.root }

// Consumed returns how many bytes of structure have been read so far. A program that walks a whole file from a stranger can
// compare it with the file's size: groups that share parts cost reading without end, and sound files have none.
func (f *File) Consumed() int64 { return f.src.consumed.Load() }

// Object is a *Group or a *Dataset.
type Object interface {
	// Path is where the object was found, from the root "/".
	Path() string
	// Attributes returns every attribute of the object.
	Attributes() ([]Attribute, error)
	// Attribute returns one attribute; the error wraps ErrNotFound when there is none of that name.
	Attribute(name string) (Attribute, error)
}

// object is what groups and datasets share.
type object struct {
	file *File
	head *header
	path string
}

// Path is where the object was found, from the root "/".
func (o *object) Path() string { return o.path }

// Attributes returns every attribute of the object.
func (o *object) Attributes() ([]Attribute, error) {
	h := o.head
	h.once.Do(func() { h.attrs, h.err = o.file.attributes(h) })
	if h.err != nil {
		return nil, fmt.Errorf("%s: %w", o.path, h.err)
	}
	return append([]Attribute(nil), h.attrs...), nil
}

// Attribute returns one attribute; the error wraps ErrNotFound when there is none of that name.
func (o *object) Attribute(name string) (Attribute, error) {
	attrs, err := o.Attributes()
	if err != nil {
		return Attribute{}, err
	}
	for _, a := range attrs {
		if a.Name == name {
			return a, nil
		}
	}
	return Attribute{}, fmt.Errorf("%s: attribute %q: %w", o.path, name, ErrNotFound)
}

// Group is a folder of groups and datasets.
type Group struct {
	object
	parents []uint64 // the headers of the groups above, to find loops

	linksOnce sync.Once
	names     []string
	links     map[string]link
	linksErr  error

	mu   sync.Mutex
	open map[string]*Group // members opened before, so that a path is not walked anew each time
}

func (f *File) newGroup(h *header, path string, parents []uint64) (*Group, error) {
	if len(parents) >= maxDepth {
		return nil, corrupt("group", h.addr, "groups nest more than %d deep", maxDepth)
	}
	for _, p := range parents {
		if p == h.addr {
			return nil, corrupt("group", h.addr, "%s contains itself", path)
		}
	}
	if !h.has(msgSymbolTable) && !h.has(msgLinkInfo) && !h.has(msgLink) {
		return nil, corrupt("group", h.addr, "%s is not a group", path)
	}
	return &Group{object: object{file: f, head: h, path: path}, parents: append(parents[:len(parents):len(parents)], h.addr)}, nil
}

// Names returns the names of the members, sorted as bytes, which is h5py's order.
func (g *Group) Names() ([]string, error) {
	if err := g.load(); err != nil {
		return nil, err
	}
	return append([]string(nil), g.names...), nil
}

// Child opens the member at a path of names joined by slashes, relative to the group. The error wraps ErrNotFound when
// there is none, and ErrUnsupported for the links that lead out of the group tree (soft and external ones).
func (g *Group) Child(path string) (Object, error) {
	group := g
	parts := strings.Split(path, "/")
	for i, name := range parts {
		child, err := group.member(name)
		if err != nil {
			return nil, err
		}
		if i == len(parts)-1 {
			return child, nil
		}
		next, ok := child.(*Group)
		if !ok {
			return nil, fmt.Errorf("%s is a dataset, and has no member %q: %w", child.Path(), parts[i+1], ErrNotFound)
		}
		group = next
	}
	return nil, fmt.Errorf("%s: %q: %w", g.path, path, ErrNotFound)
}

// Group opens the group at a path relative to g, as Child does.
func (g *Group) Group(path string) (*Group, error) {
	return childOf[*Group](g, path, "is a dataset, not a group")
}

// Dataset opens the dataset at a path relative to g, as Child does.
func (g *Group) Dataset(path string) (*Dataset, error) {
	return childOf[*Dataset](g, path, "is a group, not a dataset")
}

// childOf opens a child that must be of one type; other says what it is if it isn't.
func childOf[T Object](g *Group, path, other string) (T, error) {
	var none T
	child, err := g.Child(path)
	if err != nil {
		return none, err
	}
	if own, ok := child.(T); ok {
		return own, nil
	}
	return none, fmt.Errorf("%s %s", child.Path(), other)
}

func (g *Group) member(name string) (Object, error) {
	g.mu.Lock()
	known := g.open[name]
	g.mu.Unlock()
	if known != nil {
		return known, nil
	}
	path := strings.TrimSuffix(g.path, "/") + "/" + name
	if err := g.load(); err != nil {
		return nil, err
	}
	l, ok := g.links[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", path, ErrNotFound)
	}
	if l.refused != "" {
		return nil, fmt.Errorf("%s: %w", path, unsupported("%s is not followed", l.refused))
	}
	h, err := g.file.src.readHeader(l.addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if h.has(msgLayout) {
		d, err := g.file.newDataset(h, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return d, nil
	}
	child, err := g.file.newGroup(h, path, g.parents)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if known := g.open[name]; known != nil {
		return known, nil
	}
	if g.open == nil {
		g.open = map[string]*Group{}
	}
	g.open[name] = child
	return child, nil
}
