package pd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/port/np"
)

// FuzzReadCSV requires of any bytes columns that are equally long, or an exception as pandas raises it.
func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{"", "a,b\n1,2\n3,\n", "a;b\n\"x;y\";2.5\n", "a,b\n1\n1,2,3\n", "n\n9223372036854775808\nTrue\n\n", "a,b\r\n1,\"2\r\n", "\ufeffa\n1e999\n-0x1p-2\n", "a,a,\n#,nan,NA\n"} {
		f.Add([]byte(text), uint8(0))
		f.Add([]byte(text), uint8(7))
	}
	options := []any{Sep(";"), Header(-1), NRows(2), SkipRows(1), Comment("#"), IndexCol(0), Sep(`\s+`), NAValues{"x"}}
	path := filepath.Join(f.TempDir(), "table.csv")
	f.Fuzz(func(t *testing.T, raw []byte, which uint8) {
		require.NoError(t, os.WriteFile(path, raw, 0o600))
		defer func() {
			if r := recover(); r != nil {
				require.IsType(t, (*np.Error)(nil), r, "%v", r)
			}
		}()
		var opts []any
		for i, o := range options {
			if which>>i&1 == 1 {
				opts = append(opts, o)
			}
		}
		table := ReadCSV(path, opts...)
		require.NotPanics(t, func() { _ = strings.Count(table.String(), "\n") })
	})
}
