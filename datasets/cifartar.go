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

// eachTarEntry reads a tar archive, gzipped or plain, to its end. Nothing is written anywhere: take is asked about each entry, and what it returns gets
// the entry's content; nil passes an entry over, wherever it points. An entry that is taken may have so many bytes at most.
func eachTarEntry(r io.Reader, take func(header *tar.Header) (most int64, use func(content []byte) error, err error)) error {
	buffered := bufio.NewReaderSize(r, 1<<16)
	var plain io.Reader = buffered
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return archiveError(err)
		}
		plain = z
	}
	plain = &limitedReader{r: plain, left: cifarMaxTar}
	archive := tar.NewReader(plain)
	for count := 0; ; count++ {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		// The names of entries to be passed over are of no interest, insecure or not.
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return archiveError(err)
		}
		if count >= cifarMaxEntries {
			return fmt.Errorf("the archive has more than %d entries", cifarMaxEntries)
		}
		most, use, err := take(header)
		switch {
		case err != nil:
			return err
		case use == nil:
			continue
		case header.Size > most:
			return fmt.Errorf("the entry %s has %d bytes, and %d are the most expected", header.Name, header.Size, most)
		}
		// What the header announces may be more than the archive holds; memory grows with what really arrives.
		content, err := io.ReadAll(io.LimitReader(archive, header.Size))
		if err != nil {
			return fmt.Errorf("the entry %s: %w", header.Name, archiveError(err))
		}
		if int64(len(content)) != header.Size {
			return fmt.Errorf("the entry %s: %w", header.Name, archiveError(io.ErrUnexpectedEOF))
		}
		if err := use(content); err != nil {
			return fmt.Errorf("the entry %s: %w", header.Name, err)
		}
	}
	// The checksum of the gzip format comes after the end of the tar archive.
	if _, err := io.Copy(io.Discard, plain); err != nil {
		return archiveError(err)
	}
	return nil
}

// readCIFARArchive takes the six batches out of a tar archive of either kind.
func readCIFARArchive(r io.Reader) (batches [cifarBatches]*cifarBatch, err error) {
	var kind *cifarKind
	err = eachTarEntry(r, func(header *tar.Header) (int64, func([]byte) error, error) {
		entryKind, index := cifarEntry(header.Name)
		switch {
		case entryKind == nil:
			return 0, nil, nil
		case header.Typeflag != tar.TypeReg:
			return 0, nil, fmt.Errorf("the entry %s is not a regular file", header.Name)
		case kind != nil && kind != entryKind:
			return 0, nil, fmt.Errorf("the archive mixes %s and %s batches", kind.title, entryKind.title)
		case batches[index] != nil:
			return 0, nil, fmt.Errorf("the entry %s is there twice", header.Name)
		}
		kind = entryKind
		return entryKind.maxBytes, func(content []byte) (err error) {
			batches[index], err = entryKind.decode(content)
			return err
		}, nil
	})
	if err != nil {
		return batches, err
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
