package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/functional"
)

// loadImages returns MNIST's training images as float32 from 0 to 1, of shape (samples, 28, 28, 1).
func loadImages(ctx context.Context, folder string, samples int) (*tensors.Tensor, error) {
	d, err := datasets.MNIST(datasets.Options{Folder: folder, Context: ctx})
	if err != nil {
		return nil, err
	}
	if samples > 0 {
		if d, err = d.First(samples, 1); err != nil {
			return nil, err
		}
	}
	x, err := datasets.ToFloat32(d.XTrain, 255)
	if err != nil {
		return nil, err
	}
	var images *tensors.Tensor
	err = tensors.ConstFlatData(x, func(flat []float32) {
		images = tensors.FromFlatDataAndDimensions(flat, x.Shape().Dimensions[0], side, side, 1)
	})
	return images, err
}

// fixedNoise is the noise of so many digits, the same whenever they are drawn.
func fixedNoise(digits int) *tensors.Tensor {
	rng := rand.New(rand.NewPCG(1, 2))
	flat := make([]float32, digits*latent)
	for i := range flat {
		flat[i] = float32(rng.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(flat, digits, latent)
}

// drawDigits writes what the generator makes of the noise as a picture of rows of ten.
func drawDigits(generator *functional.Model, noise *tensors.Tensor, path string) error {
	made, err := generator.Predict(noise, functional.Predict{Verbose: functional.Silent})
	if err != nil {
		return err
	}
	digits := made.Shape().Dimensions[0]
	picture := image.NewGray(image.Rect(0, 0, 10*side, (digits+9)/10*side))
	err = tensors.ConstFlatData(made, func(flat []float32) {
		for i, v := range flat {
			digit, y, x := i/(side*side), i/side%side, i%side
			picture.SetGray(digit%10*side+x, digit/10*side+y, color.Gray{Y: uint8(255 * v)})
		}
	})
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(file, picture); err != nil {
		_ = file.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	return file.Close()
}
