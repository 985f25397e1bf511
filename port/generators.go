package port

import (
	"fmt"
	"slices"
	"strings"
)

var (
	tGenerator = object("generator", "*datasets.ImageDataGenerator")
	tFlow      = object("flow", "*datasets.ImageFlow")
	tPipeline  = object("pipeline", "*datasets.Pipeline")
)

// batches reports that a value is a data set, which has its own targets.
func (v *value) batches() bool {
	return slices.Contains([]string{"images", "flow", "pipeline"}, v.kind)
}

// endless is a data set for a number of steps: Keras's generators begin again where they end, its data sets don't.
func endless(v *value, steps bool) string {
	if v.kind == "flow" && steps {
		return v.tight() + ".Repeat()"
	}
	return v.code
}

// inSamples takes Keras 1's argument that counts samples where today's, steps, counts batches.
func (t *translator) inSamples(c *call, data *value, old, steps string) {
	n := c.arg(-1, old)
	if n == nil || n.kind == "none" || data == nil {
		return
	}
	if data.goT != tFlow.goT {
		fail(c.e, "%s of batches whose size isn't known isn't translated", old)
	}
	c.kw[steps] = &value{typ: tInt, code: fmt.Sprintf("%s(%s, %s)", t.helper("stepsOfSamples"), data.code, t.as(n, "int", c.e))}
	c.keys = append(c.keys, steps)
}

// steps is a number of batches. Keras takes steps while they are fewer, so that a fraction counts as one more.
func (t *translator) steps(c *call) func(v *value) string {
	return func(v *value) string {
		if v.kind == "float" {
			return "int(math.Ceil(" + v.code + "))"
		}
		return t.as(v, "int", c.e)
	}
}

// writers are the ways to write arguments that the functions below share.
type writers struct {
	str, whole, float, yes, text, numbers, seed, pair, keepOrder, floatPointer func(v *value) string
}

func (t *translator) writers(c *call) writers {
	to := func(goType string) func(v *value) string {
		return func(v *value) string { return t.as(v, goType, c.e) }
	}
	pointer := func(goType string) func(v *value) string {
		return func(v *value) string {
			return fmt.Sprintf("%s(%s(%s))", t.helper("pointer"), goType, t.as(v, goType, c.e))
		}
	}
	return writers{str: to("string"), whole: to("int"), float: to("float64"), yes: to("bool"), text: to("[]string"), numbers: to("[]float64"),
		seed: pointer("int"), floatPointer: pointer("float64"),
		pair: func(v *value) string {
			if len(v.items) == 2 {
				return "[2]int{" + t.as(&value{items: v.items}, "...int", c.e) + "}"
			}
			if v.goT == "[]int" {
				return "[2]int(" + v.code + ")"
			}
			fail(c.e, "%s as a size isn't translated", v.describe())
			return ""
		},
		keepOrder: func(v *value) string { return c.unshuffled(v, "true") }}
}

// generatorCall is a call of Keras 2's generators, and of its data sets of texts and of time series; nil where it isn't known.
func (t *translator) generatorCall(path string, c *call) *value {
	o := t.writers(c)
	_, name := split(path)
	switch name {
	case "ImageDataGenerator":
		return t.imageGenerator(c, o)
	case "TimeseriesGenerator":
		c.place(0, "data", "targets", "length", "sampling_rate", "stride", "start_index", "end_index", "shuffle", "reverse", "batch_size")
		data, targets, length := t.data(c.need(-1, "data"), c.e), t.data(c.need(-1, "targets"), c.e), o.whole(c.need(-1, "length"))
		opts := t.fields(c, []field{{"sampling_rate", "SamplingRate", o.whole}, {"stride", "Stride", o.whole}, {"start_index", "StartIndex", o.whole}, {"end_index", "EndIndex", o.seed},
			{"shuffle", "Shuffle", o.yes}, {"reverse", "Reverse", o.yes}, {"batch_size", "BatchSize", o.whole}})
		c.done()
		t.use(tPipeline.goT)
		ty := tPipeline
		ty.kind = "flow" // it has no end, as those of images
		return &value{typ: ty, code: fmt.Sprintf("must.M1(datasets.TimeseriesGenerator(%s, %s, %s, datasets.TimeseriesGeneratorOptions{%s}))", data, targets, length, strings.Join(opts, ", "))}
	case "timeseries_dataset_from_array":
		c.place(0, "data", "targets", "sequence_length")
		data, targets, length := t.data(c.need(-1, "data"), c.e), "nil", o.whole(c.need(-1, "sequence_length"))
		if v := c.need(-1, "targets"); v.kind != "none" {
			targets = t.data(v, c.e)
		}
		opts := t.fields(c, []field{{"sequence_stride", "SequenceStride", o.whole}, {"sampling_rate", "SamplingRate", o.whole}, {"batch_size", "BatchSize", o.whole}, {"shuffle", "Shuffle", o.yes},
			{"seed", "Seed", o.seed}, {"start_index", "StartIndex", o.whole}, {"end_index", "EndIndex", o.whole}})
		c.done()
		return &value{typ: tPipeline, code: fmt.Sprintf("must.M1(datasets.TimeseriesDatasetFromArray(%s, %s, %s, datasets.TimeseriesOptions{%s})).Pipeline", data, targets, length, strings.Join(opts, ", "))}
	case "text_dataset_from_directory":
		dir := o.str(c.need(0, "directory"))
		var opts []string
		if v := c.arg(-1, "labels"); v != nil && v.kind == "none" {
			opts = append(opts, "NoLabels: true")
		} else if v != nil && v.code != `"inferred"` {
			fail(c.e, "labels=%s isn't translated", v.code)
		}
		opts = append(opts, t.fields(c, []field{{"label_mode", "LabelMode", o.str}, {"class_names", "ClassNames", o.text}, {"batch_size", "BatchSize", o.whole}, {"max_length", "MaxLength", o.seed},
			{"shuffle", "KeepOrder", o.keepOrder}, {"seed", "Seed", o.seed}, {"validation_split", "ValidationSplit", o.float}, {"subset", "Subset", o.str}, {"follow_links", "FollowLinks", o.yes}})...)
		c.done()
		return &value{typ: object("images", "*datasets.TextFolder"), code: fmt.Sprintf("must.M1(datasets.TextDatasetFromDirectory(%s, datasets.TextFolderOptions{%s}))", dir, strings.Join(opts, ", "))}
	}
	return nil
}

func (t *translator) imageGenerator(c *call, o writers) *value {
	// A number of type int means another thing than one of type float to the shifts; zoom has no such.
	shift := func(v *value) string {
		if len(v.items) > 0 {
			return o.numbers(v)
		}
		if v.kind != "int" && v.kind != "float" {
			fail(c.e, "%s as a shift isn't translated", v.describe())
		}
		return v.code
	}
	zoom := func(v *value) string {
		if len(v.items) > 0 {
			return o.numbers(v)
		}
		return "float64(" + o.float(v) + ")"
	}
	opts := t.fields(c, []field{{"featurewise_center", "FeaturewiseCenter", o.yes}, {"samplewise_center", "SamplewiseCenter", o.yes},
		{"featurewise_std_normalization", "FeaturewiseStdNormalization", o.yes}, {"samplewise_std_normalization", "SamplewiseStdNormalization", o.yes},
		{"zca_whitening", "ZCAWhitening", o.yes}, {"zca_epsilon", "ZCAEpsilon", o.floatPointer}, {"rotation_range", "RotationRange", o.float},
		{"width_shift_range", "WidthShiftRange", shift}, {"height_shift_range", "HeightShiftRange", shift}, {"brightness_range", "BrightnessRange", o.numbers},
		{"shear_range", "ShearRange", o.float}, {"zoom_range", "ZoomRange", zoom}, {"channel_shift_range", "ChannelShiftRange", o.float}, {"fill_mode", "FillMode", o.str},
		{"cval", "Cval", o.float}, {"horizontal_flip", "HorizontalFlip", o.yes}, {"vertical_flip", "VerticalFlip", o.yes}, {"rescale", "Rescale", o.float},
		{"preprocessing_function", "PreprocessingFunction", func(v *value) string { return t.preprocessing(v, c) }},
		{"data_format", "DataFormat", o.str}, {"validation_split", "ValidationSplit", o.float}, {"interpolation_order", "InterpolationOrder", o.seed}})
	if v := c.arg(-1, "dtype"); v != nil && v.kind != "none" && v.code != `"float32"` {
		fail(c.e, "dtype=%s isn't translated", v.code)
	}
	c.done()
	t.use(tGenerator.goT)
	return &value{typ: tGenerator, code: "must.M1(datasets.NewImageDataGenerator(datasets.ImageGeneratorOptions{" + strings.Join(opts, ", ") + "}))"}
}

// preprocessing is a function of images: one of the notebook's, or that of a ready-made network.
func (t *translator) preprocessing(v *value, c *call) string {
	const image = "*tensors.Tensor"
	t.use(image)
	if v.def != nil {
		x := t.newVar("image", image)
		x.given = true
		result := t.callDef(v.def, callOf(c.e, &value{typ: tArray, code: "np.FromTensor(" + x.ref() + ")"}))
		if result.kind != "array" {
			fail(c.e, "a preprocessing_function that gives %s isn't translated", result.describe())
		}
		return fmt.Sprintf("func(%s *tensors.Tensor) (*tensors.Tensor, error) { return %s.AsType(\"float32\").Tensor(), nil }", x.ref(), result.tight())
	}
	parts := strings.Split(v.path, ".")
	if network := networks[parts[max(0, len(parts)-2)]]; network != "" && parts[len(parts)-1] == "preprocess_input" {
		t.imports["applications"] = true
		return fmt.Sprintf("func(image *tensors.Tensor) (*tensors.Tensor, error) { return applications.%s().PreprocessInput(image) }", network)
	}
	fail(c.e, "%s as preprocessing_function isn't translated", v.describe())
	return ""
}

func (t *translator) generatorMethod(v *value, name string, c *call) *value {
	o := t.writers(c)
	save := func() []string {
		s := t.fields(c, []field{{"save_to_dir", "Dir", o.str}, {"save_prefix", "Prefix", o.str}, {"save_format", "Format", o.str}})
		if len(s) == 0 {
			return nil
		}
		return []string{"Save: datasets.SaveFlow{" + strings.Join(s, ", ") + "}"}
	}
	shared := []field{{"batch_size", "BatchSize", o.whole}, {"shuffle", "KeepOrder", o.keepOrder}, {"seed", "Seed", o.seed}, {"subset", "Subset", o.str}}
	// Files have a size, colors and classes too.
	files := append([]field{{"target_size", "TargetSize", o.pair}, {"color_mode", "ColorMode", o.str}, {"classes", "Classes", o.text}, {"interpolation", "Interpolation", o.str},
		{"keep_aspect_ratio", "KeepAspectRatio", o.yes}}, shared...)
	mode := func() (string, []string) {
		m := c.arg(-1, "class_mode")
		switch {
		case m == nil:
			return "categorical", nil
		case m.kind == "none":
			return "none", []string{`ClassMode: "none"`}
		case m.kind == "str" && m.konst:
			if m.code == `"other"` {
				return "raw", []string{`ClassMode: "raw"`}
			}
			return strings.Trim(m.code, `"`), []string{"ClassMode: " + m.code}
		}
		fail(c.e, "class_mode has to be a constant")
		return "", nil
	}
	switch name {
	case "fit":
		c.place(0, "x", "augment", "rounds", "seed")
		x := t.data(c.need(-1, "x"), c.e)
		opts := t.fields(c, []field{{"augment", "Augment", o.yes}, {"rounds", "Rounds", o.whole}, {"seed", "Seed", o.seed}})
		c.done()
		return done("must.M(%s.Fit(%s, datasets.ImageFitOptions{%s}))", v.tight(), x, strings.Join(opts, ", "))
	case "flow":
		c.place(0, "x", "y", "batch_size", "shuffle", "sample_weight", "seed", "save_to_dir", "save_prefix", "save_format", "subset")
		x, y := t.data(c.need(-1, "x"), c.e), "nil"
		if given := c.arg(-1, "y"); given != nil && given.kind != "none" {
			y = t.data(given, c.e)
		}
		opts := append(t.fields(c, append(shared, field{"sample_weight", "SampleWeight", func(v *value) string { return t.data(v, c.e) }})), save()...)
		c.done()
		return t.flow(y != "nil", "%s.Flow(%s, %s, datasets.FlowOptions{%s})", v.tight(), x, y, strings.Join(opts, ", "))
	case "flow_from_directory":
		c.place(0, "directory", "target_size", "color_mode", "classes", "class_mode", "batch_size", "shuffle", "seed")
		dir := o.str(c.need(-1, "directory"))
		m, opts := mode()
		opts = append(opts, t.fields(c, append(files, field{"follow_links", "FollowLinks", o.yes}))...)
		opts = append(opts, save()...)
		c.done()
		return t.flow(m != "none", "%s.FlowFromDirectory(%s, datasets.FlowFilesOptions{%s})", v.tight(), dir, strings.Join(opts, ", "))
	case "flow_from_dataframe":
		c.place(0, "dataframe", "directory", "x_col", "y_col")
		df, dir := c.need(-1, "dataframe"), `""`
		if d := c.arg(-1, "directory"); d != nil && d.kind != "none" {
			dir = o.str(d)
		}
		if df.kind != "frame" {
			fail(c.e, "flow_from_dataframe of %s isn't translated", df.describe())
		}
		x, y := `"filename"`, `"class"`
		if col := c.arg(-1, "x_col"); col != nil {
			x = o.str(col)
		}
		col := c.arg(-1, "y_col")
		if col != nil && col.kind == "str" {
			y = col.code
		}
		m, opts := mode()
		switch {
		case m == "none" || m == "input":
			y = "nil"
		case col != nil && col.kind != "str":
			fail(c.e, "y_col of several columns isn't translated")
		case m == "raw":
			y = fmt.Sprintf("%s.Col(%s).Tensor()", df.tight(), y)
		default:
			y = fmt.Sprintf("%s.Col(%s).Strings()", df.tight(), y)
		}
		opts = append(opts, t.fields(c, append(files, field{"validate_filenames", "KeepInvalidFiles", func(v *value) string { return map[bool]string{true: "true"}[v.code == "false"] }}))...)
		opts = append(opts, save()...)
		c.done()
		return t.flow(m != "none", "%s.FlowFromFiles(%s, %s.Col(%s).Strings(), %s, datasets.FlowFilesOptions{%s})", v.tight(), dir, df.tight(), x, y, strings.Join(opts, ", "))
	}
	fail(c.e, "the method %s of an ImageDataGenerator isn't translated", name)
	return nil
}

// flow is batches of images; table says that they have no labels, so that next returns the images alone.
func (t *translator) flow(labels bool, format string, args ...any) *value {
	ty := tFlow
	ty.table = !labels
	t.use(ty.goT)
	return &value{typ: ty, code: "must.M1(" + fmt.Sprintf(format, args...) + ")"}
}

func (v *value) pipeline() string {
	if v.goT == tPipeline.goT {
		return v.code
	}
	return v.tight() + ".Pipeline"
}

// nextBatch is next(v).
func (t *translator) nextBatch(v *value) *value {
	code := t.helper("nextBatch") + "(" + v.pipeline() + ")"
	if v.table {
		return &value{typ: tArray, code: t.helper("nextImages") + "(" + v.pipeline() + ")"}
	}
	return &value{typ: typ{kind: "batch", goT: "multi", elems: []typ{tArray, tArray}}, code: code}
}

func (t *translator) flowAttr(v *value, name string) *value {
	if v.goT != tFlow.goT {
		return nil
	}
	switch name {
	case "class_indices":
		return &value{typ: dictType(tStr, tInt), code: v.tight() + ".ClassIndices"}
	case "classes", "labels":
		return &value{typ: tArray, code: t.helper("classesOf") + "(" + v.code + ")"}
	case "n", "samples":
		return &value{typ: tInt, code: v.tight() + ".Len()"}
	case "batch_size":
		return &value{typ: tInt, code: v.tight() + ".BatchSize()", natural: true}
	case "num_classes", "num_class":
		return &value{typ: tInt, code: "len(" + v.tight() + ".ClassIndices)"}
	case "filenames":
		return &value{typ: listOf(tStr), code: v.tight() + ".FileNames"}
	}
	return nil
}

func (t *translator) flowMethod(v *value, name string, c *call) *value {
	switch name {
	case "reset":
		t.approximate("reset changes nothing: each fit, evaluate and predict begins anew, and next goes on")
		return done("")
	case "next", "__next__":
		c.done()
		return t.nextBatch(v)
	}
	fail(c.e, "the method %s of a generator's batches isn't translated", name)
	return nil
}

// slicesCall is from_tensor_slices.
func (t *translator) slicesCall(c *call) *value {
	v := c.need(0, "tensors")
	c.done()
	items := []*value{v}
	if v.tuple && v.items != nil {
		items = v.items
	}
	if len(items) > 3 {
		fail(c.e, "from_tensor_slices of more than inputs, targets and weights isn't translated")
	}
	var parts []string
	for _, i := range items {
		parts = append(parts, t.data(i, c.e))
	}
	t.use(tPipeline.goT)
	ty := tPipeline
	ty.table = len(parts) == 1
	return &value{typ: ty, code: "datasets.FromSlices(" + strings.Join(parts, ", ") + ")"}
}

func (t *translator) pipelineMethod(v *value, name string, c *call) *value {
	o := t.writers(c)
	stage := func(format string, args ...any) *value {
		c.done()
		return &value{typ: v.typ, code: v.tight() + fmt.Sprintf(format, args...)}
	}
	switch name {
	case "shuffle":
		size, seed := o.whole(c.need(0, "buffer_size")), c.arg(1, "seed")
		if seed != nil && seed.kind != "none" {
			return stage(".Shuffle(%s, datasets.ShuffleOptions{Seed: %s})", size, o.seed(seed))
		}
		return stage(".Shuffle(%s)", size)
	case "batch":
		size, drop := o.whole(c.need(0, "batch_size")), c.arg(1, "drop_remainder")
		c.arg(-1, "num_parallel_calls")
		if drop != nil {
			return stage(".Batch(%s, %s)", size, o.yes(drop))
		}
		return stage(".Batch(%s)", size)
	case "prefetch":
		n := c.need(0, "buffer_size")
		if n.path == "tensorflow.data.AUTOTUNE" || n.path == "tensorflow.data.experimental.AUTOTUNE" || n.code == "-1" {
			return stage(".Prefetch(datasets.Autotune)")
		}
		return stage(".Prefetch(%s)", o.whole(n))
	case "repeat":
		if n := c.arg(0, "count"); n != nil && n.kind != "none" {
			return stage(".Repeat(%s)", o.whole(n))
		}
		return stage(".Repeat()")
	case "take", "skip":
		return stage(".%s(%s)", map[string]string{"take": "Take", "skip": "Skip"}[name], o.whole(c.need(0, "count")))
	case "cache":
		if path := c.arg(0, "filename"); path != nil {
			return stage(".Cache(%s)", o.str(path))
		}
		return stage(".Cache()")
	case "unbatch":
		return stage(".Unbatch()")
	case "map":
		return t.mappedPipeline(v, c)
	case "filter":
		return t.filteredPipeline(v, c)
	case "window", "flat_map":
		return t.windowed(v, name, c)
	case "concatenate":
		other := c.need(0, "dataset")
		return stage(".Concatenate(%s)", other.pipelineCode())
	case "as_numpy_iterator":
		c.done()
		made := *v
		made.arrays = true
		return &made
	}
	fail(c.e, "the method %s of a tf.data.Dataset isn't translated", name)
	return nil
}
