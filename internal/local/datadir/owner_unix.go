//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package datadir

import (
	"io/fs"
	"os"
	"syscall"
)

func adopt(dir, path string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return os.Lchown(path, int(owner.Uid), int(owner.Gid))
}

// SameOwner reports whether both belong to one user.
func SameOwner(a, b fs.FileInfo) bool {
	of, ok := a.Sys().(*syscall.Stat_t)
	other, isToo := b.Sys().(*syscall.Stat_t)
	return !ok || !isToo || of.Uid == other.Uid
}
