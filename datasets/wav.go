package datasets

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
)

// MaxWAVBytes is the largest sound file that is read.
const MaxWAVBytes = 1 << 30

// wavSound is a sound of 16-bit samples.
type wavSound struct {
	rate, channels int
	samples        []byte // little-endian, channels beside each other
}

// decodeWAV finds the samples in a RIFF file, and refuses what TensorFlow's decode_wav refuses.
func decodeWAV(raw []byte) (*wavSound, error) {
	if len(raw) < 12 || string(raw[:4]) != "RIFF" || string(raw[8:12]) != "WAVE" {
		return nil, errors.New("it is no WAV file")
	}
	var w *wavSound
	for rest := raw[12:]; len(rest) > 0; {
		if len(rest) < 8 {
			return nil, errors.New("its end is cut short")
		}
		name, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		if size > int64(len(rest)) {
			return nil, fmt.Errorf("its part %q is cut short: %d bytes of %d", name, len(rest), size)
		}
		chunk := rest[:size]
		switch name {
		case "fmt ":
			if size != 16 && size != 18 {
				return nil, fmt.Errorf("its format has %d bytes, want 16 or 18", size)
			}
			field := func(at int) int { return int(binary.LittleEndian.Uint16(chunk[at:])) }
			w = &wavSound{channels: field(2), rate: int(binary.LittleEndian.Uint32(chunk[4:]))}
			if format, bits := field(0), field(14); format != 1 || bits != 16 {
				return nil, fmt.Errorf("its samples have %d bits in format %d, want 16 bits of PCM", bits, format)
			}
			perSecond := int64(binary.LittleEndian.Uint32(chunk[8:]))
			if w.channels < 1 || field(12) != 2*w.channels || perSecond != int64(w.rate)*2*int64(w.channels) {
				return nil, fmt.Errorf("its format contradicts itself: %d channels, %d bytes a sample, %d a second", w.channels, field(12), perSecond)
			}
		case "data":
			switch {
			case w == nil:
				return nil, errors.New("its samples come before their format")
			case w.samples != nil:
				return nil, errors.New("it has samples twice")
			case len(chunk)%(2*w.channels) != 0:
				return nil, fmt.Errorf("its %d bytes of samples aren't whole samples of %d channels", len(chunk), w.channels)
			}
			w.samples = chunk
		}
		rest = rest[min(int64(len(rest)), size+size%2):]
	}
	if w == nil || w.samples == nil {
		return nil, errors.New("it has no samples")
	}
	return w, nil
}

// tensor has the samples as numbers, (samples, channels); with a length, cut or with zeros behind them.
func (w *wavSound) tensor(length int) *tensors.Tensor {
	n := len(w.samples) / 2 / w.channels
	if length == 0 {
		length = n
	}
	flat := make([]float32, length*w.channels)
	for i := range min(length, n) * w.channels {
		flat[i] = float32(int16(binary.LittleEndian.Uint16(w.samples[2*i:]))) / 32768
	}
	return tensors.FromFlatDataAndDimensions(flat, length, w.channels)
}
