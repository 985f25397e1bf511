package datasets

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
)

// AudioFolderOptions are the arguments of [AudioDatasetFromDirectory]; the zero value of each is Keras's default.
type AudioFolderOptions struct {
	Labels               []int    // given one by one, for the files in the order of their paths; nil: the folders' names
	NoLabels             bool     // sounds alone (Keras: labels=None)
	LabelMode            string   // "": "int" (int32); "categorical" (one-hot float32), "binary" (float32)
	ClassNames           []string // the folders, in the order of their classes; nil: all in alphabetical order
	BatchSize            int      // 0: 32
	NoBatches            bool     // each sound by itself (Keras: batch_size=None)
	SamplingRate         int      // the rate that all files must have; 0: any. Sounds of another rate are an error, as there is no resampling
	OutputSequenceLength int      // longer sounds are cut, zeros are put behind shorter ones; 0: sounds are as long as the longest of their batch
	KeepOrder            bool     // no shuffling (Keras: shuffle=False)
	Seed                 *int     // nil: one that is drawn
	ValidationSplit      float64  // the part, between 0 and 1, that Subset "validation" has
	Subset               string   // "training" or "validation", where there is a ValidationSplit
	FollowLinks          bool     // look into linked folders, too
}

// AudioFolder is a data set of the sounds in a folder: a pipeline of batches of float32 sounds (batch, samples, channels), from -1 to 1, and labels.
type AudioFolder struct {
	*Pipeline
	Folder
}

// AudioDatasetFromDirectory returns the .wav files (PCM of 16 bits) below a folder whose subfolders are the classes (Keras:
// keras.utils.audio_dataset_from_directory). Order and split are Keras's for the same seed; where sounds are shuffled, each epoch mixes them anew, by numbers
// of its own.
func AudioDatasetFromDirectory(directory string, o AudioFolderOptions) (*AudioFolder, error) {
	fail := func(err error) (*AudioFolder, error) {
		return nil, fmt.Errorf("datasets.AudioDatasetFromDirectory: %w", err)
	}
	if o.SamplingRate < 0 || o.OutputSequenceLength < 0 || o.OutputSequenceLength > maxBatchBytes/4 {
		return fail(fmt.Errorf("SamplingRate is %d and OutputSequenceLength %d, want positive numbers", o.SamplingRate, o.OutputSequenceLength))
	}
	size, err := batchSize(o.BatchSize, o.NoBatches)
	if err != nil {
		return fail(err)
	}
	d := &AudioFolder{}
	if err := d.index(directory, []string{".wav"}, folderOptions{o.Labels, o.NoLabels, o.LabelMode, o.ClassNames, size, o.KeepOrder, o.Seed, o.ValidationSplit, o.Subset, o.FollowLinks}); err != nil {
		return fail(err)
	}
	d.Pipeline = d.batches(func(which []int) (Element, error) {
		e, err := d.batch(which, &o)
		if err != nil {
			err = fmt.Errorf("datasets.AudioDatasetFromDirectory: %w", err)
		}
		return e, err
	})
	return d, nil
}

// AudioDatasetsFromDirectory returns the training and the validation part of a folder (Keras: subset="both"), whose Subset must be left open. The validation
// part has the same order in each epoch.
func AudioDatasetsFromDirectory(directory string, o AudioFolderOptions) (training, validation *AudioFolder, err error) {
	return bothParts(o.Subset, func(subset string, fixed bool) (*AudioFolder, error) {
		o.Subset = subset
		d, err := AudioDatasetFromDirectory(directory, o)
		if err == nil && fixed {
			d.f.keepOrder = true
		}
		return d, err
	})
}

func (d *AudioFolder) batch(which []int, o *AudioFolderOptions) (Element, error) {
	sounds := make([]Element, len(which))
	for i, at := range which {
		path := d.FilePaths[at]
		raw, err := readFile(path, MaxWAVBytes)
		if err != nil {
			return Element{}, fmt.Errorf("%s: %w", path, err)
		}
		wav, err := decodeWAV(raw)
		if err != nil {
			return Element{}, fmt.Errorf("%s: %w", path, err)
		}
		if o.SamplingRate != 0 && o.SamplingRate != wav.rate {
			return Element{}, fmt.Errorf("%s: it has %d samples a second, and %d are asked for; resampling isn't supported", path, wav.rate, o.SamplingRate)
		}
		if o.OutputSequenceLength > maxBatchBytes/4/wav.channels {
			return Element{}, fmt.Errorf("%s: %d samples of its %d channels don't fit in memory", path, o.OutputSequenceLength, wav.channels)
		}
		sounds[i].X = wav.tensor(o.OutputSequenceLength)
	}
	e, err := stacked(sounds, o.OutputSequenceLength == 0)
	if err != nil {
		return Element{}, fmt.Errorf("the sounds of a batch that begins with %s: %w", d.FilePaths[which[0]], err)
	}
	e.Y = d.labels(which)
	return single(e, o.NoBatches)
}

// LoadWAV reads a .wav file of 16 bits PCM: a float32 tensor (samples, channels) from -1 to 1, and the number of samples a second (tf.audio.decode_wav).
func LoadWAV(path string) (sound *tensors.Tensor, samplingRate int, err error) {
	raw, err := readFile(path, MaxWAVBytes)
	if err != nil {
		return nil, 0, fmt.Errorf("datasets.LoadWAV: %s: %w", path, err)
	}
	wav, err := decodeWAV(raw)
	if err != nil {
		return nil, 0, fmt.Errorf("datasets.LoadWAV: %s: %w", path, err)
	}
	return wav.tensor(0), wav.rate, nil
}
