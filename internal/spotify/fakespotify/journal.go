package fakespotify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The state on disk is a snapshot file and, beside it, a journal with one line
// per change since. A change is one write to the journal before it is
// answered, so it costs the same however long a playlist is, and a killed
// process loses nothing that it answered. When the journal outgrows the
// snapshot, a new snapshot replaces the old one by rename.

const (
	stateVersion   = 1
	journalSuffix  = ".journal"
	minCompactSize = 1 << 20
	statePerm      = 0o600
)

// Tables of the journal and the snapshot.
const (
	tableWorld     = "world"
	tableMembers   = "members"
	tableGrants    = "grants"
	tableCodes     = "codes"
	tableAccess    = "access"
	tablePlaylists = "playlists"
)

// change is one line of the journal: everything that one request changed.
type change struct {
	Seq     uint64   `json:"seq"`
	Puts    []put    `json:"puts,omitempty"`
	Splices []splice `json:"splices,omitempty"`
}

// put sets a row; a null value deletes it.
type put struct {
	Table string          `json:"t"`
	Key   string          `json:"k"`
	Value json.RawMessage `json:"v"`
}

type splice struct {
	Playlist string `json:"p"`
	At       int    `json:"at"`
	Removed  int    `json:"n,omitempty"`
	Inserted []item `json:"i,omitempty"`
}

// snapshotFile is the whole state at a sequence number.
type snapshotFile struct {
	Version int               `json:"version"`
	Seq     uint64            `json:"seq"`
	Puts    []put             `json:"puts"`
	Items   map[string][]item `json:"items"`
}

// disk is the state file and its journal; a nil disk keeps nothing.
type disk struct {
	path         string
	journal      *os.File
	journalSize  int64
	snapshotSize int64
}

// openDisk reads the state file and its journal, if there are any, and leaves
// the journal open for appending.
func openDisk(path string) (*disk, snapshotFile, []change, error) {
	snap := snapshotFile{Version: stateVersion}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, snap, nil, fmt.Errorf("reading stand-in state: %w", err)
	default:
		if err := json.Unmarshal(data, &snap); err != nil {
			return nil, snap, nil, fmt.Errorf("decoding stand-in state %s: %w", filepath.Base(path), err)
		}
		if snap.Version != stateVersion {
			return nil, snap, nil, fmt.Errorf("stand-in state %s has version %d, this program knows %d",
				filepath.Base(path), snap.Version, stateVersion)
		}
	}
	f, err := os.OpenFile(path+journalSuffix, os.O_RDWR|os.O_CREATE, statePerm)
	if err != nil {
		return nil, snap, nil, fmt.Errorf("opening stand-in journal: %w", err)
	}
	changes, size, err := readJournal(f, snap.Seq)
	if err != nil {
		return nil, snap, nil, errors.Join(err, f.Close())
	}
	return &disk{path: path, journal: f, journalSize: size, snapshotSize: int64(len(data))}, snap, changes, nil
}

// readJournal returns the changes after the sequence number and cuts off a
// last line that a killed process did not finish.
func readJournal(f *os.File, after uint64) ([]change, int64, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("reading stand-in journal: %w", err)
	}
	data := make([]byte, info.Size())
	if _, err := f.ReadAt(data, 0); err != nil {
		return nil, 0, fmt.Errorf("reading stand-in journal: %w", err)
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	var changes []change
	for line := range bytes.Lines(data[:whole]) {
		var c change
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, 0, fmt.Errorf("decoding stand-in journal: %w", err)
		}
		if c.Seq > after {
			changes = append(changes, c)
		}
	}
	if err := f.Truncate(int64(whole)); err != nil {
		return nil, 0, fmt.Errorf("repairing stand-in journal: %w", err)
	}
	return changes, int64(whole), nil
}

// append adds a change to the journal. Once it returned, a killed process
// finds the change again.
func (d *disk) append(c change) error {
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encoding stand-in change: %w", err)
	}
	line = append(line, '\n')
	if _, err := d.journal.WriteAt(line, d.journalSize); err != nil {
		return fmt.Errorf("writing stand-in journal: %w", err)
	}
	d.journalSize += int64(len(line))
	return nil
}

func (d *disk) wantsCompaction() bool {
	return d.journalSize > max(minCompactSize, 2*d.snapshotSize)
}

// compact writes the whole state and empties the journal. A process killed in
// between finds changes in the journal that the snapshot already has; their
// sequence numbers tell.
func (d *disk) compact(snap snapshotFile) error {
	data, err := json.Marshal(snap)
	if err != nil {
		return fmt.Errorf("encoding stand-in state: %w", err)
	}
	if err := writeFileAtomically(d.path, data); err != nil {
		return fmt.Errorf("writing stand-in state: %w", err)
	}
	if err := d.journal.Truncate(0); err != nil {
		return fmt.Errorf("emptying stand-in journal: %w", err)
	}
	d.journalSize, d.snapshotSize = 0, int64(len(data))
	return nil
}

func writeFileAtomically(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
