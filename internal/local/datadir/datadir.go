// Package datadir is the directory in which one process keeps everything. A
// lock keeps a second process out; the kernel releases it when the holder
// ends, however it ends.
package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// ErrInUse says that another process holds the lock.
var ErrInUse = errors.New("another process uses this data directory")

const (
	dirMode  = 0o700
	fileMode = 0o600
	lockName = "lock"
)

// Dir is a locked data directory.
type Dir struct {
	path string
	lock *os.File
}

// Open makes the directory if it is missing, open to nobody but its owner, and
// locks it. ErrInUse when another process is in it. A directory that exists
// keeps its mode; the files in it are made 0600 by those who make them.
func Open(name string) (*Dir, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, fmt.Errorf("opening data directory %s: %w", name, err)
	}
	if err := os.MkdirAll(path, dirMode); err != nil {
		return nil, fmt.Errorf("making data directory %s: %w", path, plain(err))
	}
	lock, err := openPatiently(filepath.Join(path, lockName))
	if err != nil {
		return nil, fmt.Errorf("opening data directory %s: %w", path, err)
	}
	if err := Adopt(path, lock.Name()); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &Dir{path: path, lock: lock}, nil
}

const (
	lockTries = 10
	lockPause = 50 * time.Millisecond
)

// openPatiently gives a process that is just ending half a second: a restart
// begins before the lock of the one before is gone.
func openPatiently(path string) (lock *os.File, err error) {
	for range lockTries {
		if lock, err = openAlone(path); !errors.Is(err, ErrInUse) {
			return lock, err
		}
		time.Sleep(lockPause)
	}
	return nil, err
}

// Path returns the directory's absolute path.
func (d *Dir) Path() string { return d.path }

// File returns the path of a file in the directory.
func (d *Dir) File(name string) string { return filepath.Join(d.path, name) }

// Has reports whether the directory has a file of that name. A file that
// cannot be looked at counts: opening it says why.
func (d *Dir) Has(name string) bool {
	_, err := os.Lstat(d.File(name))
	return !errors.Is(err, fs.ErrNotExist)
}

// Close releases the lock. The lock file stays: removing it could take it
// from under a process that has just opened it.
func (d *Dir) Close() error {
	if err := d.lock.Close(); err != nil {
		return fmt.Errorf("closing data directory %s: %w", d.path, plain(err))
	}
	return nil
}

// Sync puts a directory's names on disk. On Windows a directory cannot be
// flushed, and NTFS journals its names itself.
func Sync(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// plain drops the operation and the path, which the caller names.
func plain(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}
