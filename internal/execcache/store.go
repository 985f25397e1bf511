package execcache

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gokeras/gokeras/internal/atomicfile"
)

const extension = ".xla"

// A file's modification time tells when it was last used. It is set only when it is older than usedEvery: a write for each start would wear the disk for nothing.
const usedEvery = time.Hour

// abandonedAfter is when a temporary file must be that of a process that was killed.
const abandonedAfter = time.Hour

func (c *Cache) path(key Key) string {
	return filepath.Join(c.dir, hex.EncodeToString(key[:])+extension)
}

// load returns the executable of the key. The error wraps fs.ErrNotExist if there is none.
func (c *Cache) load(key Key) ([]byte, error) {
	path := c.path(key)
	file, err := os.OpenFile(path, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// Of the open file, so that nobody can exchange it after the check.
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", path, errNotOurs)
	}
	if err := onlyMine(info); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if info.Size() > largestFile {
		return nil, fmt.Errorf("%s: %d bytes are too many", path, info.Size())
	}
	content := make([]byte, info.Size())
	if _, err := io.ReadFull(file, content); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	executable, err := decode(key, content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if now := time.Now(); now.Sub(info.ModTime()) > usedEvery {
		_ = os.Chtimes(path, now, now) // it may then be removed too early, no more
	}
	return executable, nil
}

// store keeps the executable under the key, in place of any file that is there, and removes the files used longest ago if they have become too many.
func (c *Cache) store(key Key, executable []byte) error {
	size := int64(headerSize + len(executable))
	if size > min(largestFile, c.limit) {
		return fmt.Errorf("an executable of %d bytes is too large", len(executable))
	}
	path := c.path(key)
	// What others own, or a link, must go rather than be written through.
	if info, err := os.Lstat(path); err == nil && (!info.Mode().IsRegular() || onlyMine(info) != nil) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err := atomicfile.Write(path, 0o600, func(w *os.File) error {
		_, err := w.Write(encode(key, executable))
		return err
	})
	return errors.Join(err, c.evict())
}

// evict removes the files that were used longest ago until the others are within the limit, and
// those that a killed process left.
func (c *Cache) evict() error {
	files, err := c.list()
	if err != nil {
		return err
	}
	var total int64
	var failed error
	for _, f := range files { // the latest first
		total += f.size
		if total <= c.limit && !(f.unfinished && time.Since(f.used) > abandonedAfter) {
			continue
		}
		// Another process may have removed it already.
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
			continue
		}
		total -= f.size
	}
	return failed
}

// entry is a file of the cache.
type entry struct {
	path       string
	size       int64
	used       time.Time
	unfinished bool // a temporary file
}

// list returns the cache's files, those used last first. Files of other names aren't the cache's.
func (c *Cache) list() ([]entry, error) {
	found, err := os.ReadDir(c.dir)
	if err != nil {
		return nil, err
	}
	var files []entry
	for _, f := range found {
		unfinished, ok := ours(f.Name())
		if !ok || f.IsDir() {
			continue
		}
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed by another process
		}
		if err != nil {
			return nil, err
		}
		files = append(files, entry{filepath.Join(c.dir, f.Name()), info.Size(), info.ModTime(), unfinished})
	}
	slices.SortFunc(files, func(a, b entry) int {
		return cmp.Or(b.used.Compare(a.used), strings.Compare(a.path, b.path))
	})
	return files, nil
}

// ours tells whether a file of that name is the cache's, and whether it is one that atomicfile hasn't finished.
func ours(name string) (unfinished, ok bool) {
	name, unfinished = strings.CutPrefix(name, ".")
	if unfinished {
		if name, ok = strings.CutSuffix(name, ".tmp"); !ok {
			return false, false
		}
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	name, ok = strings.CutSuffix(name, extension)
	if !ok || len(name) != 2*len(Key{}) {
		return false, false
	}
	_, err := hex.DecodeString(name)
	return unfinished, err == nil
}
