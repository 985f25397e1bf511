package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gokeras/gokeras/backend"
	"github.com/gokeras/gokeras/internal/execcache"
	"github.com/gokeras/gokeras/internal/rewrite"
	"github.com/spf13/cobra"
)

// newBackendCommand makes "gokeras backend".
func newBackendCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "backend",
		Short: "Print which engine runs models, and which could",
		Long: `Print which engine runs models here, and which could.

The engine is the first of these that works:

  1. what GOKERAS_BACKEND asks for, or GOMLX_BACKEND when that is not set:
     xla:cuda, xla:cpu, xla:/abs/plugin.so, xla (the best XLA plugin) or go;
  2. an installed XLA CUDA plugin, with an NVIDIA GPU;
  3. an installed XLA CPU plugin;
  4. the XLA CPU plugin, fetched by the first program that needs it, unless
     GOKERAS_OFFLINE=1;
  5. the pure-Go engine.

This command fetches nothing.`,
		Example: `  gokeras backend
  gokeras backend --json
  GOKERAS_BACKEND=xla:cpu gokeras backend`,
		Args: noSubcommand,

		SuggestionsMinimumDistance: 2,

		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := backend.Describe(cmd.Context(), backend.Options{})
			all := backendReport{report, rewrite.Kernels{}, execcache.Describe()}
			if err == nil {
				all.Kernels = rewrite.Describe(report.Engine)
			}
			// What could be used helps most when what was asked for can't.
			write := all.print
			if asJSON {
				write = func(w io.Writer) error { return printJSON(w, all) }
			}
			if printErr := write(cmd.OutOrStdout()); printErr != nil {
				return printErr
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for programs")
	cmd.AddCommand(newBackendInstallCommand(), newBackendClearCacheCommand())
	return cmd
}

// newBackendInstallCommand makes "gokeras backend install".
func newBackendInstallCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "install [cpu|cuda]",
		Short: "Fetch an XLA plugin, the CPU's by default",
		Long: `Fetch an XLA plugin into the folder where every GoMLX program finds it, and print its path.

The CPU plugin is about 60 MB to fetch. The CUDA plugin comes with NVIDIA's libraries, some
gigabytes, and needs an NVIDIA GPU with its driver. A plugin that is there already stays.`,
		Example: `  gokeras backend install
  gokeras backend install --force
  gokeras backend install cuda`,
		Args:      oneOf,
		ValidArgs: []string{"cpu", "cuda"},
		RunE: func(cmd *cobra.Command, args []string) error {
			var path string
			var err error
			if len(args) == 1 && args[0] == "cuda" {
				path, err = backend.InstallCUDA(cmd.Context())
			} else {
				path, err = backend.Install(cmd.Context(), backend.InstallOptions{
					Force: force, Progress: cmd.ErrOrStderr(),
				})
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), path)
			return err
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "fetch the CPU plugin again even if one that works is there")
	return cmd
}

// newBackendClearCacheCommand makes "gokeras backend clear-cache".
func newBackendClearCacheCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clear-cache",
		Short: "Remove the compiled programs that are kept for the next start",
		Long: `Remove the compiled programs that are kept for the next start, and print how many there were.

The XLA CPU plugin's programs are kept in the folder that "gokeras backend" shows, up to
1 GB, so that a program's second start needn't compile them again. Nothing is lost but that time.
GOKERAS_CACHE names another folder; with GOKERAS_CACHE=off nothing is kept.`,
		Example: "  gokeras backend clear-cache",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			removed, err := execcache.Clear()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Removed from %s: %s\n", removed.Folder, programs(removed))
			return err
		},
	}
}

// programs tells how many programs there are, and their size.
func programs(u execcache.Usage) string {
	noun := "programs"
	if u.Programs == 1 {
		noun = "program"
	}
	return fmt.Sprintf("%d %s, %.1f MB", u.Programs, noun, float64(u.Bytes)/1e6)
}

// backendReport is what "gokeras backend" prints.
type backendReport struct {
	backend.Report
	Kernels rewrite.Kernels `json:"kernels"`
	Cache   execcache.Usage `json:"cache"`
}

// print writes the report for people.
func (r backendReport) print(w io.Writer) error {
	var out strings.Builder
	if r.InUse != "" {
		fmt.Fprintf(&out, "In use: %s", r.InUse)
		if r.From != "" {
			fmt.Fprintf(&out, " (asked for by %s)", r.From)
		}
		fmt.Fprintln(&out)
		if r.Notice != "" {
			fmt.Fprintf(&out, "Note:   %s\n", r.Notice)
		}
	} else {
		fmt.Fprintln(&out, "In use: none")
	}
	if r.PluginDir != "" {
		fmt.Fprintf(&out, "Plugins are installed in %s\n", r.PluginDir)
	}
	if r.Cache.Folder != "" {
		fmt.Fprintf(&out, "Cache of compiled programs: %s (%s)\n", r.Cache.Folder, programs(r.Cache))
	}
	if r.Cache.Off != "" {
		fmt.Fprintf(&out, "Compiled programs aren't kept: %s\n", r.Cache.Off)
	}
	if r.Kernels.Level != "" {
		fmt.Fprintf(&out, "Kernels for convolutions and more: %s\n", r.Kernels.Level)
	}
	if r.Kernels.Off != "" {
		fmt.Fprintf(&out, "Programs run without kernels: %s\n", r.Kernels.Off)
	}
	fmt.Fprintln(&out)

	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ENGINE\tSTATE\tDEVICE\tVERSION\tPLUGIN OR REASON")
	for _, c := range r.Candidates {
		state, detail := "not available", c.Reason
		if c.Available {
			state, detail = "available", c.Plugin
		}
		if c.InUse {
			state = "in use"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.Name, state, dash(c.Device), dash(c.Version), dash(detail))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// dash is s, or "-" to keep a table's column visible.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
