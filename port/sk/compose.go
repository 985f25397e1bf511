package sk

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/port/np"
)

// Transformer is a scaler, an encoder, or several of them.
type Transformer interface {
	FitTransform(x any) *np.Array
	Transform(x any) *np.Array
}

// Pipeline gives what one transformer makes to the next (sklearn.pipeline.Pipeline).
type Pipeline struct{ steps []Transformer }

// NewPipeline makes one.
func NewPipeline(steps ...Transformer) *Pipeline { return &Pipeline{steps} }

// Fit learns what the transformers need.
func (p *Pipeline) Fit(x any) *Pipeline {
	p.FitTransform(x)
	return p
}

// FitTransform fits each transformer on what those before it make.
func (p *Pipeline) FitTransform(x any) *np.Array {
	for _, s := range p.steps {
		x = s.FitTransform(x)
	}
	return np.Of(x)
}

// Transform runs all transformers.
func (p *Pipeline) Transform(x any) *np.Array {
	for _, s := range p.steps {
		x = s.Transform(x)
	}
	return np.Of(x)
}

// passing is a transformer that changes nothing, or that leaves everything out.
type passing struct{ out bool }

// PassThrough and Drop are what a [ColumnTransformer] does with the columns that no part of it names (remainder).
var (
	PassThrough Transformer = passing{}
	Drop        Transformer = passing{out: true}
)

// FitTransform returns the columns as numbers where they are some.
func (p passing) FitTransform(x any) *np.Array { return p.Transform(x) }

// Transform is FitTransform.
func (p passing) Transform(x any) *np.Array { return numeric(table(x)) }

// numeric are texts as the numbers that they stand for, if all do: a table of several types is one of texts here.
func numeric(a *np.Array) *np.Array {
	if a.DType()[0] != '<' {
		return a
	}
	texts := a.Strings()
	values := make([]float64, len(texts))
	for i, s := range texts {
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return a
		}
		values[i] = v
	}
	return np.Of(values).Reshape(a.Shape()...)
}

// On is a part of a [ColumnTransformer]: a transformer and its columns, by place ([]int) or by name ([]string).
type On struct {
	Transformer Transformer
	Columns     any
}

// ColumnTransformer gives columns to several transformers and puts what they make beside each other (sklearn.compose.ColumnTransformer).
type ColumnTransformer struct {
	rest  Transformer
	parts []On
}

// NewColumnTransformer makes one; rest is [Drop] or [PassThrough].
func NewColumnTransformer(rest Transformer, parts ...On) *ColumnTransformer {
	return &ColumnTransformer{rest, parts}
}

// named is a table whose columns have names: a frame of package pd.
type named interface {
	Columns() []string
	Col(name string) *np.Array
}

// Fit learns what the transformers need.
func (c *ColumnTransformer) Fit(x any) *ColumnTransformer {
	c.FitTransform(x)
	return c
}

// FitTransform fits the transformers and runs them.
func (c *ColumnTransformer) FitTransform(x any) *np.Array {
	return c.each(x, func(t Transformer, x any) *np.Array { return t.FitTransform(x) })
}

// Transform runs the transformers.
func (c *ColumnTransformer) Transform(x any) *np.Array {
	return c.each(x, func(t Transformer, x any) *np.Array { return t.Transform(x) })
}

func (c *ColumnTransformer) each(x any, run func(t Transformer, x any) *np.Array) *np.Array {
	frame, _ := x.(named)
	var names []string
	var whole *np.Array
	width := 0
	if frame != nil {
		names = frame.Columns()
		width = len(names)
	} else {
		whole = table(x)
		width = whole.Dim(1)
	}
	pick := func(places []int) *np.Array {
		var columns []*np.Array
		for _, i := range places {
			if frame != nil {
				columns = append(columns, frame.Col(names[i]))
			} else {
				columns = append(columns, whole.Index(np.All, i))
			}
		}
		return numeric(np.Stack(columns, 1))
	}
	used := map[int]bool{}
	var out []*np.Array
	for _, p := range c.parts {
		var places []int
		switch columns := p.Columns.(type) {
		case []int:
			for _, i := range columns {
				if i < 0 {
					i += width
				}
				if i < 0 || i >= width {
					np.Fail("ValueError", "all features must be in [0, %d] or [-%d, 0]", width-1, width)
				}
				places = append(places, i)
			}
		case []string:
			for _, n := range columns {
				i := slices.Index(names, n)
				if i < 0 {
					np.Fail("ValueError", "A given column is not a column of the dataframe")
				}
				places = append(places, i)
			}
		default:
			np.Fail("TypeError", "columns of type %T aren't supported", p.Columns)
		}
		for _, i := range places {
			used[i] = true
		}
		if p.Transformer == Drop || len(places) == 0 {
			continue
		}
		out = append(out, run(p.Transformer, pick(places)))
	}
	var rest []int
	for i := range width {
		if !used[i] {
			rest = append(rest, i)
		}
	}
	if c.rest != Drop && len(rest) > 0 {
		out = append(out, run(c.rest, pick(rest)))
	}
	return np.Concatenate(out, 1)
}
