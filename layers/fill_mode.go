package layers

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/lowering"
)

// FillMode tells what stands outside of an image (Keras: fill_mode=).
type FillMode string

// Keras's fill modes.
const (
	FillConstant = "constant" // one value: dddd|abcd|dddd
	FillNearest  = "nearest"  // the border: aaaa|abcd|dddd
	FillReflect  = "reflect"  // the image in a mirror: dcba|abcd|dcba
	FillWrap     = "wrap"     // the image again: abcd|abcd|abcd
)

func (m FillMode) check() error {
	switch m {
	case FillConstant, FillNearest, FillReflect, FillWrap:
		return nil
	}
	return config.UnknownName("fill_mode", string(m), []string{string(FillConstant), string(FillNearest), string(FillReflect), string(FillWrap)})
}

// movingConfig are the arguments of layers that move pixels.
type movingConfig struct {
	FillMode      FillMode      `keras:"fill_mode" default:"reflect"`
	Interpolation Interpolation `keras:"interpolation" default:"bilinear"`
	FillValue     float64       `keras:"fill_value"`
	imageConfig
	randomConfig
}

// check reports arguments that Keras rejects.
func (c *movingConfig) check() error {
	if err := c.FillMode.check(); err != nil {
		return err
	}
	if err := nearOrLinear(c.Interpolation); err != nil {
		return err
	}
	if math.IsNaN(c.FillValue) {
		return fmt.Errorf("fill_value is not a number")
	}
	return c.imageConfig.check()
}

func nearOrLinear(i Interpolation) error {
	if i != Nearest && i != Bilinear {
		return config.UnknownName("interpolation", string(i), []string{string(Bilinear), string(Nearest)})
	}
	return nil
}

// moved moves the pixels of a batch of images by transforms (batch, 8).
func (c *movingConfig) moved(x *graph.Node, how Interpolation, transform *graph.Node) *graph.Node {
	return c.DataFormat.channelsLast(x, func(x *graph.Node) *graph.Node {
		return lowering.Affine(x, transform, false, lowering.Sampling{Linear: how == Bilinear, Mode: string(c.FillMode), Fill: c.FillValue})
	})
}

// affine holds the parts of transforms (batch, 8), each (batch, 1); nil is 0.
func affine(parts ...*graph.Node) *graph.Node {
	var known *graph.Node
	for _, p := range parts {
		if p != nil {
			known = p
		}
	}
	all := make([]*graph.Node, 8)
	for i := range all {
		if i < len(parts) && parts[i] != nil {
			all[i] = parts[i]
		} else {
			all[i] = graph.ZerosLike(known)
		}
	}
	return graph.Concatenate(all, 1)
}

// turned is the transform of a rotation by angles in degrees and a shear by angles in degrees, both (batch, 1), around the middle of the
// images; nil is none.
func turned(angle, shearX, shearY *graph.Node, height, width int) *graph.Node {
	known := angle
	if known == nil {
		known = shearX
	}
	radians := func(a *graph.Node) *graph.Node { return graph.MulScalar(a, math.Pi/180) }
	cos, sin := graph.OnesLike(known), graph.ZerosLike(known)
	if angle != nil {
		cos, sin = graph.Cos(radians(angle)), graph.Sin(radians(angle))
	}
	tan := func(a *graph.Node) *graph.Node {
		if a == nil {
			return graph.ZerosLike(known)
		}
		return graph.Div(graph.Sin(radians(a)), graph.Cos(radians(a)))
	}
	x, y := tan(shearX), tan(shearY)
	a0, a1 := graph.Add(cos, graph.Mul(x, sin)), graph.Sub(graph.Mul(x, cos), sin)
	b0, b1 := graph.Add(graph.Mul(y, cos), sin), graph.Sub(cos, graph.Mul(y, sin))
	centreX, centreY := float64(width-1)/2, float64(height-1)/2
	shift := func(centre float64, byX, byY *graph.Node) *graph.Node {
		return graph.Sub(graph.AddScalar(graph.MulScalar(byX, -centreX), centre), graph.MulScalar(byY, centreY))
	}
	return affine(a0, a1, shift(centreX, a0, a1), b0, b1, shift(centreY, b0, b1))
}
