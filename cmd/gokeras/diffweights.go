package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/kerasfile"
	"github.com/gokeras/gokeras/internal/npz"
)

// weightDiff is a weight that two models don't share.
type weightDiff struct {
	Name   string     `json:"name"`
	Only   string     `json:"only,omitempty"` // "a" or "b" if the other has none of that name
	DTypes *[2]string `json:"dtypes,omitempty"`
	Shapes *[2][]int  `json:"shapes,omitempty"`
	// Differing counts the elements that are further apart than the tolerance, of Size.
	Differing int `json:"differing,omitempty"`
	Size      int `json:"size"`
	// MaxAbs and MaxRel are the largest differences, the latter relative to the larger of the two elements.
	MaxAbs number `json:"max_abs"`
	MaxRel number `json:"max_rel"`
}

func (d weightDiff) String() string {
	switch {
	case d.Only == "a":
		return fmt.Sprintf("- %s", d.Name)
	case d.Only == "b":
		return fmt.Sprintf("+ %s", d.Name)
	case d.Shapes != nil:
		return fmt.Sprintf("! %s: shape %s -> %s", d.Name, npz.ShapeString(d.Shapes[0]), npz.ShapeString(d.Shapes[1]))
	}
	text := fmt.Sprintf("! %s: ", d.Name)
	if d.DTypes != nil {
		text += fmt.Sprintf("type %s -> %s; ", d.DTypes[0], d.DTypes[1])
	}
	if d.Differing == 0 {
		return text + "same values"
	}
	return text + fmt.Sprintf("%d of %d elements differ, by up to %s (relative %s)", d.Differing, d.Size, short(float64(d.MaxAbs)), short(float64(d.MaxRel)))
}

// differing counts those that both models have.
func differing(list []weightDiff) int {
	n := 0
	for _, d := range list {
		if d.Only == "" {
			n++
		}
	}
	return n
}

// weightSet is the weights of one side, fetched one at a time.
type weightSet struct {
	order  []string
	byName map[string]weightEntry
}

type weightEntry struct {
	dtype string
	shape []int
	value func() (*tensors.Tensor, error)
}

func (s *weightSet) add(name, dtype string, shape []int, value func() (*tensors.Tensor, error)) {
	if s.byName == nil {
		s.byName = map[string]weightEntry{}
	}
	// Layers of models inside the model may share a name: the second "dense/kernel" is "dense/kernel (2)".
	unique := name
	for i := 2; ; i++ {
		if _, taken := s.byName[unique]; !taken {
			break
		}
		unique = fmt.Sprintf("%s (%d)", name, i)
	}
	s.order = append(s.order, unique)
	s.byName[unique] = weightEntry{dtype, append([]int{}, shape...), value}
}

func (s *weightSet) addTree(g *kerasfile.Group) error {
	return g.Walk(func(path string, a kerasfile.Array) error {
		s.add(path, a.DType(), a.Shape(), a.Tensor)
		return nil
	})
}

func (o *differ) compareWeights(r *diffReport, left, right weightSet) error {
	for _, name := range left.order {
		a := left.byName[name]
		b, ok := right.byName[name]
		if !ok {
			r.Weights = append(r.Weights, weightDiff{Name: name, Only: "a", Size: sizeOf(a.shape)})
			continue
		}
		r.Compared++
		d, same, err := o.compareWeight(name, a, b)
		if err != nil {
			return fmt.Errorf("comparing %s of %s and %s: %w", name, r.A, r.B, err)
		}
		if !same {
			r.Weights = append(r.Weights, d)
		}
	}
	for _, name := range right.order {
		if _, ok := left.byName[name]; !ok {
			r.Weights = append(r.Weights, weightDiff{Name: name, Only: "b", Size: sizeOf(right.byName[name].shape)})
		}
	}
	return nil
}

func (o *differ) compareWeight(name string, a, b weightEntry) (d weightDiff, same bool, err error) {
	d = weightDiff{Name: name, Size: sizeOf(a.shape)}
	if a.dtype != b.dtype {
		d.DTypes = &[2]string{a.dtype, b.dtype}
	}
	if !slices.Equal(a.shape, b.shape) {
		d.Shapes = &[2][]int{a.shape, b.shape}
		return d, false, nil
	}
	left, err := a.value()
	if err != nil {
		return d, false, err
	}
	right, err := b.value()
	if err != nil {
		return d, false, err
	}
	if err := o.compareElements(&d, left, right); err != nil {
		return d, false, err
	}
	if err := left.FinalizeAll(); err != nil {
		return d, false, err
	}
	return d, d.Differing == 0 && d.DTypes == nil, right.FinalizeAll()
}

// compareElements walks over both in step.
func (o *differ) compareElements(d *weightDiff, left, right *tensors.Tensor) error {
	const ahead = 4
	chunksOfRight := make(chan []float64, ahead)
	failed := make(chan error, 1)
	go func() {
		defer close(chunksOfRight)
		failed <- eachChunk(right, func(values []float64) { chunksOfRight <- slices.Clone(values) })
	}()
	err := eachChunk(left, func(values []float64) {
		for i, y := range <-chunksOfRight {
			x := values[i]
			if x == y || math.IsNaN(x) && math.IsNaN(y) {
				continue
			}
			distance, size := math.Abs(x-y), max(math.Abs(x), math.Abs(y))
			if distance <= o.tolerance*max(size, 1) && !math.IsInf(distance, 0) {
				continue
			}
			d.Differing++
			d.MaxAbs = worse(d.MaxAbs, distance)
			d.MaxRel = worse(d.MaxRel, distance/size)
		}
	})
	for range chunksOfRight { // lets the goroutine end
	}
	if err != nil {
		return err
	}
	return <-failed
}

// worse is the larger; a NaN, of a NaN on one side or of infinities, is infinitely far.
func worse(a number, b float64) number {
	if math.IsNaN(b) {
		b = math.Inf(1)
	}
	return max(a, number(b))
}

func sizeOf(shape []int) int {
	size := 1
	for _, n := range shape {
		size *= n
	}
	return size
}
