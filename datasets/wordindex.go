package datasets

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/internal/download"
)

// IMDBWordIndex returns the number of each word of [IMDB], to which the data set adds IndexFrom, from Keras's imdb_word_index.json (Keras: imdb.get_word_index).
func IMDBWordIndex(opts ...Options) (map[string]int, error) {
	return wordIndex("IMDBWordIndex", "imdb_word_index.json", "bfafd718b763782e994055a2d397834f", opts)
}

// ReutersWordIndex returns the number of each word of [Reuters], to which the data set adds IndexFrom, from Keras's reuters_word_index.json (Keras: reuters.get_word_index).
func ReutersWordIndex(opts ...Options) (map[string]int, error) {
	return wordIndex("ReutersWordIndex", "reuters_word_index.json", "4d44cc38712099c9e383dc6e5f11a921", opts)
}

// The larger one has 1.6 MB.
const maxWordIndex = 64 << 20

func wordIndex(name, file, sum string, opts []Options) (map[string]int, error) {
	l, err := newLoader(name, opts)
	if err != nil {
		return nil, err
	}
	path := l.place()
	if !isFile(path) {
		path = filepath.Join(path, file)
	}
	if !isFile(path) {
		if err := l.fetchByMD5(path, file, sum); err != nil {
			if l.ctx.Err() != nil {
				return nil, fmt.Errorf("datasets.%s: %w", name, err)
			}
			return nil, notFound(name, []string{path + ": no such file", err.Error()}, fmt.Sprintf("Put %s (from %s) into %s.", file, storage+file, l.place()))
		}
	}
	raw, err := readFile(path, maxWordIndex)
	if err != nil {
		return nil, damaged(name, path, err)
	}
	var index map[string]int
	if err := json.Unmarshal(raw, &index); err != nil {
		return nil, damaged(name, path, err)
	}
	return index, nil
}

// fetchByMD5 downloads a file of which Keras has that checksum alone.
func (l *loader) fetchByMD5(path, file, sum string) error {
	switch {
	case l.folder != "":
		return errors.New("nothing is downloaded into Options.Folder")
	case l.offline:
		return errors.New("download: forbidden by GOKERAS_OFFLINE or Options.Offline")
	}
	part := path + ".unchecked"
	err := download.Fetch(l.ctx, download.File{URL: storage + file, Path: part, Unverified: true, MaxBytes: maxWordIndex}, download.Options{Progress: l.progress, Client: l.client})
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part) }()
	raw, err := readFile(part, maxWordIndex)
	if err != nil {
		return err
	}
	if got := md5.Sum(raw); hex.EncodeToString(got[:]) != sum {
		return fmt.Errorf("%s: the %d bytes that arrived have MD5 %x, and it should be %s", storage+file, len(raw), got, sum)
	}
	return os.Rename(part, path)
}
