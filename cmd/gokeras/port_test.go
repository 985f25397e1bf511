package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPort(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "a.py")
	for _, c := range []struct {
		source, want string
		code         int
	}{
		{"print('hello')\n", "1 statements: 1 translated, 0 approximated, 0 left", exitOK},
		{"import foo\nfoo.bar()\n", "1 translated, 0 approximated, 1 left", exitError},
	} {
		if err := os.WriteFile(script, []byte(c.source), 0o644); err != nil {
			t.Fatal(err)
		}
		root := newRoot()
		var out, errs bytes.Buffer
		root.SetOut(&out)
		root.SetErr(&errs)
		root.SetArgs([]string{"port", script, "-o", filepath.Join(dir, "out")})
		if code := run(t.Context(), root); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%q: exit code %d, %s%s", c.source, code, &out, &errs)
		}
		for _, name := range []string{"main.go", "helpers.go", "go.mod", "port-report.md"} {
			if _, err := os.Stat(filepath.Join(dir, "out", name)); err != nil {
				t.Error(err)
			}
		}
	}
}
