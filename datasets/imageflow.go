package datasets

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/mt19937"
)

// FlowOptions are the arguments of [ImageDataGenerator.Flow]; the zero value of each is Keras's default.
type FlowOptions struct {
	BatchSize        int    // 0: 32
	KeepOrder        bool   // no shuffling (Keras: shuffle=False)
	SampleWeight     any    // one for each image
	Seed             *int   // nil: one that is drawn
	Subset           string // "training" or "validation", where the generator has a ValidationSplit
	IgnoreClassSplit bool   // let the parts have other classes
	Save             SaveFlow
}

// SaveFlow says where changed images are also written to, for looking at them: prefix_index_number.format. Dir "" writes none.
type SaveFlow struct {
	Dir, Prefix string
	Format      string // "": "png"
}

// ImageFlow is a data set of changed images: a pipeline of batches. A pass has the batches of one epoch that Python's next(…) of Keras's iterator returns, bit by
// bit but for rounding, if there is a Seed; the order of random numbers is that of Keras for each batch.
type ImageFlow struct {
	*Pipeline

	// ClassIndices are the numbers of the classes by their names, FileNames the files below the folder and Classes the class of each, where there are such.
	ClassIndices map[string]int
	FileNames    []string
	Classes      [][]int

	g     *ImageDataGenerator
	n     int
	batch int
	keep  bool
	seed  uint32
	save  SaveFlow
	large float64 // what save draws a number below
	load  func(i int) (*picture, error)
	more  func(x *tensors.Tensor, which []int) (Element, error) // the batch of images with what goes with it
}

// Len is the number of images.
func (f *ImageFlow) Len() int { return f.n }

// BatchSize is the number of images in a batch; the last one of a pass may have fewer.
func (f *ImageFlow) BatchSize() int { return f.batch }

// start makes the pipeline.
func (f *ImageFlow) start(name string, batchSize int, seed *int) error {
	if batchSize == 0 {
		batchSize = 32
	}
	if batchSize < 1 || batchSize > maxBatchBytes/8 {
		return fmt.Errorf("BatchSize is %d, want a positive number", batchSize)
	}
	var err error
	if _, f.seed, err = generatorSeed(seed); err != nil {
		return err
	}
	if f.save.Format == "" {
		f.save.Format = "png"
	}
	f.batch = batchSize
	count := (f.n + batchSize - 1) / batchSize
	f.Pipeline = source(name, count, func(p pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			order := make([]int, f.n)
			for i := range order {
				order[i] = i
			}
			for i := range count {
				rng := mt19937.New(f.seed + uint32(p.key)*uint32(count) + uint32(i))
				if i == 0 && !f.keep {
					order = shuffleNumPy(rng, f.n)
				}
				e, err := f.make(rng, order[i*batchSize:min(f.n, (i+1)*batchSize)])
				if err != nil {
					err = fmt.Errorf("datasets.ImageDataGenerator: %w", err)
				}
				if !yield(e, err) || err != nil || p.ctx.Err() != nil {
					return
				}
			}
		}
	})
	return nil
}

// make computes a batch: random numbers are drawn in order, then images are changed on all cores.
func (f *ImageFlow) make(rng *mt19937.Source, which []int) (Element, error) {
	pictures, transforms := make([]*picture, len(which)), make([]ImageTransform, len(which))
	if err := onCores(len(which), func(i int) (err error) {
		pictures[i], err = f.load(which[i])
		return err
	}); err != nil {
		return Element{}, err
	}
	for i, m := range pictures {
		transforms[i] = f.g.draw(rng, m.height, m.width)
	}
	cores := onCores
	if f.g.o.PreprocessingFunction != nil { // the user's needn't be safe for that
		cores = inTurn
	}
	if err := cores(len(which), func(i int) error {
		if err := f.g.apply(pictures[i], transforms[i]); err != nil {
			return err
		}
		return f.g.standardize(pictures[i])
	}); err != nil {
		return Element{}, err
	}
	var flat []float32
	for _, m := range pictures {
		flat = append(flat, m.pixels...)
	}
	if f.save.Dir != "" {
		for i, m := range pictures {
			number := mt19937.UpTo(rng, uint64(f.large)-1)
			path := filepath.Join(f.save.Dir, fmt.Sprintf("%s_%d_%d.%s", f.save.Prefix, which[i], number, f.save.Format))
			if err := SaveImage(path, m.tensor(), ArrayToImageOptions{DataFormat: f.g.o.DataFormat, FileFormat: f.save.Format}); err != nil {
				return Element{}, err
			}
		}
	}
	x := tensors.FromFlatDataAndDimensions(flat, append([]int{len(which)}, pictures[0].dims()...)...)
	return f.more(x, which)
}

func inTurn(n int, f func(i int) error) error {
	for i := range n {
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}

// onCores calls f for 0 to n-1 on all cores, and returns the first error in that order.
func onCores(n int, f func(i int) error) error {
	errs, next := make([]error, n), make(chan int)
	var running sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		running.Go(func() {
			for i := range next {
				errs[i] = f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Flow returns batches of changed images of an array of rank 4, and the labels y, nil for none (Keras: flow). x may be a list, []any, of the images and other
// arrays, which go beside them.
func (g *ImageDataGenerator) Flow(x, y any, o FlowOptions) (*ImageFlow, error) {
	f, err := g.flow(x, y, o)
	if err != nil {
		return nil, fmt.Errorf("datasets.ImageDataGenerator: Flow: %w", err)
	}
	return f, nil
}

func (g *ImageDataGenerator) flow(x, y any, o FlowOptions) (*ImageFlow, error) {
	var others []any
	if list, ok := listed(x).([]any); ok && len(list) > 0 {
		x, others = list[0], list[1:]
	}
	images, err := g.imagesOf(x)
	if err != nil {
		return nil, err
	}
	n, dims := images.Shape().Dimensions[0], images.Shape().Dimensions[1:]
	beside := Element{Y: y, SampleWeight: o.SampleWeight}
	if len(others) > 0 {
		beside.X = others
	}
	if beside, err = given(beside); err != nil {
		return nil, err
	}
	if beside != (Element{}) || len(others) > 0 {
		rows, err := allRows(beside)
		if err == nil && rows != n {
			err = fmt.Errorf("x has %d images, the others %d rows", n, rows)
		}
		if err != nil {
			return nil, fmt.Errorf("x, y and the sample weights should have the same length: %w", err)
		}
	}
	begin, end := 0, n
	cut := int(float64(n) * g.o.ValidationSplit)
	switch o.Subset {
	case "":
	case "training", "validation":
		if begin = cut; o.Subset == "validation" {
			begin, end = 0, cut
		}
		if t, ok := beside.Y.(*tensors.Tensor); ok && !o.IgnoreClassSplit {
			if err := sameClasses(t, cut, n); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("the subset is %q, want \"training\" or \"validation\"", o.Subset)
	}
	if begin == end {
		return nil, errors.New("there are no images")
	}
	all, err := float32s(images)
	if err != nil {
		return nil, err
	}
	size := len(all) / n
	f := &ImageFlow{g: g, n: end - begin, keep: o.KeepOrder, save: o.Save, large: 1e4}
	f.load = func(i int) (*picture, error) {
		i += begin
		return g.picture(slices.Clone(all[i*size:(i+1)*size]), dims), nil
	}
	f.more = func(x *tensors.Tensor, which []int) (Element, error) {
		e, err := beside.each(func(leaf any) (any, error) { return rowsOf(leaf, which, begin) })
		if list, ok := e.X.([]any); ok {
			e.X = append([]any{x}, list...)
		} else {
			e.X = x
		}
		return e, err
	}
	return f, f.start("ImageDataGenerator.Flow", o.BatchSize, o.Seed)
}

// rowsOf are the rows begin+which of an array.
func rowsOf(leaf any, which []int, begin int) (any, error) {
	places := make([]int, len(which))
	for i, at := range which {
		places[i] = begin + at
	}
	if t, ok := leaf.(*tensors.Tensor); ok {
		return gather(t, places, len(places))
	}
	var rows []Element
	for _, at := range places {
		e, err := rowOf(Element{X: leaf}, at)
		if err != nil {
			return nil, err
		}
		rows = append(rows, e)
	}
	e, err := stacked(rows, false)
	return e.X, err
}

// sameClasses refuses a split whose parts have other labels.
func sameClasses(y *tensors.Tensor, cut, n int) error {
	list, err := floatsIn(y)
	if err != nil {
		return err
	}
	each := len(list) / max(n, 1)
	different := func(list []float64) []float64 { return slices.Compact(slices.Sorted(slices.Values(list))) }
	if !slices.Equal(different(list[:cut*each]), different(list[cut*each:])) {
		return errors.New("the training and the validation part have different classes after the split; shuffle arrays that are sorted by class")
	}
	return nil
}

// FlowFilesOptions are the arguments of [ImageDataGenerator.FlowFromDirectory] and [ImageDataGenerator.FlowFromFiles]; the zero value of each is Keras's default.
type FlowFilesOptions struct {
	TargetSize [2]int   // height and width; zeros: 256 and 256
	ColorMode  string   // "": "rgb"; "grayscale", "rgba"
	Classes    []string // in their order; nil: all in alphabetical order
	// ClassMode: "": "categorical" (one-hot); "binary" and "sparse" (the class), "input" (the images), "none"; of FlowFromFiles also "raw" (y as it is). Labels
	// are float32.
	ClassMode        string
	SampleWeight     []float32 // of FlowFromFiles: one for each file
	BatchSize        int       // 0: 32
	KeepOrder        bool      // no shuffling (Keras: shuffle=False)
	Seed             *int      // nil: one that is drawn
	FollowLinks      bool      // of FlowFromDirectory: look into linked folders, too
	Subset           string    // "training" or "validation", where the generator has a ValidationSplit
	Interpolation    string    // "": "nearest"; those of [LoadImage]
	KeepAspectRatio  bool      // cut the largest middle part of the right proportions out
	KeepInvalidFiles bool      // of FlowFromFiles: don't leave out files that aren't there (Keras: validate_filenames=False)
	Save             SaveFlow
}

// generatorSuffixes end the names of the files that Keras's generator reads. There are no decoders of .ppm and .tif here: reading those is an error.
var generatorSuffixes = []string{".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff"}

// split is the part of n that the subset has.
func (g *ImageDataGenerator) split(n int, subset string) (begin, end int, err error) {
	switch subset {
	case "":
		return 0, n, nil
	case "validation":
		return 0, int(g.o.ValidationSplit * float64(n)), nil
	case "training":
		return int(g.o.ValidationSplit * float64(n)), n, nil
	}
	return 0, 0, fmt.Errorf("the subset is %q, want \"training\" or \"validation\"", subset)
}

// FlowFromDirectory returns batches of changed images below a folder whose subfolders are the classes (Keras: flow_from_directory).
func (g *ImageDataGenerator) FlowFromDirectory(directory string, o FlowFilesOptions) (*ImageFlow, error) {
	f, err := g.flowFromDirectory(directory, o)
	if err != nil {
		return nil, fmt.Errorf("datasets.ImageDataGenerator: FlowFromDirectory: %w", err)
	}
	return f, nil
}

func (g *ImageDataGenerator) flowFromDirectory(directory string, o FlowFilesOptions) (*ImageFlow, error) {
	if !slices.Contains([]string{"", "categorical", "binary", "sparse", "input", "none"}, o.ClassMode) {
		return nil, fmt.Errorf("the class mode is %q, want \"categorical\", \"binary\", \"sparse\", \"input\" or \"none\"", o.ClassMode)
	}
	names := o.Classes
	if len(names) == 0 {
		entries, err := os.ReadDir(directory)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if info, err := os.Stat(filepath.Join(directory, e.Name())); err == nil && info.IsDir() {
				names = append(names, e.Name())
			}
		}
	}
	f := &ImageFlow{ClassIndices: map[string]int{}}
	for class, name := range names {
		f.ClassIndices[name] = class
		files, err := filesBelow(filepath.Join(directory, name), generatorSuffixes, o.FollowLinks)
		if errors.Is(err, os.ErrNotExist) { // os.walk of a folder that isn't there finds nothing
			continue
		}
		if err != nil {
			return nil, err
		}
		begin, end, err := g.split(len(files), o.Subset)
		if err != nil {
			return nil, err
		}
		for _, path := range files[begin:end] {
			short, err := filepath.Rel(directory, path)
			if err != nil {
				return nil, err
			}
			f.FileNames, f.Classes = append(f.FileNames, short), append(f.Classes, []int{class})
		}
	}
	return g.fromFiles(f, directory, nil, nil, o)
}

// FlowFromFiles returns batches of changed images of files, which are named below a folder, and of their labels: Keras's flow_from_dataframe of two columns. y
// are classes, []string or, for several of a file, [][]string; any array in the class mode "raw"; nil in the modes "input" and "none".
func (g *ImageDataGenerator) FlowFromFiles(directory string, files []string, y any, o FlowFilesOptions) (*ImageFlow, error) {
	f, err := g.flowFromFiles(directory, files, y, o)
	if err != nil {
		return nil, fmt.Errorf("datasets.ImageDataGenerator: FlowFromFiles: %w", err)
	}
	return f, nil
}

func (g *ImageDataGenerator) flowFromFiles(directory string, files []string, y any, o FlowFilesOptions) (*ImageFlow, error) {
	var labels [][]string
	classed := false
	switch o.ClassMode {
	case "input", "none", "raw":
	case "", "categorical", "binary", "sparse":
		classed = true
		switch y := y.(type) {
		case []string:
			for _, name := range y {
				labels = append(labels, []string{name})
			}
		case [][]string:
			if o.ClassMode == "binary" || o.ClassMode == "sparse" {
				return nil, fmt.Errorf("in the class mode %q each file has one class: y must be a []string", o.ClassMode)
			}
			labels = y
		default:
			return nil, fmt.Errorf("y is a %T, want the classes: []string or [][]string", y)
		}
		if len(labels) != len(files) {
			return nil, fmt.Errorf("there are %d files and %d labels", len(files), len(labels))
		}
	default:
		return nil, fmt.Errorf("the class mode is %q, want \"categorical\", \"binary\", \"sparse\", \"input\", \"raw\" or \"none\"", o.ClassMode)
	}
	if o.SampleWeight != nil && len(o.SampleWeight) != len(files) {
		return nil, fmt.Errorf("there are %d files and %d sample weights", len(files), len(o.SampleWeight))
	}
	names := o.Classes
	if classed && len(names) == 0 {
		for _, list := range labels {
			names = append(names, list...)
		}
		slices.Sort(names)
	}
	f := &ImageFlow{ClassIndices: map[string]int{}}
	for _, name := range names {
		if _, ok := f.ClassIndices[name]; !ok && classed {
			f.ClassIndices[name] = len(f.ClassIndices)
		}
	}
	if o.ClassMode == "binary" && len(f.ClassIndices) != 2 {
		return nil, fmt.Errorf("in the class mode \"binary\" there must be 2 classes, found %d", len(f.ClassIndices))
	}
	var kept []int
	var classes [][]int
	for i, name := range files {
		if !o.KeepInvalidFiles {
			info, err := os.Stat(filepath.Join(directory, name))
			if err != nil || !info.Mode().IsRegular() || !hasSuffix(name, generatorSuffixes) {
				continue
			}
		}
		var list []int
		for j := 0; classed && j < len(labels[i]); j++ {
			if class, ok := f.ClassIndices[labels[i][j]]; ok {
				list = append(list, class)
			}
		}
		if classed && len(list) == 0 {
			continue
		}
		kept, classes = append(kept, i), append(classes, list)
	}
	begin, end, err := g.split(len(kept), o.Subset)
	if err != nil {
		return nil, err
	}
	kept, f.Classes = kept[begin:end], classes[begin:end]
	f.FileNames = pick(files, kept)
	return g.fromFiles(f, directory, y, kept, o)
}

// fromFiles lets a flow read its files. kept are the rows of y and of the sample weights that the files have.
func (g *ImageDataGenerator) fromFiles(f *ImageFlow, directory string, y any, kept []int, o FlowFilesOptions) (*ImageFlow, error) {
	if o.TargetSize == [2]int{} {
		o.TargetSize = [2]int{256, 256}
	}
	if err := imageSize(o.TargetSize[0], o.TargetSize[1]); err != nil {
		return nil, err
	}
	channels, err := channelsOf(o.ColorMode)
	if err != nil {
		return nil, err
	}
	if o.BatchSize > maxBatchBytes/(4*channels*o.TargetSize[0]*o.TargetSize[1]) {
		return nil, fmt.Errorf("a batch of %d images of %d×%d pixels is too large", o.BatchSize, o.TargetSize[0], o.TargetSize[1])
	}
	if o.Interpolation != "" && o.Interpolation != "nearest" {
		if _, ok := pillowFilters[o.Interpolation]; !ok {
			return nil, fmt.Errorf("the interpolation is %q, want nearest, bilinear, bicubic, hamming, box or lanczos", o.Interpolation)
		}
	}
	if len(f.FileNames) == 0 {
		return nil, fmt.Errorf("no images found in folder %s: their names end in %s", directory, strings.Join(generatorSuffixes, ", "))
	}
	f.g, f.n, f.keep, f.save, f.large = g, len(f.FileNames), o.KeepOrder, o.Save, 1e7
	f.load = func(i int) (*picture, error) {
		m, err := LoadImage(filepath.Join(directory, f.FileNames[i]), LoadImageOptions{ColorMode: o.ColorMode, TargetSize: o.TargetSize, Interpolation: o.Interpolation, KeepAspectRatio: o.KeepAspectRatio})
		if err != nil {
			return nil, err
		}
		x, err := ImageToArray(m, g.o.DataFormat)
		if err != nil {
			return nil, err
		}
		pixels, err := float32s(x)
		return g.picture(pixels, x.Shape().Dimensions), err
	}
	beside := Element{}
	if o.ClassMode == "raw" {
		beside.Y = y
	}
	if o.SampleWeight != nil && kept != nil {
		beside.SampleWeight = o.SampleWeight
	}
	if beside, err = given(beside); err != nil {
		return nil, err
	}
	if beside.Y != nil {
		n, err := allRows(beside)
		if err == nil && slices.Max(kept) >= n {
			err = fmt.Errorf("it has %d rows, and one for each file was expected", n)
		}
		if err != nil {
			return nil, fmt.Errorf("y: %w", err)
		}
	} else if o.ClassMode == "raw" {
		return nil, errors.New("y is nil in the class mode \"raw\"")
	}
	f.more = func(x *tensors.Tensor, which []int) (Element, error) {
		e, err := beside.each(func(leaf any) (any, error) { return rowsOf(leaf, pick(kept, which), 0) })
		if err != nil {
			return e, err
		}
		e.X = x
		switch o.ClassMode {
		case "input":
			e.Y, err = x.Clone()
		case "binary", "sparse":
			flat := make([]float32, len(which))
			for i, at := range which {
				flat[i] = float32(f.Classes[at][0])
			}
			e.Y = tensors.FromFlatDataAndDimensions(flat, len(which))
		case "", "categorical":
			n := len(f.ClassIndices)
			hot := make([]float32, len(which)*n)
			for i, at := range which {
				for _, class := range f.Classes[at] {
					hot[i*n+class] = 1
				}
			}
			e.Y = tensors.FromFlatDataAndDimensions(hot, len(which), n)
		}
		return e, err
	}
	return f, f.start(directory, o.BatchSize, o.Seed)
}
