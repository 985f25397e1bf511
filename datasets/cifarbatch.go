package datasets

import (
	"errors"
	"fmt"

	"github.com/gokeras/gokeras/datasets/internal/pickle"
)

const (
	cifarPlane   = 32 * 32
	cifarImage   = 3 * cifarPlane
	cifarRecord  = 1 + cifarImage
	cifarBatches = 6

	// The real batches have 10,000 images.
	cifarMaxImages = 10_000
)

// cifarBatch is a decoded batch file.
type cifarBatch struct {
	labels []byte
	images []byte // (len(labels), 32, 32, 3)
}

// cifarKind is one of the two forms in which the data set is published.
type cifarKind struct {
	title    string
	folder   string               // inside the archive
	names    [cifarBatches]string // the test batch last
	maxBytes int64                // of one file
	decode   func(content []byte) (*cifarBatch, error)
}

var (
	cifarPython = &cifarKind{
		title: "Python", folder: "cifar-10-batches-py",
		names: [...]string{"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"},
		// Beside the images there are a label and a file name for each, about 40 bytes. Python 3 writes half of the
		// pixels as two bytes when it is asked for protocol 2.
		maxBytes: cifarMaxImages*(2*cifarImage+200) + 4096, decode: decodeCIFARPython,
	}
	cifarBinary = &cifarKind{
		title: "binary", folder: "cifar-10-batches-bin",
		names: [...]string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin",
			"test_batch.bin"},
		maxBytes: cifarMaxImages * cifarRecord, decode: decodeCIFARBinary,
	}
)

// decodeCIFARBinary reads records of one byte of class and three planes of pixels.
func decodeCIFARBinary(content []byte) (*cifarBatch, error) {
	n := len(content) / cifarRecord
	switch {
	case n == 0:
		return nil, fmt.Errorf("it has %d bytes, and a record has %d", len(content), cifarRecord)
	case len(content)%cifarRecord != 0:
		return nil, fmt.Errorf("it has %d bytes, which is not a whole number of records of %d: it is cut short, or no CIFAR-10 batch",
			len(content), cifarRecord)
	case n > cifarMaxImages:
		return nil, fmt.Errorf("it has %d images, and %d are the most expected", n, cifarMaxImages)
	}
	b := &cifarBatch{labels: make([]byte, n), images: make([]byte, n*cifarImage)}
	for i := range n {
		record := content[i*cifarRecord : (i+1)*cifarRecord]
		b.labels[i] = record[0]
		channelsLast(b.images[i*cifarImage:(i+1)*cifarImage], record[1:])
	}
	if err := checkLabels(b.labels); err != nil {
		return nil, err
	}
	return b, nil
}

// decodeCIFARPython reads the pickle of a batch of CIFAR-10.
func decodeCIFARPython(content []byte) (*cifarBatch, error) {
	return pickledBatch(content, "labels", 10, cifarMaxImages)
}

// pickledBatch reads the pickle of a dictionary with an array "data" and, under key, a list of classes, of which there are so many.
func pickledBatch(content []byte, key string, classes int64, most int) (*cifarBatch, error) {
	v, err := pickle.Load(content)
	if err != nil {
		return nil, err
	}
	dict, ok := v.(*pickle.Dict)
	if !ok {
		return nil, fmt.Errorf("the pickle holds %s, and a dict was expected", pickle.TypeName(v))
	}
	return batchOf(dict, key, classes, most)
}

// batchOf takes images and their classes, of which there are so many, out of a dictionary.
func batchOf(dict *pickle.Dict, key string, classes int64, most int) (*cifarBatch, error) {
	data, ok := dict.Items["data"].(*pickle.Array)
	if !ok {
		return nil, fmt.Errorf("the pickle's \"data\" is %s, and a numpy.ndarray was expected", pickle.TypeName(dict.Items["data"]))
	}
	labels, ok := dict.Items[key].(*pickle.List)
	if !ok {
		return nil, fmt.Errorf("the pickle's %q is %s, and a list was expected", key, pickle.TypeName(dict.Items[key]))
	}
	if len(data.Shape) != 2 || data.Shape[1] != cifarImage {
		return nil, fmt.Errorf("the pickle's \"data\" has shape %v, and (images, %d) was expected", data.Shape, cifarImage)
	}
	n := data.Shape[0]
	switch {
	case n == 0:
		return nil, errors.New("the pickle holds no images")
	case n > most:
		return nil, fmt.Errorf("the pickle holds %d images, and %d are the most expected", n, most)
	case len(labels.Items) != n:
		return nil, fmt.Errorf("the pickle holds %d images and %d labels", n, len(labels.Items))
	}
	b := &cifarBatch{labels: make([]byte, n), images: make([]byte, n*cifarImage)}
	for i, item := range labels.Items {
		y, ok := item.(int64)
		if !ok {
			return nil, fmt.Errorf("the label of image %d is %s, and an int was expected", i, pickle.TypeName(item))
		}
		if y < 0 || y >= classes {
			return nil, fmt.Errorf("image %d has class %d, and the classes are 0 to %d", i, y, classes-1)
		}
		b.labels[i] = byte(y)
		channelsLast(b.images[i*cifarImage:(i+1)*cifarImage], data.Data[i*cifarImage:(i+1)*cifarImage])
	}
	return b, nil
}

// channelsLast turns the three planes of an image into pixels of three bytes.
func channelsLast(pixels, planes []byte) {
	red, green, blue := planes[:cifarPlane], planes[cifarPlane:2*cifarPlane], planes[2*cifarPlane:cifarImage]
	pixels = pixels[:cifarImage]
	for i := range red {
		pixels[3*i], pixels[3*i+1], pixels[3*i+2] = red[i], green[i], blue[i]
	}
}

// cifarData puts the batches together.
func cifarData(batches [cifarBatches]*cifarBatch) (*Data, error) {
	var images, labels [][]byte
	n := 0
	for _, b := range batches[:cifarBatches-1] {
		images, labels = append(images, b.images), append(labels, b.labels)
		n += len(b.labels)
		b.images = nil
	}
	test := batches[cifarBatches-1]
	var data Data
	var err error
	if data.XTrain, err = uint8Tensor(images, n, 32, 32, 3); err != nil {
		return nil, err
	}
	if data.YTrain, err = uint8Tensor(labels, n, 1); err != nil {
		return nil, err
	}
	if data.XTest, err = uint8Tensor([][]byte{test.images}, len(test.labels), 32, 32, 3); err != nil {
		return nil, err
	}
	if data.YTest, err = uint8Tensor([][]byte{test.labels}, len(test.labels), 1); err != nil {
		return nil, err
	}
	return &data, nil
}
