package crash

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// smallDisk puts a disk in memory at dir, with functions that leave so many pages of room on it, and much; nil where that isn't allowed.
func smallDisk(t *testing.T, dir string) (full func(pages int), empty func()) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		return nil, nil
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	filler := filepath.Join(dir, "filler")
	full = func(pages int) {
		var s syscall.Statfs_t
		require.NoError(t, syscall.Statfs(dir, &s))
		room := int64(s.Bavail) * s.Bsize
		require.NoError(t, os.WriteFile(filler, make([]byte, room-int64(pages)*s.Bsize), 0o666))
	}
	return full, func() { require.NoError(t, os.Remove(filler)) }
}
