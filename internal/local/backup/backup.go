// Package backup copies the database and the key of one machine into one file,
// also while the service runs, and puts such a copy back. It notes who was
// deleted, so that a copy from before brings nobody back.
package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
	"github.com/weeklyarchive/weeklyarchive/internal/local/keyseal"
	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

var _ operate.Backups = (*Backups)(nil)

// Config says what is copied, and where to. All fields are required.
type Config struct {
	Data     string // the data directory
	Database string // name of the database in it
	Key      string // name of the key file in it
	Clock    func() time.Time
}

// Backups are the copies in the directory "backups" of a data directory,
// readable by their owner alone.
type Backups struct {
	cfg Config
	dir string
}

const (
	dirName  = "backups"
	dirMode  = 0o700
	fileMode = 0o600

	// Everything that holds what users stored begins with prefix and its
	// time, so it can be found when it has to go.
	prefix     = "weekly-archive-"
	suffix     = ".tar.gz"
	partSuffix = ".part"    // not finished
	awaySuffix = ".damaged" // was in the place of a database
	timeLayout = "20060102T150405.000Z"
)

// New returns the copies of a data directory.
func New(cfg Config) *Backups {
	return &Backups{cfg: cfg, dir: filepath.Join(cfg.Data, dirName)}
}

// Backup implements operate.Backups. The copy is as of one moment
// (https://www.sqlite.org/lang_vacuum.html#vacuuminto), holds nothing that was
// deleted before, and is there whole or not at all.
func (b *Backups) Backup(ctx context.Context, keep time.Duration) (operate.BackupFile, error) {
	file, err := b.copy(ctx)
	if err != nil {
		return operate.BackupFile{}, fmt.Errorf("making a backup: %w", err)
	}
	return file, b.Prune(keep)
}

func (b *Backups) copy(ctx context.Context) (_ operate.BackupFile, err error) {
	if path := filepath.Join(b.cfg.Data, b.cfg.Database); sqlitestore.Missing(path) {
		return operate.BackupFile{}, fmt.Errorf("there is no database %s (has the service been started, and is DATA_DIR the directory that it uses?)", path)
	}
	if _, err := os.Stat(filepath.Join(b.cfg.Data, b.cfg.Key)); err != nil {
		return operate.BackupFile{}, fmt.Errorf("%s in %s: %w", b.cfg.Key, b.cfg.Data, plain(err))
	}
	key, err := keyseal.Open(filepath.Join(b.cfg.Data, b.cfg.Key))
	if err != nil {
		return operate.BackupFile{}, err
	}
	if err := b.makeDir(); err != nil {
		return operate.BackupFile{}, err
	}
	at := b.cfg.Clock().UTC().Truncate(time.Millisecond)
	name := filepath.Join(b.dir, prefix+at.Format(timeLayout))
	database, part := name+".db"+partSuffix, name+suffix+partSuffix
	defer func() { err = errors.Join(err, remove(database), remove(part)) }()
	if err := sqlitestore.Copy(ctx, filepath.Join(b.cfg.Data, b.cfg.Database), database); err != nil {
		return operate.BackupFile{}, fmt.Errorf("copying the database: %w", err)
	}
	m := manifest{V: manifestVersion, At: at, KeyVersion: key.Version()}
	if err := pack(part, m, database, filepath.Join(b.cfg.Data, b.cfg.Key)); err != nil {
		return operate.BackupFile{}, err
	}
	if err := cmp.Or(datadir.Adopt(b.cfg.Data, part), os.Rename(part, name+suffix), datadir.Sync(b.dir)); err != nil {
		return operate.BackupFile{}, err
	}
	return b.describe(name + suffix)
}

// makeDir makes the directory of the copies, if there is none.
func (b *Backups) makeDir() error {
	if err := os.MkdirAll(b.dir, dirMode); err != nil {
		return err
	}
	return datadir.Adopt(b.cfg.Data, b.dir)
}

// List implements operate.Backups. A file that is no whole copy is named in the
// error, beside the others.
func (b *Backups) List(context.Context) ([]operate.BackupFile, error) {
	entries, err := os.ReadDir(b.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing backups: %w", err)
	}
	var files []operate.BackupFile
	var problems []error
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), prefix) || !strings.HasSuffix(entry.Name(), suffix) {
			continue
		}
		path := filepath.Join(b.dir, entry.Name())
		file, err := b.describe(path)
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was removed meanwhile
		case err != nil:
			problems = append(problems, fmt.Errorf("%s: %w", path, err))
		default:
			files = append(files, file)
		}
	}
	slices.SortFunc(files, func(x, y operate.BackupFile) int { return y.At.Compare(x.At) })
	return files, errors.Join(problems...)
}

func (b *Backups) describe(path string) (operate.BackupFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return operate.BackupFile{}, err
	}
	m, err := readManifest(path)
	if err != nil {
		return operate.BackupFile{}, err
	}
	return operate.BackupFile{Path: path, At: m.At, Size: info.Size(), KeyVersion: m.KeyVersion}, nil
}

// Prune removes everything that is older than keep: copies, what an
// interrupted copy left, and the notes about who was deleted before.
func (b *Backups) Prune(keep time.Duration) error {
	entries, err := os.ReadDir(b.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("removing old backups: %w", err)
	}
	oldest := b.cfg.Clock().Add(-keep)
	var problems []error
	for _, entry := range entries {
		if at, ok := madeAt(entry.Name()); ok && at.Before(oldest) {
			problems = append(problems, os.RemoveAll(filepath.Join(b.dir, entry.Name())))
		}
	}
	problems = append(problems, b.forget())
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("removing old backups: %w", err)
	}
	return nil
}

// madeAt reads the time in the name of a file of ours.
func madeAt(name string) (time.Time, bool) {
	rest, ours := strings.CutPrefix(name, prefix)
	if !ours || len(rest) < len(timeLayout) {
		return time.Time{}, false
	}
	at, err := time.Parse(timeLayout, rest[:len(timeLayout)])
	return at, err == nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// plain drops the operation and the path, which the caller names.
func plain(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}
