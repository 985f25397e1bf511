package backend

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/go-xla/installer"
)

// Plugin is a PJRT plugin file found on the machine.
type Plugin struct {
	// Name is what go-xla calls it: the middle of pjrt_c_api_<name>_plugin.so, such
	// as "cpu", "cuda" or "cpu_v0.98.0".
	Name string
	// Path is its absolute path.
	Path string
}

// PluginDir returns the folder into which [Install] puts plugins: the one that go-xla's own
// installer uses, ~/.local/lib/go-xla on Linux.
func PluginDir() (string, error) {
	lib, err := installer.DefaultHomeLibPath()
	if err != nil {
		return "", err
	}
	return filepath.Join(lib, "go-xla"), nil
}

// SearchPath returns the folders in which plugins are looked for, in order: those of
// PJRT_PLUGIN_LIBRARY_PATH if set, else those of go-xla's user and system installation and
// of the dynamic linker's variables; and [PluginDir] at the end in any case.
func SearchPath(getenv func(string) string) []string {
	own, ownErr := PluginDir()
	var dirs []string
	if list := getenv("PJRT_PLUGIN_LIBRARY_PATH"); list != "" {
		dirs = append(dirs, filepath.SplitList(list)...)
	} else {
		if ownErr == nil {
			dirs = append(dirs, own, filepath.Join(own, "nvidia"),
				filepath.Join(filepath.Dir(own), "gomlx", "pjrt"))
		}
		dirs = append(dirs, "/usr/local/lib/go-xla", "/usr/local/lib/go-xla/nvidia", "/usr/local/lib/gomlx/pjrt")
		dirs = append(dirs, filepath.SplitList(getenv("LD_LIBRARY_PATH"))...)
		if runtime.GOOS == "darwin" {
			dirs = append(dirs, filepath.SplitList(getenv("DYLD_LIBRARY_PATH"))...)
		}
	}
	if ownErr == nil {
		dirs = append(dirs, own)
	}
	seen := make(map[string]bool)
	return slices.DeleteFunc(dirs, func(dir string) bool {
		skip := !filepath.IsAbs(dir) || seen[dir]
		seen[dir] = true
		return skip
	})
}

var rePluginFile = []*regexp.Regexp{
	regexp.MustCompile(`^pjrt_c_api_(.+)_plugin\.(?:so|dylib)$`),
	regexp.MustCompile(`^pjrt[-_]plugin[-_](.+)\.(?:so|dylib)$`),
}

// FindPlugins lists the plugins in dirs. The first folder that holds a name wins. Files are recognised
// by their name only; nothing is loaded. Folders that can't be read are skipped.
func FindPlugins(dirs []string) []Plugin {
	var found []Plugin
	seen := make(map[string]bool)
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			for _, re := range rePluginFile {
				match := re.FindStringSubmatch(entry.Name())
				if match == nil || seen[match[1]] {
					continue
				}
				path := filepath.Join(dir, entry.Name())
				// Stat and not the entry, because the unversioned name is a link.
				if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
					continue
				}
				seen[match[1]] = true
				found = append(found, Plugin{Name: match[1], Path: path})
			}
		}
	}
	return found
}

// nameMatches says whether the plugin called name serves a request for want:
// "cpu" is served by "cpu", "cpu_v0.98.0" and any other "cpu_…".
func nameMatches(name, want string) bool {
	return name == want || strings.HasPrefix(name, want+"_") || strings.HasPrefix(name, want+"-")
}

// matching returns the plugins that serve a request for want, the best first: the exact name
// (which installers keep pointing at the version in use), then the newest version. Several names for
// one file are reported once.
func matching(plugins []Plugin, want string) []Plugin {
	var found []Plugin
	for _, p := range plugins {
		if nameMatches(p.Name, want) {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b Plugin) int {
		if (a.Name == want) != (b.Name == want) {
			if a.Name == want {
				return -1
			}
			return 1
		}
		return -compareVersions(a.Name, b.Name)
	})
	seen := make(map[string]bool)
	return slices.DeleteFunc(found, func(p Plugin) bool {
		target, err := filepath.EvalSymlinks(p.Path)
		if err != nil {
			target = p.Path
		}
		skip := seen[target]
		seen[target] = true
		return skip
	})
}

var reNumber = regexp.MustCompile(`\d+`)

// compareVersions compares the numbers in a and b in order, as numbers.
func compareVersions(a, b string) int {
	return slices.CompareFunc(reNumber.FindAllString(a, -1), reNumber.FindAllString(b, -1),
		func(x, y string) int {
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if c := cmp.Compare(len(x), len(y)); c != 0 {
				return c
			}
			return cmp.Compare(x, y)
		})
}

// hasNvidiaGPU says whether the machine has an NVIDIA GPU with its driver,
// and whether CUDA may use it.
func hasNvidiaGPU() bool {
	// Both values are the usual ways to hide the GPUs from CUDA programs.
	if visible, set := os.LookupEnv("CUDA_VISIBLE_DEVICES"); set && (visible == "" || visible == "-1") {
		return false
	}
	for _, pattern := range []string{"/dev/nvidia[0-9]*", "/proc/driver/nvidia/gpus/*"} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return true
		}
	}
	// Under WSL there are no device files, only the tool.
	if _, err := os.Stat("/dev/dxg"); err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "nvidia-smi", "-L").Output()
	return err == nil && strings.Contains(string(out), "GPU ")
}
