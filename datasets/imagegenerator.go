package datasets

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/mat"

	"github.com/gokeras/gokeras/internal/mt19937"
)

// ImageGeneratorOptions are the arguments of Keras 2's ImageDataGenerator; the zero value of each is Keras's default.
type ImageGeneratorOptions struct {
	// Means and deviations: of the data that Fit was given, for each channel, or of each image by itself. Deviations include the means.
	FeaturewiseCenter, SamplewiseCenter                     bool
	FeaturewiseStdNormalization, SamplewiseStdNormalization bool
	// ZCAWhitening takes the place of FeaturewiseStdNormalization, and includes FeaturewiseCenter.
	ZCAWhitening bool
	ZCAEpsilon   *float64 // nil: 1e-6

	RotationRange float64 // degrees, to both sides
	// WidthShiftRange and HeightShiftRange are a float64, below 1 a part of the size, else pixels; an int n, pixels from 0 to n-1 to either side; or a list of those
	// to choose from, []float64 or []int.
	WidthShiftRange, HeightShiftRange any
	BrightnessRange                   []float64 // two factors
	ShearRange                        float64   // degrees
	ZoomRange                         any       // a float64 z for 1-z to 1+z, or two factors, []float64
	ChannelShiftRange                 float64
	FillMode                          string // "": "nearest"; "constant" (with Cval), "reflect", "wrap"
	Cval                              float64
	HorizontalFlip, VerticalFlip      bool
	Rescale                           float64 // 0: none
	// PreprocessingFunction is called with each transformed image, before it is rescaled; the result has its shape.
	PreprocessingFunction func(image *tensors.Tensor) (*tensors.Tensor, error)
	DataFormat            string  // "": "channels_last"; "channels_first"
	ValidationSplit       float64 // the part, between 0 and 1, that the subset "validation" has
	InterpolationOrder    *int    // nil: 1; 0 takes the nearest pixel, 2 to 5 splines of that order
}

// ImageDataGenerator changes images at random, as Keras 2's class of that name: for the same seed, in the same way. Images are float32 (height, width, channels),
// or (channels, height, width).
type ImageDataGenerator struct {
	o             ImageGeneratorOptions
	width, height shiftRange
	zoom          [2]float64
	first         bool
	order         int

	channels  int // those that Fit had
	mean, std []float32
	whitening *mat.Dense
}

// shiftRange is a range of shifts as NumPy draws from it.
type shiftRange struct {
	list  []float64
	whole int     // 1 and more
	part  float64 // to both sides
}

func shiftRangeOf(name string, v any) (r shiftRange, err error) {
	switch v := v.(type) {
	case nil:
	case int:
		if r.whole = v; v < 0 {
			r = shiftRange{part: float64(v)}
		}
	case float64:
		r.part = v
	case []float64:
		r.list = slices.Clone(v)
	case []int:
		for _, n := range v {
			r.list = append(r.list, float64(n))
		}
	default:
		return r, fmt.Errorf("%s is a %T, want a float64, an int, a []float64 or a []int", name, v)
	}
	if !finite(append(r.list, r.part)...) {
		err = fmt.Errorf("%s is %v, want finite numbers", name, v)
	}
	return r, err
}

func finite(list ...float64) bool {
	return !slices.ContainsFunc(list, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// draw draws a shift in pixels.
func (r shiftRange) draw(rng *mt19937.Source, size int) (v float64) {
	most := r.part
	sign := func() float64 { return float64(2*int(mt19937.UpTo(rng, 1)) - 1) }
	switch {
	case len(r.list) > 0:
		most = slices.Max(r.list)
		v = r.list[mt19937.UpTo(rng, uint64(len(r.list)-1))]
		v *= sign()
	case r.whole > 0:
		most = float64(r.whole)
		v = float64(mt19937.UpTo(rng, uint64(r.whole-1)))
		v *= sign()
	case r.part != 0:
		v = uniform(rng, -r.part, r.part)
	default:
		return 0
	}
	if most < 1 {
		v *= float64(size)
	}
	return v
}

func uniform(rng *mt19937.Source, low, high float64) float64 { return low + (high-low)*rng.Double() }

// NewImageDataGenerator returns a generator of changed images (Keras 2: ImageDataGenerator).
func NewImageDataGenerator(o ImageGeneratorOptions) (*ImageDataGenerator, error) {
	g := &ImageDataGenerator{o: o, order: 1, zoom: [2]float64{1, 1}}
	if err := g.check(); err != nil {
		return nil, fmt.Errorf("datasets.NewImageDataGenerator: %w", err)
	}
	return g, nil
}

func (g *ImageDataGenerator) check() (err error) {
	o := &g.o
	if g.first, err = isChannelsFirst([]string{o.DataFormat}); err != nil {
		return err
	}
	if g.width, err = shiftRangeOf("WidthShiftRange", o.WidthShiftRange); err != nil {
		return err
	}
	if g.height, err = shiftRangeOf("HeightShiftRange", o.HeightShiftRange); err != nil {
		return err
	}
	switch z := o.ZoomRange.(type) {
	case nil:
	case int:
		g.zoom = [2]float64{float64(1 - z), float64(1 + z)}
	case float64:
		g.zoom = [2]float64{1 - z, 1 + z}
	case []float64:
		if len(z) != 2 {
			return fmt.Errorf("ZoomRange is %v, want a number or two numbers", z)
		}
		g.zoom = [2]float64(z)
	default:
		return fmt.Errorf("ZoomRange is a %T, want a float64 or a []float64 of two", z)
	}
	if o.InterpolationOrder != nil {
		g.order = *o.InterpolationOrder
	}
	if o.FillMode == "" {
		o.FillMode = "nearest"
	}
	switch {
	case g.order < 0 || g.order > 5:
		return fmt.Errorf("InterpolationOrder is %d, want a spline order from 0 to 5", g.order)
	case !slices.Contains([]string{"nearest", "constant", "reflect", "wrap"}, o.FillMode):
		return fmt.Errorf("FillMode is %q, want \"nearest\", \"constant\", \"reflect\" or \"wrap\"", o.FillMode)
	case o.ValidationSplit != 0 && !(o.ValidationSplit > 0 && o.ValidationSplit < 1):
		return fmt.Errorf("ValidationSplit must be strictly between 0 and 1, received: %v", o.ValidationSplit)
	case o.BrightnessRange != nil && len(o.BrightnessRange) != 2:
		return fmt.Errorf("BrightnessRange is %v, want two numbers", o.BrightnessRange)
	case o.BrightnessRange != nil && g.first:
		return errors.New("BrightnessRange is given for the data format \"channels_first\", of whose images Keras can't change the brightness")
	case !finite(append(slices.Clone(o.BrightnessRange), o.RotationRange, o.ShearRange, o.ChannelShiftRange, o.Cval, o.Rescale, g.zoom[0], g.zoom[1])...):
		return errors.New("a range isn't finite")
	}
	if o.ZCAWhitening {
		o.FeaturewiseCenter, o.FeaturewiseStdNormalization = true, false
	}
	o.FeaturewiseCenter = o.FeaturewiseCenter || o.FeaturewiseStdNormalization
	o.SamplewiseCenter = o.SamplewiseCenter || o.SamplewiseStdNormalization
	return nil
}

// ImageTransform is a change of an image (Keras: the dictionary of get_random_transform). Zx and Zy are 1 where they are 0; nil leaves channels and brightness
// as they are.
type ImageTransform struct {
	Theta, Tx, Ty, Shear, Zx, Zy  float64
	FlipHorizontal, FlipVertical  bool
	ChannelShift, BrightnessShift *float64
}

// GetRandomTransform draws a change of an image of that size, by NumPy's generator with the seed; nil: one that is drawn.
func (g *ImageDataGenerator) GetRandomTransform(height, width int, seed *int) (ImageTransform, error) {
	rng, _, err := generatorSeed(seed)
	if err != nil {
		return ImageTransform{}, fmt.Errorf("datasets.ImageDataGenerator: %w", err)
	}
	return g.draw(rng, height, width), nil
}

func generatorSeed(seed *int) (*mt19937.Source, uint32, error) {
	n := int(rand.Uint32())
	if seed != nil {
		n = *seed
	}
	rng, err := seedNumPy(n)
	return rng, uint32(n), err
}

func (g *ImageDataGenerator) draw(rng *mt19937.Source, height, width int) ImageTransform {
	o := &g.o
	p := ImageTransform{Zx: 1, Zy: 1}
	if o.RotationRange != 0 {
		p.Theta = uniform(rng, -o.RotationRange, o.RotationRange)
	}
	p.Tx = g.height.draw(rng, height)
	p.Ty = g.width.draw(rng, width)
	if o.ShearRange != 0 {
		p.Shear = uniform(rng, -o.ShearRange, o.ShearRange)
	}
	if g.zoom != [2]float64{1, 1} {
		p.Zx = uniform(rng, g.zoom[0], g.zoom[1])
		p.Zy = uniform(rng, g.zoom[0], g.zoom[1])
	}
	p.FlipHorizontal = rng.Double() < 0.5 && o.HorizontalFlip
	p.FlipVertical = rng.Double() < 0.5 && o.VerticalFlip
	if o.ChannelShiftRange != 0 {
		v := uniform(rng, -o.ChannelShiftRange, o.ChannelShiftRange)
		p.ChannelShift = &v
	}
	if o.BrightnessRange != nil {
		v := uniform(rng, o.BrightnessRange[0], o.BrightnessRange[1])
		p.BrightnessShift = &v
	}
	return p
}

// picture is an image as numbers.
type picture struct {
	pixels                  []float32
	height, width, channels int
	first                   bool
}

func (p *picture) at(channel, y, x int) int {
	if p.first {
		return (channel*p.height+y)*p.width + x
	}
	return (y*p.width+x)*p.channels + channel
}

func (p *picture) tensor() *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(p.pixels, p.dims()...)
}

func (p *picture) dims() []int {
	if p.first {
		return []int{p.channels, p.height, p.width}
	}
	return []int{p.height, p.width, p.channels}
}

func (g *ImageDataGenerator) picture(pixels []float32, dims []int) *picture {
	if g.first {
		return &picture{pixels, dims[1], dims[2], dims[0], true}
	}
	return &picture{pixels, dims[0], dims[1], dims[2], false}
}

// float32s are a tensor's numbers as float32.
func float32s(t *tensors.Tensor) ([]float32, error) {
	t, err := ToFloat32(t, 1)
	if err != nil || t.Size() == 0 {
		return nil, err
	}
	var out []float32
	err = tensors.ConstFlatData(t, func(flat []float32) { out = slices.Clone(flat) })
	return out, err
}

// ApplyTransform changes an image (Keras: apply_transform).
func (g *ImageDataGenerator) ApplyTransform(x *tensors.Tensor, p ImageTransform) (*tensors.Tensor, error) {
	fail := func(err error) (*tensors.Tensor, error) {
		return nil, fmt.Errorf("datasets.ImageDataGenerator: ApplyTransform: %w", err)
	}
	pixels, err := float32s(x)
	if err != nil {
		return fail(err)
	}
	if x.Rank() != 3 || x.Size() == 0 {
		return fail(fmt.Errorf("got an array of shape %s, want an image of rank 3", x.Shape()))
	}
	image := g.picture(pixels, x.Shape().Dimensions)
	if err := g.apply(image, p); err != nil {
		return fail(err)
	}
	return image.tensor(), nil
}

// RandomTransform is ApplyTransform of what GetRandomTransform draws (Keras: random_transform).
func (g *ImageDataGenerator) RandomTransform(x *tensors.Tensor, seed *int) (*tensors.Tensor, error) {
	if x == nil || x.Rank() != 3 {
		return nil, errors.New("datasets.ImageDataGenerator: RandomTransform: want an image of rank 3")
	}
	d := x.Shape().Dimensions
	if g.first {
		d = d[1:]
	}
	p, err := g.GetRandomTransform(d[0], d[1], seed)
	if err != nil {
		return nil, err
	}
	return g.ApplyTransform(x, p)
}

func (g *ImageDataGenerator) apply(m *picture, p ImageTransform) error {
	if !finite(p.Theta, p.Tx, p.Ty, p.Shear, p.Zx, p.Zy) {
		return errors.New("the transform isn't finite")
	}
	g.affine(m, p)
	if p.ChannelShift != nil {
		low, high := slices.Min(m.pixels), slices.Max(m.pixels)
		for i, v := range m.pixels {
			m.pixels[i] = min(max(v+float32(*p.ChannelShift), low), high)
		}
	}
	mirrored := func(from func(c, y, x int) int) {
		out := make([]float32, len(m.pixels))
		for c := range m.channels {
			for y := range m.height {
				for x := range m.width {
					out[m.at(c, y, x)] = m.pixels[from(c, y, x)]
				}
			}
		}
		m.pixels = out
	}
	if p.FlipHorizontal {
		mirrored(func(c, y, x int) int { return m.at(c, y, m.width-1-x) })
	}
	if p.FlipVertical {
		mirrored(func(c, y, x int) int { return m.at(c, m.height-1-y, x) })
	}
	if p.BrightnessShift != nil {
		return m.brighten(*p.BrightnessShift)
	}
	return nil
}

// brighten multiplies an image's bytes as Pillow does. What isn't from 0 to 255 is stretched over it before, and back.
func (m *picture) brighten(by float64) error {
	if m.first {
		return errors.New("the brightness of images with the channels first can't be changed")
	}
	low, high := slices.Min(m.pixels), slices.Max(m.pixels)
	scale := low < 0 || high > 255
	image, err := arrayToImage(m.tensor(), ArrayToImageOptions{NoScale: !scale})
	if err != nil {
		return err
	}
	factor := float32(by)
	for i, v := range image.Pixels {
		if image.Channels != 4 || i%4 != 3 {
			v = uint8(min(max(factor*float32(v), 0), 255))
		}
		if m.pixels[i] = float32(v); scale {
			m.pixels[i] = m.pixels[i]/255*(high-low) + low
		}
	}
	return nil
}

// standardize applies the preprocessing function and the normalizations to images of those sizes, which are changed.
func (g *ImageDataGenerator) standardize(m *picture) error {
	o := &g.o
	if o.PreprocessingFunction != nil {
		t, err := safely(func() (*tensors.Tensor, error) { return o.PreprocessingFunction(m.tensor()) })
		if err != nil {
			return fmt.Errorf("PreprocessingFunction: %w", err)
		}
		if t == nil || !slices.Equal(t.Shape().Dimensions, m.dims()) {
			return fmt.Errorf("PreprocessingFunction returned %v, want an image of shape %v", t, m.dims())
		}
		if m.pixels, err = float32s(t); err != nil {
			return fmt.Errorf("PreprocessingFunction: %w", err)
		}
	}
	if o.Rescale != 0 {
		for i := range m.pixels {
			m.pixels[i] *= float32(o.Rescale)
		}
	}
	if o.SamplewiseCenter {
		mean, _ := moments(m.pixels)
		for i := range m.pixels {
			m.pixels[i] -= float32(mean)
		}
	}
	if o.SamplewiseStdNormalization {
		_, std := moments(m.pixels)
		for i := range m.pixels {
			m.pixels[i] /= float32(std) + 1e-6
		}
	}
	if o.FeaturewiseCenter && g.mean == nil {
		return errors.New("the options FeaturewiseCenter, FeaturewiseStdNormalization and ZCAWhitening need Fit before")
	}
	if o.FeaturewiseCenter && m.channels != g.channels {
		return fmt.Errorf("the image has %d channels, and those of Fit had %d", m.channels, g.channels)
	}
	if o.FeaturewiseCenter {
		m.eachChannel(g.mean, func(v, mean float32) float32 { return v - mean })
	}
	if o.FeaturewiseStdNormalization {
		m.eachChannel(g.std, func(v, std float32) float32 { return v / (std + 1e-6) })
	}
	if o.ZCAWhitening {
		if n, _ := g.whitening.Dims(); n != len(m.pixels) {
			return fmt.Errorf("the image has %d values, and those of Fit had %d", len(m.pixels), n)
		}
		flat := make([]float64, len(m.pixels))
		for i, v := range m.pixels {
			flat[i] = float64(v)
		}
		var white mat.VecDense
		white.MulVec(g.whitening.T(), mat.NewVecDense(len(flat), flat))
		for i := range m.pixels {
			m.pixels[i] = float32(white.AtVec(i))
		}
	}
	return nil
}

func moments(list []float32) (mean, std float64) {
	for _, v := range list {
		mean += float64(v)
	}
	mean /= float64(len(list))
	for _, v := range list {
		std += (float64(v) - mean) * (float64(v) - mean)
	}
	return mean, math.Sqrt(std / float64(len(list)))
}

func (m *picture) eachChannel(by []float32, f func(v, by float32) float32) {
	for c := range m.channels {
		for y := range m.height {
			for x := range m.width {
				at := m.at(c, y, x)
				m.pixels[at] = f(m.pixels[at], by[c])
			}
		}
	}
}

// Standardize normalizes an image (Keras: standardize).
func (g *ImageDataGenerator) Standardize(x *tensors.Tensor) (*tensors.Tensor, error) {
	pixels, err := float32s(x)
	if err == nil && (x.Rank() != 3 || x.Size() == 0) {
		err = fmt.Errorf("got an array of shape %s, want an image of rank 3", x.Shape())
	}
	if err == nil {
		m := g.picture(pixels, x.Shape().Dimensions)
		if err = g.standardize(m); err == nil {
			return m.tensor(), nil
		}
	}
	return nil, fmt.Errorf("datasets.ImageDataGenerator: Standardize: %w", err)
}

// ImageFitOptions are the arguments of [ImageDataGenerator.Fit]: Augment learns from changed images, Rounds times each (0: once), by the Seed.
type ImageFitOptions struct {
	Augment bool
	Rounds  int
	Seed    *int
}

// maxWhitened bounds the number of an image's values for ZCAWhitening, whose matrix has as many rows and columns.
const maxWhitened = 1 << 14

// Fit learns means, deviations and the whitening from images of rank 4 (Keras: fit).
func (g *ImageDataGenerator) Fit(x any, o ImageFitOptions) error {
	if err := g.fit(x, o); err != nil {
		return fmt.Errorf("datasets.ImageDataGenerator: Fit: %w", err)
	}
	return nil
}

func (g *ImageDataGenerator) fit(x any, o ImageFitOptions) error {
	all, err := g.imagesOf(x)
	if err != nil {
		return err
	}
	rng, _, err := generatorSeed(o.Seed)
	if err != nil {
		return err
	}
	n, dims := all.Shape().Dimensions[0], all.Shape().Dimensions[1:]
	size := all.Size() / n
	rounds := max(o.Rounds, 1)
	if o.Rounds < 0 || float64(rounds)*float64(all.Size())*4 > maxBatchBytes && o.Augment {
		return fmt.Errorf("the number of Rounds is %d, which is negative or too much for the memory", o.Rounds)
	}
	if g.o.ZCAWhitening && size > maxWhitened {
		return fmt.Errorf("whitening images of %d values needs a matrix of as many rows and columns; %d values are the most", size, maxWhitened)
	}
	flat, err := float32s(all)
	if err != nil {
		return err
	}
	if g.o.Rescale != 0 {
		for i := range flat {
			flat[i] *= float32(g.o.Rescale)
		}
	}
	if o.Augment {
		var augmented []float32
		for range rounds {
			for i := range n {
				m := g.picture(slices.Clone(flat[i*size:(i+1)*size]), dims)
				if err := g.apply(m, g.draw(rng, m.height, m.width)); err != nil {
					return err
				}
				augmented = append(augmented, m.pixels...)
			}
		}
		flat, n = augmented, n*rounds
	}
	pictures := make([]*picture, n)
	for i := range pictures {
		pictures[i] = g.picture(flat[i*size:(i+1)*size], dims)
	}
	g.channels = pictures[0].channels
	perChannel := func(of func(mean, std float64) float64) []float32 {
		out := make([]float32, g.channels)
		for c := range out {
			var values []float32
			for _, m := range pictures {
				for y := range m.height {
					for x := range m.width {
						values = append(values, m.pixels[m.at(c, y, x)])
					}
				}
			}
			out[c] = float32(of(moments(values)))
		}
		return out
	}
	if g.o.FeaturewiseCenter {
		g.mean = perChannel(func(mean, _ float64) float64 { return mean })
		for _, m := range pictures {
			m.eachChannel(g.mean, func(v, mean float32) float32 { return v - mean })
		}
	}
	if g.o.FeaturewiseStdNormalization {
		g.std = perChannel(func(_, std float64) float64 { return std })
	}
	if g.o.ZCAWhitening {
		return g.whiten(flat, n, size)
	}
	return nil
}

// whiten finds the matrix that makes the values of images independent of each other.
func (g *ImageDataGenerator) whiten(flat []float32, n, size int) error {
	epsilon := orDefault(g.o.ZCAEpsilon, 1e-6)
	values := make([]float64, len(flat))
	for i, v := range flat {
		values[i] = float64(v)
	}
	var svd mat.SVD
	if !finite(values...) || !svd.Factorize(mat.NewDense(n, size, values).T(), mat.SVDThinU) {
		return errors.New("the images' values can't be decomposed for ZCAWhitening")
	}
	var u, scaled mat.Dense
	svd.UTo(&u)
	scaled.CloneFrom(&u)
	for j, s := range svd.Values(nil) {
		for i := range size {
			scaled.Set(i, j, u.At(i, j)*math.Sqrt(float64(n))/(s+epsilon))
		}
	}
	g.whitening = &mat.Dense{}
	g.whitening.Mul(&scaled, u.T())
	return nil
}

// imagesOf are images in an array.
func (g *ImageDataGenerator) imagesOf(x any) (*tensors.Tensor, error) {
	t, err := asTensor(x)
	if err != nil {
		return nil, fmt.Errorf("x: %w", err)
	}
	if t.Rank() != 4 || t.Size() == 0 {
		return nil, fmt.Errorf("x has shape %s, want images, of rank 4", t.Shape())
	}
	return t, nil
}
