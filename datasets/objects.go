package datasets

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/gokeras/gokeras/datasets/internal/pickle"
	"github.com/gokeras/gokeras/internal/npz"
)

// What a file of sequences may hold at most. The real ones have 25,000 reviews of 5.9 million words together, 17 MB packed and 90 MB unpacked.
const (
	maxSequencesFile = 256 << 20
	maxSequencesItem = 512 << 20
	maxSequenceSteps = 100 << 20
)

// sequencesFile is an .npz archive with arrays of lists of numbers, which NumPy writes as pickles.
type sequencesFile struct {
	content []byte
	plain   *npz.Archive
}

func openSequences(path string) (*sequencesFile, error) {
	content, err := readFile(path, maxSequencesFile)
	if err != nil {
		return nil, err
	}
	plain, err := npz.New(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	return &sequencesFile{content: content, plain: plain}, nil
}

// labels are an array of whole numbers.
func (f *sequencesFile) labels(name string) ([]int64, error) {
	t, err := f.plain.Tensor(name)
	if err != nil {
		return nil, err
	}
	if t.Rank() != 1 {
		return nil, fmt.Errorf("%s has shape %v, and one axis was expected", name, t.Shape().Dimensions)
	}
	list, err := classNumbers(t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

var objectHeader = regexp.MustCompile(`'descr': '\|?O'`)

// sequences are an array of lists of whole numbers.
func (f *sequencesFile) sequences(name string) ([][]int, error) {
	archive, err := zip.NewReader(bytes.NewReader(f.content), int64(len(f.content)))
	if err != nil {
		return nil, err
	}
	raw, err := entry(archive, name+".npy")
	if err != nil {
		return nil, err
	}
	lists, err := objectsIn(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	sequences := make([][]int, len(lists))
	for i, v := range lists {
		list, ok := v.(*pickle.List)
		if !ok {
			return nil, fmt.Errorf("%s: element %d is %s, and a list was expected", name, i, pickle.TypeName(v))
		}
		sequences[i] = make([]int, len(list.Items))
		for j, item := range list.Items {
			n, ok := item.(int64)
			if !ok {
				return nil, fmt.Errorf("%s: element %d of list %d is %s, and an int was expected", name, j, i, pickle.TypeName(item))
			}
			sequences[i][j] = int(n)
		}
	}
	return sequences, nil
}

// entry is a file in an archive.
func entry(archive *zip.Reader, name string) ([]byte, error) {
	for _, file := range archive.File {
		if file.Name != name {
			continue
		}
		r, err := file.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		defer func() { _ = r.Close() }()
		raw, err := io.ReadAll(io.LimitReader(r, maxSequencesItem+1))
		if err == nil && len(raw) > maxSequencesItem {
			err = fmt.Errorf("it has more than %d MB", maxSequencesItem>>20)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return raw, nil
	}
	return nil, fmt.Errorf("the archive has no %s", name)
}

// objectsIn are the elements of a file of one axis of objects: a header in text, then a pickle.
func objectsIn(raw []byte) ([]any, error) {
	if len(raw) < 12 || string(raw[:6]) != "\x93NUMPY" {
		return nil, errors.New("it is no .npy file")
	}
	begin, size := 10, int(binary.LittleEndian.Uint16(raw[8:]))
	if raw[6] > 1 {
		begin, size = 12, int(binary.LittleEndian.Uint32(raw[8:]))
	}
	if size < 0 || size > len(raw)-begin {
		return nil, errors.New("its header is cut short")
	}
	if header := raw[begin : begin+size]; !objectHeader.Match(header) {
		return nil, fmt.Errorf("its header is %.80q, and an array of objects was expected", header)
	}
	v, err := pickle.LoadObjects(raw[begin+size:], maxSequenceSteps)
	if err != nil {
		return nil, err
	}
	array, ok := v.(*pickle.Array)
	if !ok || array.Objects == nil || len(array.Shape) != 1 {
		return nil, fmt.Errorf("the pickle holds %s, and a numpy.ndarray of objects in one axis was expected", pickle.TypeName(v))
	}
	return array.Objects, nil
}

// Sequences is a data set of texts, as lists of the numbers of their words, split as Keras splits it.
type Sequences struct {
	// XTrain and XTest have a list for each text.
	XTrain, XTest [][]int
	// YTrain and YTest have the class of each text.
	YTrain, YTest []int64
	// Source says where the data came from.
	Source string
}

// SequenceOptions are the arguments of [IMDB] and [Reuters]. The zero value is Keras's default.
type SequenceOptions struct {
	Options
	// NumWords keeps only the words that are more frequent: those whose number is less. 0 keeps all but the rarest, as Keras does.
	NumWords int
	// SkipTop leaves out so many of the most frequent words.
	SkipTop int
	// MaxLen leaves out texts that aren't shorter; 0 leaves out none.
	MaxLen int
	// Seed shuffles the texts, by NumPy's generator; nil is 113.
	Seed *int
	// StartChar is the number that each text begins with; nil is 1, and NoStartChar leaves it out (Keras: None).
	StartChar   *int
	NoStartChar bool
	// OOVChar is put in the place of words that are left out; nil is 2, and NoOOVChar puts nothing there (Keras: None).
	OOVChar   *int
	NoOOVChar bool
	// IndexFrom is added to the number of each word; nil is 3.
	IndexFrom *int
	// TestSplit is the part of the texts that are for testing, of Reuters alone; nil is 0.2.
	TestSplit *float64
}

func orDefault[T any](v *T, byNil T) T {
	if v == nil {
		return byNil
	}
	return *v
}

// labelled are texts with their classes.
type labelled struct {
	x [][]int
	y []int64
}

// shuffle puts them into the order of NumPy's generator with the seed.
func (l *labelled) shuffle(seed int) error {
	if len(l.x) != len(l.y) {
		return fmt.Errorf("it holds %d texts and %d classes", len(l.x), len(l.y))
	}
	t, err := seedNumPy(seed)
	if err != nil {
		return err
	}
	order := shuffleNumPy(t, len(l.x))
	l.x, l.y = pick(l.x, order), pick(l.y, order)
	return nil
}

// begin shifts the numbers of words, and puts the start before them.
func (l *labelled) begin(o *SequenceOptions) {
	shift := orDefault(o.IndexFrom, 3)
	for i, words := range l.x {
		list := make([]int, 0, len(words)+1)
		if !o.NoStartChar {
			list = append(list, orDefault(o.StartChar, 1))
		}
		for _, w := range words {
			list = append(list, w+shift)
		}
		l.x[i] = list
	}
}

// shorten leaves out texts that are too long.
func (l *labelled) shorten(maxLen int) {
	if maxLen == 0 {
		return
	}
	var kept labelled
	for i, x := range l.x {
		if len(x) < maxLen {
			kept.x, kept.y = append(kept.x, x), append(kept.y, l.y[i])
		}
	}
	*l = kept
}

// rarest is the largest number of a word.
func (l *labelled) rarest() (most int, err error) {
	if len(l.x) == 0 {
		return 0, errors.New("no text is left")
	}
	for i, x := range l.x {
		if len(x) == 0 {
			return 0, fmt.Errorf("text %d is empty, and NumWords is needed then", i)
		}
		for _, w := range x {
			most = max(most, w)
		}
	}
	return most, nil
}

// limit leaves out words that are too rare or too frequent.
func (l *labelled) limit(numWords int, o *SequenceOptions) {
	oov := orDefault(o.OOVChar, 2)
	for i, x := range l.x {
		list := make([]int, 0, len(x))
		for _, w := range x {
			switch {
			case o.SkipTop <= w && w < numWords:
				list = append(list, w)
			case !o.NoOOVChar:
				list = append(list, oov)
			}
		}
		l.x[i] = list
	}
}

func newSequenceLoader(name string, opts []SequenceOptions) (*loader, SequenceOptions, error) {
	if len(opts) > 1 {
		return nil, SequenceOptions{}, fmt.Errorf("datasets.%s: %d SequenceOptions given, and one at most was expected", name, len(opts))
	}
	var o SequenceOptions
	if len(opts) == 1 {
		o = opts[0]
	}
	if o.NumWords < 0 || o.SkipTop < 0 || o.MaxLen < 0 {
		return nil, o, fmt.Errorf("datasets.%s: NumWords is %d, SkipTop %d and MaxLen %d, and 0 or more were expected", name, o.NumWords, o.SkipTop, o.MaxLen)
	}
	l, err := newLoader(name, []Options{o.Options})
	return l, o, err
}

var imdbOrigin = origin{
	url: storage + "imdb.npz", sha256: "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f", maxBytes: maxSequencesFile,
}

// IMDB returns the IMDB data set: 25,000 film reviews for training and as many for testing, each a list of the numbers of its words, and whether it is positive (1) or not (0), as
// from keras.datasets.imdb.load_data. It reads Keras's imdb.npz in the cache folder or in Options.Folder, and else downloads it there (17 MB).
func IMDB(opts ...SequenceOptions) (*Sequences, error) {
	l, o, err := newSequenceLoader("IMDB", opts)
	if err != nil {
		return nil, err
	}
	return loadFile(l, "IMDB", "imdb.npz", imdbOrigin, func(path string) (*Sequences, error) { return imdbFrom(path, &o) })
}

func imdbFrom(path string, o *SequenceOptions) (*Sequences, error) {
	f, err := openSequences(path)
	if err != nil {
		return nil, err
	}
	var train, test labelled
	for _, part := range []struct {
		name string
		to   *labelled
	}{{"train", &train}, {"test", &test}} {
		if part.to.x, err = f.sequences("x_" + part.name); err != nil {
			return nil, err
		}
		if part.to.y, err = f.labels("y_" + part.name); err != nil {
			return nil, err
		}
	}
	seed, err := seedNumPy(orDefault(o.Seed, 113))
	if err != nil {
		return nil, err
	}
	for _, part := range []*labelled{&train, &test} {
		if len(part.x) != len(part.y) {
			return nil, fmt.Errorf("it holds %d texts and %d classes", len(part.x), len(part.y))
		}
		order := shuffleNumPy(seed, len(part.x))
		part.x, part.y = pick(part.x, order), pick(part.y, order)
		part.begin(o)
		part.shorten(o.MaxLen)
		if o.MaxLen > 0 && len(part.x) == 0 {
			return nil, fmt.Errorf("after filtering for sequences shorter than MaxLen=%d, no sequence was kept: increase MaxLen", o.MaxLen)
		}
	}
	all := labelled{x: append(append([][]int{}, train.x...), test.x...)}
	numWords := o.NumWords
	if numWords == 0 {
		if numWords, err = all.rarest(); err != nil {
			return nil, err
		}
	}
	all.limit(numWords, o)
	n := len(train.x)
	return &Sequences{XTrain: all.x[:n], YTrain: train.y, XTest: all.x[n:], YTest: test.y, Source: path}, nil
}

var reutersOrigin = origin{
	url: storage + "reuters.npz", sha256: "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916", maxBytes: maxSequencesFile,
}

// Reuters returns the Reuters data set: 11,228 newswires on 46 topics, each a list of the numbers of its words, as from keras.datasets.reuters.load_data. It reads Keras's
// reuters.npz in the cache folder or in Options.Folder, and else downloads it there (2 MB).
func Reuters(opts ...SequenceOptions) (*Sequences, error) {
	l, o, err := newSequenceLoader("Reuters", opts)
	if err != nil {
		return nil, err
	}
	return loadFile(l, "Reuters", "reuters.npz", reutersOrigin, func(path string) (*Sequences, error) { return reutersFrom(path, &o) })
}

func reutersFrom(path string, o *SequenceOptions) (*Sequences, error) {
	f, err := openSequences(path)
	if err != nil {
		return nil, err
	}
	var all labelled
	if all.x, err = f.sequences("x"); err != nil {
		return nil, err
	}
	if all.y, err = f.labels("y"); err != nil {
		return nil, err
	}
	if err := all.shuffle(orDefault(o.Seed, 113)); err != nil {
		return nil, err
	}
	all.begin(o)
	all.shorten(o.MaxLen)
	numWords := o.NumWords
	if numWords == 0 {
		if numWords, err = all.rarest(); err != nil {
			return nil, err
		}
	}
	all.limit(numWords, o)
	n, err := trainingPart(len(all.x), orDefault(o.TestSplit, 0.2))
	if err != nil {
		return nil, err
	}
	return &Sequences{XTrain: all.x[:n], YTrain: all.y[:n], XTest: all.x[n:], YTest: all.y[n:], Source: path}, nil
}

// trainingPart is how many of so many samples are for training.
func trainingPart(samples int, testSplit float64) (int, error) {
	if !(testSplit >= 0 && testSplit < 1) {
		return 0, fmt.Errorf("TestSplit is %v, and 0 or more and less than 1 was expected", testSplit)
	}
	return int(float64(samples) * (1 - testSplit)), nil
}

// ReutersLabelNames are the topics of [Reuters], by class (Keras: reuters.get_label_names).
func ReutersLabelNames() []string {
	return []string{
		"cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply", "coffee", "sugar", "trade", "reserves", "ship", "cotton", "carcass",
		"crude", "nat-gas", "cpi", "money-fx", "interest", "gnp", "meal-feed", "alum", "oilseed", "gold", "tin", "strategic-metal", "livestock", "retail", "ipi", "iron-steel",
		"rubber", "heat", "jobs", "lei", "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
	}
}

// storage is where Keras keeps its data sets.
const storage = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

// loadFile reads a data set of one file: Options.Folder, if that is a file, or the file in the folder, or a download.
func loadFile[T any](l *loader, name, file string, from origin, read func(path string) (T, error)) (T, error) {
	var none T
	get := func(path string) (T, error) {
		data, err := read(path)
		if err != nil {
			return none, damaged(name, path, err)
		}
		return data, nil
	}
	path := l.place()
	if !isFile(path) {
		path += string(os.PathSeparator) + file
	}
	if isFile(path) {
		return get(path)
	}
	reasons := []string{path + ": no such file"}
	advice := fmt.Sprintf("Put %s (from %s) into %s.", file, from.url, l.place())
	switch {
	case l.folder != "":
	case l.offline:
		reasons = append(reasons, "download: forbidden by GOKERAS_OFFLINE or Options.Offline")
	default:
		fetched, err := l.fetch(from, file)
		if err == nil {
			return get(fetched)
		}
		if l.ctx.Err() != nil {
			return none, fmt.Errorf("datasets.%s: %w", name, err)
		}
		reasons = append(reasons, err.Error())
	}
	return none, notFound(name, reasons, advice)
}
