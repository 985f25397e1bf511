package datasets

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MNIST has 60,000 images; the bound is on what a file can make this program allocate.
const mnistMaxImages = 100_000

// readIDX decodes a file of unsigned bytes in the IDX format, gzipped or plain: a magic number that names the type and
// the number of axes, the length of each axis as a big-endian number, the elements. item has the expected lengths of
// all axes but the first, whose length is returned.
func readIDX(r io.Reader, item ...int) (n int, data []byte, err error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	var plain io.Reader = buffered
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return 0, nil, idxError(err)
		}
		plain = z
	}
	header := make([]byte, 4+4*(1+len(item)))
	if _, err := io.ReadFull(plain, header); err != nil {
		return 0, nil, fmt.Errorf("in the header of %d bytes: %w", len(header), idxError(err))
	}
	if want := uint32(0x0800 + 1 + len(item)); binary.BigEndian.Uint32(header) != want {
		return 0, nil, fmt.Errorf("it starts with 0x%08x, and 0x%08x (unsigned bytes, %d axes) was expected",
			binary.BigEndian.Uint32(header), want, 1+len(item))
	}
	count := binary.BigEndian.Uint32(header[4:])
	if count == 0 || count > mnistMaxImages {
		return 0, nil, fmt.Errorf("it announces %d samples, and 1 to %d were expected", count, mnistMaxImages)
	}
	size := int64(count)
	for i, want := range item {
		got := binary.BigEndian.Uint32(header[8+4*i:])
		if got != uint32(want) {
			return 0, nil, fmt.Errorf("axis %d has length %d, and %d was expected", 1+i, got, want)
		}
		size *= int64(want)
	}
	// One byte more shows a file that is too long, and lets gzip check its own checksum.
	data, err = io.ReadAll(io.LimitReader(plain, size+1))
	switch {
	case err != nil:
		return 0, nil, fmt.Errorf("after %d of %d bytes of data: %w", len(data), size, idxError(err))
	case int64(len(data)) < size:
		return 0, nil, fmt.Errorf("it announces %d bytes of data and has %d: %w", size, len(data), io.ErrUnexpectedEOF)
	case int64(len(data)) > size:
		return 0, nil, fmt.Errorf("it announces %d bytes of data and has more", size)
	}
	return int(count), data, nil
}

func idxError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the file is cut short: %w", err)
	}
	return fmt.Errorf("the file is damaged: %w", err)
}
