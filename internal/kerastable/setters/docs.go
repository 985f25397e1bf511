package setters

import "strings"

// sentence is what documentation says of an argument.
type sentence struct {
	// does follows the setter's name; what comes after a first full stop is a sentence of its own.
	does string
	// none is what Keras's default None stands for; a text that begins with "The " is a whole sentence.
	none string
}

// docs has a sentence for each argument of Keras's layers, by its name, or by class and name where it means something else there.
// What ends in _initializer, _regularizer or _constraint is worded by suffixed.
var docs = map[string]sentence{
	// What all layers have.
	"name":                 {"names the layer", `The default is the class in snake case with a number: "conv2d_1"`},
	"dtype":                {`sets the layer's dtype policy, such as "float16" or "mixed_bfloat16"`, `"float32"`},
	"trainable":            {"freezes (false) or thaws the layer. It may be called at any time; compile the model afterwards", "true"},
	"activity_regularizer": {`penalises the layer's output: a name ("l2") or a value of package regularizers`, "none"},

	// Kernels and windows.
	"activation":           {"sets the activation", `"linear"`},
	"recurrent_activation": {"sets the activation of the gates", `"linear"`},
	"lora_rank":            {"lets the layer learn by two factors of that rank, whose product is added to its weight (LoRA)", "none"},
	"lora_alpha":           {"is what the product of LoRA's factors is multiplied by, times the rank. Keras 3.15 heeds it in EinsumDense and convolutions alone", "the rank"},
	"quantization_config":  {"tells how whole numbers are made of weights and inputs, if the dtype policy is a quantized one: [Int8QuantizationConfig], [Int4QuantizationConfig]", "Keras's default for the policy"},
	"use_bias":             {"tells whether a bias is added", ""},
	"filters":              {"is the number of output channels", ""},
	"units":                {"is the size of the output's last axis", ""},
	"kernel_size":          {"sets the size of the kernel: one value for all axes or one for each", ""},
	"strides":              {"sets the steps of the kernel: one value for all axes or one for each", ""},
	"MaxPooling1D.strides": poolingStrides, "MaxPooling2D.strides": poolingStrides, "MaxPooling3D.strides": poolingStrides,
	"AveragePooling1D.strides": poolingStrides, "AveragePooling2D.strides": poolingStrides, "AveragePooling3D.strides": poolingStrides,
	"padding":               {"sets what happens at the border: [Valid] or [Same]", ""},
	"Conv1D.padding":        {`sets what happens at the border: [Valid], [Same] or "causal", by which no step sees a later one`, ""},
	"ZeroPadding1D.padding": {"sets how many zeros are added before and after", ""},
	"ZeroPadding2D.padding": {"sets how many zeros are added before and after the height and the width", ""},
	"ZeroPadding3D.padding": {"sets how many zeros are added before and after each of the three axes", ""},
	"cropping":              {"sets how many elements are cut off before and after each axis", ""},
	"data_format":           {"tells where the channels are: [ChannelsLast] or [ChannelsFirst]", `"channels_last"`},
	"dilation_rate":         {"spreads the kernel: one value for all axes or one for each. 1 is a kernel without gaps", ""},
	"groups":                {"splits the channels into so many groups, each with its own filters", ""},
	"depth_multiplier":      {"is the number of output channels for each input channel in the depthwise step", ""},
	"output_padding":        {"adds to the output's size along each axis: one value for all axes or one for each", "The default follows from the strides and the padding"},
	"pool_size":             {"sets the size of the window: one value for all axes or one for each", ""},
	"keepdims":              {"keeps the pooled axes as axes of size 1", ""},
	"output_size":           {"is the size of the pooled output: one value for all axes or one for each", ""},
	"size":                  {"is how often each element is repeated: one value for all axes or one for each", ""},
	"interpolation":         {`sets how values between pixels are found: "nearest", "bilinear" and, where a layer has them, "bicubic", "lanczos3", "lanczos5"`, ""},

	// Merging and shapes.
	"axis":                     {"sets the axis along which the inputs are joined, counted from the end if negative", "none"},
	"axes":                     {"sets the axis of each input over which products are summed: one for both or one for each", ""},
	"normalize":                {"scales both inputs to length 1 along the axis first, so that the result is the cosine of their angle", ""},
	"target_shape":             {"gives the output's shape without the batch axis. One axis may be -1, the size that is left", ""},
	"dims":                     {"gives the order of the axes, counted from 1 without the batch axis", ""},
	"n":                        {"is how often the input is repeated", ""},
	"output_shape":             {"gives the shape of the output without the batch axis", "The default follows from the inputs"},
	"equation":                 {`is the product in Einstein's notation: "abc,cd->abd"`, ""},
	"bias_axes":                {"names the output's axes that the bias has, by their letters", "The default is no bias"},
	"Softmax.axis":             {"sets the axis, or the axes together, over which the outputs add up to 1", ""},
	"negative_slope":           {"is the slope below the threshold", ""},
	"LeakyReLU.negative_slope": {"is the slope below 0", ""},
	"max_value":                {"bounds the output", "none"},
	"threshold":                {"is the value from which inputs pass", ""},
	"alpha":                    {"is minus the limit for small inputs", ""},
	"shared_axes":              {"lists the axes along which the slopes are shared, counted from 1 without the batch axis", "none"},

	// Normalization.
	"BatchNormalization.axis":   {"sets the axis whose positions are normalized one by one, usually the channels", ""},
	"GroupNormalization.axis":   {"sets the axis of the channels, which are split into groups", ""},
	"LayerNormalization.axis":   normalizedAxes,
	"RMSNormalization.axis":     normalizedAxes,
	"UnitNormalization.axis":    {"sets the axis, or the axes together, along which the length becomes 1", ""},
	"Normalization.axis":        {"sets the axes whose positions have a mean and a variance of their own", "The default is one mean and one variance for all"},
	"GroupNormalization.groups": {"is the number of groups of channels. -1 is one for each channel", ""},
	"momentum":                  {"is the part of the moving averages that a step keeps", ""},
	"epsilon":                   {"is added to the variance", ""},
	"center":                    {"tells whether beta is added", ""},
	"scale":                     {"tells whether the result is multiplied by gamma", ""},
	"rms_scaling":               {"divides by the root of the mean square alone, without taking off the mean", ""},
	"synchronized":              {"asks for statistics over the batches of several devices. True is an error here", ""},
	"renorm":                    {"turns batch renormalization on", ""},
	"renorm_clipping":           {"bounds the corrections of batch renormalization", "none"},
	"renorm_momentum":           {"is the part of batch renormalization's own averages that a step keeps", ""},
	"power_iterations":          {"is how often a step multiplies by the weight to estimate its largest singular value", ""},

	// Chance.
	"rate":        {"is the fraction that is dropped in training, 0 ≤ rate ≤ 1", ""},
	"seed":        {"makes the random choices repeatable", "The default is drawn from the session"},
	"noise_shape": {"gives the shape of the random choice, the batch axis included. It is the same along axes of size 1, and None, -1, stands for the inputs' size", "The default is the inputs' shape"},
	"stddev":      {"is the standard deviation of the noise", ""},
	"l1":          {"is the weight of the sum of absolute outputs in the penalty", ""},
	"l2":          {"is the weight of the sum of squared outputs in the penalty", ""},

	// Embeddings, masks, sequences.
	"input_dim":            {"is the number of different inputs, the largest plus 1", ""},
	"output_dim":           {"is the size of an embedding", ""},
	"input_length":         {"is the length of the sequences", "none"},
	"mask_zero":            {"takes the input 0 for padding, which later layers leave out", ""},
	"mask_value":           {"is the value of the steps that are left out", "none"},
	"Hashing.mask_value":   {"is an input that becomes 0", "none"},
	"weights":              {"gives the values that the weights start with", "none"},
	"tie_weights":          {"uses the embeddings for the way back, too", ""},
	"reverse_dtype":        {"sets the type of the way back", "The default is the layer's type"},
	"logit_soft_cap":       {"bounds the results of the way back softly, by a tanh", "none"},
	"dropout":              {"is the fraction of the inputs that is dropped in training", ""},
	"recurrent_dropout":    {"is the fraction of the state that is dropped in training", ""},
	"return_sequences":     {"returns the output of every step in place of the last one's", ""},
	"return_state":         {"returns the last state, too, after the output", ""},
	"go_backwards":         {"reads the sequence from its end, and returns it in that order", ""},
	"stateful":             {"begins each batch with the state in which the batch before ended, sample by sample", ""},
	"unroll":               {"computes the steps one after the other without a loop: a larger program, sometimes faster for short sequences", ""},
	"implementation":       {"chooses between two ways of computing the same in Keras's history", ""},
	"use_cudnn":            {`tells Keras when to use NVIDIA's own code: "auto", true or false`, ""},
	"zero_output_for_mask": {"makes the outputs of steps that are left out 0 in place of those before", ""},
	"unit_forget_bias":     {"adds 1 to the forget gate's bias at the start", ""},
	"reset_after":          {"applies the reset gate after the product with the recurrent kernel, as cuDNN does", ""},
	"cell":                 {"is what computes one step, or a list of such", ""},
	"cells":                {"are the cells that compute one step one after the other", ""},
	"layer":                {"is the layer inside", ""},
	"layers":               {"are the layers inside, in order", ""},
	"backward_layer":       {"is the layer that reads the sequence backwards", "The default is made like the forward layer"},
	"merge_mode":           {`sets how the outputs of both directions become one: "concat", "sum", "mul", "ave", or none to return both`, "none"},

	// Attention.
	"num_heads":                       {"is the number of heads", ""},
	"num_query_heads":                 {"is the number of heads of the query", ""},
	"num_key_value_heads":             {"is the number of heads of key and value, each shared by a group of the query's", ""},
	"head_dim":                        {"is the size of a head", ""},
	"key_dim":                         {"is the size of a head for query and key", ""},
	"value_dim":                       {"is the size of a head for the value", "The default is that for query and key"},
	"MultiHeadAttention.output_shape": {"gives the output's shape after the batch and the sequence", "The default is the query's"},
	"attention_axes":                  {"lists the axes over which attention is paid", "The default is all but the batch's, the heads' and the last"},
	"sliding_window":                  {"lets each position see so many neighbours alone", "none"},
	"flash_attention":                 {"tells Keras whether to use its fused kernel", "The default is to use it where that is possible"},
	"use_gate":                        {"multiplies the result by a learnt gate", ""},
	"use_scale":                       {"multiplies the scores by a learnt number", ""},
	"score_mode":                      {`sets how query and key become a score: "dot" or "concat"`, ""},
	"Attention.dropout":               droppedScores,
	"AdditiveAttention.dropout":       droppedScores,
	"MultiHeadAttention.dropout":      droppedScores,
	"GroupQueryAttention.dropout":     droppedScores,

	// Text, categories, numbers.
	"max_tokens":             {"is the most words that the vocabulary may have", "The default is no limit"},
	"num_oov_indices":        {"is the number of indices for words that aren't in the vocabulary", ""},
	"oov_token":              {"is the word that stands for those that aren't in the vocabulary", "none"},
	"oov_method":             {"sets how such words are spread over their indices", ""},
	"mask_token":             {"is the word that becomes 0", "none"},
	"vocabulary":             {"gives the words in order: a []string, or the path of a text file with one in each line, which is read at once", "The default is to learn them by Adapt"},
	"vocabulary_dtype":       {`sets the type of the vocabulary: "int64" or "int32"`, ""},
	"vocabulary_size":        {"is the number of words that a file's vocabulary has", "none"},
	"has_input_vocabulary":   {"tells of a file whether the vocabulary was given", "none"},
	"idf_weights":            {"gives the weights of the words for the output mode tf_idf", "none"},
	"invert":                 {"turns indices back into words", ""},
	"Normalization.invert":   {"goes from normalized values back to the inputs", ""},
	"output_mode":            {`sets the form of the output: "int", "one_hot", "multi_hot", "count" or "tf_idf", as far as a layer has it`, ""},
	"pad_to_max_tokens":      {"makes the output as wide as max_tokens even if the vocabulary is smaller", ""},
	"output_sequence_length": {"cuts or fills sequences to this length", "The default is that of the longest"},
	"standardize":            {`sets what is done to a text first: "lower_and_strip_punctuation", "lower", "strip_punctuation", nil for nothing, or a func(string) string, which no file can hold`, "none"},
	"split":                  {`sets where a text is cut: "whitespace", "character", nil for nowhere, or a func(string) []string, which no file can hold`, "none"},
	"ngrams":                 {"adds runs of so many words that follow each other: one number for all up to it, or a list", "none"},
	"ragged":                 {"asks for ragged outputs, which only TensorFlow has", ""},
	"sparse":                 {"asks for a sparse output, which only TensorFlow has", ""},
	"encoding":               {"names the encoding of the texts", ""},
	"salt":                   {"chooses another hash", "none"},
	"num_bins":               {"is the number of bins", "none"},
	"bin_boundaries":         {"gives the limits between bins", "The default is to learn them by Adapt"},
	"Discretization.epsilon": {"is how far the learnt limits may be off: smaller is more exact and slower", ""},
	"num_tokens":             {"is the number of categories", "none"},
	"mean":                   {"gives the mean", "The default is to learn it by Adapt"},
	"variance":               {"gives the variance", "The default is to learn it by Adapt"},
	"offset":                 {"is added after scaling: one number, or one for each position of the last axis", ""},
	"Rescaling.scale":        {"is what the inputs are multiplied by: one number, or one for each position of the last axis", ""},

	// Sound.
	"fft_length":              {"is the length of the Fourier transform", "The default is the smallest power of 2 that holds a frame"},
	"frame_length":            {"is the number of samples of a frame", ""},
	"frame_step":              {"is the distance between frames", "The default is half a frame"},
	"sequence_stride":         {"is the distance between frames", ""},
	"sequence_length":         {"is the number of samples of a frame", "The default is the length of the Fourier transform"},
	"window":                  {"names the window that a frame is multiplied by", "none"},
	"periodic":                {"makes the window periodic", ""},
	"scaling":                 {`scales the spectrum: "density", "spectrum" or none`, "none"},
	"sampling_rate":           {"is the number of samples a second", ""},
	"num_mel_bins":            {"is the number of mel bands", ""},
	"min_freq":                {"is the lowest frequency in Hz", ""},
	"max_freq":                {"is the highest frequency in Hz", "The default is half the sampling rate"},
	"power_to_db":             {"turns power into decibels", ""},
	"top_db":                  {"cuts off what lies so many decibels below the loudest", ""},
	"mag_exp":                 {"is the power that magnitudes are raised to", ""},
	"min_power":               {"is the least power that counts", ""},
	"ref_power":               {"is the power of 0 decibels", ""},
	"expand_dims":             {"adds an axis at the end, for one channel", ""},
	"STFTSpectrogram.mode":    {`sets what is shown of the spectrum: "log", "magnitude", "psd", "real", "imag", "angle" or "stft"`, ""},
	"STFTSpectrogram.padding": {`sets what happens at the ends: "valid" or "same"`, ""},

	// Images and their augmentation.
	"height":                         {"is the new height", ""},
	"width":                          {"is the new width", ""},
	"crop_to_aspect_ratio":           {"cuts images to the new proportions in place of distorting them", ""},
	"pad_to_aspect_ratio":            {"fills images up to the new proportions in place of distorting them", ""},
	"fill_mode":                      {`sets what stands outside the image: "constant", "reflect", "wrap" or "nearest"`, ""},
	"fill_value":                     {"is the value outside the image where that is constant", "The default is noise"},
	"antialias":                      {"smooths an image before it is made smaller", ""},
	"factor":                         {"bounds the strength: one number for up to as much, or a lower and an upper bound", ""},
	"height_factor":                  {"bounds the change of the height as a fraction: one number for up to as much either way, or a lower and an upper bound", ""},
	"width_factor":                   {"bounds the change of the width as a fraction: one number for up to as much either way, or a lower and an upper bound", "The default keeps the proportions"},
	"x_factor":                       {"bounds the horizontal shear", ""},
	"y_factor":                       {"bounds the vertical shear", ""},
	"brightness_factor":              {"bounds the change of the brightness", "none"},
	"contrast_factor":                {"bounds the change of the contrast", "none"},
	"saturation_factor":              {"bounds the change of the saturation", "none"},
	"hue_factor":                     {"bounds the change of the hue", "none"},
	"addition_factor":                {"bounds what is added before solarization", ""},
	"threshold_factor":               {"bounds the value from which pixels are inverted", ""},
	"value_range":                    {"gives the lowest and the highest value of a pixel", ""},
	"bins":                           {"is the number of bins of the histogram", ""},
	"clip_limit":                     {"bounds the contrast", ""},
	"tile_grid_size":                 {"is the number of tiles along the height and the width", ""},
	"sigma":                          {"bounds the blur's standard deviation", ""},
	"RandomElasticTransform.scale":   {"bounds the size of the displacements", ""},
	"RandomErasing.scale":            {"bounds the erased part of the image", ""},
	"RandomPerspective.scale":        {"bounds how far the corners move", ""},
	"RandomGaussianBlur.kernel_size": {"is the size of the blurring window", ""},
	"mode":                           {`sets the ways of flipping: "horizontal", "vertical" or "horizontal_and_vertical"`, ""},
	"num_chains":                     {"is the number of chains of operations that are mixed", ""},
	"chain_depth":                    {"is the largest number of operations in a chain", ""},
	"all_ops":                        {"uses all operations in place of the basic ones", ""},
	"num_ops":                        {"is the number of operations that are applied", ""},
	"MixUp.alpha":                    {"is the parameter of the beta distribution that the weights of the mixture come from", ""},
	"AugMix.alpha":                   {"is the parameter of the distributions that the weights of the chains come from", ""},
	"bounding_box_format":            {`names the form of bounding boxes: "xyxy", "xywh", …`, "none"},
	"max_number":                     {"is the number of bounding boxes of every image", ""},
	"MaxNumBoundingBoxes.fill_value": {"fills up where there are fewer", ""},
}

var (
	poolingStrides = sentence{"sets the steps of the window: one value for all axes or one for each", "The default is the pool size"}
	normalizedAxes = sentence{"sets the axis, or the axes together, over which a sample is normalized", ""}
	droppedScores  = sentence{"is the fraction of the attention scores that is dropped in training", ""}
)

// suffixed words what an initializer, a regularizer or a constraint does; "" for another argument.
func suffixed(argument string) string {
	for _, s := range []struct{ suffix, before, after string }{
		{"_initializer", "sets the initial values of ", `: a name ("he_normal") or a value of package initializers`},
		{"_regularizer", "penalises ", `: a name ("l2") or a value of package regularizers`},
		{"_constraint", "projects ", ` after every step: a name ("non_neg") or a value of package constraints`},
	} {
		if of, ok := strings.CutSuffix(argument, s.suffix); ok {
			return s.before + weightName(of) + s.after
		}
	}
	return ""
}

// weightName is a weight in words: the moving mean, gamma.
func weightName(of string) string {
	switch of {
	case "alpha":
		return "the slopes"
	case "beta", "gamma":
		return of
	case "recurrent", "depthwise", "pointwise":
		return "the " + of + " kernel"
	}
	return "the " + strings.ReplaceAll(of, "_", " ")
}
