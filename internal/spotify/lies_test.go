package spotify_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// lied is a library over a stand-in that lies, of an old app with an account
// that has a playlist of its own and plays its Discover Weekly.
type lied struct {
	flow
	library webapi.Library
	access  secret.Text
	own     string
}

func newLied(t *testing.T, songs int, faults ...fakespotify.Fault) lied {
	t.Helper()
	f := newFlow(t, registered(fakespotify.Config{Mode: fakespotify.Extended}), false)
	token := f.connect(t)
	l := lied{flow: f, library: f.library(t, token), access: token.Access}
	var err error
	if l.own, err = f.server.CreatePlaylist(account, "Own"); err != nil {
		t.Fatal(err)
	}
	if err := f.server.Fill(account, l.own, songs); err != nil {
		t.Fatal(err)
	}
	if err := f.server.PlayDiscover(account, 3); err != nil {
		t.Fatal(err)
	}
	if err := f.server.QueueDiscover(account); err != nil {
		t.Fatal(err)
	}
	f.server.ResetRequests()
	for _, failing := range faults {
		failing.Times = -1
		if err := f.server.Fault(failing); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// read reads a whole playlist as a run does.
func (l lied) read(ctx context.Context, id string) (songs []ledger.Track, err error) {
	for offset := 0; ; {
		page, err := l.library.Items(ctx, id, offset)
		if err != nil {
			return songs, err
		}
		for _, item := range page.Items {
			songs = append(songs, item.Track)
		}
		if offset = page.Next; offset == 0 {
			return songs, nil
		}
	}
}

// TestLiesOfItems reads playlists through everything that was reported of
// their items.
func TestLiesOfItems(t *testing.T) {
	t.Parallel()
	lie := func(kind fakespotify.FaultKind, status int) fakespotify.Fault {
		return fakespotify.Fault{Kind: kind, Status: status}
	}
	tests := map[string]struct {
		songs    int
		fault    fakespotify.Fault
		want     int
		err      error
		requests int
	}{
		"repeats":         {100, lie(fakespotify.LieEndRepeats, 0), 100, nil, 2},
		"endless":         {120, lie(fakespotify.LieEndless, 0), 120, nil, 3},
		"endless_full":    {100, lie(fakespotify.LieEndless, 0), 100, nil, 2},
		"end_fails":       {100, lie(fakespotify.LieEndFails, 500), 100, nil, 2},
		"forbidden":       {70, lie(fakespotify.LieItemsRefused, 403), 70, nil, 3},
		"not_found":       {70, lie(fakespotify.LieItemsRefused, 404), 70, nil, 3},
		"failing":         {70, lie(fakespotify.LieItemsRefused, 500), 70, nil, 2},
		"forbidden_long":  {120, lie(fakespotify.LieItemsRefused, 403), 100, fault.ErrNotReadable, 3},
		"new_one_refused": {0, lie(fakespotify.LieNewItemsRefused, 403), 30, nil, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLied(t, tt.songs, tt.fault)
			id := l.own
			if tt.songs == 0 {
				id = l.server.DiscoverID(account)
			}
			got, err := l.read(t.Context(), id)
			if len(got) != tt.want {
				t.Errorf("got %d songs, want %d", len(got), tt.want)
			}
			if tt.err == nil && err != nil {
				t.Errorf("got %v, want no error", err)
			}
			if tt.err != nil {
				checkError(t, err, tt.err)
			}
			if got := len(l.server.Requests()); got != tt.requests {
				t.Errorf("got %d requests, want %d", got, tt.requests)
			}
		})
	}
}

// TestLiesOfSongs: a song keeps its ISRC, however it is written.
func TestLiesOfSongs(t *testing.T) {
	t.Parallel()
	l := newLied(t, 40)
	honest, err := l.read(t.Context(), l.own)
	if err != nil {
		t.Fatal(err)
	}
	bare := make([]ledger.Track, len(honest))
	for i, song := range honest {
		if song.ISRC == "" || song.Length == 0 {
			t.Fatalf("got the song %+v", song)
		}
		bare[i] = ledger.Track{ID: song.ID, Length: song.Length}
	}
	for kind, want := range map[fakespotify.FaultKind][]ledger.Track{
		fakespotify.LieISRCHyphens: honest, fakespotify.LieISRCLower: honest,
		fakespotify.LieISRCPlaceholder: bare, fakespotify.LieISRCMissing: bare,
	} {
		if err := l.server.ClearFaults(); err != nil {
			t.Fatal(err)
		}
		if err := l.server.Fault(fakespotify.Fault{Kind: kind, Times: -1}); err != nil {
			t.Fatal(err)
		}
		got, err := l.read(t.Context(), l.own)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s: wrong songs (-got +want):\n%s", kind, diff)
		}
	}
}

// TestLiesOfThePlayer reads the playlist from every form of context.
func TestLiesOfThePlayer(t *testing.T) {
	t.Parallel()
	discover := "spotify:playlist:" + newLied(t, 1).server.DiscoverID(account)
	player := fakespotify.Fault{Match: "GET /v1/me/player", Kind: fakespotify.FaultStatus, Status: 503}
	tests := map[string]struct {
		fault        fakespotify.Fault
		plays, queue string // contexts
		songs        int    // of the queue, at least
		shuffle      bool
	}{
		"user":          {fakespotify.Fault{Kind: fakespotify.LieContextUser}, discover, discover, 2, false},
		"href":          {fakespotify.Fault{Kind: fakespotify.LieContextHref}, discover, discover, 2, false},
		"url":           {fakespotify.Fault{Kind: fakespotify.LieContextURL}, discover, discover, 2, false},
		"null":          {fakespotify.Fault{Kind: fakespotify.LieContextNull}, "", "", 2, false},
		"smart_shuffle": {fakespotify.Fault{Kind: fakespotify.LieSmartShuffle}, discover, discover, 2, true},
		"player_down":   {player, discover, discover, 1, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLied(t, 1, tt.fault)
			plays, err := l.library.RecentlyPlayed(t.Context())
			if err != nil || len(plays) == 0 {
				t.Fatalf("got %d plays, %v", len(plays), err)
			}
			for _, play := range plays {
				if play.Context != tt.plays {
					t.Errorf("got a play from %q, want %q", play.Context, tt.plays)
				}
			}
			queue, err := l.library.Queue(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if queue.Context != tt.queue || queue.SmartShuffle != tt.shuffle || len(queue.Tracks) < tt.songs {
				t.Errorf("got the queue %+v", queue)
			}
		})
	}
}

// TestLiesOfRefusals gives every call the refusals that name their reason, in
// the words and the form in which they were met.
func TestLiesOfRefusals(t *testing.T) {
	t.Parallel()
	unlisted := []fakespotify.FaultKind{
		fakespotify.LieUnlistedMaybe, fakespotify.LieUnlistedApproved,
		fakespotify.LieUnlistedApp, fakespotify.LieUnlistedDashboard,
	}
	for _, kind := range unlisted {
		for _, form := range []string{"json", "plain"} {
			l := newLied(t, 1, fakespotify.Fault{Kind: kind, Text: form})
			l.checkAll(t, fault.ErrNotAllowed, webCalls[1:]...)
			_, err := l.client.Profile(t.Context(), l.access)
			checkError(t, err, fault.ErrNotAllowed)
		}
	}
	for _, kind := range []fakespotify.FaultKind{fakespotify.LiePermissions, fakespotify.LiePermissionNamed} {
		newLied(t, 1, fakespotify.Fault{Kind: kind}).checkAll(t, fault.ErrScope, "recently_played", "queue")
	}
	newLied(t, 1, fakespotify.Fault{Kind: fakespotify.LieContainsRefused}).checkAll(t, fault.ErrNotReadable, "contains")
}

// checkAll wants the error from every call, after one request each.
func (l lied) checkAll(t *testing.T, want error, names ...string) {
	t.Helper()
	all := callsOf(l.client, l.library)
	for _, name := range names {
		l.server.ResetRequests()
		checkError(t, all[name](t.Context()), want)
		if got := len(l.server.Requests()); got != 1 {
			t.Errorf("%s: got %d requests, want 1", name, got)
		}
	}
}

// TestEmptyListTellsItsTotal: it is the caller's to see that it cannot be.
func TestEmptyListTellsItsTotal(t *testing.T) {
	t.Parallel()
	l := newLied(t, 1, fakespotify.Fault{Kind: fakespotify.LieEmptyList, Count: 7})
	got, err := l.library.Playlists(t.Context(), 0, webapi.PageSize)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, webapi.PlaylistPage{Total: 7}); diff != "" {
		t.Errorf("wrong page (-got +want):\n%s", diff)
	}
}
