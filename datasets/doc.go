// Package datasets has the data sets that Keras's examples start from, and the small conversions that go with them.
//
//	data, err := datasets.CIFAR10()
//	xTrain, err := datasets.ToFloat32(data.XTrain, 255)
//	yTrain, err := datasets.ToCategorical(data.YTrain, 10)
//
// [CIFAR10] and [MNIST] return what keras.datasets.cifar10.load_data and keras.datasets.mnist.load_data return, in the
// same shapes and types. They look first where Keras keeps its copies, in $KERAS_HOME/datasets or ~/.keras/datasets, so
// that a Keras user has nothing to download; what they download goes there, under Keras's names, so that Keras finds
// it too. [Synthetic] makes pictures of CIFAR-10's shape out of nothing, for trying a model where no data can be had.
//
// [FashionMNIST], [CIFAR100], [IMDB], [Reuters], [BostonHousing] and [CaliforniaHousing] do the same, with the arguments of
// Keras's load_data; what they shuffle lies in the order in which NumPy shuffles it.
//
// A [Pipeline] reads, changes and batches data while a model takes it, as tf.data does; [ImageDatasetFromDirectory], [TextDatasetFromDirectory] and
// [AudioDatasetFromDirectory] return such.
//
// [PadSequences], [SplitDataset] and [TimeseriesDatasetFromArray] are Keras's helpers of those names, [Tokenizer] is that of
// Keras 2.
//
// [LoadNPZ] and [SaveNPZ] carry arrays between NumPy and Go in .npz files.
//
// Downloads are checked against Keras's own checksums and appear only when whole. GOKERAS_OFFLINE=1 in the environment,
// or [Options].Offline, forbids them; the error then says which file to put where. Files that are already there are
// decoded with every size checked, whatever they hold: nothing is unpacked to disk and nothing in them is executed.
package datasets
