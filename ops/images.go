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
