// Package cifartest writes small CIFAR-10 archives in the two formats of the real one, for tests.
//
// The files are those of the real data set, byte for byte in form: only there are fewer images in each. Their pictures
// differ by class in colour, so that a network can learn something from them.
package cifartest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// ImageBytes is the size of one picture: 3 planes (red, green, blue) of 32 rows of 32 bytes.
const ImageBytes = 3 * 32 * 32

// The folders inside the archives, and the names under which Keras keeps the Python archive.
const (
	BinaryFolder = "cifar-10-batches-bin"
	PythonFolder = "cifar-10-batches-py"

	BinaryArchive  = "cifar-10-binary.tar.gz"
	PythonArchive  = "cifar-10-batches-py.tar.gz"
	PythonArchive3 = "cifar-10-batches-py-target_archive"
	PythonTarget3  = "cifar-10-batches-py-target" // the folder into which Keras 3 unpacks it
)

// Batch is the content of one batch file.
type Batch struct {
	// Labels has a class from 0 to 9 for each picture.
	Labels []byte
	// Pixels has ImageBytes bytes for each picture, channels first.
	Pixels []byte
}

// Set is a whole data set.
type Set struct {
	// Train has the five training batches.
	Train [5]Batch
	// Test is the test batch.
	Test Batch
}

// File is a file of an archive.
type File struct {
	Name    string
	Content []byte
}

// New makes a data set with perBatch pictures in each of its six batches. The same arguments give the same set.
func New(perBatch int, seed uint64) *Set {
	rng := rand.New(rand.NewPCG(seed, 10))
	set := &Set{}
	for i := range set.Train {
		set.Train[i] = newBatch(rng, perBatch)
	}
	set.Test = newBatch(rng, perBatch)
	return set
}

func newBatch(rng *rand.Rand, n int) Batch {
	b := Batch{Labels: make([]byte, n), Pixels: make([]byte, n*ImageBytes)}
	for i := range n {
		label := rng.IntN(10)
		b.Labels[i] = byte(label)
		picture := b.Pixels[i*ImageBytes : (i+1)*ImageBytes]
		for j := range picture {
			plane := j / 1024
			mean := 60 + 18*((label*(3+4*plane))%10)/2
			picture[j] = byte(mean + rng.IntN(60))
		}
	}
	return b
}

// At returns the value of one pixel, 0 to 255.
func (b Batch) At(image, row, column, channel int) byte {
	return b.Pixels[image*ImageBytes+channel*1024+row*32+column]
}

// Binary returns the batch as data_batch_N.bin has it: for each picture the label, then the planes.
func (b Batch) Binary() []byte {
	out := make([]byte, 0, len(b.Labels)*(1+ImageBytes))
	for i, label := range b.Labels {
		out = append(out, label)
		out = append(out, b.Pixels[i*ImageBytes:(i+1)*ImageBytes]...)
	}
	return out
}

// BinaryFiles returns the files of the folder cifar-10-batches-bin.
func (s *Set) BinaryFiles() []File {
	files := []File{{"batches.meta.txt", []byte("airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n")}}
	for i, b := range s.Train {
		files = append(files, File{fmt.Sprintf("data_batch_%d.bin", i+1), b.Binary()})
	}
	return append(files, File{"readme.html", []byte("<html></html>\n")}, File{"test_batch.bin", s.Test.Binary()})
}

// PythonFiles returns the files of the folder cifar-10-batches-py.
func (s *Set) PythonFiles() []File {
	var files []File
	// The real archive has them in an order of its own, too.
	for _, i := range []int{3, 0, 4, 2, 1} {
		files = append(files, File{fmt.Sprintf("data_batch_%d", i+1), s.Train[i].Pickle(fmt.Sprintf("training batch %d of 5", i+1))})
	}
	return append(files, File{"readme.html", []byte("<html></html>\n")},
		File{"test_batch", s.Test.Pickle("testing batch 1 of 1")})
}

// WriteBinaryArchive writes the archive cifar-10-binary.tar.gz to path.
func (s *Set) WriteBinaryArchive(path string) error {
	return writeFile(path, TarGz(BinaryFolder, s.BinaryFiles()))
}

// WritePythonArchive writes the archive that Keras keeps as cifar-10-batches-py.tar.gz to path.
func (s *Set) WritePythonArchive(path string) error {
	return writeFile(path, TarGz(PythonFolder, s.PythonFiles()))
}

// WriteFolder writes files into folder, which is made when it does not exist.
func WriteFolder(folder string, files []File) error {
	for _, f := range files {
		if err := writeFile(filepath.Join(folder, f.Name), f.Content); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// TarGz returns an archive that has files in one folder.
func TarGz(folder string, files []File) []byte {
	entries := []tar.Header{{Typeflag: tar.TypeDir, Name: folder + "/", Mode: 0o755}}
	contents := [][]byte{nil}
	for _, f := range files {
		entries = append(entries, tar.Header{Typeflag: tar.TypeReg, Name: folder + "/" + f.Name, Size: int64(len(f.Content)), Mode: 0o644})
		contents = append(contents, f.Content)
	}
	return RawTarGz(entries, contents)
}

// RawTarGz returns an archive of any entries, hostile ones included. It panics on a header that tar cannot express.
func RawTarGz(entries []tar.Header, contents [][]byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for i := range entries {
		header := entries[i]
		header.ModTime = time.Unix(1244144645, 0)
		must(w.WriteHeader(&header))
		if len(contents[i]) > 0 {
			_, err := io.Copy(w, bytes.NewReader(contents[i]))
			must(err)
		}
	}
	must(w.Close())
	must(z.Close())
	return out.Bytes()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
