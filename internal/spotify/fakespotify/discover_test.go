package fakespotify_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func TestDiscoverChangesAtLocalMonday(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		offset time.Duration
		monday string // of the first instant of the week, in UTC
	}{
		"utc":      {0, "2026-11-16T00:00:00Z"},
		"kiritim":  {14 * time.Hour, "2026-11-15T10:00:00Z"},
		"baker":    {-12 * time.Hour, "2026-11-16T12:00:00Z"},
		"new_york": {-5 * time.Hour, "2026-11-16T05:00:00Z"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{Accounts: []fakespotify.Account{{Key: "a", UTCOffset: tc.offset}, {Key: "b"}}})
			monday, err := time.Parse(time.RFC3339, tc.monday)
			if err != nil {
				t.Fatal(err)
			}
			before, first := c.Discover("a", monday.Add(-time.Second)), c.Discover("a", monday)
			last, next := c.Discover("a", monday.Add(7*24*time.Hour-time.Second)), c.Discover("a", monday.Add(7*24*time.Hour))
			if diff := cmp.Diff(first, last); diff != "" {
				t.Errorf("the week changes before its end (-first +last):\n%s", diff)
			}
			seen := make(map[string]bool)
			for _, songs := range [][]fakespotify.Song{before, first, next, c.Discover("b", monday)} {
				if len(songs) != fakespotify.DiscoverSize {
					t.Fatalf("got %d songs, want %d", len(songs), fakespotify.DiscoverSize)
				}
				for _, song := range songs {
					if seen[song.ID] || seen[song.ISRC] {
						t.Errorf("song %s comes twice", song.ID)
					}
					seen[song.ID], seen[song.ISRC] = true, true
				}
			}
			for _, song := range first {
				if !song.AddedAt.Equal(monday) {
					t.Errorf("got added at %v, want %v", song.AddedAt, monday)
				}
			}
		})
	}
}

func TestDiscoverQuirks(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Quirks: fakespotify.Quirks{Null: 2, Local: 2, Episodes: 1, Repeated: 3, Relinked: 4}})
	lastWeek := make(map[string]string) // ISRC to id
	for _, song := range c.Discover("demo1", c.Now().Add(-7*24*time.Hour)) {
		if song.Addable() {
			lastWeek[song.ISRC] = song.ID
		}
	}
	got := make(map[string]int)
	for _, song := range c.Discover("demo1", c.Now()) {
		switch {
		case song.URI == "":
			got["null"]++
		case strings.HasPrefix(song.URI, "spotify:local:"):
			got["local"]++
		case strings.HasPrefix(song.URI, "spotify:episode:"):
			got["episode"]++
		case lastWeek[song.ISRC] == song.ID:
			got["repeated"]++
		case lastWeek[song.ISRC] != "":
			got["relinked"]++
		default:
			got["new"]++
		}
	}
	want := map[string]int{"null": 2, "local": 2, "episode": 1, "repeated": 3, "relinked": 4, "new": 18}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("items differ (-want +got):\n%s", diff)
	}
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	isrc := regexp.MustCompile(`^X[A-Z][A-Z0-9]{3}[0-9]{7}$`)
	for _, song := range newClient(t, fakespotify.Config{}).Discover("demo1", time.Unix(0, 0)) {
		other := fakespotify.SongOf("spotify:track:" + fakespotify.Relinked(song.ID))
		if other.ID == song.ID || other.ISRC != song.ISRC || other.Name != song.Name || fakespotify.Relinked(other.ID) != song.ID {
			t.Errorf("relinking %s gives %+v", song.ID, other)
		}
		if !isrc.MatchString(song.ISRC) || len(song.ID) != 22 || song.Name == "" || song.Artist == "" {
			t.Errorf("got the incomplete song %+v", song)
		}
	}
	for _, a := range fakespotify.DemoAccounts() {
		id := newClient(t, fakespotify.Config{}).DiscoverID(a.Key)
		if !regexp.MustCompile(`^37i9dQZEVXc[0-9A-Za-z]{11}$`).MatchString(id) {
			t.Errorf("got Discover Weekly id %s", id)
		}
	}
}

func TestDiscoverPlaylist(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Mode: fakespotify.Extended})
	token := c.login("demo2", allScopes).Access
	snapshots := make(map[any]bool)
	for range 3 {
		o := c.want(200, "GET", "/v1/playlists/"+c.DiscoverID("demo2"), token, "").object(t)
		snapshots[o["snapshot_id"]] = true
		owner, _ := o["owner"].(map[string]any)
		if o["name"] != "Dein Mix der Woche" || owner["id"] != "spotify" {
			t.Errorf("got name %v and owner %v, want Dein Mix der Woche by spotify", o["name"], owner["id"])
		}
	}
	if len(snapshots) != 3 {
		t.Errorf("got %d snapshot ids from 3 requests, want 3", len(snapshots))
	}
	p := c.want(200, "GET", "/v1/playlists/"+c.DiscoverID("demo2")+"/items?limit=50", token, "").page(t)
	if len(p.Items) != 30 || p.Items[0].AddedAt != "2026-11-15T23:00:00Z" {
		t.Errorf("got %d items added at %s, want 30 at 2026-11-15T23:00:00Z", len(p.Items), p.Items[0].AddedAt)
	}
}

func TestTimeMoves(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	for _, want := range []string{"2026-11-23T13:00:00Z", "2026-11-30T13:00:00Z"} {
		if got := c.NextMonday().Format(time.RFC3339); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	c.Advance(6*24*time.Hour + 23*time.Hour)
	if got, want := c.NextMonday().Format(time.RFC3339), "2026-12-07T13:00:00Z"; got != want {
		t.Errorf("an hour before: got %s, want %s", got, want)
	}
	c.Advance(-time.Hour)
	if got, want := c.Now().Format(time.RFC3339), "2026-12-07T13:00:00Z"; got != want {
		t.Errorf("moved back: got %s, want %s", got, want)
	}
}
