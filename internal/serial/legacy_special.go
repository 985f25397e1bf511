package serial

import (
	"fmt"
	"math"

	"github.com/gokeras/gokeras/internal/config"
)

// TensorFlow's functions of tf.math that Keras 3 has no operation for.
func init() {
	for name, class := range map[string]string{"bessel_i0": "BesselI0", "bessel_i0e": "BesselI0e", "bessel_i1": "BesselI1", "bessel_i1e": "BesselI1e"} {
		define("math."+name+" math.special."+name, "x name", func(c *tfCall) error {
			c.op(class, nil, c.args["x"])
			return nil
		})
	}
	define("math.lgamma", "x name", func(c *tfCall) error {
		c.op("Lgamma", nil, c.args["x"])
		return nil
	})
	define("math.digamma", "x name", func(c *tfCall) error {
		c.op("Polygamma", map[string]any{"n": 0}, c.args["x"])
		return nil
	})
	define("math.ndtri", "x name", func(c *tfCall) error {
		c.op("Ndtri", nil, c.args["x"])
		return nil
	})
	define("math.erfcinv", "x name", func(c *tfCall) error {
		c.op("Multiply", nil, c.op("Ndtri", nil, c.op("Multiply", nil, c.args["x"], 0.5)), -math.Sqrt(0.5))
		return nil
	})
	// The logarithm of the beta function of any number of arguments, along the last axis.
	define("math.lbeta", "x name", func(c *tfCall) error {
		last := map[string]any{"axis": -1, "keepdims": false}
		c.op("Subtract", nil, c.op("Sum", last, c.op("Lgamma", nil, c.args["x"])), c.op("Lgamma", nil, c.op("Sum", last, c.args["x"])))
		return nil
	})
	define("math.polygamma", "a x name", func(c *tfCall) error {
		n, ok := config.AsInt(c.args["a"])
		if !ok {
			return fmt.Errorf("a=%v", c.args["a"])
		}
		c.op("Polygamma", map[string]any{"n": n}, c.args["x"])
		return nil
	})
	// Of whole orders it is a polygamma function but for a factor.
	define("math.zeta", "x q name", func(c *tfCall) error {
		order, ok := config.AsInt(c.args["x"])
		if !ok || order < 2 {
			return fmt.Errorf("x=%v", c.args["x"])
		}
		factor := 1 / math.Gamma(float64(order))
		if order%2 == 1 {
			factor = -factor
		}
		c.op("Multiply", nil, c.op("Polygamma", map[string]any{"n": order - 1}, c.args["q"]), factor)
		return nil
	})
}
