package kerasfile

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/internal/hdf5"
)

// The entries of an archive.
const (
	metadataName = "metadata.json"
	configName   = "config.json"
	weightsName  = "model.weights.h5"
	assetsPrefix = "assets/"
)

const (
	maxEntries  = 1 << 16
	maxName     = 4096
	maxMetadata = 1 << 20
	maxConfig   = 64 << 20
	maxAsset    = 1 << 30
	// Assets, all together, may be of assetsFloor bytes, and beyond that so many times as large as the archive.
	assetsFloor = 64 << 20
	assetsRatio = 16
	// A configuration that is compressed inside the archive may be a megabyte, and beyond that so many times as large as it is there.
	configRatio = 64
	// Deflate cannot compress more than 1032 to 1.
	maxRatio = 1100
	// Weights that are compressed inside the archive are unpacked to memory up to this size, and beyond to a file.
	maxInMemory = 16 << 20
)

// Metadata is what an archive says about how it came to be.
type Metadata struct {
	// KerasVersion is the version of Keras that wrote it, or would have: "3.15.1".
	KerasVersion string `json:"keras_version"`
	// DateSaved is the local time, as "2006-01-02@15:04:05".
	DateSaved string `json:"date_saved"`
}

// Reader is an open archive or weights file. Arrays of its weights read from the file, so it must stay open as long as they
// are in use. It may be used concurrently.
type Reader struct {
	name      string
	format    Format
	metadata  Metadata
	config    []byte
	weights   *Group
	assets    map[string]*zip.File
	stored    *summing // the weights, when they are read in place
	storedSum uint32
	closers   []func() error
}

// Open opens the .keras archive at path. The error names the file and the place in it; for a file of another format it is a *FormatError.
func Open(path string) (*Reader, error) {
	return openFile(path, ArchiveFormat, NewReader)
}

// OpenWeights opens the weights of a .weights.h5 file, or those in a .keras archive, at path. The error is as for Open.
func OpenWeights(path string) (*Reader, error) {
	format, err := Detect(path)
	if err != nil {
		return nil, fmt.Errorf("open weights: %w", err)
	}
	if format == ArchiveFormat {
		return Open(path)
	}
	return openFile(path, WeightsFormat, NewWeightsReader)
}

// OpenHDF5 opens any HDF5 file at path as a tree, a legacy model or its weights too; Format tells which it is. What the
// legacy formats keep in attributes, such as "model_config" and "layer_names", is found with Group.Attr.
func OpenHDF5(path string) (*Reader, error) {
	format, err := Detect(path)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	switch format {
	case LegacyModelFormat, LegacyWeightsFormat:
		return openFile(path, format, newTreeReader)
	}
	return openFile(path, WeightsFormat, newTreeReader)
}

func openFile(path string, want Format, open func(io.ReaderAt, int64, string) (*Reader, error)) (*Reader, error) {
	format, err := Detect(path)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if format == DamagedFormat && want != ArchiveFormat {
		format = want // what reads it says what is wrong
	}
	if format != want {
		return nil, &FormatError{Path: path, Want: want, Got: format}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		var r *Reader
		if r, err = open(f, info.Size(), path); err == nil {
			r.closers = append(r.closers, f.Close)
			return r, nil
		}
	}
	return nil, errors.Join(err, f.Close())
}

// NewReader opens an archive that lies in the size bytes of in; name stands for it in errors.
func NewReader(in io.ReaderAt, size int64, name string) (*Reader, error) {
	r := &Reader{name: name, format: ArchiveFormat}
	if err := r.openArchive(in, size); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), r.Close())
	}
	return r, nil
}

// NewModelReader opens a whole model, an archive or a legacy file, that lies in the size bytes of in; name stands for it in errors.
func NewModelReader(in io.ReaderAt, size int64, name string) (*Reader, error) {
	switch format := detect(in, size); format {
	case ArchiveFormat:
		return NewReader(in, size, name)
	case LegacyModelFormat:
		return newTreeReader(in, size, name)
	default:
		return nil, &FormatError{Path: name, Want: ArchiveFormat, Got: format}
	}
}

// NewWeightsReader opens a .weights.h5 file that lies in the size bytes of in; name stands for it in errors.
func NewWeightsReader(in io.ReaderAt, size int64, name string) (*Reader, error) {
	r, err := newTreeReader(in, size, name)
	if err == nil && r.format != WeightsFormat {
		err = &FormatError{Path: name, Want: WeightsFormat, Got: r.format}
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// newTreeReader opens an HDF5 file of any format.
func newTreeReader(in io.ReaderAt, size int64, name string) (*Reader, error) {
	r := &Reader{name: name}
	var err error
	if r.format, err = r.openTree(in, size); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// Format is ArchiveFormat or WeightsFormat, or one of the legacy formats after OpenHDF5.
func (r *Reader) Format() Format { return r.format }

// Metadata returns what metadata.json says; it is zero for a weights file.
func (r *Reader) Metadata() Metadata { return r.metadata }

// Config returns config.json, or nil for a weights file. It is one JSON object, but may hold NaN, Infinity and -Infinity
// where JSON has no such numbers, as Python writes them.
func (r *Reader) Config() []byte { return slices.Clone(r.config) }

// Weights returns the tree of weights. It must not be changed.
func (r *Reader) Weights() *Group { return r.weights }

// AssetNames returns the paths of the files that layers keep beside their weights, relative to the archive's assets folder, sorted.
func (r *Reader) AssetNames() []string { return slices.Sorted(maps.Keys(r.assets)) }

// Asset returns the content of one of AssetNames.
func (r *Reader) Asset(name string) ([]byte, error) {
	entry := r.assets[name]
	if entry == nil {
		return nil, fmt.Errorf("%s: there is no asset %q", r.name, name)
	}
	data, err := readEntry(entry, min(maxAsset, entry.UncompressedSize64))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	return data, nil
}

// Verify compares the weights of an archive with their checksum, which opening it does not do. It reads only what of them
// has not been read before: after all arrays were read it costs next to nothing. A weights file has no checksum.
func (r *Reader) Verify(ctx context.Context) error {
	if r.stored == nil {
		return nil
	}
	sum, err := r.stored.checksum(ctx)
	if err != nil {
		return fmt.Errorf("%s: verify %s: %w", r.name, weightsName, err)
	}
	if sum != r.storedSum {
		return fmt.Errorf("%s: %s is damaged: its checksum is %#08x, and should be %#08x", r.name, weightsName, sum, r.storedSum)
	}
	return nil
}

// Close gives back the file. Arrays of the weights cannot be read any more.
func (r *Reader) Close() error {
	var err error
	for _, c := range r.closers {
		err = errors.Join(err, c())
	}
	r.closers = nil
	return err
}

// openTree reads the structure of an HDF5 file, and tells what it is.
func (r *Reader) openTree(in io.ReaderAt, size int64) (Format, error) {
	f, err := hdf5.Open(in, size)
	if err != nil {
		return Unknown, err
	}
	r.weights, err = readTree(f, size)
	return detectHDF5(f), err
}

func (r *Reader) openArchive(in io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(in, size)
	if err != nil {
		return fmt.Errorf("it is not an intact zip archive: %w", err)
	}
	if len(archive.File) > maxEntries {
		return fmt.Errorf("%d entries are more than the %d allowed", len(archive.File), maxEntries)
	}
	entries := map[string]*zip.File{}
	r.assets = map[string]*zip.File{}
	room := uint64(assetsFloor + assetsRatio*size)
	for _, entry := range archive.File {
		name := strings.TrimSuffix(entry.Name, "/")
		if err := checkEntryName(name); err != nil {
			return err
		}
		if entries[name] != nil {
			return fmt.Errorf("there are two entries %q", name)
		}
		entries[name] = entry
		if asset, ok := strings.CutPrefix(entry.Name, assetsPrefix); ok && name == entry.Name {
			if entry.UncompressedSize64 > room {
				return fmt.Errorf("its assets have more than %d bytes where it has %d; they would exhaust memory", assetsFloor+assetsRatio*size, size)
			}
			room -= entry.UncompressedSize64
			r.assets[asset] = entry
		}
	}
	need := func(name string) (*zip.File, error) {
		if entries[name] == nil {
			return nil, fmt.Errorf("there is no %s in it", name)
		}
		return entries[name], nil
	}
	entry, err := need(configName)
	if err != nil {
		return err
	}
	most := uint64(maxConfig)
	if entry.Method != zip.Store {
		most = min(most, 1<<20+configRatio*min(entry.CompressedSize64, maxConfig))
	}
	if r.config, err = readEntry(entry, most); err != nil {
		return err
	}
	if err := checkJSON(r.config); err != nil {
		return fmt.Errorf("%s: %w", configName, err)
	}
	// Keras itself never looks at the metadata.
	if entry = entries[metadataName]; entry != nil {
		text, err := readEntry(entry, maxMetadata)
		if err != nil {
			return err
		}
		if err := checkJSON(text); err != nil {
			return fmt.Errorf("%s: %w", metadataName, err)
		}
		if err := json.Unmarshal(text, &r.metadata); err != nil {
			return fmt.Errorf("%s: %w", metadataName, err)
		}
	}
	if entries[weightsName] == nil && entries["model.weights.npz"] != nil {
		return errors.New("its weights are in NumPy's npz format; save it again with weights_format=\"h5\"")
	}
	if entry, err = need(weightsName); err != nil {
		return err
	}
	weights, n, err := r.placeWeights(entry, in, size)
	if err == nil {
		_, err = r.openTree(weights, n)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", weightsName, err)
	}
	return nil
}

// checkEntryName refuses names that would lead out of a folder.
func checkEntryName(name string) error {
	bad := name == "" || len(name) > maxName || strings.ContainsAny(name, "\\\x00:")
	for _, part := range strings.Split(name, "/") {
		bad = bad || part == "" || part == "." || part == ".."
	}
	if bad {
		return fmt.Errorf("an entry cannot be named %.100q", name)
	}
	return nil
}

// checkEntry refuses an entry that is encrypted, larger than limit, or smaller than its content can be compressed to.
func checkEntry(entry *zip.File, limit uint64) error {
	switch n := entry.UncompressedSize64; {
	case entry.Flags&1 != 0:
		return fmt.Errorf("%s is encrypted", entry.Name)
	case n > limit:
		return fmt.Errorf("%s has %d bytes, more than the %d allowed", entry.Name, n, limit)
	case n/maxRatio > entry.CompressedSize64:
		return fmt.Errorf("%s claims %d bytes from %d compressed ones; it would exhaust memory", entry.Name, n, entry.CompressedSize64)
	}
	return nil
}

func readEntry(entry *zip.File, limit uint64) ([]byte, error) {
	if err := checkEntry(entry, limit); err != nil {
		return nil, err
	}
	in, err := entry.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", entry.Name, err)
	}
	// The size is a claim; memory is taken as data comes, and the zip reader checks both size and checksum.
	data, err := io.ReadAll(io.LimitReader(in, int64(limit)+1))
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", entry.Name, err)
	}
	return data, nil
}

// placeWeights makes the weights readable at any position: in the archive itself when they are not compressed there.
func (r *Reader) placeWeights(entry *zip.File, in io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	if err := checkEntry(entry, 1<<62); err != nil {
		return nil, 0, err
	}
	n := int64(entry.UncompressedSize64)
	if entry.Method == zip.Store {
		at, err := entry.DataOffset()
		if err != nil {
			return nil, 0, err
		}
		if entry.CompressedSize64 != entry.UncompressedSize64 || at > size || n > size-at {
			return nil, 0, fmt.Errorf("its %d bytes pass the end of the archive", n)
		}
		r.stored, r.storedSum = &summing{in: io.NewSectionReader(in, at, n), size: n}, entry.CRC32
		return r.stored, n, nil
	}
	if most := valuesFloor + valuesRatio*size; n > most {
		return nil, 0, fmt.Errorf("it claims %d bytes where the archive has %d, more than the %d allowed: save the model again, which leaves the weights uncompressed", n, size, most)
	}
	if n <= maxInMemory {
		data, err := readEntry(entry, maxInMemory)
		return bytes.NewReader(data), int64(len(data)), err
	}
	from, err := entry.Open()
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = from.Close() }()
	temp, err := os.CreateTemp("", "keras-weights-*.h5")
	if err != nil {
		return nil, 0, err
	}
	r.closers = append(r.closers, temp.Close, func() error { return os.Remove(temp.Name()) })
	copied, err := io.Copy(temp, io.LimitReader(from, n+1))
	if err == nil && copied != n {
		err = io.ErrUnexpectedEOF
	}
	return temp, n, err
}
