package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
)

const side = 40 // of a drawn image

// shapes say how far a point is outside of a shape of radius 1.
var shapes = map[string]func(x, y float64) float64{
	"circle":   func(x, y float64) float64 { return math.Hypot(x, y) - 1 },
	"square":   func(x, y float64) float64 { return max(math.Abs(x), math.Abs(y)) - 0.9 },
	"triangle": func(x, y float64) float64 { return max(y-0.6, math.Abs(x)*math.Sqrt(3)/2-y/2-0.6) },
}

// drawShapes writes n images of each shape, of any color, place and size, into folders by their names.
func drawShapes(dir string, n int) error {
	for i, name := range []string{"circle", "square", "triangle"} {
		folder := filepath.Join(dir, name)
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		for j := range n {
			if err := drawShape(filepath.Join(folder, fmt.Sprintf("%03d.png", j)), shapes[name], rng); err != nil {
				return err
			}
		}
	}
	return nil
}

func drawShape(path string, outside func(x, y float64) float64, rng *rand.Rand) error {
	picture := image.NewNRGBA(image.Rect(0, 0, side, side))
	radius := side * (0.2 + 0.2*rng.Float64())
	x0, y0 := radius+(side-2*radius)*rng.Float64(), radius+(side-2*radius)*rng.Float64()
	shade := func(base int) color.NRGBA {
		c := func() uint8 { return uint8(base + rng.IntN(80)) }
		return color.NRGBA{c(), c(), c(), 255}
	}
	paper, ink := shade(10), shade(160)
	for y := range side {
		for x := range side {
			picture.SetNRGBA(x, y, paper)
			if outside((float64(x)-x0)/radius, (float64(y)-y0)/radius) < 0 {
				picture.SetNRGBA(x, y, ink)
			}
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, picture); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
