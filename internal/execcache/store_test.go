package execcache

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// temporary makes the environment ask for a cache in a folder of the test's.
func temporary(t *testing.T) *Cache {
	t.Helper()
	t.Setenv(Variable, filepath.Join(t.TempDir(), "cache"))
	c, err := Open()
	if err != nil && onlyMineUnsupported() {
		t.Skip(err)
	}
	require.NoError(t, err)
	return c
}

func onlyMineUnsupported() bool { return noFollow == 0 }

func TestFolder(t *testing.T) {
	require.NoError(t, os.Unsetenv(Variable))
	_, err := Folder()
	require.ErrorIs(t, err, errTest, "a test must not see the user's folder")
	for _, off := range []string{"", " ", "off", "OFF"} {
		t.Setenv(Variable, off)
		_, err := Open()
		require.ErrorIs(t, err, ErrOff)
		require.Equal(t, Usage{Off: ErrOff.Error()}, Describe())
		_, err = Clear()
		require.ErrorIs(t, err, ErrOff)
	}
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv(Variable, "here")
	got, err := Folder()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "here"), got)
}

func TestOpenMakesAPrivateFolder(t *testing.T) {
	c := temporary(t)
	info, err := os.Stat(c.dir)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o700), info.Mode().Perm())
}

func TestOpenRefuses(t *testing.T) {
	c := temporary(t)
	for _, mode := range []fs.FileMode{0o770, 0o702} {
		require.NoError(t, os.Chmod(c.dir, mode))
		_, err := Open()
		require.ErrorContains(t, err, "others may write to it")
		require.Contains(t, Describe().Off, "others may write to it")
		_, err = Clear()
		require.Error(t, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	t.Setenv(Variable, file)
	_, err := Open()
	require.Error(t, err)
	t.Setenv(Variable, filepath.Join(file, "below"))
	_, err = Open()
	require.Error(t, err)
}

func TestForeignOwner(t *testing.T) {
	c := temporary(t)
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	key := hashParts("x")
	require.NoError(t, c.store(key, []byte("code")))
	require.NoError(t, os.Chown(c.path(key), 12345, 12345))
	_, err := c.load(key)
	require.ErrorContains(t, err, "another user")
	// It is replaced, not written through.
	require.NoError(t, c.store(key, []byte("code")))
	_, err = c.load(key)
	require.NoError(t, err)
	require.NoError(t, os.Chown(c.dir, 12345, 12345))
	_, err = Open()
	require.ErrorContains(t, err, "another user")
}

func TestStoreAndLoad(t *testing.T) {
	c := temporary(t)
	key := hashParts("x")
	_, err := c.load(key)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, c.store(key, []byte("code")))
	got, err := c.load(key)
	require.NoError(t, err)
	require.Equal(t, "code", string(got))
	info, err := os.Stat(c.path(key))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	for name, spoil := range map[string]func(path string) error{
		"writable by others": func(path string) error { return os.Chmod(path, 0o606) },
		"cut short":          func(path string) error { return os.Truncate(path, 50) },
		"empty":              func(path string) error { return os.Truncate(path, 0) },
		"huge":               func(path string) error { return os.Truncate(path, largestFile+1) },
		"a link": func(path string) error {
			if err := os.Rename(path, elsewhere); err != nil {
				return err
			}
			return os.Symlink(elsewhere, path)
		},
		"another program's": func(path string) error { return os.WriteFile(path, encode(hashParts("y"), []byte("code")), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, spoil(c.path(key)))
			_, err := c.load(key)
			require.Error(t, err)
			require.NoError(t, c.store(key, []byte("code")))
			got, err := c.load(key)
			require.NoError(t, err)
			require.Equal(t, "code", string(got))
			info, err := os.Lstat(c.path(key))
			require.NoError(t, err)
			require.Equal(t, fs.FileMode(0o600), info.Mode())
		})
	}
}

func TestStoreReportsFailures(t *testing.T) {
	c := temporary(t)
	require.NoError(t, os.RemoveAll(c.dir))
	require.Error(t, c.store(hashParts("x"), []byte("code")))
	c.limit = int64(headerSize)
	require.ErrorContains(t, c.store(hashParts("x"), []byte("code")), "too large")
}

func TestEvict(t *testing.T) {
	c := temporary(t)
	code := bytes.Repeat([]byte{1}, 1000)
	c.limit = 3 * int64(headerSize+len(code))
	now := time.Now()
	var keys []Key
	for i := range 3 {
		key := hashParts(fmt.Sprint(i))
		keys = append(keys, key)
		require.NoError(t, c.store(key, code))
		used := now.Add(time.Duration(i-10) * time.Hour)
		require.NoError(t, os.Chtimes(c.path(key), used, used))
	}
	foreign := filepath.Join(c.dir, "README")
	require.NoError(t, os.WriteFile(foreign, nil, 0o600))
	// Files of a process that was killed, long ago and just now.
	name := filepath.Base(c.path(keys[0]))
	abandoned, growing := filepath.Join(c.dir, "."+name+".0011223344556677.tmp"), filepath.Join(c.dir, "."+name+".8899aabbccddeeff.tmp")
	for _, path := range []string{abandoned, growing} {
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
	require.NoError(t, os.Chtimes(abandoned, now, now.Add(-2*time.Hour)))

	_, err := c.load(keys[0]) // so that the second is the one used longest ago
	require.NoError(t, err)
	require.NoError(t, c.store(hashParts("new"), code))
	for i, key := range keys {
		_, err := c.load(key)
		if i == 1 {
			require.ErrorIs(t, err, fs.ErrNotExist)
		} else {
			require.NoError(t, err)
		}
	}
	require.NoFileExists(t, abandoned)
	require.FileExists(t, growing)
	require.FileExists(t, foreign)

	u := Describe()
	require.Equal(t, 3, u.Programs)
	require.Equal(t, c.limit, u.Bytes)
	removed, err := Clear()
	require.NoError(t, err)
	require.Equal(t, Usage{Folder: c.dir, Programs: 3, Bytes: c.limit}, removed)
	left, err := os.ReadDir(c.dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestManyAtOnce(t *testing.T) {
	c := temporary(t)
	key := hashParts("x")
	code := bytes.Repeat([]byte{7}, 100_000)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 10 {
				if got, err := c.load(key); err == nil && !bytes.Equal(got, code) {
					t.Error("read something else")
				}
				if err := c.store(key, code); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestFixedLines(t *testing.T) {
	const cpuinfo = "processor\t: 0\nmodel name\t: A CPU\ncpu MHz\t\t: %s\nflags\t\t: fpu avx2\n\nprocessor\t: 1\nmodel name\t: Another\n"
	got := fixedLines(fmt.Sprintf(cpuinfo, "2400.0"))
	require.Equal(t, "model name\t: A CPU\nflags\t\t: fpu avx2", got)
	require.Equal(t, got, fixedLines(fmt.Sprintf(cpuinfo, "3100.5")))
}

func TestFileIdentity(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plugin.so")
	content := bytes.Repeat([]byte{1}, 3*sampled)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	when := time.Now().Add(-time.Hour)
	identity := func() string {
		require.NoError(t, os.Chtimes(path, when, when))
		id, err := fileIdentity(path)
		require.NoError(t, err)
		return id
	}
	first := identity()
	require.Equal(t, first, identity())
	content[len(content)-1] = 2
	require.NoError(t, os.WriteFile(path, content, 0o600))
	require.NotEqual(t, first, identity())
	content[len(content)-1] = 1
	require.NoError(t, os.WriteFile(path, content, 0o600))
	require.Equal(t, first, identity())
	when = when.Add(time.Second)
	require.NotEqual(t, first, identity())
	_, err := fileIdentity(t.TempDir())
	require.Error(t, err)
	_, err = fileIdentity("_preloaded_")
	require.Error(t, err)
}
