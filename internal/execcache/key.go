package execcache

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// keyVersion changes when something else becomes part of the key.
const keyVersion = "1"

// hashParts hashes strings so that no two lists of them have the same bytes.
func hashParts(parts ...string) Key {
	h := sha256.New()
	for _, part := range parts {
		_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(part))))
		_, _ = io.WriteString(h, part)
	}
	var key Key
	h.Sum(key[:0])
	return key
}

// compilerVariables are the environment variables that change what XLA compiles.
var compilerVariables = []string{"XLA_FLAGS", "XLA_DEBUG_OPTIONS", "TF_XLA_FLAGS"}

// machineParts are what compiled code depends on beside the program and the plugin.
func machineParts() ([]string, error) {
	processor, err := processor()
	if err != nil {
		return nil, err
	}
	// XLA cuts its loops for as many threads as there are processors.
	parts := []string{keyVersion, runtime.GOOS, runtime.GOARCH, processor, fmt.Sprint(runtime.NumCPU()), goxlaVersion()}
	for _, name := range compilerVariables {
		parts = append(parts, os.Getenv(name))
	}
	return parts, nil
}

// goxlaVersion is the version of go-xla, which sets the compiler's options; "" where the binary doesn't tell.
func goxlaVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == "github.com/gomlx/go-xla" {
			for m.Replace != nil {
				m = m.Replace
			}
			return m.Path + " " + m.Version + " " + m.Sum
		}
	}
	return ""
}

// sampled are the bytes that are hashed at each end of a plugin: its headers, with the linker's build identifier
// where there is one, and its table of sections.
const sampled = 64 << 10

// fileIdentity tells a plugin from another version of it. To hash all of its quarter of a gigabyte would take longer than loading a program.
func fileIdentity(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("the plugin is no regular file")
	}
	h := sha256.New()
	for _, from := range []int64{0, max(info.Size()-sampled, 0)} {
		if _, err := io.Copy(h, io.NewSectionReader(file, from, sampled)); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d %d %x", info.Size(), info.ModTime().UnixNano(), h.Sum(nil)), nil
}

// fixedLines are the lines of /proc/cpuinfo's first processor that are the same each time they are read.
func fixedLines(cpuinfo string) string {
	first, _, _ := strings.Cut(cpuinfo, "\n\n")
	var kept strings.Builder
	for line := range strings.Lines(first) {
		name, _, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(name) {
		case "vendor_id", "cpu family", "model", "model name", "stepping", "flags", // x86
			"CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision", "Features": // ARM
			kept.WriteString(line)
		}
	}
	return kept.String()
}
