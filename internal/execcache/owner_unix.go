//go:build unix

package execcache

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// onlyMine returns an error unless the file or folder is this user's and nobody else may write to it.
func onlyMine(info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return errors.New("its owner is unknown")
	case int(stat.Uid) != os.Geteuid():
		return errors.New("it belongs to another user, whose machine code would be run")
	case info.Mode().Perm()&0o022 != 0:
		return errors.New("others may write to it, whose machine code would be run")
	}
	return nil
}

// noFollow makes opening a symbolic link fail, and opening a pipe not wait.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
