package bench_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// traffic is what went over the wire.
type traffic struct{ tokens, requests, bytes int }

func (t traffic) String() string {
	return fmt.Sprintf("%d + %d requests, %.0f kB", t.tokens, t.requests, float64(t.bytes)/1000)
}

// wire counts what passes: request line and bodies, both ways, uncompressed.
type wire struct {
	inner http.RoundTripper
	seen  traffic
}

// RoundTrip implements http.RoundTripper.
func (c *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasPrefix(req.URL.Path, "/v1/") {
		c.seen.requests++
	} else {
		c.seen.tokens++
	}
	c.seen.bytes += len(req.Method) + len(req.URL.RequestURI()) + int(max(req.ContentLength, 0))
	resp, body, err := whole(c.inner.RoundTrip(req))
	if err != nil {
		return nil, err
	}
	c.seen.bytes += len(body)
	return resp, nil
}

// whole reads all of an answer, which its reader can do once more.
func whole(resp *http.Response, err error) (*http.Response, []byte, error) {
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, nil, err
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, body, nil
}

// person is a world of one account.
type person struct {
	*world
	id        archive.UserID
	way       *wire
	archivist *usecase.Archivist
}

const account = "u1"

// newPerson signs somebody up whose first run is done.
func newPerson(tb testing.TB, mode fakespotify.Mode, choice archive.Choice) *person {
	tb.Helper()
	return newPersonAbove(tb, mode, choice, 0)
}

// newPersonAbove is newPerson for somebody who had so many playlists before.
func newPersonAbove(tb testing.TB, mode fakespotify.Mode, choice archive.Choice, playlists int) *person {
	tb.Helper()
	return newPersonIn(tb, mode, choice, playlists, func(clock archive.Clock) store { return archivetest.NewStore(clock) })
}

// newPersonIn is newPersonAbove in a store of a kind.
func newPersonIn(tb testing.TB, mode fakespotify.Mode, choice archive.Choice, playlists int, in func(archive.Clock) store) *person {
	tb.Helper()
	w := newWorld(tb, fakespotify.Config{Mode: mode, Clock: func() time.Time { return start }, Accounts: crowd(1)})
	w.store = in(w.clock)
	w.traffic = w.store
	p := &person{world: w, way: &wire{inner: w.spotify.RoundTripper()}}
	client := w.client(p.way, w.advance)
	p.archivist = w.process(w.store, client)
	p.library(playlists)
	p.id = w.connect(client, account, choice)
	p.run(app.RunSignUp)
	return p
}

func (p *person) run(kind app.RunKind) outcome.Outcome {
	p.tb.Helper()
	job := archive.ArchiveJob{User: p.id, Run: app.Run{Kind: kind, At: p.spotify.Now()}}
	result, err := p.archivist.Run(p.tb.Context(), job)
	if err != nil {
		p.tb.Fatalf("%s run: %v", kind, err)
	}
	return result
}

// week is what the clock brings in a week: the weekly message, and every look
// that is due since.
func (p *person) week() traffic {
	p.tb.Helper()
	return p.weekWith(func(int) {})
}

// weekWith is a week in which somebody does something at the beginning of each
// day of it.
func (p *person) weekWith(do func(day int)) traffic {
	p.tb.Helper()
	before := p.way.seen
	do(0)
	p.run(app.RunWeekly)
	for hour := range 6*24 + 12 {
		if hour > 0 && hour%24 == 0 {
			do(hour / 24)
		}
		p.spotify.Advance(time.Hour)
		if due := p.user(p.id).Due; !due.At.IsZero() && !due.At.After(p.spotify.Now()) {
			p.run(app.RunDue)
		}
	}
	p.spotify.NextMonday()
	after := p.way.seen
	return traffic{after.tokens - before.tokens, after.requests - before.requests, after.bytes - before.bytes}
}

// library gives the account playlists of its own, on top of the list.
func (p *person) library(n int) {
	p.tb.Helper()
	for i := range n {
		if _, err := p.spotify.CreatePlaylist(account, fmt.Sprintf("Playlist %d", i+1)); err != nil {
			p.tb.Fatal(err)
		}
	}
}

func (p *person) fill(playlistID string, songs int) {
	p.tb.Helper()
	if err := p.spotify.Fill(account, playlistID, songs); err != nil {
		p.tb.Fatal(err)
	}
}

// discoverWeek is a steady week of an archive of so many songs, below so many
// playlists and above so many others.
func discoverWeek(tb testing.TB, above, below, songs int) traffic {
	p := newPersonAbove(tb, fakespotify.Extended, archive.ChoiceDiscover, below)
	p.library(above)
	if songs > 0 {
		p.fill(p.user(p.id).Archives[archive.MainArchive].PlaylistID, songs)
	}
	p.spotify.NextMonday()
	p.week()
	return p.week()
}

// copiesWeek is a week of somebody who wants a playlist per edition, too, and
// has had so many of them.
func copiesWeek(tb testing.TB, editions int) traffic {
	p := newPerson(tb, fakespotify.Extended, archive.ChoiceDiscover)
	u := p.user(p.id)
	u.Shape = archive.ShapeEdition
	p.library(editions)
	edition := calendar.DueEdition(start)
	for _, copied := range p.spotify.Playlists(account)[:editions] {
		edition = edition.Previous()
		u.SetArchive(string(edition), archive.ArchivePlaylist{PlaylistID: copied.ID, Part: 1, Total: 30})
	}
	archivetest.MustPut(tb, p.store, u)
	p.spotify.NextMonday()
	p.week()
	return p.week()
}

// When a person copies: after so many days of the week, or never.
const (
	onMonday   = 0
	onSaturday = 5
	never      = -1
)

// inboxWeek is a week of an inbox of so many songs, below so many playlists, and
// of more songs that are copied after so many days of it.
func inboxWeek(tb testing.TB, songs, playlists, copied int) traffic {
	p := newPerson(tb, fakespotify.Development, archive.ChoiceInbox)
	p.fill(p.user(p.id).Inbox.PlaylistID, songs)
	p.spotify.NextMonday()
	p.week()
	p.library(playlists)
	p.week()
	return p.weekWith(func(day int) {
		if day != copied {
			return
		}
		if err := p.spotify.CopyDiscover(account, p.user(p.id).Inbox.PlaylistID); err != nil {
			tb.Fatal(err)
		}
	})
}

// weededWeek is the week after one song was removed from the archive, or added
// to its end, by hand.
func weededWeek(tb testing.TB, songs int, change func(p *person, archiveID string) error) traffic {
	p := newPerson(tb, fakespotify.Extended, archive.ChoiceDiscover)
	archiveID := p.user(p.id).Archives[archive.MainArchive].PlaylistID
	p.fill(archiveID, songs)
	p.spotify.NextMonday()
	p.week()
	p.week()
	if err := change(p, archiveID); err != nil {
		tb.Fatal(err)
	}
	return p.week()
}

func removeOne(p *person, archiveID string) error {
	return p.spotify.RemoveItem(account, archiveID, 17)
}

func addOne(p *person, archiveID string) error {
	return p.spotify.Fill(account, archiveID, 1)
}

// pasteWeek is a week in which nothing is pasted.
func pasteWeek(tb testing.TB) traffic {
	p := newPerson(tb, fakespotify.Development, archive.ChoicePaste)
	p.spotify.NextMonday()
	p.week()
	return p.week()
}

// exact are the rows that are the same on every machine. At most is what the
// test holds; the goal stands beside it in the table.
func exact() []exactRow {
	rows := []exactRow{}
	for _, n := range []int{5, 60, 400, 1200} {
		rows = append(rows, exactRow{
			name: fmt.Sprintf("week, Discover Weekly, archive below %d playlists", n), goal: "1 + 3, under 25 kB",
			measure: func(tb testing.TB) traffic { return discoverWeek(tb, n, 0, 0) },
			within:  traffic{1, 3, 25_000},
		}, exactRow{
			name: fmt.Sprintf("week, Discover Weekly, archive above %d playlists", n), goal: "1 + 3, under 25 kB",
			measure: func(tb testing.TB) traffic { return discoverWeek(tb, 0, n, 0) },
			within:  traffic{1, 3, 25_000},
		})
	}
	for _, n := range []int{1560, 9000} {
		rows = append(rows, exactRow{
			name: fmt.Sprintf("week, Discover Weekly, archive of %d songs", n), goal: "1 + 3, under 25 kB",
			measure: func(tb testing.TB) traffic { return discoverWeek(tb, 5, 0, n) },
			within:  traffic{1, 3, 25_000},
		})
	}
	for _, n := range []int{0, 260} {
		rows = append(rows, exactRow{
			name: fmt.Sprintf("week, a playlist per edition, after %d of them", n), goal: "1 + 5 at any number",
			measure: func(tb testing.TB) traffic { return copiesWeek(tb, n) },
			within:  traffic{1, 5, 30_000},
		})
	}
	for _, n := range []int{30, 570, 4970} {
		rows = append(rows,
			exactRow{
				name: fmt.Sprintf("week, inbox of %d songs, copied on Monday", n+30), goal: "at most 4 + 7",
				measure: func(tb testing.TB) traffic { return inboxWeek(tb, n, 0, onMonday) },
				within:  traffic{1, 3, 30_000},
			},
			exactRow{
				name: fmt.Sprintf("week, inbox of %d songs, copied on Saturday", n+30), goal: "at most 4 + 7",
				measure: func(tb testing.TB) traffic { return inboxWeek(tb, n, 0, onSaturday) },
				within:  traffic{4, 6, 30_000},
			},
			exactRow{
				name: fmt.Sprintf("week, inbox of %d songs, nothing copied", n), goal: "4 + 4",
				measure: func(tb testing.TB) traffic { return inboxWeek(tb, n, 0, never) },
				within:  traffic{4, 4, 30_000},
			})
	}
	rows = append(rows, exactRow{
		name: "week, inbox of 5000 songs below 400 playlists, copied on Saturday", goal: "at most 4 + 7",
		measure: func(tb testing.TB) traffic { return inboxWeek(tb, 4970, 400, onSaturday) },
		within:  traffic{4, 6, 60_000},
	}, exactRow{
		name: "week, inbox of 4970 songs below 400 playlists, nothing copied", goal: "4 + 4",
		measure: func(tb testing.TB) traffic { return inboxWeek(tb, 4970, 400, never) },
		within:  traffic{4, 4, 60_000},
	})
	return append(rows,
		exactRow{
			name: "week after one song was removed by hand, archive of 9,900", goal: "1 + 6",
			measure: func(tb testing.TB) traffic { return weededWeek(tb, 9810, removeOne) }, within: traffic{1, 6, 60_000},
		},
		exactRow{
			name: "week after one song was added by hand, archive of 9,900", goal: "1 + 6",
			measure: func(tb testing.TB) traffic { return weededWeek(tb, 9810, addOne) }, within: traffic{1, 6, 60_000},
		},
		exactRow{name: "a paste user with nothing pasted", goal: "nothing", measure: pasteWeek, within: traffic{}},
	)
}

type exactRow struct {
	name, goal string
	measure    func(tb testing.TB) traffic
	within     traffic
}

func TestExactRows(t *testing.T) {
	t.Parallel()
	for _, row := range exact() {
		t.Run(strings.ReplaceAll(row.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			got := row.measure(t)
			t.Logf("%s (goal: %s)", got, row.goal)
			if got.tokens > row.within.tokens || got.requests > row.within.requests || got.bytes > row.within.bytes {
				t.Errorf("got %s, want at most %s", got, row.within)
			}
		})
	}
}
