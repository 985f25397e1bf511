package callbacks

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/eventfile"
	"github.com/gokeras/gokeras/internal/ndarray"
)

// TensorBoard writes logs for TensorBoard (Keras: TensorBoard), which "tensorboard --logdir logs" shows: in the folder's train and validation, the values of each
// epoch ("epoch_loss"), of evaluations by the steps of training ("evaluation_loss_vs_iterations"), the learning rate, the model's graph, and, if asked for, values of batches,
// steps per second, histograms and images of weights. A value of several numbers is written as their mean.
type TensorBoardCallback struct {
	Base
	dir           string
	histogramFreq int
	graph         bool
	images        bool
	perSecond     bool
	updateFreq    int // batches; Epoch for none
	embedFreq     int
	metadata      any
	err           error

	writers    map[string]*eventfile.Writer
	inFit      bool
	graphDue   bool
	trainBatch int64
	testBatch  int64
	batchStart time.Time
	epochStart time.Time
	iterations int64 // when the epoch began
}

var _ Callback = (*TensorBoardCallback)(nil)

// TensorBoard returns a callback that writes into the folder logDir (Keras: log_dir, "logs").
func TensorBoard(logDir string) *TensorBoardCallback {
	t := &TensorBoardCallback{dir: logDir, graph: true}
	if logDir == "" {
		t.reject("log_dir is empty; want a folder, such as %q", "logs")
	}
	return t
}

func (t *TensorBoardCallback) reject(format string, args ...any) {
	t.err = errors.Join(t.err, fmt.Errorf(format, args...))
}

// HistogramFreq writes histograms of the weights after every so many epochs, the first one included. The default is 0: none.
func (t *TensorBoardCallback) HistogramFreq(epochs int) *TensorBoardCallback {
	t.histogramFreq = t.count("histogram_freq", epochs)
	return t
}

// WriteGraph writes the model's graph, the default.
func (t *TensorBoardCallback) WriteGraph(write bool) *TensorBoardCallback {
	t.graph = write
	return t
}

// WriteImages writes weights as images beside their histograms. The default is false.
func (t *TensorBoardCallback) WriteImages(write bool) *TensorBoardCallback {
	t.images = write
	return t
}

// WriteStepsPerSecond writes how many steps a second are taken. The default is false.
func (t *TensorBoardCallback) WriteStepsPerSecond(write bool) *TensorBoardCallback {
	t.perSecond = write
	return t
}

// UpdateFreq writes values of batches, too, after every so many (Keras: update_freq; "batch" is 1). The default is [Epoch]: of epochs alone. As in Keras, the values of
// an epoch are then written only where the number of batches so far is a multiple.
func (t *TensorBoardCallback) UpdateFreq(batches int) *TensorBoardCallback {
	t.updateFreq = t.count("update_freq", batches)
	return t
}

// ProfileBatch is an error unless it is 0, the default: what TensorBoard shows of a profile, Go's tools show of a program (runtime/pprof).
func (t *TensorBoardCallback) ProfileBatch(batch int) *TensorBoardCallback {
	if batch != 0 {
		t.reject("profile_batch %d: profiles for TensorBoard are not written; runtime/pprof profiles a program", batch)
	}
	return t
}

// EmbeddingsFreq saves the model's weights for TensorBoard's projector after every so many epochs, the first one included. The default is 0: never.
func (t *TensorBoardCallback) EmbeddingsFreq(epochs int) *TensorBoardCallback {
	t.embedFreq = t.count("embeddings_freq", epochs)
	return t
}

// EmbeddingsMetadata is the file with the metadata of all Embedding layers, a string, or those of each by the layer's name, a map[string]string.
func (t *TensorBoardCallback) EmbeddingsMetadata(metadata any) *TensorBoardCallback {
	t.metadata = metadata
	switch metadata.(type) {
	case nil, string, map[string]string:
	default:
		t.reject("embeddings_metadata is a %T; want a string or a map[string]string", metadata)
	}
	return t
}

func (t *TensorBoardCallback) count(argument string, n int) int {
	if n < 0 {
		t.reject("%s %d is negative; want 0 or more", argument, n)
	}
	return n
}

// ObservesBatches implements [BatchObserver].
func (t *TensorBoardCallback) ObservesBatches() bool { return t.updateFreq > 0 }

// SetModel implements [Callback].
func (t *TensorBoardCallback) SetModel(model Model) {
	t.Base.SetModel(model)
	t.graphDue = true
}

func (t *TensorBoardCallback) model() Inspected {
	m, _ := t.Model().(Inspected)
	return m
}

// writer opens the file in train or validation when it is first needed.
func (t *TensorBoardCallback) writer(name string) (*eventfile.Writer, error) {
	if w := t.writers[name]; w != nil {
		return w, nil
	}
	w, err := eventfile.Create(filepath.Join(t.dir, name))
	if err != nil {
		return nil, fmt.Errorf("making the events of %s: %w", name, err)
	}
	if t.writers == nil {
		t.writers = map[string]*eventfile.Writer{}
	}
	t.writers[name] = w
	return w, nil
}

const (
	trainEvents      = "train"
	validationEvents = "validation"
)

func (t *TensorBoardCallback) add(name, tag string, step int64, v eventfile.Value) error {
	w, err := t.writer(name)
	if err == nil {
		err = w.Add(tag, step, v)
	}
	return err
}

// scalars writes the logs whose names are chosen, with a tag for each.
func (t *TensorBoardCallback) scalars(events string, step int64, logs *Logs, tag func(name string) (string, bool)) error {
	for name, value := range logs.All() {
		if tag, ok := tag(name); ok {
			if err := t.add(events, tag, step, eventfile.Scalar(value)); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin writes what comes before all values.
func (t *TensorBoardCallback) begin() error {
	if t.err != nil || !t.graphDue {
		return t.err
	}
	t.graphDue = false
	m := t.model()
	if m == nil {
		return nil
	}
	if t.graph {
		json, err := m.ToJSON()
		if err != nil { // as in Keras, no reason not to train
			if err := printf(t.Params(), "\nWARNING: Model failed to serialize as JSON. Ignoring... %v", err); err != nil {
				return err
			}
		} else if err := t.add(trainEvents, "keras", 0, eventfile.Graph(json)); err != nil {
			return err
		}
	}
	if t.embedFreq > 0 {
		return t.projector(m)
	}
	return nil
}

// projector writes which weights are embeddings.
func (t *TensorBoardCallback) projector(m Inspected) error {
	weights, err := m.LayerWeights()
	if err != nil {
		return err
	}
	left := map[string]string{}
	one, all := t.metadata.(string)
	if named, ok := t.metadata.(map[string]string); ok {
		left = maps.Clone(named)
	}
	var text strings.Builder
	for i, w := range weights {
		if w.Class != "Embedding" || i > 0 && weights[i-1].Layer == w.Layer {
			continue
		}
		text.WriteString("embeddings {\n  tensor_name: \"layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE\"\n")
		path, ok := left[w.Layer]
		delete(left, w.Layer)
		if all {
			path, ok = one, true
		}
		if ok {
			fmt.Fprintf(&text, "  metadata_path: %q\n", path)
		}
		text.WriteString("}\n")
	}
	if len(left) > 0 {
		return fmt.Errorf("embeddings_metadata has names of no Embedding layer: %q", slices.Sorted(maps.Keys(left)))
	}
	if err := os.MkdirAll(t.dir, 0o777); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(t.dir, "projector_config.pbtxt"), []byte(text.String()), 0o666)
}

// OnTrainBegin implements [Callback].
func (t *TensorBoardCallback) OnTrainBegin() error {
	if err := t.close(); err != nil {
		return err
	}
	t.inFit, t.trainBatch, t.iterations = true, 0, 0
	return t.begin()
}

// OnTrainEnd implements [Callback].
func (t *TensorBoardCallback) OnTrainEnd(*Logs) error {
	t.inFit = false
	return t.close()
}

func (t *TensorBoardCallback) close() error {
	var err error
	for _, w := range t.writers {
		err = errors.Join(err, w.Close())
	}
	t.writers = nil
	return err
}

func (t *TensorBoardCallback) flush() error {
	for _, w := range t.writers {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// OnTrainBatchBegin implements [Callback].
func (t *TensorBoardCallback) OnTrainBatchBegin(int) error {
	t.trainBatch++
	t.batchStart = time.Now()
	return nil
}

// records reports whether values are written after so many batches.
func (t *TensorBoardCallback) records(batches int64) bool {
	return t.updateFreq == Epoch || batches%int64(t.updateFreq) == 0
}

// OnTrainBatchEnd implements [Callback].
func (t *TensorBoardCallback) OnTrainBatchEnd(_ int, logs *Logs) error {
	if t.updateFreq == Epoch || !t.records(t.trainBatch) {
		return nil
	}
	if t.perSecond {
		if err := t.add(trainEvents, "batch_steps_per_second", t.trainBatch, eventfile.Scalar(1/time.Since(t.batchStart).Seconds())); err != nil {
			return err
		}
	}
	return t.scalars(trainEvents, t.trainBatch, logs, func(name string) (string, bool) { return "batch_" + name, true })
}

// OnTestBegin implements [Callback].
func (t *TensorBoardCallback) OnTestBegin() error { return t.begin() }

// OnTestBatchBegin implements [Callback].
func (t *TensorBoardCallback) OnTestBatchBegin(int) error {
	t.testBatch++
	return nil
}

// OnTestEnd implements [Callback].
func (t *TensorBoardCallback) OnTestEnd(logs *Logs) error {
	if m := t.model(); m != nil && t.records(t.testBatch) {
		if step, err := m.Iterations(); err == nil {
			if err := t.scalars(validationEvents, step, logs, func(name string) (string, bool) { return "evaluation_" + name + "_vs_iterations", true }); err != nil {
				return err
			}
		}
	}
	if t.inFit {
		return nil
	}
	return t.close()
}

// OnEpochBegin implements [Callback].
func (t *TensorBoardCallback) OnEpochBegin(int) (err error) {
	t.epochStart = time.Now()
	if m := t.model(); m != nil && t.perSecond {
		t.iterations, err = m.Iterations()
	}
	return err
}

// OnEpochEnd implements [Callback].
func (t *TensorBoardCallback) OnEpochEnd(epoch int, logs *Logs) error {
	if t.records(t.trainBatch) {
		if err := t.epoch(epoch, logs); err != nil {
			return err
		}
	}
	if t.embedFreq > 0 && epoch%t.embedFreq == 0 {
		path := filepath.Join(t.dir, trainEvents, fmt.Sprintf("keras_embedding.ckpt-%d.weights.h5", epoch))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := t.Model().SaveWeights(path); err != nil {
			return err
		}
	}
	return t.flush()
}

// epoch writes the values of an epoch.
func (t *TensorBoardCallback) epoch(epoch int, logs *Logs) error {
	step, m := int64(epoch), t.model()
	if logs.Len() > 0 {
		err := t.scalars(trainEvents, step, logs, func(name string) (string, bool) {
			return "epoch_" + name, !strings.HasPrefix(name, "val_") && !(m != nil && name == "learning_rate")
		})
		if err != nil {
			return err
		}
		if m != nil {
			rates, err := m.LearningRates()
			if err != nil {
				return err
			}
			for _, r := range rates {
				if err := t.add(trainEvents, "epoch_"+r.Name, step, eventfile.Scalar(r.Rate)); err != nil {
					return err
				}
			}
			if t.perSecond {
				now, err := m.Iterations()
				if err != nil {
					return err
				}
				if err := t.add(trainEvents, "epoch_steps_per_second", step, eventfile.Scalar(float64(now-t.iterations)/time.Since(t.epochStart).Seconds())); err != nil {
					return err
				}
			}
		}
		err = t.scalars(validationEvents, step, logs, func(name string) (string, bool) {
			name, ok := strings.CutPrefix(name, "val_")
			return "epoch_" + name, ok
		})
		if err != nil {
			return err
		}
	}
	if t.histogramFreq > 0 && epoch%t.histogramFreq == 0 && m != nil {
		return t.weights(step, m)
	}
	return nil
}

// weights writes the histograms and images.
func (t *TensorBoardCallback) weights(step int64, m Inspected) error {
	weights, err := m.LayerWeights()
	if err != nil {
		return err
	}
	for _, w := range weights {
		numbers, err := float64s(w.Value)
		if err != nil {
			return fmt.Errorf("weight %s: %w", w.Path, err)
		}
		path := strings.ReplaceAll(w.Path, ":", "_")
		if err := t.add(trainEvents, path+"/histogram", step, eventfile.Histogram(numbers)); err != nil {
			return err
		}
		if !t.images {
			continue
		}
		v, ok, err := weightImages(numbers, w.Value.Shape().Dimensions)
		if err != nil {
			return err
		}
		if ok {
			if err := t.add(trainEvents, path+"/image", step, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// float64s returns a copy of the elements of a tensor of numbers.
func float64s(t *tensors.Tensor) (list []float64, err error) {
	if t, err = ndarray.Convert(t, dtypes.Float64); err != nil {
		return nil, err
	}
	err = tensors.ConstFlatData(t, func(flat []float64) { list = slices.Clone(flat) })
	return list, err
}

// mostImages is how many images of a weight are written.
const mostImages = 3

// weightImages makes images of a weight's numbers: a column of a vector, a matrix lying on its longer side, of three axes an image for each place on the last one.
func weightImages(numbers []float64, shape []int) (v eventfile.Value, ok bool, err error) {
	var dims []int
	for _, d := range shape {
		if d == 0 {
			return v, false, nil
		}
		if d != 1 {
			dims = append(dims, d)
		}
	}
	n, height, width, channels := 1, 1, 1, 1
	var at func(n, y, x, c int) float64
	switch len(dims) {
	case 1:
		height = dims[0]
		at = func(_, y, _, _ int) float64 { return numbers[y] }
	case 2:
		height, width = dims[0], dims[1]
		at = func(_, y, x, _ int) float64 { return numbers[y*dims[1]+x] }
		if height > width {
			height, width = width, height
			at = func(_, y, x, _ int) float64 { return numbers[x*dims[1]+y] }
		}
	case 3:
		n, height, width = dims[2], dims[0], dims[1]
		at = func(n, y, x, _ int) float64 { return numbers[(y*dims[1]+x)*dims[2]+n] }
	case 4:
		n, height, width, channels = dims[0], dims[1], dims[2], dims[3]
		at = func(n, y, x, c int) float64 { return numbers[((n*dims[1]+y)*dims[2]+x)*dims[3]+c] }
	default:
		return v, false, nil
	}
	if channels != 1 && channels != 3 && channels != 4 {
		return v, false, nil
	}
	var files [][]byte
	for i := range min(n, mostImages) {
		level := func(y, x, c int) uint8 {
			scaled := at(i, y, x, c) * 255.5
			if math.IsNaN(scaled) {
				return 0
			}
			return uint8(min(max(scaled, 0), 255))
		}
		var picture image.Image
		gray, coloured := image.NewGray(image.Rect(0, 0, width, height)), image.NewNRGBA(image.Rect(0, 0, width, height))
		for y := range height {
			for x := range width {
				switch channels {
				case 1:
					gray.SetGray(x, y, color.Gray{Y: level(y, x, 0)})
				default:
					alpha := uint8(255)
					if channels == 4 {
						alpha = level(y, x, 3)
					}
					coloured.SetNRGBA(x, y, color.NRGBA{R: level(y, x, 0), G: level(y, x, 1), B: level(y, x, 2), A: alpha})
				}
			}
		}
		if picture = coloured; channels == 1 {
			picture = gray
		}
		var file bytes.Buffer
		if err := png.Encode(&file, picture); err != nil {
			return v, false, err
		}
		files = append(files, file.Bytes())
	}
	return eventfile.Images(width, height, files), true, nil
}

// boardState is how far the events of a Fit are.
type boardState struct {
	TrainBatch, TestBatch, Iterations int64
	Files                             map[string]boardFile
}

type boardFile struct {
	Path string
	Size int64
}

// MarshalState implements [Resumable].
func (t *TensorBoardCallback) MarshalState() ([]byte, error) {
	s := boardState{t.trainBatch, t.testBatch, t.iterations, map[string]boardFile{}}
	for name, w := range t.writers {
		size, err := w.Sync()
		if err != nil {
			return nil, err
		}
		s.Files[name] = boardFile{w.Path(), size}
	}
	return marshalState(s)
}

// UnmarshalState implements [Resumable]: the files go on where they were when the backup was made.
func (t *TensorBoardCallback) UnmarshalState(data []byte) error {
	var s boardState
	if err := unmarshalState(data, &s); err != nil {
		return err
	}
	for _, w := range t.writers {
		if err := w.Remove(); err != nil {
			return err
		}
	}
	t.writers = map[string]*eventfile.Writer{}
	for name, f := range s.Files {
		w, err := eventfile.Continue(f.Path, f.Size)
		if err != nil {
			return fmt.Errorf("going on with the events of %s: %w", name, err)
		}
		t.writers[name] = w
	}
	t.trainBatch, t.testBatch, t.iterations = s.TrainBatch, s.TestBatch, s.Iterations
	return nil
}
