package download

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// KerasFolder is the folder of that name in which Keras keeps what it fetched: "datasets", "models". KERAS_HOME can name another place than ~/.keras.
func KerasFolder(name string) (string, error) {
	if home := os.Getenv("KERAS_HOME"); home != "" {
		if rest, ok := strings.CutPrefix(home, "~"); ok && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator) {
			user, err := os.UserHomeDir()
			if err != nil {
				return "", fmt.Errorf("KERAS_HOME is %q: %w", home, err)
			}
			home = filepath.Join(user, rest)
		}
		return filepath.Join(home, name), nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no folder to keep %s in (KERAS_HOME can name one): %w", name, err)
	}
	return filepath.Join(user, ".keras", name), nil
}

// Offline reports whether GOKERAS_OFFLINE forbids the network.
func Offline() bool {
	switch strings.ToLower(os.Getenv("GOKERAS_OFFLINE")) {
	case "", "0", "false", "no", "off":
		return false
	}
	return true
}

// Checksum is the checksum of a file in hexadecimal, of the kind that one like it is: MD5 where that has 32 digits, SHA-256 else.
func Checksum(path, like string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if len(like) == 2*md5.Size {
		sum = md5.New()
	}
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
