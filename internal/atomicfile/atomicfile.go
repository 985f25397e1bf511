package atomicfile

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Write makes path hold exactly what write puts into w, or leaves path as it was.
//
// The content goes to a temporary file in the folder of path, is flushed to the disk and then renamed over path. When
// write or any later step fails, the temporary file is removed and the error returned; it names path, and wraps the
// error of write. w can be read back and positioned freely, and must not be closed.
//
// As with os.WriteFile, perm (before the umask) applies to a new file, an existing file keeps its permissions, and a
// symbolic link is followed rather than replaced.
func Write(path string, perm os.FileMode, write func(w *os.File) error) (err error) {
	target, perm, err := resolve(path, perm)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	file, err := createTemp(target, perm)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	closed, renamed := false, false
	// Deferred, so that a panic inside write leaves nothing behind either.
	defer func() {
		if !closed {
			_ = file.Close()
		}
		if !renamed {
			_ = os.Remove(file.Name())
		}
	}()
	if err := write(file); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("write %s: flush to disk: %w", path, err)
	}
	closed = true
	if err := file.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(file.Name(), target); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	renamed = true
	if err := syncDir(filepath.Dir(target)); err != nil {
		return fmt.Errorf("write %s: flush the folder to disk: %w", path, err)
	}
	return nil
}

// resolve follows symbolic links and returns the file to replace with the permissions that it is to have.
func resolve(path string, perm os.FileMode) (string, os.FileMode, error) {
	if path == "" {
		return "", 0, errors.New("the path is empty")
	}
	target := path
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		target = resolved
	}
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return target, perm, nil
	case err != nil:
		return "", 0, err
	case info.IsDir():
		return "", 0, errors.New("it is a folder, not a file")
	case !info.Mode().IsRegular():
		return "", 0, fmt.Errorf("it is not a regular file (%s), and cannot be replaced", info.Mode().Type())
	}
	return target, info.Mode().Perm(), nil
}

// createTemp opens a new file beside target. os.CreateTemp would always give 0600, bypassing the umask.
func createTemp(target string, perm os.FileMode) (*os.File, error) {
	dir, base := filepath.Split(target)
	if len(base) > 100 {
		base = base[:100] // keeps the name within the file system's limit
	}
	for range 100 {
		var suffix [8]byte
		if _, err := rand.Read(suffix[:]); err != nil {
			return nil, err
		}
		name := filepath.Join(dir, "."+base+"."+hex.EncodeToString(suffix[:])+".tmp")
		file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm|0o200)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("folder %s: %w", filepath.Clean(dir), errors.Unwrap(err)) // the temporary file's name would only puzzle
		}
		return file, err
	}
	return nil, errors.New("no free name for a temporary file")
}

// syncDir makes the rename itself durable, where the system has such a thing.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	handle, err := os.Open(dir)
	if err != nil {
		return err
	}
	syncErr := handle.Sync()
	if err := handle.Close(); err != nil {
		return err
	}
	if errors.Is(syncErr, errors.ErrUnsupported) || errors.Is(syncErr, syscall.EINVAL) {
		return nil
	}
	return syncErr
}
