package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/backend"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// execute runs gokeras with args and returns its exit code and what it wrote.
func execute(ctx context.Context, root *cobra.Command, args ...string) (code int, stdout, stderr string) {
	var out, errOut bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&errOut)
	root.SetArgs(args)
	code = run(ctx, root)
	return code, out.String(), errOut.String()
}

func TestUsage(t *testing.T) {
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"backed"}, "gokeras: \"gokeras\" has no command \"backed\" (did you mean \"backend\"?)\nRun 'gokeras --help' for usage.\n"},
		{[]string{"frobnicate"}, "gokeras: \"gokeras\" has no command \"frobnicate\"\nRun 'gokeras --help' for usage.\n"},
		{[]string{"--bad"}, "gokeras: unknown flag: --bad\nRun 'gokeras --help' for usage.\n"},
		{[]string{"backend", "--jsn"}, "gokeras: unknown flag: --jsn\nRun 'gokeras backend --help' for usage.\n"},
		{[]string{"backend", "instal"}, "gokeras: \"gokeras backend\" has no command \"instal\" (did you mean \"install\"?)\nRun 'gokeras backend --help' for usage.\n"},
		{[]string{"backend", "install", "tpu"}, "gokeras: \"gokeras backend install\" can't take \"tpu\", only cpu or cuda\nRun 'gokeras backend install --help' for usage.\n"},
		{[]string{"backend", "install", "cpu", "cuda"}, "gokeras: \"gokeras backend install\" takes one argument at most, not 2\nRun 'gokeras backend install --help' for usage.\n"},
		{[]string{"version", "now"}, "gokeras: unknown command \"now\" for \"gokeras version\"\nRun 'gokeras version --help' for usage.\n"},
	}
	for _, tc := range tests {
		code, stdout, stderr := execute(t.Context(), newRoot(), tc.args...)
		require.Equal(t, exitUsage, code, tc.args)
		require.Empty(t, stdout, tc.args)
		require.Equal(t, tc.want, stderr)
	}
}

func TestHelp(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if cmd.Name() != "completion" && cmd.Name() != "help" {
			require.NotEmpty(t, cmd.Short, cmd.CommandPath())
			require.NotEmpty(t, cmd.Example, "%s has no example", cmd.CommandPath())
			for _, sub := range cmd.Commands() {
				visit(sub)
			}
		}
	}
	visit(newRoot())

	code, stdout, stderr := execute(t.Context(), newRoot())
	require.Equal(t, exitOK, code)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "Available Commands:")

	code, stdout, _ = execute(t.Context(), newRoot(), "backend", "install", "--help")
	require.Equal(t, exitOK, code)
	require.Contains(t, stdout, "Examples:")

	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		code, stdout, _ = execute(t.Context(), newRoot(), "completion", shell)
		require.Equal(t, exitOK, code)
		require.Contains(t, stdout, "gokeras")
	}
}

func TestVersion(t *testing.T) {
	code, stdout, _ := execute(t.Context(), newRoot(), "version")
	require.Equal(t, exitOK, code)
	require.Contains(t, stdout, "gokeras ")
	code, stdout, _ = execute(t.Context(), newRoot(), "version", "--json")
	require.Equal(t, exitOK, code)
	var v versionInfo
	require.NoError(t, json.Unmarshal([]byte(stdout), &v))
	require.Equal(t, readVersion(), v)
	require.NotEmpty(t, v.Version)
}

func TestBackend(t *testing.T) {
	t.Setenv("GOKERAS_BACKEND", "go")
	code, stdout, stderr := execute(t.Context(), newRoot(), "backend")
	require.Equal(t, exitOK, code)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "In use: go (asked for by GOKERAS_BACKEND)\n")
	require.Regexp(t, `(?m)^xla:cpu +(not )?available +`, stdout)
	require.Regexp(t, `(?m)^go +in use +`, stdout)

	code, stdout, stderr = execute(t.Context(), newRoot(), "backend", "--json")
	require.Equal(t, exitOK, code)
	require.Empty(t, stderr)
	var report backend.Report
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	require.Equal(t, "go", report.InUse)
	require.GreaterOrEqual(t, len(report.Candidates), 3)

	require.NotContains(t, stdout, `"level"`) // of kernels for XLA

	if slices.ContainsFunc(report.Candidates, func(c backend.Candidate) bool { return c.Name == "xla:cpu" && c.Available }) {
		t.Setenv("GOKERAS_BACKEND", "xla:cpu")
		t.Setenv("GOKERAS_KERNELS", "off")
		code, stdout, stderr = execute(t.Context(), newRoot(), "backend")
		require.Equal(t, exitOK, code)
		require.Empty(t, stderr)
		require.Contains(t, stdout, "Programs run without kernels: GOKERAS_KERNELS=off\n")
	}

	t.Setenv("GOKERAS_BACKEND", "xlaa")
	code, stdout, stderr = execute(t.Context(), newRoot(), "backend")
	require.Equal(t, exitError, code)
	require.Contains(t, stdout, "In use: none\n")
	require.Contains(t, stderr, `did you mean "xla"?`)
	require.NotContains(t, stderr, "Usage:")
}

func TestBackendCache(t *testing.T) {
	t.Setenv("GOKERAS_BACKEND", "go")
	dir := filepath.Join(t.TempDir(), "cache")
	t.Setenv("GOKERAS_CACHE", dir)
	code, stdout, _ := execute(t.Context(), newRoot(), "backend")
	require.Equal(t, exitOK, code)
	require.Contains(t, stdout, "Cache of compiled programs: "+dir+" (0 programs, 0.0 MB)\n")
	require.NoDirExists(t, dir)

	require.NoError(t, os.Mkdir(dir, 0o700))
	program := filepath.Join(dir, strings.Repeat("0a", 32)+".xla")
	require.NoError(t, os.WriteFile(program, make([]byte, 2_000_000), 0o600))
	code, stdout, _ = execute(t.Context(), newRoot(), "backend", "--json")
	require.Equal(t, exitOK, code)
	require.Contains(t, stdout, `"programs": 1`)
	code, stdout, stderr := execute(t.Context(), newRoot(), "backend", "clear-cache")
	require.Equal(t, exitOK, code, stderr)
	require.Equal(t, "Removed from "+dir+": 1 program, 2.0 MB\n", stdout)
	require.NoFileExists(t, program)

	t.Setenv("GOKERAS_CACHE", "off")
	code, stdout, _ = execute(t.Context(), newRoot(), "backend")
	require.Equal(t, exitOK, code)
	require.Contains(t, stdout, "Compiled programs aren't kept: the cache is off by GOKERAS_CACHE\n")
	code, _, stderr = execute(t.Context(), newRoot(), "backend", "clear-cache")
	require.Equal(t, exitError, code)
	require.Contains(t, stderr, "the cache is off by GOKERAS_CACHE")
}

func TestBackendInstallOffline(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GOKERAS_OFFLINE", "1")
	code, stdout, stderr := execute(t.Context(), newRoot(), "backend", "install")
	require.Equal(t, exitError, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "gokeras: ")
	require.NotContains(t, stderr, "Usage:")
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	root := newRoot()
	root.AddCommand(&cobra.Command{Use: "wait", RunE: func(cmd *cobra.Command, _ []string) error {
		cancel()
		return context.Cause(cmd.Context())
	}})
	code, _, stderr := execute(ctx, root, "wait")
	require.Equal(t, exitInterrupted, code)
	require.Equal(t, "gokeras: interrupted\n", stderr)
}
