package backend

import (
	"bufio"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// checkPlugin says why the plugin at path can't be loaded here, or nil. It only reads
// the file, since loading a broken library prints on standard error, and can end the process.
func checkPlugin(path string) error {
	if runtime.GOOS != "linux" {
		info, err := os.Stat(path)
		if err == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("%s is not a file", path)
		}
		return err
	}
	return checkELF(path, hostGlibc())
}

// checkELF checks that the file at path is a whole shared library for this processor that exports
// the PJRT entry point and needs no newer C library than glibc, a version such as "2.36". An
// empty glibc means that the process doesn't run on glibc.
func checkELF(path, glibc string) error {
	f, err := elf.Open(path)
	if err != nil {
		var access *fs.PathError
		if errors.As(err, &access) {
			return err
		}
		return fmt.Errorf("%s is not a whole shared library: %w", path, err)
	}
	defer f.Close()
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	if want, known := machines[runtime.GOARCH]; known && f.Machine != want {
		return fmt.Errorf("%s is built for %v and this program for %s", path, f.Machine, runtime.GOARCH)
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return fmt.Errorf("%s is not a whole shared library: %w", path, err)
	}
	if !slices.ContainsFunc(symbols, func(s elf.Symbol) bool {
		return s.Name == "GetPjrtApi" && s.Section != elf.SHN_UNDEF
	}) {
		return fmt.Errorf("%s is not a PJRT plugin: it doesn't export GetPjrtApi", path)
	}
	needed, err := neededGlibc(f)
	if err != nil {
		return fmt.Errorf("%s is not a whole shared library: %w", path, err)
	}
	return glibcSuffices(path, needed, glibc)
}

// glibcSuffices says why a library at path that needs glibc version needed can't run
// with version have.
func glibcSuffices(path, needed, have string) error {
	switch {
	case needed == "":
		return nil
	case have == "":
		return fmt.Errorf("%s needs glibc %s or newer, and this program doesn't run on glibc", path, needed)
	case compareVersions(have, needed) < 0:
		return fmt.Errorf("%s needs glibc %s or newer, and this machine has %s", path, needed, have)
	}
	return nil
}

var reGlibc = regexp.MustCompile(`^GLIBC_(\d+(?:\.\d+)*)$`)

// neededGlibc returns the newest glibc version whose symbols f uses, "" for none.
func neededGlibc(f *elf.File) (string, error) {
	if !slices.ContainsFunc(f.Sections, func(s *elf.Section) bool { return s.Type == elf.SHT_GNU_VERNEED }) {
		return "", nil
	}
	needs, err := f.DynamicVersionNeeds()
	if err != nil {
		return "", err
	}
	var newest string
	for _, need := range needs {
		for _, dep := range need.Needs {
			newest = newerGlibc(newest, dep.Dep)
		}
	}
	return newest, nil
}

// newerGlibc returns the newer of version and the one that symbol, like GLIBC_2.36, names.
func newerGlibc(version, symbol string) string {
	match := reGlibc.FindStringSubmatch(symbol)
	if match == nil || compareVersions(match[1], version) <= 0 {
		return version
	}
	return match[1]
}

// hostGlibc returns the version of the glibc that this process runs on, or would run on if it
// used cgo; "" where there's none (musl).
func hostGlibc() string {
	path := mappedLibc("/proc/self/maps")
	if path == "" {
		// A program without cgo maps no C library.
		for _, pattern := range []string{"/lib/*-linux-gnu*/libc.so.6", "/lib64/libc.so.6", "/usr/lib/libc.so.6", "/usr/lib64/libc.so.6"} {
			if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
				path = found[0]
				break
			}
		}
	}
	if path == "" {
		return ""
	}
	f, err := elf.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	versions, err := f.DynamicVersions()
	if err != nil {
		return ""
	}
	var newest string
	for _, v := range versions {
		newest = newerGlibc(newest, v.Name)
	}
	return newest
}

// mappedLibc returns the path of the libc.so.6 that the maps file, /proc/self/maps, names.
func mappedLibc(maps string) string {
	f, err := os.Open(maps)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if i := strings.IndexByte(lines.Text(), '/'); i >= 0 {
			path := lines.Text()[i:]
			// Before 2.34 the file was called libc-<version>.so.
			if base := filepath.Base(path); base == "libc.so.6" || strings.HasPrefix(base, "libc-2.") {
				return path
			}
		}
	}
	return ""
}
