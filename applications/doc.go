// Package applications has Keras's ready-made networks for images (Keras: keras.applications): VGG, ResNet, Inception, MobileNet,
// DenseNet, EfficientNet, NASNet and ConvNeXt, with Keras's layers under Keras's names.
//
//	base, err := applications.MobileNetV2().InputShape(96, 96, 3).IncludeTop(false).Pooling("avg").Model()
//
// Each function returns a builder, and Model makes a [functional.Model] of it. All builders have Keras's arguments IncludeTop, Weights, InputTensor,
// InputShape, Pooling, Classes, ClassifierActivation and Name; DataFormat, which Keras sets for the process; and Download. Weights are those
// that Keras publishes, trained on ImageNet, unless Weights says otherwise: they are read from Keras's folder, and fetched into it where
// they aren't there. Weights("") leaves new ones, drawn when they are first needed.
//
// A network wants its images as it was trained on them: PreprocessInput of its builder makes them so. [DecodePredictions] names the
// classes of what comes out.
package applications
