package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
	"github.com/weeklyarchive/weeklyarchive/internal/local/keyseal"
	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

// Restore implements operate.Backups. Nothing is replaced before the copy was
// found good and everybody who left since is gone from it. A restore that is
// cut off can be repeated.
func (b *Backups) Restore(ctx context.Context, path string) (_ operate.Restored, err error) {
	lock, err := datadir.Open(b.cfg.Data)
	if errors.Is(err, datadir.ErrInUse) {
		return operate.Restored{}, fmt.Errorf("stop the service first: %w", operate.ErrRunning)
	}
	if err != nil {
		return operate.Restored{}, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	from, err := b.describe(path)
	if errors.Is(err, fs.ErrNotExist) {
		return operate.Restored{}, fmt.Errorf("there is no file %s: %w", path, fault.ErrNotFound)
	}
	if err != nil {
		return operate.Restored{}, fmt.Errorf("reading %s: %w", path, err)
	}
	restored := operate.Restored{From: from}
	if err := b.restore(ctx, path, &restored); err != nil {
		return operate.Restored{}, fmt.Errorf("restoring %s: %w", path, err)
	}
	return restored, nil
}

func (b *Backups) restore(ctx context.Context, path string, r *operate.Restored) (err error) {
	if err := b.makeDir(); err != nil {
		return err
	}
	now := b.cfg.Clock().UTC()
	dir := filepath.Join(b.dir, prefix+now.Format(timeLayout)+".restore"+partSuffix)
	if err := os.Mkdir(dir, dirMode); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	m, err := unpack(path, dir)
	if err != nil {
		return err
	}
	key, err := keyseal.Open(filepath.Join(dir, keyEntry))
	if err != nil {
		return err
	}
	if key.Version() != m.KeyVersion {
		return fmt.Errorf("its key is %s, not %s: %w", key.Version(), m.KeyVersion, ErrNoBackup)
	}
	gone, err := b.goneSince(m.At, filepath.Dir(path))
	if err != nil {
		return err
	}
	gone = append(gone, b.leaving(ctx, dir)...)
	if r.Users, r.Deleted, err = prepare(ctx, filepath.Join(dir, databaseEntry), gone, b.cfg.Clock); err != nil {
		return err
	}
	if err := b.keepWhatIsThere(ctx, r); err != nil {
		return err
	}
	return b.replace(dir)
}

// goneSince returns everybody who was deleted after the copy was made: by the
// notes here, and by those beside the copy, which may come from elsewhere.
func (b *Backups) goneSince(at time.Time, beside string) ([]archive.UserID, error) {
	here, err1 := deletions(b.dir)
	there, err2 := deletions(beside)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("reading who was deleted since: %w", err)
	}
	var gone []archive.UserID
	for _, d := range append(here, there...) {
		if !d.At.Before(at) {
			gone = append(gone, d.User)
		}
	}
	return gone, nil
}

// leaving returns who is leaving by the database that is replaced: they were
// told so, and the program was stopped before their deletion was noted. A
// database that cannot be read tells nothing; a restore is what mends it.
func (b *Backups) leaving(ctx context.Context, dir string) (gone []archive.UserID) {
	database, replaced := filepath.Join(b.cfg.Data, b.cfg.Database), filepath.Join(dir, "replaced")
	if _, err := os.Stat(database); err != nil || sqlitestore.Copy(ctx, database, replaced) != nil {
		return nil
	}
	db, err := sqlitestore.Open(ctx, replaced, b.cfg.Clock)
	if err != nil {
		return nil
	}
	defer func() { _ = db.Close() }() // a copy, which goes
	list, _, err := records.New(db).List(ctx)
	if err != nil {
		return nil
	}
	for _, u := range list {
		if u.Status == archive.StatusLeaving {
			gone = append(gone, u.ID)
		}
	}
	return gone
}

// prepare finds the copied database good, brings it up to date and deletes
// from it who is gone.
func prepare(ctx context.Context, path string, gone []archive.UserID, clock func() time.Time) (users, deleted int, err error) {
	if err := sqlitestore.Check(ctx, path); err != nil {
		return 0, 0, err
	}
	db, err := sqlitestore.Open(ctx, path, clock)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store := records.New(db)
	for _, id := range gone {
		_, err := store.User(ctx, id)
		if errors.Is(err, fault.ErrNotFound) {
			continue
		}
		if err := store.Delete(ctx, id); err != nil {
			return 0, 0, err
		}
		deleted++
	}
	list, unreadable, err := store.List(ctx)
	return len(list) + unreadable, deleted, err
}

// keepWhatIsThere copies the database that is replaced. One that cannot be
// copied is moved to the copies, so that it goes when they go.
func (b *Backups) keepWhatIsThere(ctx context.Context, r *operate.Restored) error {
	database := filepath.Join(b.cfg.Data, b.cfg.Database)
	if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if before, err := b.copy(ctx); err == nil {
		r.Before = &before
		return nil
	}
	at := b.cfg.Clock().UTC()
	away := filepath.Join(b.dir, prefix+at.Format(timeLayout)+awaySuffix)
	if err := os.Rename(database, away); err != nil {
		return err
	}
	r.Before = &operate.BackupFile{Path: away, At: at}
	return nil
}

// replace puts what was prepared in the place of what is there. A log that
// belongs to another database must not be there when this one is opened.
func (b *Backups) replace(dir string) error {
	database := filepath.Join(b.cfg.Data, b.cfg.Database)
	for _, name := range []string{keyEntry, databaseEntry} {
		if err := datadir.Adopt(b.cfg.Data, filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	if err := errors.Join(remove(database+"-wal"), remove(database+"-shm")); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(dir, keyEntry), filepath.Join(b.cfg.Data, b.cfg.Key)); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(dir, databaseEntry), database); err != nil {
		return err
	}
	return datadir.Sync(b.cfg.Data)
}
