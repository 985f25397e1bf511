package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gomlx/compute"

	"github.com/gokeras/gokeras/internal/goengine"
)

var (
	// ErrOffline is wrapped in errors about a plugin that the environment forbids to fetch.
	ErrOffline = errors.New("fetching it is forbidden")

	// errNoCgo says that the program lacks cgo on a platform where XLA exists.
	errNoCgo = errors.New("this program was built without cgo, which XLA needs (build it with a C compiler and CGO_ENABLED=1)")
)

// Options tells [Resolve] what to look at. The zero value is the process's real environment.
type Options struct {
	// Getenv reads an environment variable; nil means [os.Getenv].
	Getenv func(key string) string
	// PluginDirs are the folders to search for plugins; nil means [SearchPath].
	PluginDirs []string
	// HasGPU says whether there is an NVIDIA GPU; nil means to ask the machine.
	HasGPU func() bool
	// NoFetch forbids fetching a plugin, whatever the environment says.
	NoFetch bool
	// Fetch fetches the XLA CPU plugin and returns its path; nil means [Install], which gives up
	// at once for an hour after a failure.
	Fetch func(ctx context.Context) (path string, err error)
	// Open opens the engine of a GoMLX configuration such as "go" or "xla:/abs/plugin.so,shared_buffers";
	// nil means to really open it.
	Open func(config string) (compute.Backend, error)

	support func() error       // nil means xlaSupport
	check   func(string) error // nil means checkPlugin
}

// Choice is the engine that [Resolve] chose, opened.
type Choice struct {
	// Backend is the engine.
	Backend compute.Backend
	// Name is what GOKERAS_BACKEND would have to be for the same choice: "xla:cuda", "xla:cpu", "xla:/abs/plugin.so", "go".
	Name string
	// Config is the GoMLX configuration with which the engine was opened.
	Config string
	// Plugin is the absolute path of the XLA plugin, "" without one.
	Plugin string
	// From is the environment variable that asked for the engine, "" if it was chosen.
	From string
	// Notice is one line that says what was chosen and why, when it isn't the fastest that the machine
	// could have; "" when it is.
	Notice string
}

// withDefaults fills in the real environment.
func (o Options) withDefaults() Options {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.PluginDirs == nil {
		o.PluginDirs = SearchPath(o.Getenv)
	}
	if o.HasGPU == nil {
		o.HasGPU = hasNvidiaGPU
	}
	if o.Fetch == nil {
		o.Fetch = func(ctx context.Context) (string, error) {
			return Install(ctx, InstallOptions{Progress: os.Stderr, RespectFailure: true})
		}
	}
	if o.Open == nil {
		o.Open = openEngine
	}
	if o.support == nil {
		o.support = xlaSupport
	}
	if o.check == nil {
		o.check = checkPlugin
	}
	return o
}

// Resolve chooses and opens an engine in the order that the package comment gives. It has no effect on
// [Default] and prints nothing, except the progress of a fetch.
//
// It returns an error when an environment variable asks for an engine that is misspelt or can't be
// opened, and when ctx ends. Without such a variable there is always the pure-Go engine.
func Resolve(ctx context.Context, o Options) (Choice, error) {
	r := resolver{Options: o.withDefaults()}
	r.plugins = FindPlugins(r.PluginDirs)
	for _, key := range []string{"GOKERAS_BACKEND", "GOMLX_BACKEND"} {
		if value := strings.TrimSpace(r.Getenv(key)); value != "" {
			return r.explicit(ctx, key, value)
		}
	}
	return r.automatic(ctx)
}

// resolver is the state of one Resolve.
type resolver struct {
	Options
	plugins []Plugin
}

// automatic chooses when the environment asks for nothing.
func (r *resolver) automatic(ctx context.Context) (Choice, error) {
	var reasons []string
	if err := r.support(); err != nil {
		if errors.Is(err, errNoCgo) {
			reasons = append(reasons, err.Error())
		}
		return r.pureGo(reasons)
	}
	choice, err := r.bestXLA(ctx, "")
	if err == nil || ctx.Err() != nil {
		return choice, err
	}
	return r.pureGo(append(reasons, oneLine(err)))
}

// pureGo opens the pure-Go engine, with reasons why nothing faster was possible.
func (r *resolver) pureGo(reasons []string) (Choice, error) {
	b, err := r.Open("go")
	if err != nil {
		return Choice{}, fmt.Errorf("opening the pure-Go engine: %w", err)
	}
	return Choice{Backend: b, Name: "go", Config: "go", Notice: notice(pureGo(), reasons)}, nil
}

// bestXLA opens the fastest XLA plugin: CUDA with a GPU, else CPU, which it may fetch.
func (r *resolver) bestXLA(ctx context.Context, options string) (Choice, error) {
	var reasons []string
	if r.HasGPU() {
		choice, err := r.openPlugin("cuda", options)
		if err == nil {
			return choice, nil
		}
		reasons = append(reasons, "this machine has an NVIDIA GPU, but "+oneLine(err))
	}
	choice, err := r.cpu(ctx, options)
	if err != nil {
		if len(reasons) > 0 {
			err = fmt.Errorf("%s; %w", strings.Join(reasons, "; "), err)
		}
		return Choice{}, err
	}
	choice.Notice = notice("XLA on the CPU", reasons)
	return choice, nil
}

// cpu opens the XLA CPU plugin, fetching it if none works and that is allowed.
func (r *resolver) cpu(ctx context.Context, options string) (Choice, error) {
	choice, err := r.openPlugin("cpu", options)
	if err == nil {
		return choice, nil
	}
	switch {
	case isSet(r.Getenv("GOKERAS_OFFLINE")):
		return Choice{}, fmt.Errorf("%w and %w by GOKERAS_OFFLINE", err, ErrOffline)
	case isSet(r.Getenv("GOMLX_NO_AUTO_INSTALL")):
		return Choice{}, fmt.Errorf("%w and %w by GOMLX_NO_AUTO_INSTALL (`gokeras backend install` fetches it)", err, ErrOffline)
	case r.NoFetch:
		return Choice{}, fmt.Errorf("%w (`gokeras backend install` fetches it, as does the first program that needs it)", err)
	}
	path, fetchErr := r.Fetch(ctx)
	if fetchErr != nil {
		if ctx.Err() != nil {
			return Choice{}, context.Cause(ctx)
		}
		return Choice{}, fmt.Errorf("%w and fetching it failed: %w", err, fetchErr)
	}
	choice, openErr := r.open(Plugin{Name: "cpu", Path: path}, "xla:cpu", options)
	if openErr != nil {
		return Choice{}, fmt.Errorf("the XLA CPU plugin doesn't work: %w", openErr)
	}
	return choice, nil
}

// openPlugin opens the first installed plugin that serves name and works.
func (r *resolver) openPlugin(name, options string) (Choice, error) {
	var errs []string
	for _, p := range matching(r.plugins, name) {
		choice, err := r.open(p, "xla:"+name, options)
		if err == nil {
			return choice, nil
		}
		errs = append(errs, oneLine(err))
	}
	if len(errs) > 0 {
		return Choice{}, fmt.Errorf("the installed XLA %s plugin doesn't work (%s)", displayName(name), strings.Join(errs, "; "))
	}
	hint := ""
	if name == "cuda" {
		hint = cudaHint()
	}
	return Choice{}, fmt.Errorf("no XLA %s plugin is installed%s", displayName(name), hint)
}

// cudaHint says how to get the CUDA plugin, as an appendix to a sentence.
func cudaHint() string {
	if runtime.GOOS+"/"+runtime.GOARCH != cudaPlatform {
		return ""
	}
	return " (`gokeras backend install cuda` fetches it)"
}

// displayName is how messages write a plugin's name.
func displayName(name string) string {
	if len(name) <= 4 {
		return strings.ToUpper(name)
	}
	return name
}

// open opens the plugin p; name is the choice's name.
func (r *resolver) open(p Plugin, name, options string) (Choice, error) {
	if err := r.check(p.Path); err != nil {
		return Choice{}, err
	}
	config, err := xlaConfig(p, options)
	if err != nil {
		return Choice{}, err
	}
	b, err := r.Open(config)
	if err != nil {
		return Choice{}, err
	}
	return Choice{Backend: b, Name: name, Config: config, Plugin: p.Path}, nil
}

// explicit opens the engine that the environment variable key asks for.
func (r *resolver) explicit(ctx context.Context, key, value string) (Choice, error) {
	var installed []string
	for _, p := range r.plugins {
		installed = append(installed, p.Name)
	}
	s, err := parseSpec(key, value, installed)
	if err != nil {
		return Choice{}, err
	}
	choice, err := r.openSpec(ctx, s)
	if err != nil {
		if ctx.Err() != nil {
			return Choice{}, context.Cause(ctx)
		}
		return Choice{}, fmt.Errorf("%s=%q: %w", key, value, err)
	}
	choice.From = key
	if s.engine == "go" && r.support() == nil {
		choice.Notice = notice(pureGo(), []string{fmt.Sprintf("%s=%s asks for it", key, value)})
	}
	return choice, nil
}

// openSpec opens what s asks for.
func (r *resolver) openSpec(ctx context.Context, s spec) (Choice, error) {
	if s.engine != "xla" {
		config := s.engine
		if s.options != "" {
			config += ":" + s.options
		}
		b, err := r.Open(config)
		return Choice{Backend: b, Name: s.engine, Config: config}, err
	}
	if err := r.support(); err != nil {
		return Choice{}, err
	}
	switch {
	case s.plugin == "":
		return r.bestXLA(ctx, s.options)
	case s.plugin == "cpu":
		return r.cpu(ctx, s.options)
	case filepath.IsAbs(s.plugin):
		return r.open(Plugin{Path: s.plugin}, "xla:"+s.plugin, s.options)
	default:
		return r.openPlugin(s.plugin, s.options)
	}
}

// xlaConfig is the GoMLX configuration that opens the plugin p with go-xla's options.
//
// It names the file, so that go-xla neither searches (loading every plugin of the machine to
// look at it) nor installs. Whether host and device share buffers is said outright, because go-xla
// would guess it from the whole path.
func xlaConfig(p Plugin, options string) (string, error) {
	if strings.Contains(p.Path, ",") {
		return "", fmt.Errorf("%s: GoMLX can't open a plugin whose path has a comma", p.Path)
	}
	config := "xla:" + p.Path
	if isCPU(p) && looksLikeCUDA(p.Path) && p.Name != "" {
		// go-xla takes a plugin for CUDA's by its whole path, as in the home of a user called nvidia; its
		// name then avoids that, at the price of the search.
		config = "xla:" + p.Name
	}
	if options != "" {
		config += "," + options
	}
	if strings.Contains(options, "shared_buffers") {
		return config, nil
	}
	if isCPU(p) {
		return config + ",shared_buffers", nil
	}
	return config + ",noshared_buffers", nil
}

// isCPU guesses from its name whether p computes on the CPU.
func isCPU(p Plugin) bool {
	return isCPUName(cmp.Or(p.Name, p.Path))
}

// looksLikeCUDA says whether go-xla takes a plugin of this name or path for CUDA's.
func looksLikeCUDA(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "cuda") || strings.Contains(name, "nvidia")
}

// openEngine opens the engine of a GoMLX configuration.
func openEngine(config string) (b compute.Backend, err error) {
	engine, rest, _ := strings.Cut(config, ":")
	switch engine {
	case "xla":
		return openXLA(rest)
	case "go":
		return goengine.New(rest)
	}
	// Engines that the program registered itself may panic, as GoMLX's constructors do.
	defer func() {
		if r := recover(); r != nil {
			b, err = nil, fmt.Errorf("opening the engine %q: %v", config, r)
		}
	}()
	return compute.NewWithConfig(config)
}

// pureGo names the pure-Go engine and what speaks against it.
func pureGo() string {
	if goengine.Vectorized {
		return "the pure-Go engine, slower than XLA"
	}
	return "the pure-Go engine, much slower than XLA"
}

// notice is the one line for an engine that isn't the fastest, "" without reasons.
func notice(engine string, reasons []string) string {
	if len(reasons) == 0 {
		return ""
	}
	return "using " + engine + ": " + strings.Join(reasons, "; ")
}

// oneLine is err's text without line breaks.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// isSet says whether the value of an environment variable means yes.
func isSet(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "", "0", "false", "no", "off":
		return false
	}
	return true
}
