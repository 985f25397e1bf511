package metrics

import (
	"strings"

	"github.com/gomlx/compute/dtypes"

	"github.com/gokeras/gokeras/internal/autoname"
	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// base holds what all metrics of this package share, once: the setters return S, the concrete metric, so that a chain goes on.
type base[S Metric] struct {
	*Accumulator
	self      S
	class     string
	cfg       any // a pointer to the metric's configuration, which embeds common
	common    *commonConfig
	direction Direction
}

// commonConfig is the part of the configuration that every metric has.
type commonConfig struct {
	Name  config.Text `keras:"name" default:"null"`
	DType config.Text `keras:"dtype" default:"null"`
}

// start connects the metric with its configuration and gives that its defaults. Without a name, the metric is
// called after its class and numbered, as Keras does where a constructor's default is None.
func (b *base[S]) start(self S, class, name string, direction Direction, cfg any, common *commonConfig) {
	*b = base[S]{NewAccumulator(self), self, class, cfg, common, direction}
	common.Name.Default = func() string {
		if name == "" {
			prefix := config.SnakeCase(class)
			return autoname.Join(prefix, autoname.Take(prefix))
		}
		return name
	}
	common.DType.Default = func() string { return "float32" }
	config.SetDefaults(cfg)
}

// Name sets the metric's name, its key in logs (Keras: name=).
func (b *base[S]) Name(name string) S {
	b.rename(name)
	return b.self
}

// DType sets the type in which the metric computes: "float32", "float16", "int32" … or that of a policy, as "mixed_float16"
// (Keras: dtype=, default "float32", "int32" for those of the IoU family).
func (b *base[S]) DType(name string) S {
	b.common.DType.Value = strings.TrimPrefix(name, "mixed_")
	if full, ok := map[string]string{"int": "int32", "float": "float32"}[name]; ok {
		b.common.DType.Value = full
	}
	return b.self
}

// KerasClass implements [Metric].
func (b *base[S]) KerasClass() config.Class {
	return config.Class{Module: "keras.metrics", Name: b.class}
}

// KerasConfig implements [Metric].
func (b *base[S]) KerasConfig() any { return b.cfg }

// KerasName implements [Metric].
func (b *base[S]) KerasName() string { return b.common.Name.String() }

// Direction implements [Directed].
func (b *base[S]) Direction() Direction { return b.direction }

// Validate says whether an argument is wrong: here, whether the type is none of Keras's.
func (b *base[S]) Validate() error {
	if b.dtype() == dtypes.InvalidDType {
		return b.errorf("dtype %q, want a type of numbers such as %q", b.common.DType.String(), "float32")
	}
	return nil
}

func (b *base[S]) rename(name string) { b.common.Name.Value = name }

// dtype is the type in which the metric computes.
func (b *base[S]) dtype() dtypes.DType {
	if d := ndarray.DType(b.common.DType.String()); d != dtypes.Bool {
		return d
	}
	return dtypes.InvalidDType
}

// errorf makes an error that says which metric it is of.
func (b *base[S]) errorf(format string, args ...any) error {
	return namedError(b.KerasName(), format, args...)
}
