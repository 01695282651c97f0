package keyseal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
)

// ErrCorrupt says that the key file is not one that we wrote. It is left as it is.
var ErrCorrupt = errors.New("key file is damaged or not a key file; put back the right one: a new key cannot open what the old one sealed")

// A key file is one line: the header, and base64 of the root key followed by
// the first bytes of its SHA-256, which tell damage from a wrong key.
const (
	header  = "weekly-archive-key-v1 "
	sumSize = 8

	fileMode = 0o600
)

// Open reads the key file at path, or makes one with a fresh key if there is
// none. An existing file is never written to; ErrCorrupt if it is damaged.
func Open(path string) (*Key, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading key file %s: %w", path, err)
	}
	root, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("reading key file %s: %w", path, err)
	}
	if err := os.Chmod(path, fileMode); err != nil {
		return nil, fmt.Errorf("closing key file %s to others: %w", path, err)
	}
	return newKey(root)
}

// Check reads the key file at path and changes nothing. ErrCorrupt if it is
// damaged.
func Check(path string) error {
	text, err := os.ReadFile(path)
	if err == nil {
		_, err = decode(text)
	}
	if err != nil {
		return fmt.Errorf("reading key file %s: %w", path, err)
	}
	return nil
}

// create writes a fresh key next to path and links it there, which fails if
// somebody else's file has appeared. The file and its name are on disk before
// anything is sealed with the key.
func create(path string) (text []byte, err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*") // 0600
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()

	root := make([]byte, rootSize)
	_, _ = rand.Read(root) // never fails
	text = encode(root)
	_, writeErr := f.Write(text)
	if err := errors.Join(writeErr, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return nil, err
	}
	return text, datadir.Sync(dir)
}

func encode(root []byte) []byte {
	sum := sha256.Sum256(root)
	line := append(bytes.Clone(root), sum[:sumSize]...)
	return []byte(header + base64.StdEncoding.EncodeToString(line) + "\n")
}

func decode(text []byte) ([]byte, error) {
	body, ok := bytes.CutPrefix(bytes.TrimRight(text, "\r\n"), []byte(header))
	if !ok {
		return nil, ErrCorrupt
	}
	line, err := base64.StdEncoding.Strict().DecodeString(string(body))
	if err != nil || len(line) != rootSize+sumSize {
		return nil, ErrCorrupt
	}
	root := line[:rootSize]
	if sum := sha256.Sum256(root); !bytes.Equal(sum[:sumSize], line[rootSize:]) {
		return nil, ErrCorrupt
	}
	return root, nil
}
