package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func put(text string) func(*os.File) error {
	return func(w *os.File) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// onlyFile fails unless dir holds exactly one file, with the given content.
func onlyFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestWriteCreatesAndReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, Write(path, 0o640, put("first, and longer")))
	onlyFile(t, path, "first, and longer")
	require.NoError(t, Write(path, 0o600, put("second")))
	onlyFile(t, path, "second")
	if runtime.GOOS != "windows" {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o640), info.Mode().Perm(), "an existing file keeps its permissions")
	}
}

func TestFailureLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, Write(path, 0o644, put("old")))
	broken := errors.New("disk full")
	err := Write(path, 0o644, func(w *os.File) error {
		_, _ = io.WriteString(w, "half of the ne")
		return broken
	})
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, path)
	onlyFile(t, path, "old")
}

func TestPanicLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, Write(path, 0o644, put("old")))
	require.Panics(t, func() { _ = Write(path, 0o644, func(*os.File) error { panic("writer broke") }) })
	onlyFile(t, path, "old")
}

func TestWriteFollowsLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege on Windows")
	}
	real, links := t.TempDir(), t.TempDir()
	target, link := filepath.Join(real, "target"), filepath.Join(links, "link")
	require.NoError(t, os.WriteFile(target, []byte("old"), 0o644))
	require.NoError(t, os.Symlink(target, link))
	require.NoError(t, Write(link, 0o644, put("new")))
	onlyFile(t, target, "new")
	onlyFile(t, link, "new")
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
}

func TestWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, path := range map[string]string{
		"empty":          "",
		"folder":         dir,
		"missing folder": filepath.Join(dir, "no", "such", "file"),
	} {
		t.Run(name, func(t *testing.T) {
			called := false
			err := Write(path, 0o644, func(*os.File) error { called = true; return nil })
			require.Error(t, err)
			require.False(t, called)
		})
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}
