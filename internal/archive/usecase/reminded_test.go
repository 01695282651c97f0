package usecase_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const device = "the browser of the person"

// reminded is a person who copies, on a Friday at six.
type reminded struct {
	*world
	id     archive.UserID
	outbox *archivetest.Outbox
	teller *messaging.Teller
	friday time.Time
	copies map[time.Duration]func() // what the person does so long after Friday at six
}

func newReminded(t *testing.T) *reminded {
	t.Helper()
	w := newWorld(t, development())
	r := &reminded{world: w, outbox: archivetest.NewOutbox(), copies: map[time.Duration]func(){}, friday: start.AddDate(0, 0, 4).Truncate(24 * time.Hour).Add(18 * time.Hour)}
	r.id = w.connect(account, archive.ChoiceInbox)
	w.mustRun(r.id, app.RunSignUp, outcome.NothingNew)
	channels := &messaging.Channels{Users: w.store, Sealer: w.keys, Jobs: w.queue, Clock: w.spotify.Now}
	address := notice.Address{Kind: notice.ChannelPush, Text: secret.New(device)}
	if err := channels.Add(t.Context(), r.id, address, ""); err != nil {
		t.Fatal(err)
	}
	r.teller = &messaging.Teller{
		Runner: w.archivist, Users: w.store, Sealer: w.keys, Opener: w.keys, Messenger: r.outbox, Words: words.Messages(true),
		Links: &links.Links{Base: "http://127.0.0.1:8080", SearchName: words.DiscoverName},
		Keys:  &messaging.PushKeys{Store: w.store, Sealer: w.keys, Opener: w.keys}, Clock: w.spotify.Now, Log: slog.New(slog.DiscardHandler),
	}
	w.spotify.Advance(r.friday.Sub(w.spotify.Now()))
	return r
}

// deliver hands a message over until it is acknowledged, each time as the queue
// says: back-off is when it comes again. It returns how often Spotify was asked,
// and when the person was told.
func (r *reminded) deliver(kind app.RunKind, backoff func(attempt int, notBefore time.Time) time.Duration) (looks int, told map[string]time.Duration) {
	r.t.Helper()
	job := archive.ArchiveJob{User: r.id, Run: app.Run{Kind: kind, At: r.spotify.Now()}}
	told = map[string]time.Duration{}
	for attempt := 1; ; attempt++ {
		_, before := r.countAPI()
		_, err := r.teller.Run(r.t.Context(), job)
		if _, after := r.countAPI(); after > before {
			looks++
		}
		for _, m := range r.outbox.Accepted(device) {
			if _, known := told[m.Title]; !known {
				told[m.Title] = r.spotify.Now().Sub(r.friday)
			}
		}
		if err == nil {
			return looks, told
		}
		later, ok := errors.AsType[*fault.RetryLater](err)
		if !ok || !errors.Is(err, fault.ErrLookAgain) || attempt > 50 {
			r.t.Fatalf("attempt %d: got error %v, want to look again", attempt, err)
		}
		end := r.spotify.Now().Add(backoff(attempt, later.NotBefore))
		for after, do := range r.copies {
			if at := r.friday.Add(after); !at.After(end) {
				r.spotify.Advance(max(0, at.Sub(r.spotify.Now())))
				do()
				delete(r.copies, after)
			}
		}
		r.spotify.Advance(max(0, end.Sub(r.spotify.Now())))
	}
}

// local comes again when it was told to, and cloud when it likes.
func (r *reminded) local(_ int, notBefore time.Time) time.Duration {
	return max(10*time.Second, notBefore.Sub(r.spotify.Now()))
}

func cloud(attempt int, _ time.Time) time.Duration {
	return min(10*time.Second<<min(attempt-1, 10), 10*time.Minute)
}

func (r *reminded) copy() {
	if err := r.spotify.CopyDiscover(account, r.user(r.id).Inbox.PlaylistID); err != nil {
		r.t.Error(err)
	}
}

// Whoever copies within half an hour of the reminder is told within minutes that
// it is kept, whichever queue it is; nobody is looked at more than five times.
func TestKeptIsToldWithinMinutes(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		cloud  bool
		copies time.Duration // after the reminder; 0: not
		told   time.Duration // at the latest, after that
		looks  int           // at most, the one before the reminder included
	}{
		"at_once_locally":         {false, 2 * time.Minute, 4 * time.Minute, 2},
		"at_once_in_the_cloud":    {true, 2 * time.Minute, 6 * time.Minute, 2},
		"later_locally":           {false, 12 * time.Minute, 8 * time.Minute, 4},
		"later_in_the_cloud":      {true, 12 * time.Minute, 12 * time.Minute, 4},
		"not_at_all_locally":      {false, 0, 0, 5},
		"not_at_all_in_the_cloud": {true, 0, 0, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReminded(t)
			backoff := r.local
			if row.cloud {
				backoff = cloud
			}
			if row.copies > 0 {
				r.copies[row.copies] = r.copy
			}
			r.come(r.id, archive.DueMessage)
			looks, told := r.deliver(app.RunDue, backoff)
			if looks > row.looks || row.copies == 0 && looks < 4 {
				t.Errorf("looked %d times, want %d", looks, row.looks)
			}
			kept := -row.copies
			for title, after := range told {
				if strings.Contains(title, "kept") {
					kept += after
				}
			}
			if kept > row.told || row.copies > 0 && len(told) != 2 || row.copies == 0 && len(told) != 1 {
				t.Errorf("told %v, want the reminder and, within %s of the copy, that it is kept", told, row.told)
			}
			if got := len(r.archived(r.id)); row.copies > 0 && got != 30 {
				t.Errorf("got %d songs in the archive, want 30", got)
			}
		})
	}
}

// A copy of twelve songs is watched until it counts as all of them; more that
// come meanwhile are told together.
func TestACopyInTwoParts(t *testing.T) {
	t.Parallel()
	r := newReminded(t)
	songs := r.shown(account)
	put := func(part []string) func() {
		return func() {
			if err := r.spotify.AddItems(account, r.user(r.id).Inbox.PlaylistID, part...); err != nil {
				t.Error(err)
			}
		}
	}
	r.copies[time.Minute], r.copies[6*time.Minute] = put(songs[:12]), put(songs[12:17])
	r.come(r.id, archive.DueMessage)
	_, told := r.deliver(app.RunDue, r.local)
	accepted := r.outbox.Accepted(device)
	if last := accepted[len(accepted)-1]; len(accepted) != 2 || !strings.Contains(last.Title, "17") {
		t.Errorf("told %v, the last %q; want once that 17 songs are kept", told, last.Title)
	}
}

// A tap on a message in the evening is followed by looks, too.
func TestATapIsFollowedByLooks(t *testing.T) {
	t.Parallel()
	r := newReminded(t)
	r.come(r.id, archive.DueMessage)
	r.deliver(app.RunDue, r.local)
	r.spotify.Advance(r.friday.Add(2 * time.Hour).Sub(r.spotify.Now()))
	if err := r.accounts.Tapped(t.Context(), r.id); err != nil {
		t.Fatal(err)
	}
	r.copies[2*time.Hour+3*time.Minute] = r.copy
	at := r.user(r.id).Manual.AskedAt
	r.spotify.Advance(max(0, at.Sub(r.spotify.Now())))
	looks, told := r.deliver(app.RunManual, r.local)
	if looks != 2 || len(r.outbox.Accepted(device)) != 2 {
		t.Errorf("looked %d times and told %v, want two looks, and that it is kept", looks, told)
	}
	if since := r.spotify.Now().Sub(r.friday) - 2*time.Hour; since > 5*time.Minute {
		t.Errorf("it took %s from the tap", since)
	}
}

// While the day's requests run short, looks after a reminder are put off before
// anything else, their message does not come again, and the person is told.
func TestLooksAfterAReminderGiveWay(t *testing.T) {
	t.Parallel()
	r := newReminded(t)
	r.come(r.id, archive.DueMessage)
	w := r.world
	r.archivist.Spotify = w.newCappedClient(w.spotify.RoundTripper(), 10)
	looks, told := r.deliver(app.RunDue, r.local)
	if len(told) != 1 || looks > 3 {
		t.Errorf("looked %d times, told %v; want the reminder, and few looks", looks, told)
	}
	want := []outcome.Failure{{Source: ledger.SourceInbox, Kind: outcome.PutOff}}
	if last := r.user(r.id).Last; last.Kind != outcome.PutOff || !slices.Equal(last.Failed, want) {
		t.Errorf("the account page tells of %q and %+v, want %+v", last.Kind, last.Failed, want)
	}
}
