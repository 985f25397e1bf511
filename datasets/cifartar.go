package datasets

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

const (
	// The real archive unpacks to 186 MB in ten entries.
	cifarMaxTar     = 512 << 20
	cifarMaxEntries = 1000
)

var errTooMuch = fmt.Errorf("it unpacks to more than %d MB", cifarMaxTar>>20)

// readCIFARArchive takes the six batches out of a tar archive, gzipped or plain, of either kind. Nothing is written
// anywhere: entries under other names are passed over, wherever they point.
func readCIFARArchive(r io.Reader) (batches [cifarBatches]*cifarBatch, err error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	var plain io.Reader = buffered
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return batches, archiveError(err)
		}
		plain = z
	}
	plain = &limitedReader{r: plain, left: cifarMaxTar}
	archive := tar.NewReader(plain)

	var kind *cifarKind
	for count := 0; ; count++ {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		// The names of entries to be passed over are of no interest, insecure or not.
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return batches, archiveError(err)
		}
		if count >= cifarMaxEntries {
			return batches, fmt.Errorf("the archive has more than %d entries", cifarMaxEntries)
		}
		entryKind, index := cifarEntry(header.Name)
		if entryKind == nil {
			continue
		}
		switch {
		case header.Typeflag != tar.TypeReg:
			return batches, fmt.Errorf("the entry %s is not a regular file", header.Name)
		case kind != nil && kind != entryKind:
			return batches, fmt.Errorf("the archive mixes %s and %s batches", kind.title, entryKind.title)
		case batches[index] != nil:
			return batches, fmt.Errorf("the entry %s is there twice", header.Name)
		case header.Size > entryKind.maxBytes:
			return batches, fmt.Errorf("the entry %s has %d bytes, and %d are the most expected", header.Name, header.Size, entryKind.maxBytes)
		}
		kind = entryKind
		// What the header announces may be more than the archive holds; memory grows with what really arrives.
		content, err := io.ReadAll(io.LimitReader(archive, header.Size))
		if err != nil {
			return batches, fmt.Errorf("the entry %s: %w", header.Name, archiveError(err))
		}
		if int64(len(content)) != header.Size {
			return batches, fmt.Errorf("the entry %s: %w", header.Name, archiveError(io.ErrUnexpectedEOF))
		}
		if batches[index], err = kind.decode(content); err != nil {
			return batches, fmt.Errorf("the entry %s: %w", header.Name, err)
		}
	}
	// The checksum of the gzip format comes after the end of the tar archive.
	if _, err := io.Copy(io.Discard, plain); err != nil {
		return batches, archiveError(err)
	}
	if kind == nil {
		return batches, errors.New("the archive has no cifar-10-batches-py/data_batch_1 and no cifar-10-batches-bin/data_batch_1.bin: " +
			"it is not CIFAR-10")
	}
	for i, b := range batches {
		if b == nil {
			return batches, fmt.Errorf("the archive has no entry %s/%s", kind.folder, kind.names[i])
		}
	}
	return batches, nil
}

// cifarEntry says which batch an entry is, if its name is exactly that of one.
func cifarEntry(name string) (*cifarKind, int) {
	folder, file := path.Split(strings.TrimPrefix(name, "./"))
	for _, kind := range []*cifarKind{cifarPython, cifarBinary} {
		if folder != kind.folder+"/" {
			continue
		}
		for i, want := range kind.names {
			if file == want {
				return kind, i
			}
		}
	}
	return nil, 0
}

// archiveError says in plain words what the readers of archives report.
func archiveError(err error) error {
	switch {
	case errors.Is(err, errTooMuch):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("the archive is cut short: %w", err)
	}
	return fmt.Errorf("the archive is damaged: %w", err)
}

// limitedReader fails, rather than ends, after left bytes.
type limitedReader struct {
	r    io.Reader
	left int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooMuch
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	return n, err
}
