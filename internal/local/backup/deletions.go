package backup

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

// deletionsName is a file beside the copies: a line of JSON for everybody who
// was deleted. A note is of use as long as there may be a copy from before it.
const deletionsName = "deletions"

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
	line, err := json.Marshal(deletion{User: id, At: b.cfg.Clock().UTC()})
	if err != nil {
		return err
	}
	path := filepath.Join(b.dir, deletionsName)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close(), datadir.Adopt(b.cfg.Data, path))
}

// deletions reads the notes in a directory. A line that is cut off names
// nobody: its deletion did not begin.
func deletions(dir string) ([]deletion, error) {
	f, err := os.Open(filepath.Join(dir, deletionsName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
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

// forget removes the notes that are older than any copy may be. It is called
// where nobody is deleted at the same time but by luck; a note that is lost
// that way is of a deletion that every later copy has.
func (b *Backups) forget() error {
	all, err := deletions(b.dir)
	if err != nil {
		return err
	}
	oldest := b.cfg.Clock().Add(-operate.LongestBackup)
	var text []byte
	kept := 0
	for _, d := range all {
		if d.At.Before(oldest) {
			continue
		}
		line, err := json.Marshal(d)
		if err != nil {
			return err
		}
		text = append(append(text, line...), '\n')
		kept++
	}
	if kept == len(all) {
		return nil
	}
	path := filepath.Join(b.dir, deletionsName)
	if err := os.WriteFile(path+partSuffix, text, fileMode); err != nil {
		return err
	}
	return cmp.Or(datadir.Adopt(b.cfg.Data, path+partSuffix), os.Rename(path+partSuffix, path))
}
