//go:build live

package live

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/doctest"
)

// elsewhere are the lines of shell blocks that this test doesn't run, and why.
var elsewhere = map[string]string{
	"go test ./...":                "the checks end with it",
	"go run ./examples/quickstart": "its package's test runs it, on few images",
	"CGO_ENABLED=0 go run ./examples/quickstart -samples 2000 -epochs 1":      "likewise",
	"GOKERAS_BACKEND=go go run ./examples/quickstart -samples 2000 -epochs 1": "likewise",
	"CGO_ENABLED=0 go build ./...":                                            "the checks begin with it",
	"go get github.com/gokeras/gokeras":                                       "the module under test stands in for it",
	"go install github.com/gokeras/gokeras/cmd/gokeras@latest":                "likewise",
	"go run ./cmd/gokeras backend install --force":                            "it fetches again what is there",
	"go run ./cmd/gokeras backend install cuda":                               "some gigabytes",
	"go run ./cmd/gokeras bench":                                              "minutes; internal/bench has its tests",
	"go run ./cmd/gokeras bench my.keras":                                     "likewise",
	"GOEXPERIMENT=simd go build ./...":                                        "another standard library to compile",
	"GOAMD64=v3 go build ./...":                                               "likewise",
}

// TestShellLines runs the shell lines of README.md and docs as a reader does, one block after the other: those that begin with "go run ./" in this
// module, others in a folder of the page's own with the files that they name. docs/keras-files.md has a test of its own.
func TestShellLines(t *testing.T) {
	module, err := filepath.Abs("../..")
	require.NoError(t, err)
	pages, err := filepath.Glob(filepath.Join(module, "docs", "*.md"))
	require.NoError(t, err)
	bin, err := buildCommand()
	require.NoError(t, err)
	ran := 0
	for _, path := range append(pages, filepath.Join(module, "README.md")) {
		if filepath.Base(path) == "keras-files.md" {
			continue
		}
		page, err := doctest.ReadPage(path)
		require.NoError(t, err)
		folder := filepath.Join(t.TempDir(), "page")
		require.NoError(t, os.Mkdir(folder, 0o755))
		require.NoError(t, doctest.ReadersFiles(folder))
		require.NoError(t, os.Symlink(filepath.Join(module, "examples", "serve", "digits.keras"), filepath.Join(folder, "digits.keras")))
		notebook, err := os.ReadFile(filepath.Join(module, "port", "testdata", "seed.ipynb"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, "mnist.ipynb"), notebook, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "model.py"), []byte("import keras\n\nmodel = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])\nmodel.summary()\n"), 0o600))
		for _, block := range page.Blocks {
			if block.Language != "sh" {
				continue
			}
			at := fmt.Sprintf("%s:%d", filepath.Base(path), block.Line)
			var here, inModule []string
			for line := range strings.Lines(block.Text) {
				command, _, _ := strings.Cut(line, " #")
				// Packages whose folder has another name, as a link has, would all be compiled anew.
				command = strings.ReplaceAll(strings.TrimSpace(command), "../gokeras", module)
				switch {
				case command == "" || elsewhere[command] != "":
				case strings.HasPrefix(command, "gokeras serve "):
					cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "gokeras"), strings.Fields(command)[1:]...)
					cmd.Dir = folder
					require.NoError(t, doctest.Serve(t.Context(), cmd, ""), at)
					ran++
				case strings.HasPrefix(command, "go run ./"):
					inModule = append(inModule, command)
				default:
					here = append(here, command)
				}
			}
			for dir, lines := range map[string][]string{module: inModule, folder: here} {
				if len(lines) == 0 {
					continue
				}
				cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", strings.Join(lines, "\n"))
				cmd.Env = append(os.Environ(), "GOKERAS_CACHE="+t.TempDir(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
				output(t, at, dir, cmd)
				ran += len(lines)
			}
		}
	}
	require.GreaterOrEqual(t, ran, 11)
}
