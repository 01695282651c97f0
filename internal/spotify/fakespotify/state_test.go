package fakespotify_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// crash copies the state files, as a killed process leaves them, and starts a
// server from the copy.
func (c *client) crash(cfg fakespotify.Config) (*client, fakespotify.Config) {
	c.t.Helper()
	dir := c.t.TempDir()
	for _, suffix := range []string{"", ".journal"} {
		data, err := os.ReadFile(cfg.StateFile + suffix)
		if err != nil {
			c.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "state"+suffix), data, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	cfg.StateFile = filepath.Join(dir, "state")
	next := newClient(c.t, cfg)
	next.clock.now = c.clock.now
	return next, cfg
}

func stateConfig(t *testing.T) fakespotify.Config {
	t.Helper()
	return fakespotify.Config{StateFile: filepath.Join(t.TempDir(), "state"), Rotate: true}
}

// TestStateSurvivesACrash does one thing of every kind and finds each again
// after a crash, and after a second one.
func TestStateSurvivesACrash(t *testing.T) {
	t.Parallel()
	cfg := stateConfig(t)
	c := newClient(t, cfg)
	tok := c.login("demo1", allScopes)
	refreshed := c.tokens(refreshForm(tok.Refresh), basic)
	id := c.create(tok.Access, "archive")
	u := uriList("u", 5)
	c.want(http.StatusCreated, http.MethodPost, "/v1/playlists/"+id+"/items", tok.Access, addBody(t, u))
	c.want(http.StatusOK, http.MethodPut, "/v1/playlists/"+id+"/items", tok.Access, `{"range_start":0,"insert_before":5}`)
	c.want(http.StatusOK, http.MethodDelete, "/v1/playlists/"+id+"/items", tok.Access, `{"items":[{"uri":"`+u[2]+`"}]}`)
	c.want(http.StatusOK, http.MethodPut, "/v1/playlists/"+id, tok.Access, `{"description":"text"}`)
	c.want(http.StatusOK, http.MethodPut, "/v1/me/library?uris="+u[0], tok.Access, "")
	c.must(c.Unfollow("demo2", c.DiscoverID("demo2")))
	c.must(c.Play("demo1", "", u[0], c.Now()))
	c.must(c.SetQueue("demo1", "", u[1]))
	c.must(c.Disallow("demo3"))
	c.must(c.Fault(fakespotify.Fault{Match: "GET /v1/tracks/{id}", Kind: fakespotify.FaultStatus, Status: 500}))
	code := c.consent("demo2", consentParams(allScopes))
	c.Advance(5 * time.Minute)

	for range 2 {
		next, nextCfg := c.crash(cfg)
		if diff := cmp.Diff([]string{u[1], u[3], u[4], u[0]}, next.URIs(id)); diff != "" {
			t.Errorf("items differ (-want +got):\n%s", diff)
		}
		before, _ := c.Playlist(id)
		after, _ := next.Playlist(id)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("playlist differs (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(c.Faults(), next.Faults()); diff != "" {
			t.Errorf("faults differ (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(c.Grants("demo1"), next.Grants("demo1")); diff != "" {
			t.Errorf("grants differ (-before +after):\n%s", diff)
		}
		if got := len(next.Playlists("demo2")); got != 0 {
			t.Errorf("got %d playlists of demo2, want none", got)
		}
		if !next.Now().Equal(c.Now()) {
			t.Errorf("got time %v, want %v", next.Now(), c.Now())
		}
		for _, target := range []string{"/v1/me/player", "/v1/me/player/recently-played", "/v1/me/library/contains?uris=" + u[0]} {
			want := c.want(http.StatusOK, http.MethodGet, target, tok.Access, "")
			got := next.want(http.StatusOK, http.MethodGet, target, refreshed.Access, "")
			if diff := cmp.Diff(string(want.body), string(got.body)); diff != "" {
				t.Errorf("%s differs (-before +after):\n%s", target, diff)
			}
		}
		next.want(http.StatusForbidden, http.MethodGet, "/v1/me", next.login("demo3", "").Access, "")
		c, cfg = next, nextCfg
	}
	c.tokens(exchangeForm(code), basic)
	if r := c.form("/api/token", refreshForm(tok.Refresh), basic); r.status != http.StatusBadRequest {
		t.Errorf("rotated token: got status %d, want 400", r.status)
	}
	if again := c.tokens(refreshForm(refreshed.Refresh), basic); again.Access == refreshed.Access {
		t.Error("the restored server repeats a token")
	}
}

func TestStateAfterClose(t *testing.T) {
	t.Parallel()
	cfg := stateConfig(t)
	cfg.Clock = (&clock{time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)}).time
	s, err := fakespotify.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.CreatePlaylist("demo1", "archive")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Fill("demo1", id, 100); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", ".journal"} {
		info, err := os.Stat(cfg.StateFile + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("state%s: got mode %o, want 600", suffix, got)
		}
	}
	if diff := cmp.Diff(s.Items(id), newClient(t, cfg).Items(id)); diff != "" {
		t.Errorf("items differ (-before +after):\n%s", diff)
	}
}

// TestCutJournal restores a server from a journal that ends at, just before
// and just after the end of a line, and in between: what it finds is always the state after some whole request.
func TestCutJournal(t *testing.T) {
	t.Parallel()
	cfg := stateConfig(t)
	c := newClient(t, cfg)
	id, err := c.CreatePlaylist("demo1", "archive")
	c.must(err)
	for range 3 {
		c.must(c.Fill("demo1", id, 2))
	}
	snapshot, err := os.ReadFile(cfg.StateFile)
	if err != nil {
		t.Fatal(err)
	}
	journal, err := os.ReadFile(cfg.StateFile + ".journal")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for end := range len(journal) + 1 {
		atLineEnd := end > 0 && bytes.ContainsRune(journal[end-1:min(end+1, len(journal))], '\n')
		if end%97 != 0 && !atLineEnd {
			continue
		}
		cut := fakespotify.Config{StateFile: filepath.Join(dir, fmt.Sprint(end))}
		for suffix, data := range map[string][]byte{"": snapshot, ".journal": journal[:end]} {
			if err := os.WriteFile(cut.StateFile+suffix, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := fakespotify.New(cut)
		if err != nil {
			t.Fatalf("journal of %d bytes: %v", end, err)
		}
		want := 2 * (bytes.Count(journal[:end], []byte("\n")) - 1)
		if got := len(s.URIs(id)); got != max(0, want) {
			t.Errorf("journal of %d bytes: got %d items, want %d", end, got, max(0, want))
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestStateHoldsNoSecret(t *testing.T) {
	t.Parallel()
	cfg := stateConfig(t)
	c := newClient(t, cfg)
	secrets := map[string]string{"client secret": fakespotify.DemoClientSecret().Reveal(), "challenge": challenge(), "verifier": verifier}
	secrets["open code"] = c.consent("demo1", consentParams(allScopes))
	secrets["used code"] = c.consent("demo1", consentParams(allScopes))
	tok := c.tokens(exchangeForm(secrets["used code"]), basic)
	again := c.tokens(refreshForm(tok.Refresh), basic)
	secrets["access token"], secrets["rotated token"] = tok.Access, tok.Refresh
	secrets["new access token"], secrets["new refresh token"] = again.Access, again.Refresh
	requests := fmt.Sprint(c.Requests(), c.Problems())
	closed, closedCfg := c.crash(cfg)
	c.must(closed.Close())
	for _, path := range []string{cfg.StateFile, cfg.StateFile + ".journal", closedCfg.StateFile, closedCfg.StateFile + ".journal"} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range secrets {
			if strings.Contains(string(data), value) {
				t.Errorf("%s holds the %s", filepath.Base(path), name)
			}
			if strings.Contains(requests, value) {
				t.Errorf("the request log holds the %s", name)
			}
		}
	}
}

func TestBadStateIsRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ state, journal, want string }{
		"no_json":       {"{", "", "decoding"},
		"newer":         {`{"version":2}`, "", "version 2"},
		"unknown_table": {`{"version":1,"puts":[{"t":"x","k":"y","v":null}]}`, "", `table "x"`},
		"lost_playlist": {`{"version":1,"items":{"p":[]}}`, "", "playlist p"},
		"bad_journal":   {`{"version":1}`, "{\n", "journal"},
		"bad_splice":    {`{"version":1}`, `{"seq":1,"splices":[{"p":"p","at":1}]}` + "\n", "playlist p"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "state")
			for suffix, data := range map[string]string{"": tc.state, ".journal": tc.journal} {
				if err := os.WriteFile(path+suffix, []byte(data), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := fakespotify.New(fakespotify.Config{StateFile: path})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want it to contain %q", err, tc.want)
			}
			got, readErr := os.ReadFile(path)
			if readErr != nil || string(got) != tc.state {
				t.Errorf("the refused state was changed to %q (%v)", got, readErr)
			}
		})
	}
}

func TestUnwritableStateIsAnError(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none", "state")
	if _, err := fakespotify.New(fakespotify.Config{StateFile: path}); err == nil {
		t.Error("got no error for a directory that does not exist")
	}
}

// TestCompaction writes until the journal was replaced several times.
func TestCompaction(t *testing.T) {
	t.Parallel()
	cfg := stateConfig(t)
	c := newClient(t, cfg)
	id, err := c.CreatePlaylist("demo1", "archive")
	c.must(err)
	largest := int64(0)
	for range 100 {
		c.must(c.Fill("demo1", id, 300))
		info, err := os.Stat(cfg.StateFile + ".journal")
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, info.Size())
	}
	info, err := os.Stat(cfg.StateFile)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() < 1<<20 || largest > 4<<20 {
		t.Errorf("got a snapshot of %d bytes and a journal of up to %d, want more than 1 MiB and less than 4", info.Size(), largest)
	}
	next, _ := c.crash(cfg)
	if diff := cmp.Diff(c.URIs(id), next.URIs(id)); diff != "" {
		t.Errorf("items differ (-before +after):\n%s", diff)
	}
}

// BenchmarkAppend adds 30 songs to archives of different lengths, with the
// state on disk.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{30, 1_560, 9_900} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s, err := fakespotify.New(fakespotify.Config{StateFile: filepath.Join(b.TempDir(), "state")})
			if err != nil {
				b.Fatal(err)
			}
			id, err := s.CreatePlaylist("demo1", "archive")
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Fill("demo1", id, size); err != nil {
				b.Fatal(err)
			}
			uris := uriList("x", 30)
			for b.Loop() {
				if err := s.AddItems("demo1", id, uris...); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
