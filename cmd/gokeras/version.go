package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionInfo is what "gokeras version" prints.
type versionInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Cgo      bool   `json:"cgo"`
	// Modules are the versions of the modules that compute.
	Modules map[string]string `json:"modules,omitempty"`
}

// engineModules are the modules whose versions matter to numbers and speed.
var engineModules = []string{"github.com/gomlx/gomlx", "github.com/gomlx/compute", "github.com/gomlx/go-xla"}

// readVersion reads what the Go linker recorded.
func readVersion() versionInfo {
	v := versionInfo{
		Version:  "(devel)",
		Go:       runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	modified := false
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			v.Revision = setting.Value
		case "vcs.modified":
			modified = setting.Value == "true"
		case "CGO_ENABLED":
			v.Cgo = setting.Value == "1"
		}
	}
	if modified && v.Revision != "" {
		v.Revision += " (modified)"
	}
	v.Modules = make(map[string]string)
	for _, dep := range info.Deps {
		for _, path := range engineModules {
			if dep.Path == path {
				v.Modules[path] = dep.Version
			}
		}
	}
	return v
}

// newVersionCommand makes "gokeras version".
func newVersionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of gokeras and of what it is built on",
		Example: `  gokeras version
  gokeras version --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := readVersion()
			out := cmd.OutOrStdout()
			if asJSON {
				return printJSON(out, v)
			}
			cgo := "without cgo"
			if v.Cgo {
				cgo = "with cgo"
			}
			fmt.Fprintf(out, "gokeras %s\n", v.Version)
			if v.Revision != "" {
				fmt.Fprintf(out, "revision %s\n", v.Revision)
			}
			fmt.Fprintf(out, "%s %s, %s\n", v.Go, v.Platform, cgo)
			for _, path := range engineModules {
				if version := v.Modules[path]; version != "" {
					fmt.Fprintf(out, "%s %s\n", path, version)
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for programs")
	return cmd
}
