package np

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gokeras/gokeras/internal/atomicfile"
	"github.com/gokeras/gokeras/internal/npz"
)

func check(err error) {
	switch {
	case err == nil:
	case os.IsNotExist(err):
		fail("FileNotFoundError", "%v", err)
	default:
		fail("ValueError", "%v", err)
	}
}

// Load reads a .npy file (NumPy: np.load). Of an .npz archive with one array it takes that; [LoadNPZ] reads others.
func Load(path string) *Array {
	single, err := npz.IsSingle(path)
	check(err)
	if single {
		t, err := npz.ReadSingle(path)
		check(err)
		return FromTensor(t)
	}
	arrays := LoadNPZ(path)
	if len(arrays) != 1 {
		fail("ValueError", "%s has %d arrays: use LoadNPZ", path, len(arrays))
	}
	for _, a := range arrays {
		return a
	}
	return nil
}

// LoadNPZ reads all arrays of an .npz archive by name (NumPy: np.load).
func LoadNPZ(path string) map[string]*Array {
	archive, err := npz.Open(path)
	check(err)
	defer func() { _ = archive.Close() }()
	out := map[string]*Array{}
	for _, name := range archive.Names() {
		t, err := archive.Tensor(name)
		check(err)
		out[name] = FromTensor(t)
	}
	return out
}

// Save writes a .npy file, adding that suffix where it is missing (NumPy: np.save). Text can't be written.
func Save(path string, a any) {
	if !strings.HasSuffix(path, ".npy") {
		path += ".npy"
	}
	check(npz.WriteSingle(path, Of(a).Tensor()))
}

// SaveNPZ writes an .npz archive, adding that suffix where it is missing (NumPy: np.savez).
func SaveNPZ(path string, arrays map[string]any) {
	if !strings.HasSuffix(path, ".npz") {
		path += ".npz"
	}
	out := map[string]*tensors.Tensor{}
	for name, a := range arrays {
		out[name] = Of(a).Tensor()
	}
	check(npz.WriteFile(path, out))
}

// LoadTxt reads numbers in lines as float64 (NumPy: np.loadtxt): delimiter "" is white space, "#" begins a comment, the first
// skipRows lines are left out. One line or column makes one axis.
func LoadTxt(path, delimiter string, skipRows int) *Array {
	f, err := os.Open(path)
	check(err)
	defer func() { _ = f.Close() }()
	var data []float64
	rows, width := 0, -1
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for n := 0; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if n < skipRows || strings.TrimSpace(text) == "" {
			continue
		}
		fields := strings.Fields(text)
		if delimiter != "" {
			fields = strings.Split(text, delimiter)
		}
		if width >= 0 && len(fields) != width {
			fail("ValueError", "the number of columns changed from %d to %d at row %d; use `usecols` to select a subset and avoid this error", width, len(fields), rows+1)
		}
		width = len(fields)
		for i, field := range fields {
			v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
			if err != nil {
				fail("ValueError", "could not convert string %s to float64 at row %d, column %d.", quote(field), rows, i+1)
			}
			data = append(data, v)
		}
		rows++
	}
	check(lines.Err())
	if rows == 0 {
		return newArray(kFloat64, []int{0})
	}
	return Squeeze(wrap(data, rows, width))
}

// SaveTxt writes an array of one or two axes as lines of text (NumPy: np.savetxt): format is C's, "%.18e" where empty, delimiter
// a space where empty.
func SaveTxt(path string, a any, format, delimiter string) {
	x := Of(a)
	switch {
	case len(x.shape) == 1:
		x = ExpandDims(x, 1)
	case len(x.shape) != 2:
		fail("ValueError", "Expected 1D or 2D array, got %dD array instead", len(x.shape))
	}
	if format == "" {
		format = "%.18e"
	}
	if delimiter == "" {
		delimiter = " "
	}
	verb := format[len(format)-1:]
	if !strings.Contains("diuoxXeEfFgGs", verb) || strings.Count(format, "%") != 1 {
		fail("ValueError", "invalid format %s", quote(format))
	}
	check(atomicfile.Write(path, 0o644, func(file *os.File) error {
		w := bufio.NewWriter(file)
		for _, row := range x.All() {
			for i, v := range row.All() {
				if i > 0 {
					_, _ = w.WriteString(delimiter)
				}
				var item any = v.Text()
				switch {
				case strings.Contains("iu", verb):
					format = format[:len(format)-1] + "d"
					item = v.Int()
				case strings.Contains("doxX", verb):
					item = v.Int()
				case verb != "s":
					item = v.Float()
				}
				_, _ = fmt.Fprintf(w, format, item)
			}
			_ = w.WriteByte('\n')
		}
		return w.Flush()
	}))
}
