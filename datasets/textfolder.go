package datasets

import (
	"errors"
	"fmt"
)

// TextFolderOptions are the arguments of [TextDatasetFromDirectory]; the zero value of each is Keras's default.
type TextFolderOptions struct {
	Labels          []int    // given one by one, for the files in the order of their paths; nil: the folders' names
	NoLabels        bool     // texts alone (Keras: labels=None)
	LabelMode       string   // "": "int" (int32); "categorical" (one-hot float32), "binary" (float32)
	ClassNames      []string // the folders, in the order of their classes; nil: all in alphabetical order
	BatchSize       int      // 0: 32
	NoBatches       bool     // each text by itself (Keras: batch_size=None)
	MaxLength       *int     // of a text, in bytes, as in Keras's format "tf"; nil: whole texts
	KeepOrder       bool     // no shuffling (Keras: shuffle=False)
	Seed            *int     // nil: one that is drawn
	ValidationSplit float64  // the part, between 0 and 1, that Subset "validation" has
	Subset          string   // "training" or "validation", where there is a ValidationSplit
	FollowLinks     bool     // look into linked folders, too
}

// TextFolder is a data set of the texts in a folder: a pipeline of batches of texts, X is a []string, and labels. Fit, Evaluate, Predict and the Adapt of
// TextVectorization take it.
type TextFolder struct {
	*Pipeline
	Folder
}

// MaxTextBytes is the largest text file that is read.
const MaxTextBytes = 256 << 20

// TextDatasetFromDirectory returns the .txt files below a folder whose subfolders are the classes (Keras: keras.utils.text_dataset_from_directory). Order and
// split are Keras's for the same seed; where texts are shuffled, each epoch mixes them anew, by numbers of its own.
func TextDatasetFromDirectory(directory string, o TextFolderOptions) (*TextFolder, error) {
	fail := func(err error) (*TextFolder, error) {
		return nil, fmt.Errorf("datasets.TextDatasetFromDirectory: %w", err)
	}
	if o.MaxLength != nil && *o.MaxLength < 0 {
		return fail(fmt.Errorf("MaxLength is %d, want 0 or more", *o.MaxLength))
	}
	size, err := batchSize(o.BatchSize, o.NoBatches)
	if err != nil {
		return fail(err)
	}
	d := &TextFolder{}
	if err := d.index(directory, []string{".txt"}, folderOptions{o.Labels, o.NoLabels, o.LabelMode, o.ClassNames, size, o.KeepOrder, o.Seed, o.ValidationSplit, o.Subset, o.FollowLinks}); err != nil {
		return fail(err)
	}
	d.Pipeline = d.batches(func(which []int) (Element, error) {
		texts := make([]string, len(which))
		for i, at := range which {
			raw, err := readFile(d.FilePaths[at], MaxTextBytes)
			if err != nil {
				return Element{}, fmt.Errorf("datasets.TextDatasetFromDirectory: %s: %w", d.FilePaths[at], err)
			}
			if o.MaxLength != nil {
				raw = raw[:min(len(raw), *o.MaxLength)]
			}
			texts[i] = string(raw)
		}
		return single(Element{X: texts, Y: d.labels(which)}, o.NoBatches)
	})
	return d, nil
}

// TextDatasetsFromDirectory returns the training and the validation part of a folder (Keras: subset="both"), whose Subset must be left open. The validation
// part has the same order in each epoch.
func TextDatasetsFromDirectory(directory string, o TextFolderOptions) (training, validation *TextFolder, err error) {
	return bothParts(o.Subset, func(subset string, fixed bool) (*TextFolder, error) {
		o.Subset = subset
		d, err := TextDatasetFromDirectory(directory, o)
		if err == nil && fixed {
			d.f.keepOrder = true
		}
		return d, err
	})
}

// batchSize is Keras's default for 0, and 0 for samples by themselves.
func batchSize(size int, none bool) (int, error) {
	switch {
	case size < 0 || size > maxBatchBytes/8:
		return 0, fmt.Errorf("BatchSize is %d, want 1 to %d", size, maxBatchBytes/8)
	case none && size != 0:
		return 0, errors.New("BatchSize is given, and NoBatches too")
	case none:
		return 0, nil
	case size == 0:
		return 32, nil
	}
	return size, nil
}

// single is the one sample of a batch, where samples are to be by themselves.
func single(batch Element, alone bool) (Element, error) {
	if !alone {
		return batch, nil
	}
	return rowOf(batch, 0)
}
