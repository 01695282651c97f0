// Package checkup looks for what can be wrong with the files of one machine.
package checkup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
	"github.com/weeklyarchive/weeklyarchive/internal/local/keyseal"
	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

// Files names the files of a data directory.
type Files struct {
	Dir      string
	Database string
	Key      string
	Private  []string // others that nobody else may read
}

// others is what a mode must not have.
const others fs.FileMode = 0o077

// Check looks at the files and changes none; it makes one and removes it, to
// see whether it can. usable is false where the
// database and the key cannot be opened, so that nothing else need be tried.
func Check(ctx context.Context, f Files) (findings []operate.Finding, usable bool) {
	if _, err := os.Stat(f.Dir); errors.Is(err, fs.ErrNotExist) {
		return []operate.Finding{operate.Warn("files", "there is no data directory "+f.Dir+" yet",
			"start the service once; or set DATA_DIR to the directory that it uses")}, false
	}
	findings = f.checkModes()
	if err := tryWriting(f.Dir); err != nil {
		// What SQLite says of such a disk looks like a damaged database.
		return append(findings, operate.Bad("disk", fmt.Sprintf("nothing can be written to %s: %s", f.Dir, err),
			"make room, or let the user who runs the service write there; the database is as it was")), false
	}
	database, key := !sqlitestore.Missing(f.path(f.Database)), exists(f.path(f.Key))
	switch {
	case !database && key:
		return append(findings, operate.Bad("database", "the database "+f.path(f.Database)+" is missing or empty, beside its key file",
			"put it back: `restore` with the newest of `backup --list`; to start over with nobody connected, move the key file away, too")), false
	case !database:
		return append(findings, operate.Warn("database", "there is no database yet", "start the service once")), false
	case !key:
		return append(findings, operate.Bad("key", "the key file "+f.path(f.Key)+" is missing beside its database",
			"put it back, from a backup: without it nobody's consent opens, and everybody has to reconnect")), false
	}
	usable = true
	if err := keyseal.Check(f.path(f.Key)); err != nil {
		usable = false
		findings = append(findings, operate.Bad("key", "the key file is damaged or cannot be read",
			"put back the right one, from a backup; a new key cannot open what the old one sealed"))
	}
	if err := sqlitestore.Check(ctx, f.path(f.Database)); err != nil {
		usable = false
		findings = append(findings, operate.Bad("database", err.Error(), "put back a copy: `restore` with the newest of `backup --list`"))
	}
	return findings, usable
}

// roomNeeded is what a run and its log take at most.
const roomNeeded = 1 << 20

// tryWriting writes a file of roomNeeded to the disk, and removes it.
func tryWriting(dir string) error {
	file, err := os.CreateTemp(dir, "doctor-*") // 0600
	if err != nil {
		return plain(err)
	}
	_, err = file.Write(make([]byte, roomNeeded))
	return plain(cmp.Or(err, file.Sync(), file.Close(), os.Remove(file.Name())))
}

// plain drops the operation and the path, which the caller names.
func plain(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// checkModes wants directory and files to be their owner's alone, and of one
// owner.
func (f Files) checkModes() []operate.Finding {
	if runtime.GOOS == "windows" {
		return []operate.Finding{{Check: "files", State: operate.Skipped, Found: "Windows has no such modes"}}
	}
	var findings []operate.Finding
	var of fs.FileInfo // the directory
	names := append([]string{"", f.Database, f.Key}, f.Private...)
	for i := 0; i < len(names); i++ { // names grows
		name, path := names[i], f.path(names[i])
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			findings = append(findings, operate.Bad("files", path+" cannot be looked at", "run this as the user who runs the service"))
			continue
		}
		if mode := info.Mode().Perm(); mode&others != 0 {
			findings = append(findings, operate.Bad("files", fmt.Sprintf("%s is open to others (mode %o)", path, mode),
				fmt.Sprintf("chmod %o %s", mode&^others, path)))
		}
		if of == nil {
			of = info
		}
		if entries, err := os.ReadDir(path); info.IsDir() && name != "" && err == nil {
			for _, entry := range entries {
				names = append(names, filepath.Join(name, entry.Name()))
			}
		}
		if !datadir.SameOwner(info, of) {
			findings = append(findings, operate.Bad("files", fmt.Sprintf("%s belongs to another user than %s: the service may be unable to write it", path, f.Dir),
				"chown it to the user who runs the service"))
		}
	}
	if len(findings) == 0 {
		findings = append(findings, operate.Good("files", "%s is for its owner alone", f.Dir))
	}
	return findings
}

func (f Files) path(name string) string { return filepath.Join(f.Dir, name) }

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Backups looks at the age of the copies.
func Backups(ctx context.Context, backups operate.Backups, now time.Time) operate.Finding {
	files, err := backups.List(ctx)
	if err != nil {
		return operate.Warn("backups", err.Error(), "remove what is no whole copy, and make a new one with `backup`")
	}
	if err := operate.Older(files, now); err != nil {
		return operate.Warn("backups", err.Error(), "`backup` removes it: what people who left stored has to be gone within five days")
	}
	return operate.Good("backups", "there are %d, none too old", len(files))
}
