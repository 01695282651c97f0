package backup

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// ErrNoBackup says that a file is none of our copies, or not a whole one.
var ErrNoBackup = errors.New("this is not a backup of ours, or not a whole one")

// manifest is the first entry of a copy.
type manifest struct {
	V          int       `json:"v"`
	At         time.Time `json:"at"`
	KeyVersion string    `json:"key_version"`
}

const (
	manifestVersion = 1
	manifestSize    = 64 << 10

	manifestEntry = "manifest.json"
	databaseEntry = "database"
	keyEntry      = "key"

	// maxEntry is more than the database of a machine's users will have.
	maxEntry = 8 << 30
)

// pack writes a copy to a new file and onto the disk.
func pack(path string, m manifest, database, key string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	zipped := gzip.NewWriter(f)
	w := tar.NewWriter(zipped)
	head, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encoding the manifest: %w", err)
	}
	if err := w.WriteHeader(header(manifestEntry, int64(len(head)), m.At)); err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	if err := errors.Join(packFile(w, databaseEntry, database, m.At), packFile(w, keyEntry, key, m.At)); err != nil {
		return err
	}
	return errors.Join(w.Close(), zipped.Close(), f.Sync())
}

func header(name string, size int64, at time.Time) *tar.Header {
	return &tar.Header{Name: name, Mode: fileMode, Size: size, ModTime: at, Typeflag: tar.TypeReg}
}

func packFile(w *tar.Writer, name, path string, at time.Time) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // was only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := w.WriteHeader(header(name, info.Size(), at)); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// open calls f with the manifest and a reader that stands behind it. Only a
// copy that is read as a whole has its checksum compared.
func open(path string, whole bool, f func(manifest, *tar.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // was only read
	zipped, err := gzip.NewReader(file)
	if err != nil {
		return ErrNoBackup
	}
	r := tar.NewReader(zipped)
	var m manifest
	entry, err := r.Next()
	if err != nil || entry.Name != manifestEntry || json.NewDecoder(io.LimitReader(r, manifestSize)).Decode(&m) != nil {
		return ErrNoBackup
	}
	if m.V != manifestVersion {
		return fmt.Errorf("it has version %d, not %d: use the program that made it", m.V, manifestVersion)
	}
	if err := f(m, r); err != nil || !whole {
		return err
	}
	if _, err := io.Copy(io.Discard, zipped); err != nil { //nolint:gosec // G110: what is left is padding, and goes nowhere
		return ErrNoBackup
	}
	return nil
}

func readManifest(path string) (m manifest, err error) {
	err = open(path, false, func(read manifest, _ *tar.Reader) error { m = read; return nil })
	return m, err
}

// unpack writes the database and the key of a copy into a directory.
func unpack(path, dir string) (m manifest, err error) {
	found := map[string]bool{}
	err = open(path, true, func(read manifest, r *tar.Reader) error {
		m = read
		for {
			entry, err := r.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return ErrNoBackup
			}
			name := databaseEntry
			if entry.Name == keyEntry {
				name = keyEntry
			}
			if entry.Name != name || entry.Size > maxEntry {
				return ErrNoBackup
			}
			if err := write(filepath.Join(dir, name), r); err != nil {
				return err
			}
			found[name] = true
		}
	})
	if err == nil && len(found) != 2 {
		err = ErrNoBackup
	}
	return m, err
}

// write copies what a reader still has into a new file.
func write(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	if err := fill(f, r); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

// fill copies what a reader still has. Only the reader's faults are the copy's;
// a disk may be full.
func fill(w io.Writer, r io.Reader) error {
	from := &source{Reader: r}
	_, err := io.CopyN(w, from, maxEntry)
	switch {
	case from.err != nil:
		return fmt.Errorf("%w: %w", ErrNoBackup, from.err)
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

// source notes its own faults.
type source struct {
	io.Reader

	err error
}

func (s *source) Read(p []byte) (n int, err error) {
	n, err = s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
