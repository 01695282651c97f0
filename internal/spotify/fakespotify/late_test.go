package fakespotify_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// What comes late survives a crash, comes in the order of its time, and is
// dated by it.
func TestLateEffectsSurviveACrash(t *testing.T) {
	t.Parallel()
	cfg := stateConfig(t)
	c := newClient(t, cfg)
	token := c.login("demo1", allScopes).Access
	id := c.create(token, "archive")
	c.must(c.Fill("demo1", id, 2))
	add := func(name string, delay time.Duration, position string) {
		t.Helper()
		c.must(c.Fault(fakespotify.Fault{Kind: fakespotify.LieAppendLate, Delay: delay}))
		c.want(http.StatusCreated, http.MethodPost, "/v1/playlists/"+id+"/items"+position, token, addBody(t, uriList(name, 1)))
	}
	add("second", 50*time.Second, "")
	add("first", 40*time.Second, "?position=1")
	c.must(c.PlayOffline("demo1", "", uriList("offline", 1)[0], c.Now().Add(-time.Hour), c.Now().Add(30*time.Second)))
	before, snapshot := c.URIs(id), c.playlist(id).SnapshotID

	c, _ = c.crash(cfg)
	plays := func() int {
		t.Helper()
		return len(c.want(http.StatusOK, http.MethodGet, "/v1/me/player/recently-played", token, "").page(t).Items)
	}
	if got := plays(); got != 0 {
		t.Errorf("got %d plays, want none yet", got)
	}
	c.Advance(49 * time.Second)
	if got := plays(); got != 1 {
		t.Errorf("got %d plays, want the one offline", got)
	}
	want := []string{before[0], uriList("first", 1)[0], before[1]}
	if got := c.URIs(id); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	c.Advance(time.Minute)
	items := c.Items(id)
	if got, want := items[len(items)-1].URI, uriList("second", 1)[0]; got != want {
		t.Errorf("got %s at the end, want %s", got, want)
	}
	if got, want := items[3].AddedAt.Sub(items[1].AddedAt), 10*time.Second; got != want {
		t.Errorf("got %v between the two, want %v", got, want)
	}
	if c.playlist(id).SnapshotID == snapshot {
		t.Error("the snapshot id stayed")
	}
}

func (c *client) playlist(id string) fakespotify.Playlist {
	c.t.Helper()
	p, known := c.Playlist(id)
	if !known {
		c.t.Fatalf("no playlist %s", id)
	}
	return p
}

// The state file was written by the stand-in of 2026-11-23.
func TestOlderStateIsRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	file, err := os.Open("testdata/state-of-2026-11-23.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, fakespotify.Config{StateFile: path, Mode: fakespotify.Extended})
	if got, want := len(c.Items("AXyJA5DhTHWUX6Wd3lS8to")), 210; got != want {
		t.Errorf("got %d items, want %d", got, want)
	}
	if got, want := len(c.Grants("demo1")), 1; got != want {
		t.Errorf("got %d consents, want %d", got, want)
	}
	// Playlists of then say nothing of when they were made: not just now.
	c.must(c.Fault(fakespotify.Fault{Kind: fakespotify.LieNewListedLate, Times: -1, Delay: 365 * 24 * time.Hour}))
	token := c.login("demo2", allScopes).Access
	if got, want := c.want(http.StatusOK, http.MethodGet, "/v1/me/playlists", token, "").page(t).Total, 8; got != want {
		t.Errorf("got %d playlists, want %d", got, want)
	}
}
