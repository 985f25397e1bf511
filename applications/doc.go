// Package applications has Keras's ready-made networks for images (Keras: keras.applications): VGG, ResNet, Inception, MobileNet,
// DenseNet, EfficientNet, NASNet and ConvNeXt, with Keras's layers under Keras's names.
//
//	base, err := applications.MobileNetV2().InputShape(96, 96, 3).IncludeTop(false).Pooling("avg").Model()
//
// Each function returns a builder; its setters are Keras's arguments, and Model makes a [functional.Model] of them. Weights are those
// that Keras publishes, trained on ImageNet, unless Weights says otherwise: they are read from Keras's folder, and fetched into it where
// they aren't there. Weights("") leaves new ones, drawn when they are first needed.
//
// A network wants its images as it was trained on them: PreprocessInput of its builder makes them so. [DecodePredictions] names the
// classes of what comes out.
package applications
