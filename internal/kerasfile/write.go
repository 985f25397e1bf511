package kerasfile

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/gokeras/gokeras/internal/atomicfile"
	"github.com/gokeras/gokeras/internal/hdf5"
)

// KerasVersion is the version of Keras whose files are written.
const KerasVersion = "3.15.1"

// Archive is what a .keras file is to hold.
type Archive struct {
	// Metadata is completed where it is empty: with KerasVersion, and with the time.
	Metadata Metadata
	// Config is the model's configuration, a JSON object.
	Config []byte
	// Weights is the tree of weights; nil is an empty one.
	Weights *Group
	// Assets are the files that layers keep beside their weights, by their paths in the archive's assets folder.
	Assets map[string][]byte
}

// Write writes the archive to path, whole or not at all. Arrays are streamed one after another; only one of them need be in memory
// at a time.
func Write(path string, a *Archive) error {
	w, err := a.prepare()
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return atomicfile.Write(path, 0o644, func(f *os.File) error { return w.write(f) })
}

// WriteWeights writes the tree to path as a .weights.h5 file, whole or not at all, and streams as Write does.
func WriteWeights(path string, weights *Group) error {
	b, err := weights.builder()
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return atomicfile.Write(path, 0o644, func(f *os.File) error {
		buffered := bufio.NewWriterSize(f, 1<<16)
		if _, err := b.WriteTo(buffered); err != nil {
			return err
		}
		return buffered.Flush()
	})
}

// prepared is an archive found fit to be written.
type prepared struct {
	archive  *Archive
	metadata []byte
	weights  *hdf5.Builder
	size     int64 // of the weights
}

func (a *Archive) prepare() (*prepared, error) {
	if a == nil {
		return nil, errors.New("no archive is given")
	}
	if err := checkJSON(a.Config); err != nil {
		return nil, fmt.Errorf("%s: %w", configName, err)
	}
	for name := range a.Assets {
		if err := checkEntryName(assetsPrefix + name); err != nil {
			return nil, err
		}
	}
	meta := a.Metadata
	if meta.KerasVersion == "" {
		meta.KerasVersion = KerasVersion
	}
	if meta.DateSaved == "" {
		meta.DateSaved = time.Now().Format("2006-01-02@15:04:05")
	}
	p := &prepared{archive: a}
	var err error
	if p.metadata, err = json.Marshal(meta); err != nil {
		return nil, err
	}
	if p.weights, err = a.Weights.builder(); err != nil {
		return nil, err
	}
	if p.size, err = p.weights.Size(); err != nil {
		return nil, err
	}
	return p, nil
}

// archiveFile is where an archive is written: forward, and once back to the checksum of the weights.
type archiveFile interface {
	io.Writer
	io.WriterAt
}

func (p *prepared) write(f archiveFile) error {
	out := &counter{w: f}
	buffered := bufio.NewWriterSize(out, 1<<16)
	archive := zip.NewWriter(buffered)
	if err := putEntry(archive, metadataName, p.metadata); err != nil {
		return err
	}
	if err := putEntry(archive, configName, p.archive.Config); err != nil {
		return err
	}
	flush := func() error {
		if err := archive.Flush(); err != nil {
			return err
		}
		return buffered.Flush()
	}
	if err := flush(); err != nil {
		return err
	}
	// The checksum comes before the weights and is known only after them. A zip file can be written without going back, but
	// then not every program reads it.
	at := out.n
	header := entryHeader(weightsName, uint64(p.size))
	if header.UncompressedSize64 >= math.MaxUint32 {
		extra := binary.LittleEndian.AppendUint32(nil, 16<<16|1) // the 64-bit sizes
		extra = binary.LittleEndian.AppendUint64(extra, header.UncompressedSize64)
		header.Extra = binary.LittleEndian.AppendUint64(extra, header.UncompressedSize64)
		header.ReaderVersion = 45
	}
	to, err := archive.CreateRaw(header)
	if err != nil {
		return err
	}
	header.Extra = nil // the directory gets its own
	sum := crc32.NewIEEE()
	if _, err := p.weights.WriteTo(io.MultiWriter(to, sum)); err != nil {
		return err
	}
	header.CRC32 = sum.Sum32()
	for _, name := range slices.Sorted(maps.Keys(p.archive.Assets)) {
		if err := putEntry(archive, assetsPrefix+name, p.archive.Assets[name]); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	const checksumAt = 14 // in an entry's local header
	_, err = f.WriteAt(binary.LittleEndian.AppendUint32(nil, header.CRC32), at+checksumAt)
	return err
}

// entryHeader describes an entry as Python's zipfile does: stored, of 1980, for its owner alone.
func entryHeader(name string, size uint64) *zip.FileHeader {
	const version20, unix, january1980 = 20, 3 << 8, 1<<5 | 1
	h := &zip.FileHeader{
		Name: name, Method: zip.Store, CreatorVersion: unix | version20, ReaderVersion: version20,
		CompressedSize64: size, UncompressedSize64: size, ExternalAttrs: 0o600 << 16,
	}
	//lint:ignore SA1019 entries are written raw, and then the newer field for the time is not looked at
	h.ModifiedDate = january1980
	for _, c := range []byte(name) {
		if c >= utf8.RuneSelf {
			h.Flags |= 0x800 // the name is UTF-8
		}
	}
	return h
}

func putEntry(archive *zip.Writer, name string, data []byte) error {
	header := entryHeader(name, uint64(len(data)))
	header.CRC32 = crc32.ChecksumIEEE(data)
	w, err := archive.CreateRaw(header)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// counter counts what passes to w.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
