package callbacks

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReprFloat(t *testing.T) {
	for want, v := range map[string]float64{
		"0.0": 0, "1.0": 1, "0.0001": 1e-4, "1e-05": 1e-5, "1e+16": 1e16, "1000000000000000.0": 1e15,
		"0.0010000000474974513": float64(float32(1e-3)), "9.999999747378752e-06": float64(float32(1e-5)),
	} {
		require.Equal(t, want, reprFloat(v))
	}
}

func TestFormatPathErrorsSayWhatIsWrong(t *testing.T) {
	for pattern, want := range map[string]string{
		"{val_loss:02d}": "{val_loss:02d}: code d is for whole numbers and val_loss is none; a format is " +
			"[align][sign][0][width][.precision][d, f or e], as in {epoch:02d} and {val_loss:.2f}",
		"{epoch:99999d}":   `"99999" is not a number from 0 to 255`,
		"{val_loss:.999f}": `"999" is not a number from 0 to 255`,
		"{":                "'{' without its '}'",
		"{a{b}}":           "'{' without its '}'",
		"}":                "single '}'",
		"{}":               `there is no ""`,
	} {
		_, err := formatPath(pattern, func(name string) (placeholder, bool) {
			return placeholder{3, name == "epoch"}, name == "epoch" || name == "val_loss"
		})
		require.ErrorContains(t, err, want, pattern)
	}
}

func FuzzFormatPath(f *testing.F) {
	for _, seed := range []string{"{epoch:02d}-{val_loss:.2f}", "{{}}", "{epoch:", "{x:08.3e}", "}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		text, err := formatPath(pattern, func(name string) (placeholder, bool) {
			return placeholder{1.5e300, name == "epoch"}, name != ""
		})
		if err == nil && len(text) > 600*(len(pattern)+1) {
			t.Fatalf("%q makes %d bytes", pattern, len(text))
		}
	})
}
