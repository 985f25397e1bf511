package port

import (
	"fmt"
	"strings"
)

var (
	tImage      = object("image", "*datasets.Image")
	tImages     = object("images", "*datasets.ImageFolder")
	tPrediction = object("prediction", "applications.Prediction")
)

// networks are the modules of keras.applications and the network whose way of preparing images they have.
var networks = map[string]string{"vgg16": "VGG16", "vgg19": "VGG19", "resnet50": "ResNet50", "resnet": "ResNet50", "resnet_v2": "ResNet50V2", "inception_v3": "InceptionV3",
	"xception": "Xception", "mobilenet": "MobileNet", "mobilenet_v2": "MobileNetV2", "densenet": "DenseNet121", "efficientnet": "EfficientNetB0", "nasnet": "NASNetMobile",
	"inception_resnet_v2": "InceptionResNetV2", "mobilenet_v3": "MobileNetV3Small", "efficientnet_v2": "EfficientNetV2B0", "convnext": "ConvNeXtTiny"}

// builders are the networks that package applications has.
var builders = strings.Fields("VGG16 VGG19 ResNet50 ResNet101 ResNet152 ResNet50V2 ResNet101V2 ResNet152V2 InceptionV3 Xception MobileNet MobileNetV2 MobileNetV3Small MobileNetV3Large " +
	"DenseNet121 DenseNet169 DenseNet201 EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4 EfficientNetB5 EfficientNetB6 EfficientNetB7 NASNetMobile NASNetLarge " +
	"InceptionResNetV2 EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2S EfficientNetV2M EfficientNetV2L ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge")

// application is a call of something of keras.applications.
func (t *translator) application(path string, c *call) *value {
	parts := strings.Split(path, ".")
	name, module := parts[len(parts)-1], parts[len(parts)-2]
	switch name {
	case "preprocess_input":
		x := c.need(0, "x")
		mode := c.arg(-1, "mode")
		c.done()
		network := networks[module]
		if network == "" && module != "imagenet_utils" {
			fail(c.e, "%s isn't translated", path)
		}
		if module == "imagenet_utils" {
			opts := ""
			if mode != nil {
				opts = "Mode: " + t.as(mode, "string", c.e)
			}
			if x.kind == "tensor" {
				return &value{typ: tTensor, code: fmt.Sprintf("applications.PreprocessTensor(%s, applications.Preprocessing{%s})", x.code, opts)}
			}
			return &value{typ: tArray, code: fmt.Sprintf("np.FromTensor(must.M1(applications.PreprocessInput(%s, applications.Preprocessing{%s})))", t.data(x, c.e), opts)}
		}
		if mode != nil {
			fail(c.e, "the argument mode isn't translated")
		}
		if x.kind == "tensor" {
			return &value{typ: tTensor, code: fmt.Sprintf("applications.%s().PreprocessTensor(%s)", network, x.code)}
		}
		return &value{typ: tArray, code: fmt.Sprintf("np.FromTensor(must.M1(applications.%s().PreprocessInput(%s)))", network, t.data(x, c.e))}
	case "decode_predictions":
		x, top := c.need(0, "preds"), c.arg(1, "top")
		c.done()
		n := "0"
		if top != nil {
			n = t.as(top, "int", c.e)
		}
		t.use("applications.Prediction")
		return &value{typ: listOf(listOf(tPrediction)), code: fmt.Sprintf("must.M1(applications.DecodePredictions(%s, %s))", t.data(x, c.e), n)}
	}
	network := ""
	for _, b := range builders {
		if b == name {
			network = b
		}
	}
	if network == "" {
		fail(c.e, "gokeras has no %s", path)
	}
	c.place(0, "include_top", "weights", "input_tensor", "input_shape", "pooling", "classes", "classifier_activation")
	code := "applications." + network + "()"
	for _, k := range c.keys {
		if c.used[k] && c.kw[k] == nil {
			continue
		}
		v := c.arg(-1, k)
		switch k {
		case "include_top":
			code += ".IncludeTop(" + t.as(v, "bool", c.e) + ")"
		case "weights":
			if v.kind == "none" {
				code += `.Weights("")`
			} else {
				code += ".Weights(" + t.as(v, "string", c.e) + ")"
			}
		case "input_tensor":
			if v.kind != "none" {
				code += ".InputTensor(" + t.as(v, "*functional.Tensor", c.e) + ")"
			}
		case "input_shape":
			if v.kind != "none" {
				code += ".InputShape(" + t.as(v, "...int", c.e) + ")"
			}
		case "pooling":
			if v.kind != "none" {
				code += ".Pooling(" + t.as(v, "string", c.e) + ")"
			}
		case "classes":
			code += ".Classes(" + t.as(v, "int", c.e) + ")"
		case "classifier_activation":
			if v.kind == "none" {
				code += `.ClassifierActivation("")`
			} else {
				code += ".ClassifierActivation(" + t.as(v, "string", c.e) + ")"
			}
		case "name":
			code += ".Name(" + t.as(v, "string", c.e) + ")"
		default:
			fail(c.e, "the argument %s of %s isn't translated", k, name)
		}
	}
	return &value{typ: tModel, code: "must.M1(" + code + ".Model())"}
}

// pixels is an image as an array of bytes.
func pixels(v *value) *value {
	return &value{typ: tArray, code: fmt.Sprintf("np.FromTensor(must.M1(datasets.ImageToArray(%s))).AsType(\"uint8\")", v.code)}
}

// imageCall is a call of what Keras has for image files; nil where it isn't known.
func (t *translator) imageCall(path string, c *call) *value {
	_, name := split(path)
	str := func(v *value) string { return t.as(v, "string", c.e) }
	pair := func(v *value) string {
		if v.items == nil && v.goT != "[]int" || v.items != nil && len(v.items) != 2 {
			fail(c.e, "%s as a size isn't translated", v.describe())
		}
		if v.items == nil {
			return fmt.Sprintf("[2]int(%s)", v.code)
		}
		return "[2]int{" + t.as(&value{items: v.items}, "...int", c.e) + "}"
	}
	switch name {
	case "load_img":
		file := str(c.need(0, "path"))
		c.place(1, "grayscale", "color_mode", "target_size", "interpolation")
		grey := c.arg(-1, "grayscale")
		if grey != nil && grey.kind == "bool" && grey.code == "true" {
			c.kw["color_mode"] = &value{typ: tStr, code: `"grayscale"`, konst: true}
		}
		opts := t.fields(c, []field{{"color_mode", "ColorMode", str}, {"target_size", "TargetSize", pair}, {"interpolation", "Interpolation", str}})
		c.done()
		t.use("datasets.Image")
		return &value{typ: tImage, code: fmt.Sprintf("must.M1(datasets.LoadImage(%s, datasets.LoadImageOptions{%s}))", file, strings.Join(opts, ", "))}
	case "img_to_array":
		v := c.need(0, "img")
		c.done()
		if v.kind == "array" {
			return &value{typ: tArray, code: v.tight() + `.AsType("float32")`}
		}
		if v.kind != "image" {
			return nil
		}
		return &value{typ: tArray, code: fmt.Sprintf("np.FromTensor(must.M1(datasets.ImageToArray(%s)))", v.code)}
	case "array_to_img":
		v, scale := c.need(0, "x"), c.arg(2, "scale")
		c.done()
		opts := ""
		if scale != nil && scale.code == "false" {
			opts = "NoScale: true"
		}
		return &value{typ: tImage, code: fmt.Sprintf("must.M1(datasets.ArrayToImage(%s, datasets.ArrayToImageOptions{%s}))", t.data(v, c.e), opts)}
	case "save_img":
		file, v := str(c.need(0, "path")), c.need(1, "x")
		c.done()
		return done("must.M(datasets.SaveImage(%s, %s, datasets.ArrayToImageOptions{}))", file, t.data(v, c.e))
	case "image_dataset_from_directory":
		dir := str(c.need(0, "directory"))
		to := func(goType string) func(v *value) string {
			return func(v *value) string { return t.as(v, goType, c.e) }
		}
		labels, mode := c.arg(-1, "labels"), c.arg(-1, "label_mode")
		var opts []string
		ty := tImages
		switch {
		case labels != nil && labels.kind == "none" || mode != nil && mode.kind == "none":
			opts = append(opts, "NoLabels: true")
			ty.table = true
		case labels != nil && labels.goT == "[]int":
			opts = append(opts, "Labels: "+labels.code)
		case labels != nil && labels.code != `"inferred"`:
			fail(c.e, "labels=%s isn't translated", labels.code)
		}
		c.arg(-1, "verbose")
		opts = append(opts, t.fields(c, []field{{"label_mode", "LabelMode", str}, {"class_names", "ClassNames", to("[]string")}, {"color_mode", "ColorMode", str}, {"batch_size", "BatchSize", to("int")},
			{"image_size", "ImageSize", pair}, {"seed", "Seed", func(v *value) string {
				t.helper("pointer")
				return "pointer(" + t.as(v, "int", c.e) + ")"
			}}, {"validation_split", "ValidationSplit", to("float64")}, {"subset", "Subset", str}, {"interpolation", "Interpolation", str},
			{"crop_to_aspect_ratio", "CropToAspectRatio", to("bool")}, {"smart_resize", "CropToAspectRatio", to("bool")}, {"pad_to_aspect_ratio", "PadToAspectRatio", to("bool")}, {"follow_links", "FollowLinks", to("bool")}, {"data_format", "DataFormat", str}, {"shuffle", "KeepOrder", func(v *value) string { return c.unshuffled(v, "true") }}})...)
		c.done()
		t.use("datasets.ImageFolder")
		return &value{typ: ty, code: fmt.Sprintf("must.M1(datasets.ImageDatasetFromDirectory(%s, datasets.ImageFolderOptions{%s}))", dir, strings.Join(opts, ", "))}
	}
	return nil
}

func (t *translator) imagesMethod(v *value, name string, c *call) *value {
	switch name {
	case "cache", "prefetch", "shuffle":
		t.approximate("%s changes nothing here: batches are made ahead, and shuffled, as they are", name)
		return v
	}
	ty := tPipeline
	ty.table = v.table
	return t.pipelineMethod(&value{typ: ty, code: v.pipelineCode()}, name, c)
}

// weightsMethod is get_weights and set_weights of a model or a layer, nil for other names.
func (t *translator) weightsMethod(v *value, name string, c *call) *value {
	base := v.tight()
	if v.kind == "layer" {
		base += ".Base()"
	}
	switch name {
	case "get_weights":
		c.done()
		return &value{typ: listOf(tArray), code: fmt.Sprintf("%s(must.M1(%s.GetWeights()))", t.helper("arraysOf"), base)}
	case "set_weights":
		x := c.need(0, "weights")
		c.done()
		if x.kind != "list" || x.elem.kind != "array" {
			fail(c.e, "set_weights of %s isn't translated", x.describe())
		}
		return done("must.M(%s.SetWeights(%s))", base, t.data(x, c.e))
	case "count_params":
		c.done()
		return &value{typ: tInt, code: base + ".CountParams()"}
	}
	return nil
}

// reopened is an image that a file gives, in another size or with other channels: it is read so.
func (t *translator) reopened(v *value, name string, c *call) *value {
	const empty = "datasets.LoadImageOptions{"
	before, opts, ok := strings.Cut(strings.TrimSuffix(v.code, "}))"), empty)
	if !ok || !strings.HasPrefix(v.code, "must.M1(datasets.LoadImage(") {
		fail(c.e, "the method %s of an image that has a name isn't translated", name)
	}
	field := ""
	switch name {
	case "resize":
		size := c.need(0, "size")
		if len(size.items) != 2 {
			fail(c.e, "%s as a size isn't translated", size.describe())
		}
		if r := c.arg(1, "resample"); r != nil {
			fail(c.e, "the resampling of an image isn't translated")
		}
		field = fmt.Sprintf(`TargetSize: [2]int{%s, %s}, Interpolation: "bicubic"`, t.as(size.items[1], "int", c.e), t.as(size.items[0], "int", c.e))
	case "convert":
		mode := map[string]string{`"L"`: "grayscale", `"RGB"`: "rgb"}[c.need(0, "mode").code]
		if mode == "" {
			fail(c.e, "this mode of an image isn't translated")
		}
		field = fmt.Sprintf("ColorMode: %q", mode)
	}
	c.done()
	if opts != "" {
		field = opts + ", " + field
	}
	made := &value{typ: v.typ, code: before + empty + field + "}))"}
	if name == "convert" {
		made.typ = tImage
	}
	return made
}
