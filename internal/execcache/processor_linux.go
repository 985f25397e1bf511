package execcache

import (
	"errors"
	"io"
	"os"
)

// processor describes the processor's model and features.
func processor() (string, error) {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "", err
	}
	defer file.Close()
	// The first processor is enough, and the kernel takes its time for hundreds.
	start, err := io.ReadAll(io.LimitReader(file, 16<<10))
	if err != nil {
		return "", err
	}
	if found := fixedLines(string(start)); found != "" {
		return found, nil
	}
	return "", errors.New("/proc/cpuinfo doesn't describe the processor")
}
