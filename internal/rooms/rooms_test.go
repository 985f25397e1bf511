package rooms

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestThisModule fails on an import that points up. Move the package to another row of the table, if it belongs there, or the code to a lower room.
func TestThisModule(t *testing.T) {
	wrong, err := Check("../..", "github.com/gokeras/gokeras")
	require.NoError(t, err)
	require.Empty(t, wrong)
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	_, err := Check(dir, "example.org/m")
	require.Error(t, err)
	write(Table, "# Rooms\n\nno table\n")
	_, err = Check(dir, "example.org/m")
	require.ErrorContains(t, err, "no table of rooms")

	write(Table, "| folder | what |\n| --- | --- |\n| `top` | the top |\n| `middle` `beside` | two of `a` kind |\n| `low/inner` | |\n| `low` | |\n| `help` | (tests only) |\n| `gone` | |\n| `low` | |\n\n| `another table` |\n")
	write("top/a.go", "package top\n\nimport (\n\t\"fmt\"\n\n\t_ \"example.org/m/low\"\n\t_ \"example.org/m/middle\"\n)\n")
	write("top/a_test.go", "package top\n\nimport _ \"example.org/m/help\"\n")
	write("top/testdata/x.go", "package nonsense (")
	write("middle/a.go", "package middle\n\nimport _ \"example.org/m/beside/under\"\n")
	write("beside/a.go", "package beside\n\nimport _ \"example.org/m/help\"\n")
	write("beside/under/a.go", "package under\n\nimport _ \"example.org/m/top\"\n")
	write("low/inner/a.go", "package inner\n\nimport _ \"example.org/m/low\"\n")
	write("low/a.go", "//go:build never\n\npackage low\n\nimport _ \"example.org/m/low/inner\"\n")
	write("low/a_test.go", "package low\n\nimport _ \"example.org/m/top\"\n")
	write("help/a.go", "package help\n\nimport _ \"example.org/m/top\"\n")
	write("unknown/a.go", "package unknown\n")
	write("low/b.go", "package low\n\nimport _ \"example.org/m/unknown\"\n")
	wrong, err := Check(dir, "example.org/m")
	require.NoError(t, err)
	require.Equal(t, []string{
		"ARCHITECTURE.md has no row for unknown",
		"ARCHITECTURE.md lists gone, where there is no Go file",
		"ARCHITECTURE.md lists low twice",
		"beside/a.go imports help, which is for tests only",
		"beside/under/a.go imports top, which ARCHITECTURE.md has above beside",
		"low/a.go imports low/inner, which ARCHITECTURE.md has above low",
	}, wrong)
}
