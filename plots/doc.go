// Package plots draws pictures of a training run and of a model.
//
// [History] is the figure that notebooks draw after fit, the loss beside the
// accuracy:
//
//	history, err := model.Fit(x, y, functional.Fit{Epochs: 10, ValidationSplit: 0.2})
//	…
//	err = plots.History(history, "history.png")
//
// [Model] is keras.utils.plot_model, the graph of a model's layers:
//
//	err = plots.Model(model, "model.svg", plots.ModelOptions{ShowShapes: true, ShowLayerNames: true})
//
// [Images] draws a grid of images with labels, [BoundingBoxes] with boxes over them, [SegmentationMasks] painted by the classes of their pixels, [Heatmap] a heat map over an image, as a Grad-CAM's, and [ConfusionMatrix] what was
// taken for what.
//
// The suffix of the path chooses the format: .png or .svg, for a model also
// .dot. Nothing has to be installed, neither fonts nor Graphviz. A file
// appears whole or not at all, and its folder has to exist.
package plots
