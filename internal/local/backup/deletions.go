package backup

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

// deletionsName begins the name of a file beside the copies: a line of JSON for
// everybody who was deleted on a day (UTC). A note is of use as long as there may
// be a copy from before it. Programs before this kept all notes in one file of
// this name, which is still read.
const (
	deletionsName = "deletions"
	dayLayout     = "20060102"
)

// deletion is one line: an opaque id and a time of this machine's clock.
type deletion struct {
	User archive.UserID `json:"user"`
	At   time.Time      `json:"at"`
}

// Store is a store whose deletions are noted for the copies from before.
type Store struct {
	*records.Store
	Backups *Backups
}

// Delete notes the deletion, on disk, and then deletes.
func (s *Store) Delete(ctx context.Context, id archive.UserID) error {
	if err := s.Backups.note(id); err != nil {
		return fmt.Errorf("deleting user %s: noting it for the backups: %w", id, err)
	}
	return s.Store.Delete(ctx, id)
}

// note is safe for concurrent use: a line is one write to the end of the file.
// Where no copy was ever made nothing is noted: all of the user is gone then.
func (b *Backups) note(id archive.UserID) error {
	if _, err := os.Stat(b.dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	at := b.cfg.Clock().UTC()
	line, err := json.Marshal(deletion{User: id, At: at})
	if err != nil {
		return err
	}
	path := filepath.Join(b.dir, deletionsName+"-"+at.Format(dayLayout))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close(), datadir.Adopt(b.cfg.Data, path))
}

// notes lists the files with notes in a directory.
func notes(dir string) (paths []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), deletionsName) {
			paths = append(paths, filepath.Join(dir, entry.Name()))
		}
	}
	return paths, nil
}

// deletions reads the notes in a directory.
func deletions(dir string) (all []deletion, err error) {
	paths, err := notes(dir)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		read, err := readNotes(path)
		if err != nil {
			return nil, err
		}
		all = append(all, read...)
	}
	return all, nil
}

// readNotes reads one file. A line that is cut off names nobody: its deletion
// did not begin.
func readNotes(path string) ([]deletion, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it was forgotten meanwhile
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // was only read
	var all []deletion
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var d deletion
		if json.Unmarshal(lines.Bytes(), &d) == nil && d.User.Valid() {
			all = append(all, d)
		}
	}
	return all, lines.Err()
}

// forget removes the files whose notes are all older than any copy may be. No
// note is written to the file of a day that is over, so none is lost to somebody
// who is deleted at the same time.
func (b *Backups) forget() error {
	paths, err := notes(b.dir)
	if err != nil {
		return err
	}
	today := b.cfg.Clock().UTC()
	oldest := today.Add(-operate.LongestBackup)
	var problems []error
	for _, path := range paths {
		all, err := readNotes(path)
		needed := slices.ContainsFunc(all, func(d deletion) bool { return !d.At.Before(oldest) })
		if err == nil && !needed && filepath.Base(path) != deletionsName+"-"+today.Format(dayLayout) {
			err = remove(path)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}
