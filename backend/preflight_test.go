package backend

import (
	"debug/elf"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckELF(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("plugins are ELF files on Linux only")
	}
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o644))
		return path
	}
	program, err := os.Executable()
	require.NoError(t, err)
	whole, err := os.ReadFile(program)
	require.NoError(t, err)

	require.ErrorIs(t, checkELF(filepath.Join(dir, "missing"), "2.36"), os.ErrNotExist)
	require.ErrorContains(t, checkELF(write("text", []byte("not a library")), "2.36"), "not a whole shared library")
	require.Error(t, checkELF(write("empty", nil), "2.36"))
	require.Error(t, checkELF(write("cut", whole[:len(whole)/2]), "2.36"))
	other := append([]byte(nil), whole...)
	other[18], other[19] = byte(elf.EM_RISCV), 0 // e_machine
	require.ErrorContains(t, checkELF(write("other", other), "2.36"), "built for EM_RISCV")
	// This test is a program for this processor, but no plugin.
	require.Error(t, checkELF(program, "2.36"))
}

func TestCheckInstalledPlugin(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("plugins are ELF files on Linux only")
	}
	found := matching(FindPlugins(SearchPath(os.Getenv)), "cpu")
	if len(found) == 0 {
		t.Skip("no XLA CPU plugin is installed")
	}
	require.NoError(t, checkPlugin(found[0].Path))
	require.ErrorContains(t, checkELF(found[0].Path, "2.5"), "and this machine has 2.5")
	require.ErrorContains(t, checkELF(found[0].Path, ""), "doesn't run on glibc")
}

func TestGlibcSuffices(t *testing.T) {
	tests := []struct {
		needed, have string
		ok           bool
	}{
		{"", "", true},
		{"", "2.36", true},
		{"2.27", "2.27", true},
		{"2.27", "2.36", true},
		{"2.27", "2.4", false},
		{"2.2.5", "2.36", true},
		{"2.27", "", false},
	}
	for _, tc := range tests {
		err := glibcSuffices("plugin.so", tc.needed, tc.have)
		require.Equal(t, tc.ok, err == nil, "%+v: %v", tc, err)
	}
	require.Equal(t, "2.36", newerGlibc("2.4", "GLIBC_2.36"))
	require.Equal(t, "2.4", newerGlibc("2.4", "GLIBC_2.2.5"))
	require.Equal(t, "2.4", newerGlibc("2.4", "GLIBC_PRIVATE"))
	require.Equal(t, "2.4", newerGlibc("2.4", "GLIBCXX_3.4.30"))
}

func TestMappedLibc(t *testing.T) {
	maps := filepath.Join(t.TempDir(), "maps")
	write := func(text string) {
		require.NoError(t, os.WriteFile(maps, []byte(text), 0o644))
	}
	write("00400000-00452000 r-xp 00000000 08:02 173521 /usr/bin/dbus\n" +
		"7f0000000000-7f0000001000 r-xp 00000000 08:02 135522 /lib/x86_64-linux-gnu/libc.so.6\n")
	require.Equal(t, "/lib/x86_64-linux-gnu/libc.so.6", mappedLibc(maps))
	write("7f0000000000-7f0000001000 r-xp 00000000 08:02 1 /lib64/libc-2.31.so\n")
	require.Equal(t, "/lib64/libc-2.31.so", mappedLibc(maps))
	write("7f0000000000-7f0000001000 r-xp 00000000 08:02 1 /lib/ld-musl-x86_64.so.1\n")
	require.Empty(t, mappedLibc(maps))
	require.Empty(t, mappedLibc(filepath.Join(t.TempDir(), "missing")))
}
