package datasets

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"maps"
	"os"
	"reflect"
	"slices"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/atomicfile"
)

// Cache keeps the elements, so that what comes before it is read and computed once (tf.data: cache): in memory, or, where a path is given, in that file, which
// later programs read in place of what comes before. A pass that was broken off leaves nothing. Elements that Shuffle mixed before it stay in one order.
func (p *Pipeline) Cache(path ...string) *Pipeline {
	if len(path) > 1 {
		return p.fail("Cache", "got %d paths, and one at most was expected", len(path))
	}
	if len(path) == 1 && path[0] != "" {
		return p.cacheFile(path[0])
	}
	var mu sync.Mutex
	var kept []Element
	full := false
	out := p.then("Cache", p.size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			mu.Lock()
			ready, list := full, kept
			mu.Unlock()
			if !ready {
				run.key = 0 // whichever pass comes first
				whole := true
				for e, err := range p.open(run) {
					if err == nil {
						var own Element
						if own, err = copied(e); err == nil {
							list = append(list, own)
						}
					}
					if whole = yield(e, err) && err == nil; !whole {
						return
					}
				}
				if run.ctx.Err() == nil {
					mu.Lock()
					kept, full = list, true
					mu.Unlock()
				}
				return
			}
			for _, e := range list {
				e, err := copied(e)
				if run.ctx.Err() != nil || !yield(e, err) || err != nil {
					return
				}
			}
		}
	})
	return out
}

// cacheMagic begins a file of elements.
const cacheMagic = "gokeras elements 1\n"

// maxCachedElement bounds what a file may say that an element has.
const maxCachedElement = maxBatchBytes

func (p *Pipeline) cacheFile(path string) *Pipeline {
	out := p.then("Cache", p.size, func(run pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			f, err := os.Open(path)
			if err == nil {
				defer f.Close()
				readElements(path, f, func(e Element, err error) bool { return run.ctx.Err() == nil && yield(e, err) })
				return
			}
			if !errors.Is(err, os.ErrNotExist) {
				yield(Element{}, fmt.Errorf("Cache: %w", err))
				return
			}
			run.key = 0
			stopped := errors.New("the pass was broken off")
			var inner error
			err = atomicfile.Write(path, 0o644, func(f *os.File) error {
				w := newElementWriter(f)
				for e, err := range p.open(run) {
					if err != nil {
						inner = err
						return stopped
					}
					if err := w.write(e); err != nil {
						return err
					}
					if !yield(e, nil) {
						inner = stopped
						return stopped
					}
				}
				if run.ctx.Err() != nil {
					inner = stopped
					return stopped
				}
				return w.close()
			})
			switch {
			case inner == stopped:
			case inner != nil:
				yield(Element{}, inner)
			case err != nil:
				yield(Element{}, fmt.Errorf("Cache: %w", err))
			}
		}
	})
	return out
}

// cachedValue is how a file describes a value: a list, a map, or an array, whose bytes follow in order.
type cachedValue struct {
	Nil   bool          `json:",omitempty"`
	List  []cachedValue `json:",omitempty"`
	Names []string      `json:",omitempty"` // of a map's values, which List has
	DType string        `json:",omitempty"`
	Shape []int         `json:",omitempty"`
	Depth int           `json:",omitempty"` // texts in slices of slices
	Texts []string      `json:",omitempty"`
	Cuts  []int         `json:",omitempty"` // lengths of the slices, outer ones first
	Form  string        `json:",omitempty"` // "list", "map", "tensor" or "texts"
}

// elementWriter writes elements behind each other, and a checksum of all at the end.
type elementWriter struct {
	buffer *bufio.Writer
	sum    *sumWriter
}

type sumWriter struct {
	w   io.Writer
	crc uint32
}

func (s *sumWriter) Write(b []byte) (int, error) {
	s.crc = crc32.Update(s.crc, crc32.IEEETable, b)
	return s.w.Write(b)
}

func newElementWriter(f io.Writer) *elementWriter {
	buffer := bufio.NewWriter(f)
	_, _ = buffer.WriteString(cacheMagic) // Flush has the error
	return &elementWriter{buffer: buffer, sum: &sumWriter{w: buffer}}
}

func (w *elementWriter) write(e Element) error {
	var data []*tensors.Tensor
	var forms [3]cachedValue
	for i, p := range e.parts() {
		var err error
		if forms[i], err = describe(*p.value, &data); err != nil {
			return err
		}
	}
	header, err := json.Marshal(forms)
	if err != nil {
		return err
	}
	if err := binary.Write(w.sum, binary.LittleEndian, uint32(len(header))); err != nil {
		return err
	}
	if _, err := w.sum.Write(header); err != nil {
		return err
	}
	for _, t := range data {
		if t.Size() == 0 {
			continue
		}
		var inner error
		if err := t.ConstBytes(func(raw []byte) { _, inner = w.sum.Write(raw) }); err != nil || inner != nil {
			return errors.Join(err, inner)
		}
	}
	return nil
}

// close ends the file with an empty header and the checksum.
func (w *elementWriter) close() error {
	if err := binary.Write(w.buffer, binary.LittleEndian, [2]uint32{0, w.sum.crc}); err != nil {
		return err
	}
	return w.buffer.Flush()
}

func describe(v any, data *[]*tensors.Tensor) (c cachedValue, err error) {
	inside := func(list []any) error {
		c.List = make([]cachedValue, len(list))
		for i, v := range list {
			if c.List[i], err = describe(v, data); err != nil {
				return err
			}
		}
		return nil
	}
	switch v := v.(type) {
	case nil:
		return cachedValue{Nil: true}, nil
	case []any:
		c.Form = "list"
		return c, inside(v)
	case map[string]any:
		c.Form, c.Names = "map", slices.Sorted(maps.Keys(v))
		list := make([]any, len(c.Names))
		for i, name := range c.Names {
			list[i] = v[name]
		}
		return c, inside(list)
	case *tensors.Tensor:
		*data = append(*data, v)
		return cachedValue{Form: "tensor", DType: v.DType().String(), Shape: v.Shape().Dimensions}, nil
	}
	c.Form = "texts"
	r := reflect.ValueOf(v)
	for t := r.Type(); t.Kind() == reflect.Slice; t = t.Elem() {
		c.Depth++
	}
	var flatten func(v reflect.Value)
	flatten = func(v reflect.Value) {
		if v.Kind() == reflect.String {
			c.Texts = append(c.Texts, v.String())
			return
		}
		c.Cuts = append(c.Cuts, v.Len())
		for i := range v.Len() {
			flatten(v.Index(i))
		}
	}
	flatten(r)
	return c, nil
}

// readElements gives the elements of a file to yield, or an error that names the file. What comes before the checksum is given before it is checked.
func readElements(path string, f io.Reader, yield func(Element, error) bool) {
	i := 0
	fail := func(err error) {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the file is cut short")
		}
		yield(Element{}, fmt.Errorf("Cache: %s: element %d: %w", path, i, err))
	}
	buffered := bufio.NewReader(f)
	magic := make([]byte, len(cacheMagic))
	if _, err := io.ReadFull(buffered, magic); err != nil || string(magic) != cacheMagic {
		yield(Element{}, fmt.Errorf("Cache: %s: it is no file of elements", path))
		return
	}
	sum := &sumWriter{w: io.Discard}
	r := io.TeeReader(buffered, sum)
	for ; ; i++ {
		var size uint32
		before := sum.crc
		if err := binary.Read(r, binary.LittleEndian, &size); err != nil {
			fail(err)
			return
		}
		if size == 0 {
			var want uint32
			if err := binary.Read(buffered, binary.LittleEndian, &want); err != nil {
				fail(err)
			} else if want != before {
				fail(errors.New("the checksum is another one: the file was changed"))
			}
			return
		}
		e, err := readElement(r, size)
		if err != nil {
			fail(err)
			return
		}
		if !yield(e, nil) {
			return
		}
	}
}

// maxCachedHeader bounds a description, in which texts are whole.
const maxCachedHeader = 256 << 20

func readElement(r io.Reader, size uint32) (Element, error) {
	if size > maxCachedHeader {
		return Element{}, fmt.Errorf("its description has %d bytes", size)
	}
	header, err := readGrowing(r, int64(size))
	if err != nil {
		return Element{}, err
	}
	var forms [3]cachedValue
	if err := json.Unmarshal(header, &forms); err != nil {
		return Element{}, fmt.Errorf("its description: %w", err)
	}
	var e Element
	for i, p := range e.parts() {
		if *p.value, err = forms[i].read(r, 0); err != nil {
			return Element{}, err
		}
	}
	return e, nil
}

// readGrowing reads n bytes without believing n before they are there.
func readGrowing(r io.Reader, n int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, n))
	if err == nil && int64(len(raw)) < n {
		err = io.ErrUnexpectedEOF
	}
	return raw, err
}

func (c *cachedValue) read(r io.Reader, depth int) (any, error) {
	if depth > 100 {
		return nil, errors.New("it is nested too deeply")
	}
	switch {
	case c.Nil:
		return nil, nil
	case c.Form == "list" || c.Form == "map" && len(c.Names) == len(c.List):
		list, named := make([]any, len(c.List)), map[string]any{}
		for i := range c.List {
			v, err := c.List[i].read(r, depth+1)
			if err != nil {
				return nil, err
			}
			if list[i] = v; c.Form == "map" {
				named[c.Names[i]] = v
			}
		}
		if c.Form == "map" {
			return named, nil
		}
		return list, nil
	case c.Form == "tensor":
		return c.tensor(r)
	case c.Form == "texts" && c.Depth >= 0 && c.Depth <= 8:
		t := reflect.TypeFor[string]()
		for range c.Depth {
			t = reflect.SliceOf(t)
		}
		v, err := c.texts(t)
		if err == nil && (len(c.Texts) > 0 || len(c.Cuts) > 0) {
			err = errors.New("its texts don't fit their shape")
		}
		if err != nil {
			return nil, err
		}
		return v.Interface(), nil
	}
	return nil, fmt.Errorf("it has a value of the form %q", c.Form)
}

// texts takes a value of type t from the front of the texts.
func (c *cachedValue) texts(t reflect.Type) (reflect.Value, error) {
	bad := errors.New("its texts don't fit their shape")
	if t.Kind() == reflect.String {
		if len(c.Texts) == 0 {
			return reflect.Value{}, bad
		}
		v := reflect.ValueOf(c.Texts[0])
		c.Texts = c.Texts[1:]
		return v, nil
	}
	if len(c.Cuts) == 0 || c.Cuts[0] < 0 || c.Cuts[0] > len(c.Texts)+len(c.Cuts) {
		return reflect.Value{}, bad
	}
	n := c.Cuts[0]
	c.Cuts = c.Cuts[1:]
	out := reflect.MakeSlice(t, 0, 0) // grows with what is there: n may be a lie
	for range n {
		v, err := c.texts(t.Elem())
		if err != nil {
			return v, err
		}
		out = reflect.Append(out, v)
	}
	return out, nil
}

func (c *cachedValue) tensor(r io.Reader) (any, error) {
	dtype, err := dtypes.DTypeString(c.DType)
	if err != nil || dtype == dtypes.InvalidDType || dtype.Size() < 1 {
		return nil, fmt.Errorf("it has an array of the type %q", c.DType)
	}
	bytes := int64(dtype.Size())
	for _, d := range c.Shape {
		if d < 0 || d > 0 && bytes > maxCachedElement/int64(d) || len(c.Shape) > 32 {
			return nil, fmt.Errorf("it has an array of the shape %v", c.Shape)
		}
		bytes *= int64(d)
	}
	raw, err := readGrowing(r, bytes)
	if err != nil {
		return nil, err
	}
	t := tensors.FromShape(shapes.Make(dtype, c.Shape...))
	if bytes == 0 {
		return t, nil
	}
	var inner error
	err = t.MutableBytes(func(to []byte) {
		if len(to) != len(raw) {
			inner = fmt.Errorf("an array of %s has %d bytes", t.Shape(), len(raw))
			return
		}
		copy(to, raw)
	})
	return t, errors.Join(err, inner)
}
