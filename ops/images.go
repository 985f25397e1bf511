package ops

import "github.com/gokeras/gokeras/symbolic"

// ResizeOptions are the arguments of [Resize]; the zero value is Keras's default.
type ResizeOptions struct {
	Interpolation                       string // "": "bilinear"; "nearest", "bicubic", "lanczos3", "lanczos5"
	Antialias                           bool
	CropToAspectRatio, PadToAspectRatio bool
	FillValue                           float64 // what PadToAspectRatio pads with
	DataFormat                          string  // "": "channels_last"; "channels_first"
}

// Resize gives images (height, width, channels), or a batch of them, another size (Keras: ops.image.resize).
func Resize(images any, height, width int, o ResizeOptions) *symbolic.Tensor {
	cfg := config{
		"size": list([]int{height, width}), "antialias": o.Antialias, "crop_to_aspect_ratio": o.CropToAspectRatio,
		"pad_to_aspect_ratio": o.PadToAspectRatio, "fill_value": o.FillValue, "data_format": formatOrNone(o.DataFormat),
	}
	if o.Interpolation != "" {
		cfg["interpolation"] = o.Interpolation
	}
	return one("Resize", cfg, images)
}

// RGBToGrayscale is the brightness of images (height, width, 3), or a batch of them (Keras: ops.image.rgb_to_grayscale).
func RGBToGrayscale(images any, dataFormat string) *symbolic.Tensor {
	return one("RGBToGrayscale", config{"data_format": formatOrNone(dataFormat)}, images)
}

// RGBToHSV turns red, green and blue, from 0 to 1, into hue, saturation and value (Keras: ops.image.rgb_to_hsv).
func RGBToHSV(images any, dataFormat string) *symbolic.Tensor {
	return one("RGBToHSV", config{"data_format": formatOrNone(dataFormat)}, images)
}

// HSVToRGB is the inverse of [RGBToHSV] (Keras: ops.image.hsv_to_rgb).
func HSVToRGB(images any, dataFormat string) *symbolic.Tensor {
	return one("HSVToRGB", config{"data_format": formatOrNone(dataFormat)}, images)
}

// formatOrNone is a data format, None where none is given, as Keras's operations on images keep it.
func formatOrNone(format string) any {
	if format == "" {
		return nil
	}
	return format
}

// MoveOptions are the arguments of operations that move the pixels of images; the zero value is Keras's default.
type MoveOptions struct {
	Interpolation string  // "": "bilinear"; "nearest"
	FillMode      string  // "": "constant"; "nearest", "reflect", "wrap"; of [AffineTransform] alone
	FillValue     float64 // what "constant" has outside of the images
	DataFormat    string  // "": "channels_last"; "channels_first"
}

func (o MoveOptions) config() config {
	cfg := config{"fill_value": o.FillValue, "data_format": formatOrNone(o.DataFormat)}
	if o.Interpolation != "" {
		cfg["interpolation"] = o.Interpolation
	}
	return cfg
}

// AffineTransform moves the pixels of images (height, width, channels), or of a batch of them, by a transform of 8 numbers
// [a0 a1 a2 b0 b1 b2 c0 c1], or one for each image: the pixel (x, y) of the result is read at (a0·x + a1·y + a2, b0·x + b1·y + b2)
// (Keras: ops.image.affine_transform).
func AffineTransform(images, transform any, o MoveOptions) *symbolic.Tensor {
	cfg := o.config()
	if o.FillMode != "" {
		cfg["fill_mode"] = o.FillMode
	}
	return one("AffineTransform", cfg, images, transform)
}

// ElasticTransform moves the pixels of images (height, width, channels) of float32, or of a batch of them, by smooth random distances, always the same ones for
// a seed, those of Keras on JAX: noise, multiplied by sigma and blurred over that many pixels, times alpha (Keras: ops.image.elastic_transform, alpha 20, sigma
// 5). What lies outside is read as FillMode says, "reflect" by default, or "mirror".
func ElasticTransform(images any, alpha, sigma float64, seed int, o MoveOptions) *symbolic.Tensor {
	cfg := o.config()
	cfg["alpha"], cfg["sigma"], cfg["seed"] = alpha, sigma, seed
	if o.FillMode != "" {
		cfg["fill_mode"] = o.FillMode
	}
	return one("ElasticTransform", cfg, images)
}

// PerspectiveTransform moves the pixels of images (height, width, channels), or of a batch of them, so that four points, (4, 2) or (batch, 4, 2)
// with x and y, move from startPoints to endPoints (Keras: ops.image.perspective_transform).
func PerspectiveTransform(images, startPoints, endPoints any, o MoveOptions) *symbolic.Tensor {
	return one("PerspectiveTransform", o.config(), images, startPoints, endPoints)
}

// MapCoordinates reads a tensor at coordinates, whose first axis has a row for each of the tensor's axes, by the nearest element (order 0) or
// linearly (order 1) (Keras: ops.image.map_coordinates). What lies outside is fillValue where fillMode is "constant"; else it is "nearest",
// "wrap", "mirror" or "reflect".
func MapCoordinates(inputs, coordinates any, order int, fillMode string, fillValue float64) *symbolic.Tensor {
	return one("MapCoordinates", config{"order": order, "fill_mode": fillMode, "fill_value": fillValue}, inputs, coordinates)
}

// ScaleAndTranslate resamples images along the axes spatialDims to outputShape, scaled and then shifted by a number for each of these axes
// (Keras: ops.image.scale_and_translate): method is "linear", "cubic", "lanczos3" or "lanczos5"; antialias smooths what becomes smaller.
func ScaleAndTranslate(images any, outputShape []int, scale, translation any, spatialDims []int, method string, antialias bool) *symbolic.Tensor {
	return one("ScaleAndTranslate", config{"spatial_dims": list(spatialDims), "method": method, "antialias": antialias}, images, list(outputShape), scale, translation)
}

// SSIMOptions are the arguments of [SSIM]; the zero value is Keras's default.
type SSIMOptions struct {
	MaxVal      float64 // 0: 1, the largest value of a pixel
	FilterSize  int     // 0: 11
	FilterSigma float64 // 0: 1.5
	K1, K2      float64 // 0: 0.01 and 0.03
	DataFormat  string  // "": "channels_last"; "channels_first"
}

// SSIM tells how similar images (height, width, channels), or a batch of them, are to others, up to 1 for the same (Keras: ops.image.ssim).
func SSIM(image1, image2 any, o SSIMOptions) *symbolic.Tensor {
	cfg := config{"data_format": formatOrNone(o.DataFormat)}
	if o.FilterSize != 0 {
		cfg["filter_size"] = o.FilterSize
	}
	for name, v := range map[string]float64{"max_val": o.MaxVal, "filter_sigma": o.FilterSigma, "k1": o.K1, "k2": o.K2} {
		if v != 0 {
			cfg[name] = v
		}
	}
	return one("SSIM", cfg, image1, image2)
}

// PatchOptions are the arguments of [ExtractPatches]; the zero value is Keras's default.
type PatchOptions struct {
	Strides    []int  // nil: the size; one for all axes, or one for each
	Dilation   int    // 0: 1
	Padding    string // "": "valid"; "same"
	DataFormat string // "": "channels_last"; "channels_first"
}

// ExtractPatches is the patches of images (height, width, channels), or a batch of them, for a size of two numbers; for one of three those of
// volumes (depth, height, width, channels). The elements of a patch become channels (Keras: ops.image.extract_patches and extract_patches_3d).
func ExtractPatches(images any, size []int, o PatchOptions) *symbolic.Tensor {
	cfg := config{"size": list(size), "strides": list(size), "data_format": "channels_last"}
	if len(o.Strides) > 0 {
		cfg["strides"] = axisOr(nil, o.Strides)
	}
	if o.Dilation != 0 {
		cfg["dilation_rate"] = o.Dilation
	}
	if o.Padding != "" {
		cfg["padding"] = o.Padding
	}
	if o.DataFormat != "" {
		cfg["data_format"] = o.DataFormat
	}
	return one("ExtractPatches", cfg, images)
}
