package bench

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/backend"
)

// Machine says what the numbers were measured on.
type Machine struct {
	OS     string `json:"os"`
	CPU    string `json:"cpu,omitempty"`
	Cores  int    `json:"cores"`
	Engine string `json:"engine"`
	Plugin string `json:"plugin,omitempty"`
	Go     string `json:"go"`
	// Load is the machine's load average over the last minute when the measuring began: what else was running.
	Load *float64 `json:"load_average,omitempty"`
}

// describe opens the engine and describes the machine.
func describe() (Machine, error) {
	m := Machine{OS: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version(), CPU: cpuName(), Load: load1()}
	engine, err := backend.Default()
	if err != nil {
		return m, err
	}
	m.Engine = engine.Name()
	if choice, ok := backend.Current(); ok {
		m.Engine, m.Plugin = choice.Name, choice.Plugin
	}
	return m, nil
}

func cpuName() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func load1() *float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return nil
	}
	first, _, _ := strings.Cut(string(text), " ")
	v, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return nil
	}
	return &v
}

// peakMemory is the most memory that this process has held, in bytes; 0 where the system doesn't tell.
func peakMemory() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) == 3 && fields[0] == "VmHWM:" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return 0
			}
			return kilobytes << 10
		}
	}
	return 0
}
