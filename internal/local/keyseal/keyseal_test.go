package keyseal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/keyseal"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

func TestSealer(t *testing.T) {
	t.Parallel()
	archivetest.Sealer(t, func(t *testing.T) (archive.Sealer, archive.Opener) {
		key := open(t, filepath.Join(t.TempDir(), "key"))
		return key, key
	})
}

func TestOpenMakesTheFileOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	first := open(t, path)
	sealed, err := first.Seal(t.Context(), secret.New("token"), "purpose")
	if err != nil {
		t.Fatal(err)
	}
	before := read(t, path)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	second := open(t, path)
	if after := read(t, path); !bytes.Equal(after, before) {
		t.Error("opening again changed the file")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.Mode().Perm(), os.FileMode(0o600); got != want {
		t.Errorf("got mode %o, want %o", got, want)
	}
	text, err := second.Open(t.Context(), sealed, "purpose")
	if err != nil {
		t.Fatal(err)
	}
	if text.Reveal() != "token" {
		t.Error("another text came back")
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("got %d files (error %v), want the key alone", len(entries), err)
	}
}

func TestOpenAtOnceGivesOneKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	versions := make([]string, 8)
	var wg sync.WaitGroup
	for i := range versions {
		wg.Go(func() {
			// The loser of the race to make the file gets an error, and the
			// winner's key at the next try.
			for range 2 {
				if key, err := keyseal.Open(path); err == nil {
					versions[i] = key.Version()
				}
			}
		})
	}
	wg.Wait()
	for i, got := range versions {
		if want := versions[0]; got != want || got == "" {
			t.Errorf("opener %d: got key %q, want %q", i, got, want)
		}
	}
}

func TestOpenRefusesADamagedFile(t *testing.T) {
	t.Parallel()
	good := filepath.Join(t.TempDir(), "key")
	open(t, good)
	text := read(t, good)
	flipped := bytes.Clone(text)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{
		"empty":            {},
		"cut":              text[:len(text)-5],
		"one_character":    flipped,
		"longer":           append(bytes.Clone(text), text...),
		"something_else":   []byte("-----BEGIN PRIVATE KEY-----\n"),
		"header_alone":     text[:len("weekly-archive-key-v1 ")],
		"of_a_new_version": bytes.Replace(text, []byte("v1"), []byte("v2"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := keyseal.Open(path)
			if !errors.Is(err, keyseal.ErrCorrupt) {
				t.Errorf("got error %v, want %v", err, keyseal.ErrCorrupt)
			}
			if err != nil && len(content) > 30 && bytes.Contains([]byte(err.Error()), content[22:30]) {
				t.Errorf("got error %q, which shows the key", err)
			}
			if after := read(t, path); !bytes.Equal(after, content) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestOpenSaysWhyAFileCannotBeRead(t *testing.T) {
	t.Parallel()
	if key, err := keyseal.Open(t.TempDir()); err == nil || errors.Is(err, keyseal.ErrCorrupt) {
		t.Errorf("a directory in the file's place: got %v and error %v, want another error", key, err)
	}
}

func TestAnotherKeyDoesNotOpen(t *testing.T) {
	t.Parallel()
	right, wrong := open(t, filepath.Join(t.TempDir(), "key")), open(t, filepath.Join(t.TempDir(), "key"))
	sealed, err := right.Seal(t.Context(), secret.New("token"), "purpose")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wrong.Open(t.Context(), sealed, "purpose"); !errors.Is(err, fault.ErrCannotOpen) {
		t.Errorf("got error %v, want %v", err, fault.ErrCannotOpen)
	}
	sealed.KeyVersion = wrong.Version()
	if _, err := wrong.Open(t.Context(), sealed, "purpose"); !errors.Is(err, fault.ErrCannotOpen) {
		t.Errorf("under the wrong key's name: got error %v, want %v", err, fault.ErrCannotOpen)
	}
}

func TestSessionIsTheKeysOwn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	session := func(key *keyseal.Key) secret.Text {
		t.Helper()
		text, err := key.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first, again := session(open(t, path)), session(open(t, path))
	other := session(open(t, filepath.Join(t.TempDir(), "key")))
	if !first.Equal(again) {
		t.Error("the same key file gave two secrets")
	}
	if first.Equal(other) {
		t.Error("two key files gave the same secret")
	}
	if got := len(first.Reveal()); got < 32 {
		t.Errorf("got %d characters, want at least 32", got)
	}
	if bytes.Contains(read(t, path), []byte(first.Reveal())) {
		t.Error("the key file shows the session secret")
	}
}

func open(t *testing.T, path string) *keyseal.Key {
	t.Helper()
	key, err := keyseal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
