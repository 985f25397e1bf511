package backend

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/gomlx/compute"
)

// Candidate is an engine that this machine has or could have.
type Candidate struct {
	// Name is the value of GOKERAS_BACKEND that asks for it.
	Name string `json:"name"`
	// Available says whether it can be used as things are.
	Available bool `json:"available"`
	// InUse says whether it is the engine that programs get now.
	InUse bool `json:"in_use"`
	// Reason says why it isn't available and what would make it so.
	Reason string `json:"reason,omitempty"`
	// Plugin is the path of its XLA plugin.
	Plugin string `json:"plugin,omitempty"`
	// Version is the version of the plugin, as far as it is known without loading it.
	Version string `json:"version,omitempty"`
	// Device describes the first device; only known for the engine in use.
	Device string `json:"device,omitempty"`
}

// Report is what [Describe] tells.
type Report struct {
	// InUse is the name of the engine that a program gets, as in [Candidate].
	InUse string `json:"in_use"`
	// From is the environment variable that asks for it, "" if it was chosen.
	From string `json:"from,omitempty"`
	// Description is what the engine says of itself.
	Description string `json:"description"`
	// Devices is the number of devices it shows, of which gokeras uses the first.
	Devices int `json:"devices"`
	// SharedBuffers says whether host and device use the same memory.
	SharedBuffers bool `json:"shared_buffers"`
	// Notice is the line that programs print, "" if the engine is the best for the machine.
	Notice string `json:"notice,omitempty"`
	// PluginDir is the folder into which plugins are installed.
	PluginDir string `json:"plugin_dir"`
	// Engine is the engine in use, opened.
	Engine compute.Backend `json:"-"`
	// Candidates are all engines, the fastest first.
	Candidates []Candidate `json:"candidates"`
}

// Current returns the choice that [Default] made in this process, and false before the first call.
func Current() (Choice, bool) {
	muDefault.Lock()
	defer muDefault.Unlock()
	if defaultChoice == nil {
		return Choice{}, false
	}
	return *defaultChoice, true
}

// List returns the engines that this machine has or could have, the fastest first, without opening
// or fetching any.
func List(o Options) []Candidate {
	o = o.withDefaults()
	plugins := FindPlugins(o.PluginDirs)
	supported := o.support()

	candidate := func(name, whenMissing string) Candidate {
		c := Candidate{Name: "xla:" + name}
		var broken string
		for _, p := range matching(plugins, name) {
			err := o.check(p.Path)
			if err == nil {
				c.Plugin, c.Version, c.Available = p.Path, fileVersion(p.Path), true
				return c
			}
			if broken == "" {
				c.Plugin, broken = p.Path, oneLine(err)
			}
		}
		c.Reason = whenMissing
		if broken != "" {
			c.Reason = broken
		}
		return c
	}
	var list []Candidate
	cuda := candidate("cuda", "no CUDA plugin is installed"+cudaHint())
	if !o.HasGPU() {
		cuda.Available, cuda.Reason = false, "this machine has no NVIDIA GPU"
	}
	list = append(list, cuda)
	seen := map[string]bool{}
	for _, p := range plugins {
		name, _, _ := strings.Cut(p.Name, "_")
		if name != "cuda" && name != "cpu" && !seen[name] {
			seen[name] = true
			list = append(list, candidate(name, ""))
		}
	}
	list = append(list, candidate("cpu", "no CPU plugin is installed (`gokeras backend install` fetches it)"))
	if supported != nil {
		for i := range list {
			list[i].Available, list[i].Reason = false, supported.Error()
		}
	}
	return append(list, Candidate{
		Name: "go", Available: true, Version: "GoMLX compute, pure Go", Device: fmt.Sprintf("%d CPU threads", runtime.GOMAXPROCS(0)),
	})
}

// Describe resolves and opens the engine that a program with options o gets, without fetching
// anything, and tells about it and all others. Its errors are those of [Resolve]; the report's candidates
// are filled in even then.
func Describe(ctx context.Context, o Options) (Report, error) {
	o.NoFetch = true
	report := Report{Candidates: List(o)}
	if dir, err := PluginDir(); err == nil {
		report.PluginDir = dir
	}
	choice, err := Resolve(ctx, o)
	if err != nil {
		return report, err
	}
	report.InUse, report.From, report.Notice = choice.Name, choice.From, choice.Notice
	report.Engine, report.Description = choice.Backend, choice.Backend.Description()
	report.Devices = choice.Backend.NumDevices()
	report.SharedBuffers = choice.Backend.HasSharedBuffers()

	device := choice.Backend.DeviceDescription(Device)
	version := pluginVersion(choice.Backend)
	found := false
	for i := range report.Candidates {
		c := &report.Candidates[i]
		if c.Name != choice.Name || found {
			continue
		}
		found = true
		c.InUse, c.Available, c.Reason, c.Plugin = true, true, "", choice.Plugin
		if c.Device == "" {
			c.Device = device
		}
		if version != "" {
			c.Version = version
		}
	}
	if !found {
		report.Candidates = append([]Candidate{{
			Name: choice.Name, Available: true, InUse: true, Plugin: choice.Plugin, Version: version, Device: device,
		}}, report.Candidates...)
	}
	return report, nil
}

var reFileVersion = regexp.MustCompile(`_v([0-9][0-9.]*)_`)

// fileVersion returns the version in the name of the file behind path, "" without one.
func fileVersion(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if match := reFileVersion.FindStringSubmatch(filepath.Base(path)); match != nil {
		return "plugin " + match[1]
	}
	return ""
}
