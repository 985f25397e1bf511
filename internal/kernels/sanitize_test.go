//go:build linux && amd64 && cgo

package kernels

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// computing are the files that the cases of testdata/shapes call; what else there is speaks with XLA's plugin.
var computing = strings.Fields("adam.c attention.c conv.c dense.c depthwise.c dot.c elementwise.c layernorm.c lookup.c maxima.c maxpool.c product.c rnn.c rows.c sum.c tiles_avx2.c tiles_avx512.c")

var sanitizing = strings.Fields("-O1 -g1 -pthread -fsanitize=address,undefined -fno-sanitize-recover=undefined")

// compiler runs the one that cgo uses, in the test's folder.
func compiler(t *testing.T, arguments ...string) ([]byte, error) {
	cc, err := exec.Command("go", "env", "CC").Output()
	if err != nil {
		t.Fatal(err)
	}
	command := append(strings.Fields(string(cc)), arguments...)
	return exec.Command(command[0], command[1:]...).CombinedOutput()
}

// needSanitizers skips the test where a program with them can't be made.
func needSanitizers(t *testing.T) {
	source, program := filepath.Join(t.TempDir(), "least.c"), filepath.Join(t.TempDir(), "least")
	if err := os.WriteFile(source, []byte("int main(void) { return 0; }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := compiler(t, slices.Concat(sanitizing, []string{source, "-o", program})...); err != nil {
		t.Skipf("no sanitizers: %v\n%s", err, out)
	}
}

// sanitized compiles C files, side by side, to a program.
func sanitized(t *testing.T, sources []string) string {
	folder := t.TempDir()
	objects, failures := make([]string, len(sources)), make([]error, len(sources))
	var group sync.WaitGroup
	turns := make(chan struct{}, runtime.NumCPU())
	for i, source := range sources {
		objects[i] = filepath.Join(folder, fmt.Sprintf("%d.o", i))
		group.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			if out, err := compiler(t, slices.Concat(sanitizing, []string{"-I.", "-c", source, "-o", objects[i]})...); err != nil {
				failures[i] = fmt.Errorf("%s: %w\n%s", source, err, out)
			}
		})
	}
	group.Wait()
	for _, err := range failures {
		if err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(folder, "shapes")
	if out, err := compiler(t, slices.Concat(sanitizing, objects, []string{"-lm", "-o", program})...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// TestShapes runs the kernels on thousands of shapes, in memory of exactly the size that they need, under the sanitizers of addresses and of undefined behaviour, and compares with plain sums.
func TestShapes(t *testing.T) {
	if Best() == None {
		t.Skip("needs a processor with AVX2")
	}
	needSanitizers(t)
	cases, err := filepath.Glob("testdata/shapes/*.c")
	if err != nil {
		t.Fatal(err)
	}
	program := sanitized(t, append(cases, computing...))
	count := "2500"
	if testing.Short() {
		count = "500"
	}
	run := exec.Command(program, count, "1")
	run.Env = append(os.Environ(), "ASAN_OPTIONS=detect_leaks=0") // the cases count what the kernels take; the detector can't run under a tracer
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
