package probe_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// responder answers probes of the world's one user.
func (w *world) responder(t *testing.T) (*probe.Responder, *records.Store) {
	t.Helper()
	clock := func() time.Time { return monday }
	store, keys := records.New(archivetest.NewDocuments(clock)), archivetest.NewKeyRing()
	sealed, err := keys.Seal(t.Context(), w.token.Refresh, archive.GrantContext(w.user.ID))
	if err != nil {
		t.Fatal(err)
	}
	u := archivetest.NewUser(t, "somebody")
	u.ID, u.SpotifyID, u.Grant.Sealed = w.user.ID, w.user.SpotifyID, sealed
	archivetest.MustPut(t, store, u)
	return &probe.Responder{Reports: store, Prober: &probe.Prober{
		Users: store, Sealer: keys, Opener: keys, Spotify: w.client, APIURL: w.server.URL + "/v1", Program: "v1.2.3", Clock: clock,
	}}, store
}

func TestProbeFromElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakespotify.Extended)
	responder, store := w.responder(t)
	id, asked := w.user.ID, monday.Add(-time.Second)
	for range 2 { // delivered twice
		if err := responder.Answer(t.Context(), id, asked); err != nil {
			t.Fatal(err)
		}
	}
	at, text, err := store.Probe(t.Context(), id)
	var answer probe.Answered
	if err := errors.Join(err, json.Unmarshal(text, &answer)); err != nil || !at.Equal(asked) {
		t.Fatalf("got an answer of %v, error %v, want one of %v", at, err, asked)
	}
	if answer.Report == nil {
		t.Fatalf("got no report: %s", answer.Failed)
	}
	if len(answer.Report.Answers) < 10 || answer.Failed != "" {
		t.Errorf("got %d answers, failed %q, want a whole report", len(answer.Report.Answers), answer.Failed)
	}
	refreshes := 0
	for _, r := range w.server.Requests() {
		if r.Route == "/api/token" {
			refreshes++
		}
	}
	if refreshes != 2 { // the sign-up's, and one
		t.Errorf("got %d requests for a token, want the sign-up's and one", refreshes)
	}
	if err := store.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Probe(t.Context(), id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("after the user left: got error %v, want %v", err, fault.ErrNotFound)
	}
}

func TestProbesThatAreNotAnswered(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		asked  time.Time
		plant  func(t *testing.T, store *records.Store, u archive.User)
		again  bool   // the message comes again
		failed string // what whoever asked is told
	}{
		"nobody_waits_any_more": {monday.Add(-16 * time.Minute), func(*testing.T, *records.Store, archive.User) {}, false, ""},
		"who_left": {monday, func(t *testing.T, store *records.Store, u archive.User) {
			if err := store.Delete(t.Context(), u.ID); err != nil {
				t.Fatal(err)
			}
		}, false, ""},
		"while_a_run_is_under_way": {monday, func(t *testing.T, store *records.Store, u archive.User) {
			u.Lease = archive.Lease{Holder: "another", Until: monday.Add(time.Minute)}
			archivetest.MustPut(t, store, u)
		}, true, ""},
		"a_grant_that_does_not_open": {monday, func(t *testing.T, store *records.Store, u archive.User) {
			u.Grant.Sealed.Ciphertext[0] ^= 1
			archivetest.MustPut(t, store, u)
		}, false, "opening the grant"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fakespotify.Extended)
			responder, store := w.responder(t)
			u, err := store.User(t.Context(), w.user.ID)
			if err != nil {
				t.Fatal(err)
			}
			row.plant(t, store, u)
			before := len(w.server.Requests())
			if err := responder.Answer(t.Context(), u.ID, row.asked); (err != nil) != row.again {
				t.Errorf("got error %v, want one: %v", err, row.again)
			}
			if got := len(w.server.Requests()); got != before {
				t.Errorf("got %d requests to Spotify, want none", got-before)
			}
			_, text, err := store.Probe(t.Context(), u.ID)
			if row.failed == "" && !errors.Is(err, fault.ErrNotFound) || !strings.Contains(string(text), row.failed) {
				t.Errorf("got the answer %q, error %v, want %q", text, err, row.failed)
			}
		})
	}
}
