package operator

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const (
	tokenMode = 0o600
	minToken  = 16
)

// ErrToken says that a token file holds no token. It is left as it is.
var ErrToken = errors.New("it does not hold one line of at least 16 characters; remove it, and the next start makes a new one")

// OpenToken reads the token in the file at path, or makes both if there is no
// file. The file is readable by its owner alone.
func OpenToken(path string) (secret.Text, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = createToken(path)
	}
	if err != nil {
		return secret.Text{}, fmt.Errorf("reading token file %s: %w", path, err)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < minToken || strings.ContainsAny(token, " \t\r\n") {
		return secret.Text{}, fmt.Errorf("reading token file %s: %w", path, ErrToken)
	}
	if err := os.Chmod(path, tokenMode); err != nil {
		return secret.Text{}, fmt.Errorf("closing token file %s to others: %w", path, err)
	}
	return secret.New(token), nil
}

// createToken writes a fresh token under another name first: a process that is
// killed meanwhile leaves no half of one.
func createToken(path string) (text []byte, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // 0600
	if err != nil {
		return nil, err
	}
	text = []byte(rand.Text() + "\n")
	_, writeErr := f.Write(text)
	err = errors.Join(writeErr, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	return text, nil
}
