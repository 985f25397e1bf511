package execcache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Variable is the environment variable that names the folder: a path, or "off" or nothing for no cache.
const Variable = "GOKERAS_CACHE"

// ErrOff is the error of [Open] where the environment turned the cache off.
var ErrOff = errors.New("the cache is off by " + Variable)

// errTest keeps test binaries out of the user's folder.
var errTest = errors.New("tests have no cache unless " + Variable + " names a folder")

// Cache is a folder of compiled programs.
type Cache struct {
	dir   string
	limit int64 // bytes of all files together
}

// defaultLimit is far more than a user's models need: one program takes about half a megabyte.
const defaultLimit = 1 << 30

// Folder returns the folder that the environment asks for, whether or not it is there: what GOKERAS_CACHE says, or else gokeras/xla in the user's cache folder.
func Folder() (string, error) {
	if value, set := os.LookupEnv(Variable); set {
		value = strings.TrimSpace(value)
		if value == "" || strings.EqualFold(value, "off") {
			return "", ErrOff
		}
		return filepath.Abs(value)
	}
	if testing.Testing() {
		return "", errTest
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the user's cache folder: %w", err)
	}
	return filepath.Join(user, "gokeras", "xla"), nil
}

// Open returns the cache that the environment asks for, and makes its folder.
//
// It returns an error if the folder can't be made, belongs to another user, or others may write in it, and [ErrOff].
func Open() (*Cache, error) {
	dir, err := Folder()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the cache folder: %w", err)
	}
	return existing(dir)
}

// existing returns the cache in a folder that is there.
func existing(dir string) (*Cache, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("cache folder %s: it is not a folder", dir)
	}
	if err := onlyMine(info); err != nil {
		return nil, fmt.Errorf("cache folder %s: %w", dir, err)
	}
	return &Cache{dir: dir, limit: defaultLimit}, nil
}

// Usage tells of what a cache holds.
type Usage struct {
	// Folder is the folder's path, "" if there is no cache.
	Folder string `json:"folder,omitempty"`
	// Programs is the number of compiled programs.
	Programs int `json:"programs"`
	// Bytes is the size of all files.
	Bytes int64 `json:"bytes"`
	// Off says why nothing is cached, "" if programs are.
	Off string `json:"off,omitempty"`
}

// Describe looks at the cache that the environment asks for, and changes nothing.
func Describe() Usage {
	dir, err := Folder()
	if err != nil {
		return Usage{Off: err.Error()}
	}
	u := Usage{Folder: dir}
	c, err := existing(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist): // it is made when the first program is compiled
	case err != nil:
		u.Off = err.Error()
	default:
		files, err := c.list()
		if err != nil {
			u.Off = err.Error()
		}
		for _, f := range files {
			if !f.unfinished {
				u.Programs++
			}
			u.Bytes += f.size
		}
	}
	if u.Off == "" {
		if err := supported(); err != nil {
			u.Off = err.Error()
		}
	}
	return u
}

// Clear removes all programs from the cache that the environment asks for and returns what they were. Files that aren't the cache's stay.
func Clear() (Usage, error) {
	dir, err := Folder()
	if err != nil {
		return Usage{}, err
	}
	u := Usage{Folder: dir}
	c, err := existing(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return u, nil
	}
	if err != nil {
		return u, err
	}
	files, err := c.list()
	if err != nil {
		return u, err
	}
	for _, f := range files {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return u, err
		}
		if !f.unfinished {
			u.Programs++
		}
		u.Bytes += f.size
	}
	return u, nil
}
