package serial

import (
	"fmt"
	"math"

	"github.com/gokeras/gokeras/internal/config"
	"github.com/gokeras/gokeras/internal/kerasops"
	"github.com/gokeras/gokeras/symbolic"
)

// TensorFlow's functions of images, whose axes are those of channels_last.
func init() {
	resize := func(c *tfCall) error {
		method, _ := c.get("method", "bilinear").(string)
		x, shape, err := c.image("images")
		if err != nil {
			return err
		}
		antialias := c.get("antialias", false) == true
		to, err := c.knownAt("size")
		if err != nil || len(to.shape) != 1 || len(to.flat) != 2 {
			return fmt.Errorf("size=%v", c.args["size"])
		}
		open := !to.settled()
		if method != "nearest" && method != "bilinear" {
			open = open || shape[len(shape)-3] < 1 || shape[len(shape)-2] < 1
		}
		if open {
			if err := c.only("preserve_aspect_ratio", false); err != nil {
				return err
			}
			return c.resampleOpen(x, to.flat, method, antialias)
		}
		size, err := to.sizes()
		if err != nil {
			return err
		}
		high, wide := shape[len(shape)-3], shape[len(shape)-2]
		if c.get("preserve_aspect_ratio", false) == true {
			if high < 1 || wide < 1 {
				return fmt.Errorf("preserve_aspect_ratio of images of shape %v", shape)
			}
			scale := min(float32(size[0])/float32(high), float32(size[1])/float32(wide))
			for i, n := range []int{high, wide} {
				size[i] = int(math.RoundToEven(float64(scale * float32(n))))
			}
		}
		if method == "nearest" {
			c.op("Resize", map[string]any{"size": toList(size), "interpolation": method, "antialias": false, "data_format": "channels_last"}, x)
			return nil
		}
		x = c.op("Cast", map[string]any{"dtype": "float32"}, x)
		if method == "bilinear" {
			c.op("Resize", map[string]any{"size": toList(size), "interpolation": method, "antialias": antialias, "data_format": "channels_last"}, x)
			return nil
		}
		return c.resample(x, shape, size, func(n, m int) ([]float64, error) { return kerasops.TensorFlowResize(method, antialias, n, m) })
	}
	defineLate("image.resize compat.v1.image.resize image.resize_v2", "images size method preserve_aspect_ratio antialias name", resize)
	for name, method := range map[string]string{"bilinear": "bilinear", "nearest_neighbor": "nearest", "bicubic": "", "area": "area", "images": "bilinear"} {
		defineLate("compat.v1.image.resize_"+name, "images size align_corners name half_pixel_centers method preserve_aspect_ratio", func(c *tfCall) error {
			size, err := c.ints("size")
			if err != nil || len(size) != 2 || method == "" {
				return fmt.Errorf("size=%v", c.args["size"])
			}
			x, shape, err := c.image("images")
			if err != nil {
				return err
			}
			corners, centers := c.get("align_corners", false) == true, c.get("half_pixel_centers", false) == true
			if method == "area" {
				return c.resample(x, shape, size, func(n, m int) ([]float64, error) { return kerasops.TensorFlowResize("area", false, n, m) })
			}
			if method != "nearest" {
				x = c.op("Cast", map[string]any{"dtype": "float32"}, x)
			}
			if err := c.only("method", 0, "preserve_aspect_ratio", false); err != nil {
				return err
			}
			return c.resample(x, shape, size, func(n, m int) ([]float64, error) { return oldResampling(method, corners, centers, n, m), nil })
		})
	}
	defineLate("image.central_crop", "image central_fraction", func(c *tfCall) error {
		fraction, ok := config.AsFloat(c.args["central_fraction"])
		if !ok || !(fraction > 0 && fraction <= 1) {
			return fmt.Errorf("central_fraction=%v", c.args["central_fraction"])
		}
		x, shape, err := c.sizedImage("image")
		if err != nil {
			return err
		}
		cut := func(n int) (int, int) {
			start := int((float64(n) - float64(n)*fraction) / 2)
			return start, n - 2*start
		}
		top, high := cut(shape[len(shape)-3])
		left, wide := cut(shape[len(shape)-2])
		c.crop(x, top, left, high, wide)
		return nil
	})
	for name, pads := range map[string]bool{"image.crop_to_bounding_box": false, "image.pad_to_bounding_box": true} {
		defineLate(name, "image offset_height offset_width target_height target_width", func(c *tfCall) error {
			x, shape, err := c.sizedImage("image")
			if err != nil {
				return err
			}
			var n [4]int
			for i, arg := range []string{"offset_height", "offset_width", "target_height", "target_width"} {
				list, err := c.ints(arg)
				if err != nil || len(list) != 1 || list[0] < 0 {
					return fmt.Errorf("%s=%v", arg, c.args[arg])
				}
				n[i] = list[0]
			}
			if pads {
				return c.surround(x, shape, n[0], n[1], n[2], n[3])
			}
			c.crop(x, n[0], n[1], n[2], n[3])
			return nil
		})
	}
	for _, name := range []string{"image.resize_with_crop_or_pad", "image.resize_with_pad"} {
		defineLate(name, "image target_height target_width method antialias", func(c *tfCall) error {
			high, err := c.ints("target_height")
			if err != nil || len(high) != 1 || high[0] < 1 {
				return fmt.Errorf("target_height=%v", c.args["target_height"])
			}
			wide, err := c.ints("target_width")
			if err != nil || len(wide) != 1 || wide[0] < 1 {
				return fmt.Errorf("target_width=%v", c.args["target_width"])
			}
			x, shape, err := c.sizedImage("image")
			if err != nil {
				return err
			}
			h, w := shape[len(shape)-3], shape[len(shape)-2]
			if name == "image.resize_with_crop_or_pad" {
				half := func(n int) int { return int(math.Floor(float64(n) / 2)) }
				cropTop, cropLeft := max(half(h-high[0]), 0), max(half(w-wide[0]), 0)
				h, w = min(high[0], h), min(wide[0], w)
				x = c.crop(x, cropTop, cropLeft, h, w)
				shape[len(shape)-3], shape[len(shape)-2] = h, w
				return c.surround(x, shape, half(high[0]-h), half(wide[0]-w), high[0], wide[0])
			}
			if m := c.get("method", "bilinear"); m != "bilinear" {
				return fmt.Errorf("method=%v", m)
			}
			ratio := max(float64(w)/float64(wide[0]), float64(h)/float64(high[0]))
			toH, toW := float64(h)/ratio, float64(w)/ratio
			padH, padW := max(0, int(math.Floor((float64(high[0])-toH)/2))), max(0, int(math.Floor((float64(wide[0])-toW)/2)))
			h, w = int(math.Floor(toH)), int(math.Floor(toW))
			x = c.op("Resize", map[string]any{"size": []any{h, w}, "interpolation": "bilinear", "antialias": c.get("antialias", false), "data_format": "channels_last"},
				c.op("Cast", map[string]any{"dtype": "float32"}, x))
			shape[len(shape)-3], shape[len(shape)-2] = h, w
			return c.surround(x, shape, padH, padW, high[0], wide[0])
		})
	}
	defineLate("image.per_image_standardization", "image", func(c *tfCall) error {
		x, shape, err := c.sizedImage("image")
		if err != nil {
			return err
		}
		n := 1
		for _, d := range shape[len(shape)-3:] {
			n *= d
		}
		x = c.op("Cast", map[string]any{"dtype": "float32"}, x)
		over := map[string]any{"axis": []any{-3, -2, -1}, "keepdims": true}
		deviation := c.op("Maximum", nil, c.op("Std", over, x), 1/math.Sqrt(float64(n)))
		c.op("TrueDivide", nil, c.op("Subtract", nil, x, c.op("Mean", over, x)), deviation)
		return nil
	})
	define("image.transpose", "image name", func(c *tfCall) error {
		c.op("Swapaxes", map[string]any{"axis1": -3, "axis2": -2}, c.args["image"])
		return nil
	})
	define("image.rot90", "image k name", func(c *tfCall) error {
		k, ok := config.AsInt(c.get("k", 1))
		if !ok {
			return fmt.Errorf("k=%v", c.args["k"])
		}
		c.op("Rot90", map[string]any{"k": (k%4 + 4) % 4, "axes": []any{-3, -2}}, c.args["image"])
		return nil
	})
	defineLate("image.convert_image_dtype", "image dtype saturate name", func(c *tfCall) error {
		to, ok := c.args["dtype"].(string)
		if !ok {
			return fmt.Errorf("dtype=%v", c.args["dtype"])
		}
		x, _, err := c.image("image")
		if err == nil {
			_, err = c.converted(x, c.dtypeOf("image"), to, c.get("saturate", false) == true)
		}
		return err
	})
	// adjusted computes on floats, of images of bytes from 0 to 1.
	adjusted := func(names, params string, adjust func(c *tfCall, x any) (any, error)) {
		defineLate(names, params, func(c *tfCall) error {
			name := "image"
			if c.args[name] == nil {
				name = "images"
			}
			x, _, err := c.image(name)
			if err != nil {
				return err
			}
			from := c.dtypeOf(name)
			if x, err = c.converted(x, from, "float32", false); err != nil {
				return err
			}
			if x, err = adjust(c, x); err == nil {
				_, err = c.converted(x, "float32", from, true)
			}
			return err
		})
	}
	number := func(c *tfCall, name string, def any) (float64, error) {
		v, ok := config.AsFloat(c.get(name, def))
		if !ok {
			return 0, fmt.Errorf("%s=%v", name, c.args[name])
		}
		return v, nil
	}
	adjusted("image.adjust_brightness", "image delta", func(c *tfCall, x any) (any, error) {
		delta, err := number(c, "delta", nil)
		return c.op("Add", nil, x, delta), err
	})
	adjusted("image.adjust_contrast", "images contrast_factor", func(c *tfCall, x any) (any, error) {
		factor, err := number(c, "contrast_factor", nil)
		mean := c.op("Mean", map[string]any{"axis": []any{-3, -2}, "keepdims": true}, x)
		return c.op("Add", nil, c.op("Multiply", nil, c.op("Subtract", nil, x, mean), factor), mean), err
	})
	adjusted("image.adjust_gamma", "image gamma gain", func(c *tfCall, x any) (any, error) {
		gamma, err := number(c, "gamma", 1.0)
		if err != nil {
			return nil, err
		}
		gain, err := number(c, "gain", 1.0)
		return c.op("Multiply", nil, c.op("Power", nil, x, gamma), gain), err
	})
	inHSV := func(c *tfCall, x any, change func(h, s any) (any, any)) any {
		hsv := c.op("RGBToHSV", map[string]any{"data_format": "channels_last"}, x)
		part := func(i int) any {
			return c.op("GetItem", nil, hsv, []any{ellipsis(), pythonSlice(i, i+1, nil)})
		}
		h, s := change(part(0), part(1))
		return c.op("HSVToRGB", map[string]any{"data_format": "channels_last"}, c.op("Concatenate", map[string]any{"axis": -1}, []any{h, s, part(2)}))
	}
	adjusted("image.adjust_saturation", "image saturation_factor name", func(c *tfCall, x any) (any, error) {
		factor, err := number(c, "saturation_factor", nil)
		return inHSV(c, x, func(h, s any) (any, any) {
			return h, c.op("Clip", map[string]any{"x_min": 0.0, "x_max": 1.0}, c.op("Multiply", nil, s, factor))
		}), err
	})
	adjusted("image.adjust_hue", "image delta name", func(c *tfCall, x any) (any, error) {
		delta, err := number(c, "delta", nil)
		return inHSV(c, x, func(h, s any) (any, any) { return c.op("Mod", nil, c.op("Add", nil, h, delta), 1.0), s }), err
	})
	adjusted("image.rgb_to_grayscale", "images name", func(c *tfCall, x any) (any, error) {
		return c.op("Tensordot", map[string]any{"axes": []any{[]any{-1}, []any{0}}}, x, []any{[]any{0.2989}, []any{0.5870}, []any{0.1140}}), nil
	})
	for name, class := range map[string]string{"image.rgb_to_hsv": "RGBToHSV", "image.hsv_to_rgb": "HSVToRGB"} {
		define(name, "images name", func(c *tfCall) error {
			c.op(class, map[string]any{"data_format": "channels_last"}, c.args["images"])
			return nil
		})
	}
	for name, kernel := range map[string][3][3]float64{
		"rgb_to_yuv": {{0.299, -0.14714119, 0.61497538}, {0.587, -0.28886916, -0.51496512}, {0.114, 0.43601035, -0.10001026}},
		"yuv_to_rgb": {{1, 1, 1}, {0, -0.394642334, 2.03206185}, {1.13988303, -0.58062185, 0}},
		"rgb_to_yiq": {{0.299, 0.59590059, 0.2115}, {0.587, -0.27455667, -0.52273617}, {0.114, -0.32134392, 0.31119955}},
		"yiq_to_rgb": {{1, 1, 1}, {0.95598634, -0.27201283, -1.10674021}, {0.6208248, -0.64720424, 1.70423049}},
	} {
		define("image."+name, "images", func(c *tfCall) error {
			rows := []any{}
			for _, r := range kernel {
				rows = append(rows, []any{r[0], r[1], r[2]})
			}
			c.op("Tensordot", map[string]any{"axes": []any{[]any{-1}, []any{0}}}, c.args["images"], rows)
			return nil
		})
	}
	define("image.extract_patches compat.v1.image.extract_patches", "images sizes strides rates padding name ksizes", func(c *tfCall) error {
		padding, err := padded(c.args["padding"])
		if err != nil {
			return err
		}
		c.op("ExtractPatches", map[string]any{"size": alongImage(c.get("sizes", c.args["ksizes"])), "strides": alongImage(c.args["strides"]), "dilation_rate": firstOf(alongImage(c.args["rates"])),
			"padding": padding, "data_format": "channels_last"}, c.args["images"])
		return nil
	})
	define("image.psnr", "a b max_val name", func(c *tfCall) error {
		largest, ok := config.AsFloat(c.args["max_val"])
		if !ok {
			return fmt.Errorf("max_val=%v", c.args["max_val"])
		}
		mistake := c.op("Mean", map[string]any{"axis": []any{-3, -2, -1}, "keepdims": false}, c.op("Square", nil, c.op("Subtract", nil, c.args["a"], c.args["b"])))
		c.op("Subtract", nil, 20*math.Log10(largest), c.op("Multiply", nil, c.op("Log", nil, mistake), 10/math.Ln10))
		return nil
	})
	define("image.ssim", "img1 img2 max_val filter_size filter_sigma k1 k2 return_index_map", func(c *tfCall) error {
		c.op("SSIM", map[string]any{"max_val": c.args["max_val"], "filter_size": c.get("filter_size", 11), "filter_sigma": c.get("filter_sigma", 1.5), "k1": c.get("k1", 0.01),
			"k2": c.get("k2", 0.03), "data_format": "channels_last"}, c.args["img1"], c.args["img2"])
		return c.only("return_index_map", false)
	})
	defineLate("image.total_variation", "images name", func(c *tfCall) error {
		x, _, err := c.image("images")
		if err != nil {
			return err
		}
		all := pythonSlice(nil, nil, nil)
		var sums []any
		for axis := range 2 {
			change := func(start, stop any) any {
				key := []any{ellipsis(), all, all, all}
				key[1+axis] = pythonSlice(start, stop, nil)
				return c.op("GetItem", nil, x, key)
			}
			steps := c.op("Absolute", nil, c.op("Subtract", nil, change(1, nil), change(nil, -1)))
			sums = append(sums, c.op("Sum", map[string]any{"axis": []any{-3, -2, -1}, "keepdims": false}, steps))
		}
		c.op("Add", nil, sums[0], sums[1])
		return nil
	})
}

// firstOf is a list's number where all of its numbers are equal.
func firstOf(v any) any {
	list, ok := v.([]any)
	for _, e := range list {
		if e != list[0] {
			return v
		}
	}
	if !ok || len(list) == 0 {
		return v
	}
	return list[0]
}

// image is an argument of at least three axes.
func (c *tfCall) image(name string) (x any, shape []int, err error) {
	if shape, err = c.shapeOf(name); err != nil {
		return nil, nil, err
	}
	if _, isTensor := c.args[name].(*symbolic.Tensor); !isTensor || len(shape) < 3 {
		return nil, nil, fmt.Errorf("%s of shape %v", name, shape)
	}
	return c.args[name], shape, nil
}

// sizedImage is image where height, width and channels must be known.
func (c *tfCall) sizedImage(name string) (x any, shape []int, err error) {
	x, shape, err = c.image(name)
	if err == nil && min(shape[len(shape)-3], shape[len(shape)-2], shape[len(shape)-1]) < 1 {
		err = fmt.Errorf("images of shape %v, of which the sizes aren't known", shape)
	}
	return x, shape, err
}

// dtypeOf is the type of an argument.
func (c *tfCall) dtypeOf(name string) string {
	if t, ok := c.args[name].(*symbolic.Tensor); ok {
		return t.DType()
	}
	if k, ok := asKnown(c.args[name]); ok {
		return k.dtype
	}
	return "float32"
}

func (c *tfCall) crop(x any, top, left, high, wide int) any {
	return c.op("GetItem", nil, x, []any{ellipsis(), pythonSlice(top, top+high, nil), pythonSlice(left, left+wide, nil), pythonSlice(nil, nil, nil)})
}

// surround puts an image of that shape into a larger one of zeros.
func (c *tfCall) surround(x any, shape []int, top, left, high, wide int) error {
	bottom, right := high-top-shape[len(shape)-3], wide-left-shape[len(shape)-2]
	if min(top, left, bottom, right) < 0 {
		return fmt.Errorf("%d×%d for images of shape %v", high, wide, shape)
	}
	pads := make([]any, len(shape))
	for i := range pads {
		pads[i] = []any{0, 0}
	}
	pads[len(shape)-3], pads[len(shape)-2] = []any{top, bottom}, []any{left, right}
	c.op("Pad", map[string]any{"pad_width": pads, "mode": "constant"}, x)
	return nil
}

// largest is the number that is white in images of a type of whole numbers.
var largest = map[string]float64{"uint8": math.MaxUint8, "int8": math.MaxInt8, "uint16": math.MaxUint16, "int16": math.MaxInt16, "int32": math.MaxInt32}

// converted changes the type of images: floats are from 0 to 1.
func (c *tfCall) converted(x any, from, to string, saturate bool) (any, error) {
	cast := func(x any) any { return c.op("Cast", map[string]any{"dtype": to}, x) }
	switch {
	case from == to:
		return c.op("Copy", nil, x), nil
	case isFloatType(from) && isFloatType(to):
		return cast(x), nil
	case isFloatType(to) && largest[from] > 0:
		return c.op("Multiply", nil, cast(x), 1/largest[from]), nil
	case isFloatType(from) && largest[to] > 0 && to != "int32":
		x = c.op("Multiply", nil, x, largest[to]+0.5)
		if saturate {
			return c.op("SaturateCast", map[string]any{"dtype": to}, x), nil
		}
		return cast(x), nil
	}
	return nil, fmt.Errorf("images of %s as %s", from, to)
}
