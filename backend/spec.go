package backend

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"
)

// spec is a parsed value of GOKERAS_BACKEND or GOMLX_BACKEND.
type spec struct {
	engine  string // "xla", "go", or the name of another registered engine
	plugin  string // for xla: "" (the best), a plugin's name, or an absolute path
	options string // what follows the plugin, without the first comma
}

// xlaAliases are the names under which go-xla registers itself.
var xlaAliases = []string{"xla", "stablehlo", "shlo", "hlo"}

// xlaNames are the plugin names that go-xla knows how to install.
var xlaNames = []string{"cuda", "cpu", "rocm", "tpu"}

const validSpecs = `"xla:cuda", "xla:cpu", "xla:/abs/plugin.so", "xla" (the best XLA plugin) or "go"`

// parseSpec parses value, which came from the environment variable key.
// installed are the names of the plugins found on the machine.
func parseSpec(key, value string, installed []string) (spec, error) {
	engine, rest, _ := strings.Cut(value, ":")
	engine = strings.ToLower(strings.TrimSpace(engine))
	switch {
	case slices.Contains(xlaAliases, engine):
	case engine == "go":
		return spec{engine: "go", options: rest}, nil
	case slices.Contains(compute.List(), engine):
		return spec{engine: engine, options: rest}, nil
	default:
		return spec{}, fmt.Errorf("%s=%q: no engine is called %q%s: use %s",
			key, value, engine, suggestion(engine), validSpecs)
	}

	plugin, options, _ := strings.Cut(rest, ",")
	plugin = strings.TrimSpace(plugin)
	s := spec{engine: "xla", plugin: plugin, options: options}
	if plugin == "" || filepath.IsAbs(plugin) {
		return s, nil
	}
	if strings.ContainsAny(plugin, `/\`) {
		return spec{}, fmt.Errorf("%s=%q: the path of a plugin must be absolute: use %s", key, value, validSpecs)
	}
	if slices.Contains(xlaNames, strings.ToLower(plugin)) {
		s.plugin = strings.ToLower(plugin)
		return s, nil
	}
	if slices.ContainsFunc(installed, func(name string) bool { return nameMatches(name, plugin) }) {
		return s, nil
	}
	extra := ""
	if len(installed) > 0 {
		extra = fmt.Sprintf(" (installed plugins: %s)", strings.Join(installed, ", "))
	}
	return spec{}, fmt.Errorf("%s=%q: no XLA plugin is called %q%s: use %s%s",
		key, value, plugin, suggestion(plugin), validSpecs, extra)
}

// suggestion returns ` (did you mean …?)` when name is close to a right value.
func suggestion(name string) string {
	name = strings.ToLower(name)
	best, bestDistance := "", 2
	for _, right := range []struct{ word, value string }{
		{"cuda", "xla:cuda"}, {"gpu", "xla:cuda"}, {"cpu", "xla:cpu"}, {"xla", "xla"}, {"go", "go"},
	} {
		// One slip, and none in words so short that one slip makes another word.
		d := editDistance(name, right.word)
		if d < bestDistance && (d == 0 || len(name) > 2) {
			best, bestDistance = right.value, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// editDistance is the Levenshtein distance of a and b in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j]+1, row[j+1]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
