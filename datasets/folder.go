package datasets

import (
	"cmp"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/mt19937"
)

// folderOptions are the arguments that Keras's data sets of folders share.
type folderOptions struct {
	labels     []int
	noLabels   bool
	labelMode  string
	classNames []string
	batchSize  int // 0: samples by themselves
	keepOrder  bool
	seed       *int
	split      float64
	subset     string
	links      bool
}

// Folder is what a data set of files knows about them.
type Folder struct {
	// ClassNames are the names of the classes, in their order; nil without labels.
	ClassNames []string
	// FilePaths are the files, and Classes their classes, in the order of the data set before an epoch's own shuffling.
	FilePaths []string
	Classes   []int

	directory string
	f         folderOptions
	seed      uint64
}

// Len is the number of files.
func (d *Folder) Len() int { return len(d.FilePaths) }

// check fills in Keras's defaults.
func (o *folderOptions) check() error {
	o.labelMode = cmp.Or(o.labelMode, "int")
	switch {
	case !slices.Contains([]string{"int", "categorical", "binary"}, o.labelMode):
		return fmt.Errorf("LabelMode is %q, want \"int\", \"categorical\" or \"binary\"", o.labelMode)
	case o.batchSize < 0:
		return fmt.Errorf("BatchSize is %d, want 1 or more", o.batchSize)
	case o.noLabels && (o.labels != nil || o.classNames != nil):
		return fmt.Errorf("without labels, neither Labels nor ClassNames can be given")
	case o.labels != nil && o.classNames != nil:
		return fmt.Errorf("ClassNames can only be given where the labels are the folders' names")
	case o.split != 0 && !(o.split > 0 && o.split < 1):
		return fmt.Errorf("ValidationSplit must be between 0 and 1, received: %v", o.split)
	case (o.split != 0) != (o.subset != ""):
		return fmt.Errorf("if Subset is set, ValidationSplit must be set, and inversely")
	case o.subset != "" && o.subset != "training" && o.subset != "validation":
		return fmt.Errorf("subset is %q, want \"training\" or \"validation\"", o.subset)
	case o.split != 0 && !o.keepOrder && o.seed == nil:
		return fmt.Errorf("with ValidationSplit and shuffling, give a Seed, so that the training and the validation part don't overlap")
	case o.seed != nil && (*o.seed < 0 || *o.seed > 1<<32-1):
		return fmt.Errorf("the seed is %d, want a number from 0 to %d", *o.seed, uint32(1<<32-1))
	}
	return nil
}

// index finds the files, their classes, their order and the part that is asked for.
func (d *Folder) index(directory string, suffixes []string, o folderOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	d.directory, d.f, d.seed = directory, o, uint64(rand.Uint32N(1e6))
	if o.seed != nil {
		d.seed = uint64(*o.seed)
	}
	folders := []string{""}
	if o.labels == nil && !o.noLabels {
		all, err := subfolders(directory)
		if err != nil {
			return err
		}
		folders = all
		for _, name := range o.classNames {
			if !slices.Contains(all, name) {
				return fmt.Errorf("the class names don't match the subfolders: there is no %q among %q", name, all)
			}
		}
		if o.classNames != nil {
			folders = slices.Clone(o.classNames)
		}
		d.ClassNames = folders
	}
	for class, folder := range folders {
		files, err := filesBelow(filepath.Join(directory, folder), suffixes, o.links)
		if err != nil {
			return err
		}
		d.FilePaths = append(d.FilePaths, files...)
		d.Classes = append(d.Classes, slices.Repeat([]int{class}, len(files))...)
	}
	if o.labels != nil {
		if len(o.labels) != len(d.FilePaths) {
			return fmt.Errorf("expected as many labels as files, got %d labels for the %d files in %s", len(o.labels), len(d.FilePaths), directory)
		}
		d.Classes = slices.Clone(o.labels)
		different := slices.Compact(slices.Sorted(slices.Values(o.labels)))
		for _, label := range different {
			d.ClassNames = append(d.ClassNames, fmt.Sprint(label))
		}
		if o.labelMode != "int" && len(different) > 0 && (different[0] < 0 || different[len(different)-1] >= len(different)) {
			return fmt.Errorf("labels are %v, want numbers from 0 to %d", different, len(different)-1)
		}
	}
	if o.labelMode == "binary" && !o.noLabels && len(d.ClassNames) != 2 {
		return fmt.Errorf("with the label mode \"binary\" there must be exactly 2 classes, got %q", d.ClassNames)
	}
	if !o.keepOrder {
		order := shuffleNumPy(mt19937.New(uint32(d.seed)), len(d.FilePaths))
		d.FilePaths, d.Classes = pick(d.FilePaths, order), pick(d.Classes, order)
	}
	if o.split != 0 {
		held := int(o.split * float64(len(d.FilePaths)))
		from, to := 0, len(d.FilePaths)-held
		if held == 0 { // Python's samples[:-0] is empty, and samples[-0:] has all
			to = 0
		}
		if o.subset == "validation" {
			from, to = to, len(d.FilePaths)
		}
		d.FilePaths, d.Classes = d.FilePaths[from:to], d.Classes[from:to]
	}
	if len(d.FilePaths) == 0 {
		return fmt.Errorf("no files found in folder %s: their names end in %s", directory, strings.Join(suffixes, ", "))
	}
	if o.noLabels {
		d.Classes = nil
	}
	return nil
}

// bothParts makes the two parts of a folder; the passes of the second shall have one order.
func bothParts[D any](subset string, part func(subset string, fixed bool) (D, error)) (training, validation D, err error) {
	if subset != "" {
		return training, validation, fmt.Errorf("datasets: subset is %q, and both are asked for", subset)
	}
	if training, err = part("training", false); err == nil {
		validation, err = part("validation", true)
	}
	return training, validation, err
}

// batches is the pipeline of what read makes of the files of a batch, given by their places; one batch is read ahead.
func (d *Folder) batches(read func(which []int) (Element, error)) *Pipeline {
	return d.chunks(max(d.f.batchSize, 1), read)
}

// chunks is batches of so many files, whatever the batch size is that the order follows from. Those that read makes nothing of are passed over.
func (d *Folder) chunks(size int, read func(which []int) (Element, error)) *Pipeline {
	return source(d.directory, (d.Len()+size-1)/size, func(p pass) iter.Seq2[Element, error] {
		return func(yield func(Element, error) bool) {
			for which := range slices.Chunk(d.order(p.key), size) {
				e, err := read(which)
				if e.X == nil && err == nil { // nothing is left of the batch
					continue
				}
				if !yield(e, err) || err != nil || p.ctx.Err() != nil {
					return
				}
			}
		}
	}).named(d.directory).Prefetch(1).named(d.directory)
}

// order is that of a pass. As Keras does, it takes each next file at random from the next eight batches.
func (d *Folder) order(key uint64) []int {
	window := 1024
	if d.f.batchSize > 0 {
		window = 8 * d.f.batchSize
	}
	if d.f.keepOrder {
		window = 1
	}
	return mixed(d.Len(), window, d.seed, key)
}

// mixed are the numbers from 0 to n-1, each taken at random out of the next ones.
func mixed(n, window int, seed, key uint64) []int {
	rng := rand.New(rand.NewPCG(seed, key+1))
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	waiting := slices.Clone(order[:min(window, n)])
	for i := range order {
		at := rng.IntN(len(waiting))
		order[i] = waiting[at]
		if next := i + window; next < n {
			waiting[at] = next
		} else {
			waiting[at] = waiting[len(waiting)-1]
			waiting = waiting[:len(waiting)-1]
		}
	}
	return order
}

// labels are the classes of files in the form that was asked for; nil without labels.
func (d *Folder) labels(which []int) any {
	classes := len(d.ClassNames)
	switch {
	case d.Classes == nil:
		return nil
	case d.f.labelMode == "categorical":
		hot := make([]float32, len(which)*classes)
		for i, at := range which {
			hot[i*classes+d.Classes[at]] = 1
		}
		return tensors.FromFlatDataAndDimensions(hot, len(which), classes)
	case d.f.labelMode == "binary":
		flat := make([]float32, len(which))
		for i, at := range which {
			flat[i] = float32(d.Classes[at])
		}
		return tensors.FromFlatDataAndDimensions(flat, len(which), 1)
	}
	flat := make([]int32, len(which))
	for i, at := range which {
		flat[i] = int32(d.Classes[at])
	}
	return tensors.FromFlatDataAndDimensions(flat, len(which))
}

// subfolders are the folders in a folder whose names don't begin with a point, in order.
func subfolders(directory string) ([]string, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(directory, e.Name()))
		if err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// filesBelow are the files below a folder whose names end so: those of one folder beside each other, in order.
func filesBelow(folder string, suffixes []string, followLinks bool) ([]string, error) {
	files := map[string][]string{}
	visited := map[string]bool{}
	var walk func(folder string) error
	walk = func(folder string) error {
		real, err := filepath.EvalSymlinks(folder)
		if err != nil {
			return err
		}
		if visited[real] { // a link to a folder above
			return nil
		}
		visited[real] = true
		entries, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			info, err := os.Stat(path)
			switch {
			case err != nil:
				if hasSuffix(path, suffixes) {
					return err
				}
			case info.IsDir():
				if e.Type()&os.ModeSymlink == 0 || followLinks {
					if err := walk(path); err != nil {
						return err
					}
				}
			case info.Mode().IsRegular() && hasSuffix(path, suffixes): // opening a pipe could wait without an end
				files[folder] = append(files[folder], path)
			}
		}
		return nil
	}
	if err := walk(folder); err != nil {
		return nil, err
	}
	var out []string
	folders := make([]string, 0, len(files))
	for f := range files {
		folders = append(folders, f)
	}
	slices.Sort(folders)
	for _, f := range folders {
		slices.Sort(files[f])
		out = append(out, files[f]...)
	}
	return out, nil
}

func hasSuffix(path string, suffixes []string) bool {
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(strings.ToLower(path), s) })
}
