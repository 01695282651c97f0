package main

import (
	"context"
	"database/sql"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
)

// What cannot work is said at once, in words that name what to change, and
// leaves everything as it was.
func TestRunRefuses(t *testing.T) {
	t.Parallel()
	write := func(name, content string) func(t *testing.T, dir string) []string {
		return func(t *testing.T, dir string) []string {
			t.Helper()
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return nil
		}
	}
	for name, tc := range map[string]struct {
		prepare func(t *testing.T, dir string) (environ []string)
		args    []string
		says    []string
	}{
		"arguments": {args: []string{"-port", "80"}, says: []string{"unknown shorthand flag", "-port"}},
		"every_wrong_setting": {
			prepare: func(*testing.T, string) []string {
				return []string{"PORT=http", "ADDR=here", "BASE_URL=http://localhost:8080", "SPOTIFY_CLIENT_SECRET=hush-hush"}
			},
			says: []string{"PORT: got \"http\"", "ADDR: got \"here\"", "BASE_URL: got", "SPOTIFY_CLIENT_SECRET: set, but"},
		},
		"port_in_use":                 {prepare: occupied(0), says: []string{"in use", "PORT"}},
		"port_of_the_stand_in_in_use": {prepare: occupied(1), says: []string{"in use", "PORT", "stand-in"}},
		"file_as_data_directory": {
			prepare: func(t *testing.T, dir string) []string {
				write("file", "")(t, dir)
				return []string{"DATA_DIR=" + filepath.Join(dir, "file")}
			},
			says: []string{"DATA_DIR", "not a directory"},
		},
		"directory_of_another_process": {
			prepare: func(t *testing.T, dir string) []string {
				lock, err := datadir.Open(filepath.Join(dir, standinDir))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = lock.Close() })
				return nil
			},
			says: []string{"DATA_DIR", "another process"},
		},
		"corrupt_key_file": {
			prepare: write(filepath.Join(standinDir, keyFile), "weekly-archive-key-v1 AAAA\n"),
			says:    []string{"key file", "damaged", keyFile},
		},
		"file_that_is_no_database": {
			prepare: write(filepath.Join(standinDir, databaseFile), strings.Repeat("no database\n", 500)),
			says:    []string{"database", "left as it is", databaseFile},
		},
		"database_of_a_newer_version": {
			prepare: newerDatabase,
			says:    []string{"database", "newer version", databaseFile},
		},
		"damaged_state_of_the_stand_in": {
			prepare: write(filepath.Join(standinDir, standinState), "{"),
			says:    []string{"stand-in", standinState},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			environ := []string{"PORT=0", "DATA_DIR=" + dir}
			if tc.prepare != nil {
				environ = append(environ, tc.prepare(t, dir)...)
			}
			before := contents(t, dir)
			err := run(t.Context(), tc.args, environ, io.Discard, io.Discard)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range tc.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error %q, want it to say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "hush-hush") {
				t.Errorf("got error %q, which shows the secret", err)
			}
			after := contents(t, dir)
			for path, content := range before {
				if after[path] != content {
					t.Errorf("%s was changed", path)
				}
			}
		})
	}
}

// occupied listens on a port and gives the setting PORT at that distance below.
func occupied(below int) func(t *testing.T, dir string) []string {
	return func(t *testing.T, _ string) []string {
		// From 32768 on the system hands out ports to everybody: the one below
		// could be taken any time.
		for range 100 {
			taken := 20_000 + rand.IntN(10_000)
			l, err := listenAt(t, taken)
			if err != nil {
				continue
			}
			t.Cleanup(func() { _ = l.Close() })
			if below == 0 {
				return []string{"PORT=" + strconv.Itoa(taken)}
			}
			if free, err := listenAt(t, taken-below); err == nil {
				_ = free.Close()
				return []string{"PORT=" + strconv.Itoa(taken-below)}
			}
		}
		t.Fatal("no free port in 100 tries")
		return nil
	}
}

func listenAt(t *testing.T, port int) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

func newerDatabase(t *testing.T, dir string) []string {
	path := filepath.Join(dir, standinDir, databaseFile)
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE future (x TEXT); PRAGMA user_version = 999"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return nil
}

// contents reads every file below dir.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestStoppedWhileStarting(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, []string{"PORT=0", "DATA_DIR=" + t.TempDir()}, io.Discard, io.Discard); err != nil {
		t.Errorf("got error %v, want none", err)
	}
}

// A key file that was lost or mixed up keeps nobody's tokens from being there
// when it comes back.
func TestWrongKeyFileDropsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startService(t, dir)
	newPerson(t, s.site).connect(t, "demo1")
	s.week(t)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, standinDir, keyFile)
	if err := os.Rename(key, key+".right"); err != nil {
		t.Fatal(err)
	}

	s = startService(t, dir)
	if !s.only(t).OtherKey || !strings.Contains(s.log.String(), "another key file") {
		t.Errorf("neither the status nor the log says that the key is another one:\n%s", s.log)
	}
	s.nextMonday(t)
	s.week(t)
	if got := archived(s.only(t)); got != 30 {
		t.Errorf("with another key: got %d songs, want the 30 of before", got)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(key+".right", key); err != nil {
		t.Fatal(err)
	}

	s = startService(t, dir)
	s.week(t)
	if got := archived(s.only(t)); got != 60 {
		t.Errorf("with the right key again: got %d songs, want 60\n%s", got, s.log)
	}
}
