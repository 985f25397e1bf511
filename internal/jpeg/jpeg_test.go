package jpeg

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/npz"
)

// pictures are the arrays that testdata/generate.py describes.
func pictures(t testing.TB) map[string][]uint8 {
	t.Helper()
	archive, err := npz.Open("testdata/pictures.npz")
	require.NoError(t, err)
	defer archive.Close()
	out := map[string][]uint8{}
	for _, name := range archive.Names() {
		array, err := archive.Array(name)
		require.NoError(t, err)
		out[name] = make([]uint8, array.NumBytes())
		require.NoError(t, array.Read(out[name]))
	}
	return out
}

// withAndWithout runs a test with vectors, where there are any, and without.
func withAndWithout(t *testing.T, f func(t *testing.T)) {
	was := vectors
	defer func() { vectors = was }()
	for _, vectors = range []bool{false, was} {
		t.Run(fmt.Sprintf("vectors %v", vectors), f)
		if !was {
			return
		}
	}
}

// TestPixels holds pictures of all kinds to Pillow and to TensorFlow.
func TestPixels(t *testing.T) {
	all := pictures(t)
	withAndWithout(t, func(t *testing.T) {
		n := 0
		for name, file := range all {
			name, isFile := strings.CutSuffix(name, ".jpg")
			if !isFile {
				continue
			}
			n++
			check := func(of string, o Options) {
				want, there := all[name+"."+of]
				if !there {
					return
				}
				p, err := Decode(file, o, nil)
				require.NoError(t, err, name)
				if p.Space == CMYK && of != "pillow" {
					p = p.RGB(o.Fast)
				}
				got := p.Pixels
				require.Len(t, got, p.Width*p.Height*p.Space.Channels(), name)
				if p.Space == CMYK {
					got = bytes.Clone(got)
					for i := range got {
						got[i] = ^got[i]
					}
				}
				require.Equal(t, want, got, "%s of %s", name, of)
				width, height, err := Size(file)
				require.NoError(t, err)
				require.Equal(t, []int{p.Width, p.Height}, []int{width, height})
			}
			check("pillow", Options{})
			check("rgb", Options{})
			check("tensorflow", Options{Fast: true})
			check("gray", Options{Fast: true, Gray: true})
		}
		require.Greater(t, n, 50)
	})
}

// TestVectors holds vectors to the plain forms, for all kinds of sampling and for numbers beyond those that files have.
func TestVectors(t *testing.T) {
	if !vectors {
		t.Skip("this build or processor has no vectors")
	}
	defer func() { vectors = true }()
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		d := &decoder{width: 1 + rng.IntN(70), height: 1 + rng.IntN(40), fast: i%2 == 0}
		d.components = make([]component, 3)
		for k := range d.components {
			c := &d.components[k]
			c.h, c.v = 1, 1
			if k == 0 {
				c.h, c.v = 1+i/2%2, 1+i/4%2
				d.maxH, d.maxV = c.h, c.v
			}
			c.quant = new([64]uint16)
			for q := range c.quant {
				c.quant[q] = uint16(1 + rng.IntN([]int{10, 100, 1 << 16}[i%3]-1))
			}
		}
		d.layOut()
		d.room(false)
		for k := range d.components {
			c := &d.components[k]
			for b := range c.last {
				c.last[b] = uint8(rng.IntN(3) * 31)
				end := int(c.last[b])
				if end == 31 { // the first row alone
					c.coefs[64*b+rng.IntN(8)] = int16(rng.Uint32())
					end = 0
				}
				for z := range end + 1 {
					c.coefs[64*b+int(order[z])] = int16(rng.NormFloat64() * []float64{5, 300, 20000}[rng.IntN(3)])
				}
			}
		}
		var results [2][]uint8
		for which := range results {
			vectors = which == 1
			for k := range d.components {
				c := &d.components[k]
				d.transform(c, 0, c.paddedHigh)
			}
			p, err := d.picture(false, nil)
			require.NoError(t, err)
			results[which] = p.Pixels
		}
		require.Equal(t, results[0], results[1], "picture %d", i)
	}
}

// TestCut requires an error for a file that ends early, wherever that is.
func TestCut(t *testing.T) {
	all := pictures(t)
	for _, name := range []string{"420 3", "444 progressive", "restarts", "several scans"} {
		file := all[name+".jpg"]
		for n := range len(file) - 1 {
			_, err := Decode(file[:n], Options{}, nil)
			if n >= 2 {
				require.ErrorIs(t, err, ErrCut, "%s cut to %d bytes", name, n)
			}
			require.Error(t, err)
		}
	}
}

// TestRefused requires errors that say what is wrong or isn't supported.
func TestRefused(t *testing.T) {
	all := pictures(t)
	base := all["420 8.jpg"]
	frame := bytes.Index(base, []byte("\xff\xc0"))
	changed := func(at int, to ...byte) []byte {
		file := bytes.Clone(base)
		copy(file[at:], to)
		return file
	}
	progressive := all["444 progressive.jpg"]
	second := bytes.Index(progressive[bytes.Index(progressive, []byte("\xff\xda"))+2:], []byte("\xff\xda")) + bytes.Index(progressive, []byte("\xff\xda")) + 2
	for want, file := range map[string][]byte{
		"doesn't begin":                []byte("GIF89a"),
		"arithmetic":                   changed(frame+1, 0xc9),
		"lossless":                     changed(frame+1, 0xc3),
		"hierarchical":                 changed(frame+1, 0xc5),
		"12":                           changed(frame+4, 12),
		"0×":                           changed(frame+7, 0, 0),
		"2 colors":                     append(changed(frame+2, 0, 14)[:frame+9], append([]byte{2}, base[frame+10:frame+16]...)...),
		"sampling factors":             changed(frame+11, 0x50),
		"whole part":                   changed(frame+11, 0x32, 0, 2, 0x21),
		"no picture":                   append(bytes.Clone(base[:frame]), 0xff, eoi),
		"no quantization":              changed(frame+12, 3),
		"second frame":                 append(bytes.Clone(base[:frame+19]), base[frame:]...),
		"scans are missing":            append(bytes.Clone(progressive[:second]), 0xff, eoi),
		"more than 1000 scans":         append(bytes.Clone(progressive[:second]), bytes.Repeat([]byte("\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00"), 1001)...),
		"a scan follows":               append(bytes.Clone(base[:len(base)-2]), "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x55\xff\xd9"...),
		"marker 0xf3":                  append([]byte{0xff, soi, 0xff, 0xf3, 0, 2}, base[2:]...),
		"a second picture begins":      append([]byte{0xff, soi}, base...),
		"more codes than there can be": append([]byte("\xff\xd8\xff\xc4\x00\x16\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03"), base[2:]...),
		"which isn't right for its":    changed(frame+2, 0, 18),
		"no table 3 of Huffman codes":  changed(bytes.Index(base, []byte("\xff\xda"))+6, 0x33),
		"quantization table 7":         append([]byte("\xff\xd8\xff\xdb\x00\x03\x07"), base[2:]...),
	} {
		_, err := Decode(file, Options{}, nil)
		require.ErrorContains(t, err, want)
	}
}

// TestScansAreCheap reads a large picture of many scans that hold nothing: only what is there may take time.
func TestScansAreCheap(t *testing.T) {
	file := append([]byte("\xff\xd8\xff\xdb\x00\x43\x00"), bytes.Repeat([]byte{1}, 64)...)
	file = append(file, "\xff\xc2\x00\x0b\x08\x20\x00\x20\x00\x01\x01\x11\x00"...)
	for _, class := range "\x00\x10" {
		file = append(file, "\xff\xc4\x00\x14"+string(class)+"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	}
	file = append(file, "\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00\x55"...)
	for range 900 {
		file = append(file, "\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00\x55"...)
	}
	file = append(file, 0xff, eoi)
	began := time.Now()
	p, err := Decode(file, Options{}, nil)
	require.NoError(t, err)
	require.Equal(t, 8192, p.Width)
	require.Less(t, time.Since(began), 10*time.Second)
}

func FuzzJPEG(f *testing.F) {
	for name, file := range pictures(f) {
		if strings.HasSuffix(name, ".jpg") {
			f.Add(file)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		width, height, err := Size(file)
		if err != nil || width*height > 1<<20 {
			return
		}
		was := vectors
		defer func() { vectors = was }()
		for _, o := range []Options{{}, {Fast: true}, {Gray: true}} {
			vectors = was
			p, err := Decode(file, o, nil)
			if err != nil {
				continue
			}
			if p.Width != width || p.Height != height || len(p.Pixels) != width*height*p.Space.Channels() {
				t.Fatalf("%d×%d pixels of %d values are %d", p.Width, p.Height, p.Space.Channels(), len(p.Pixels))
			}
			vectors = false
			plain, err := Decode(file, o, nil)
			require.NoError(t, err)
			require.True(t, bytes.Equal(p.Pixels, plain.Pixels))
		}
	})
}
