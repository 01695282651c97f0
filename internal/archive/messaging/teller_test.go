package messaging_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// plainWords name a notice by its kind.
type plainWords struct{}

func (plainWords) Notice(_ archive.User, n notice.Notice) (title, body string) {
	if n.Unlooked {
		return string(n.Kind), "not looked"
	}
	return string(n.Kind), n.Key
}
func (plainWords) Away(string) string  { return "away" }
func (plainWords) Leave(string) string { return "leave" }
func (plainWords) Stop(string) string  { return "stop" }

// plainLinks name a person.
type plainLinks struct{}

func (plainLinks) Notice(archive.User, notice.Notice) string { return "https://open.spotify.com/" }
func (plainLinks) Leave(_ context.Context, u archive.User) (string, error) {
	return "https://archive.test/leave/" + string(u.ID), nil
}

func (plainLinks) Away(_ context.Context, u archive.User) (string, error) {
	return "https://archive.test/away/" + string(u.ID), nil
}
func (plainLinks) Stop(_ context.Context, u archive.User) (string, error) {
	return "https://archive.test/stop/" + string(u.ID), nil
}

// runs answers jobs in the place of an Archivist.
type runs func(job archive.ArchiveJob) (outcome.Outcome, error)

func (r runs) Run(_ context.Context, job archive.ArchiveJob) (outcome.Outcome, error) { return r(job) }

func nothingNew(job archive.ArchiveJob) (outcome.Outcome, error) {
	return outcome.Outcome{Kind: outcome.NothingNew, Run: job.Run.Kind}, nil
}

// telling is a service that tells people things, at a time that stands still.
type telling struct {
	store  *archivetest.Store
	ring   *archivetest.KeyRing
	outbox *archivetest.Outbox
	teller *messaging.Teller
	jobs   *archivetest.Queue

	mu  sync.Mutex
	now time.Time
}

func newTelling(t *testing.T) *telling {
	t.Helper()
	w := &telling{
		ring: archivetest.NewKeyRing(), outbox: archivetest.NewOutbox(), jobs: archivetest.NewQueue(),
		now: local(berlin, "2026-11-20 18:00"),
	}
	w.store = archivetest.NewStore(w.clock)
	w.teller = w.process()
	return w
}

// process is one process that sends messages.
func (w *telling) process() *messaging.Teller {
	return &messaging.Teller{
		Runner: runs(nothingNew), Users: w.store, Sealer: w.ring, Opener: w.ring, Messenger: w.outbox, Words: plainWords{}, Links: plainLinks{},
		Keys:  &messaging.PushKeys{Store: w.store, Sealer: w.ring, Opener: w.ring},
		Clock: w.clock, Log: slog.New(slog.DiscardHandler),
	}
}

func (w *telling) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *telling) set(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = t
}

func (w *telling) channels() *messaging.Channels {
	return &messaging.Channels{Users: w.store, Sealer: w.ring, Jobs: w.jobs, Clock: w.clock}
}

const reach = "the address of ada"

// person stores a person who copies and can be reached since Monday.
func (w *telling) person(t *testing.T, edits ...func(*archive.User)) archive.User {
	t.Helper()
	u := archivetest.MustPut(t, w.store, copier(t, func(u *archive.User) { u.Messages.Channels = nil }))
	now := w.clock()
	w.set(local(berlin, "2026-11-16 12:00"))
	w.add(t, u.ID, notice.ChannelPush, reach)
	w.set(now)
	u = w.stored(t, u.ID)
	for _, edit := range edits {
		edit(&u)
	}
	return archivetest.MustPut(t, w.store, u)
}

func (w *telling) add(t *testing.T, id archive.UserID, kind notice.ChannelKind, text string) {
	t.Helper()
	if err := w.channels().Add(t.Context(), id, notice.Address{Kind: kind, Text: secret.New(text)}, "Firefox"); err != nil {
		t.Fatal(err)
	}
}

func (w *telling) stored(t *testing.T, id archive.UserID) archive.User {
	t.Helper()
	u, err := w.store.User(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (w *telling) run(t *testing.T, id archive.UserID) {
	t.Helper()
	_, err := w.teller.Run(t.Context(), archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunDue, At: w.clock()}})
	if err != nil && !errors.Is(err, fault.ErrLookAgain) {
		t.Fatal(err)
	}
}

// got lists the titles of what was accepted.
func (w *telling) got() []string {
	var titles []string
	for _, m := range w.outbox.Accepted(reach) {
		titles = append(titles, m.Title)
	}
	return titles
}

func (w *telling) want(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(w.got(), want, cmpEmpty); diff != "" {
		t.Errorf("accepted, got -, want +:\n%s", diff)
	}
}

var cmpEmpty = cmp.Transformer("empty", func(s []string) []string { return append([]string{}, s...) })

// Nobody has to connect again to leave: the message that asks for it has both.
func TestTheMessageToReconnectLetsThePersonLeave(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t, func(u *archive.User) { u.Status = archive.StatusReconnect })
	w.run(t, u.ID)
	w.want(t, "reconnect")
	if m := w.outbox.Accepted(reach)[0]; len(m.Actions) != 2 ||
		!strings.Contains(m.Actions[0].Link, "/leave/") || !strings.Contains(m.Actions[1].Link, "/stop/") {
		t.Errorf("got %+v, want it to let the person leave, or stop messages", m)
	}
}

func TestMessageIsSentOnce(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	for range 3 {
		w.run(t, u.ID)
	}
	w.want(t, "turn")
	m := w.outbox.Accepted(reach)[0]
	if m.Tag != "week-2026-11-16" || m.Life != 48*time.Hour || m.Link == "" || len(m.Actions) != 2 ||
		!strings.Contains(m.Actions[0].Link, "/away/") || !strings.Contains(m.Actions[1].Link, "/stop/") {
		t.Errorf("got %+v, want it of use until Sunday 18:00, with both links", m)
	}
	w.set(local(berlin, "2026-11-22 18:00"))
	w.run(t, u.ID)
	w.want(t, "turn", "last")
	if got := w.stored(t, u.ID).Messages; got.Unanswered != 1 || got.Reminded != archivetest.Week {
		t.Errorf("got %d unanswered weeks up to %s, want 1 up to %s", got.Unanswered, got.Reminded, archivetest.Week)
	}
}

// A run that finds the copy tells that it is kept, and asks for nothing.
func TestLookComesBeforeTheReminder(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	w.teller.Runner = runs(func(job archive.ArchiveJob) (outcome.Outcome, error) {
		u := w.stored(t, job.User)
		u.Weeks = []calendar.WeekTally{{Edition: archivetest.Week, Songs: 30, Copied: 30}}
		archivetest.MustPut(t, w.store, u)
		return outcome.Outcome{Kind: outcome.Saved, Added: 30}, nil
	})
	w.run(t, u.ID)
	w.want(t, "kept")
	w.run(t, u.ID)
	w.want(t, "kept")
}

// Without a look a reminder waits; after some hours it says so, and while Spotify
// asks to be left alone at once.
func TestReminderWithoutALook(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind    app.RunKind
		outcome outcome.Outcome
		minutes int
		want    []string
	}{
		"spotify_fails":           {app.RunDue, outcome.Outcome{Kind: outcome.Unavailable}, 0, nil},
		"spotify_fails_for_hours": {app.RunDue, outcome.Outcome{Kind: outcome.Unavailable}, 15 * 60, []string{"not looked"}},
		"another_run_is_at_it":    {app.RunDue, outcome.Outcome{Kind: outcome.Busy}, 5, nil},
		"plays_are_no_look":       {app.RunDue, outcome.Outcome{Kind: outcome.Saved, Plays: true}, 5, nil},
		"the_inbox_cannot_be_read": {
			app.RunDue,
			outcome.Outcome{Kind: outcome.Saved, Failed: []outcome.Failure{{Source: ledger.SourceInbox, Kind: outcome.Unavailable}}}, 5, nil,
		},
		"spotify_asks_us_to_wait": {app.RunDue, outcome.Outcome{Kind: outcome.Paused}, 0, []string{"not looked"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTelling(t)
			u := w.person(t)
			failed := &fault.RetryLater{Err: errors.New("simulated")}
			w.teller.Runner = runs(func(archive.ArchiveJob) (outcome.Outcome, error) { return c.outcome, failed })
			w.set(w.clock().Add(time.Duration(c.minutes) * time.Minute))
			_, err := w.teller.Run(t.Context(), archive.ArchiveJob{User: u.ID, Run: app.Run{Kind: c.kind, At: w.clock()}})
			if !errors.Is(err, failed) {
				t.Errorf("got error %v, want the run's own", err)
			}
			var got []string
			for _, m := range w.outbox.Accepted(reach) {
				got = append(got, m.Body)
			}
			if diff := cmp.Diff(got, c.want, cmpEmpty); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
			w.teller.Runner = runs(nothingNew)
			w.run(t, u.ID)
			w.want(t, "turn")
		})
	}
}

func TestServiceThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	failing := true
	w.outbox.Faults.Before = func(string) error {
		if failing {
			return errors.New("simulated 503")
		}
		return nil
	}
	tries := 0
	for tries < 8 {
		tries++
		w.run(t, u.ID)
		w.run(t, u.ID) // at the same time nothing more is tried
		m := w.stored(t, u.ID).Messages
		if m.Tries != tries || !m.RetryAt.After(w.clock()) {
			t.Fatalf("try %d: got %d tries and the next at %s, want a later time", tries, m.Tries, m.RetryAt)
		}
		w.set(w.stored(t, u.ID).NextNotice(w.clock()))
	}
	if got := w.clock().Sub(local(berlin, "2026-11-20 18:00")); got > 30*time.Hour {
		t.Errorf("eight tries took %s, want them within its use", got)
	}
	failing = false
	w.run(t, u.ID)
	w.want(t, "turn")
	if m := w.stored(t, u.ID).Messages; m.Tries != 0 || !m.RetryAt.IsZero() {
		t.Errorf("after a success: got %d tries and the next at %s, want none", m.Tries, m.RetryAt)
	}
}

// What has lost its meaning is not sent.
func TestNothingIsSentAfterItsUse(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	w.set(local(berlin, "2026-11-22 21:00"))
	w.run(t, u.ID)
	w.set(local(berlin, "2026-11-23 09:00"))
	w.run(t, u.ID)
	w.want(t)
}

// Killed between the service's acceptance and our note of it: the same message
// again, which takes the place of the first.
func TestKilledBeforeTheNote(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	var done sync.WaitGroup
	w.outbox.Faults.After = func(string) error { w.outbox.Faults.After = nil; runtime.Goexit(); return nil }
	done.Go(func() { w.run(t, u.ID) })
	done.Wait()
	w.want(t, "turn")
	w.run(t, u.ID)
	w.want(t, "turn") // the claim stands
	w.set(w.clock().Add(notice.SendingTime + time.Second))
	w.run(t, u.ID)
	w.want(t, "turn", "turn")
	if shown := w.outbox.Shown(reach); len(shown) != 1 {
		t.Errorf("the person sees %d messages, want 1", len(shown))
	}
	w.set(w.clock().Add(notice.SendingTime + time.Second))
	w.run(t, u.ID)
	w.want(t, "turn", "turn")
}

// A note that is lost is the same; a lost answer of the store too.
func TestStoreThatFails(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		w := newTelling(t)
		u := w.person(t)
		for n := range 6 {
			puts := 0
			failing := func(op string) error {
				if op == "Put" {
					if puts++; puts == n+1 {
						return errors.New("simulated")
					}
				}
				return nil
			}
			w.store.Faults = archivetest.Faults{Before: failing}
			if lost {
				w.store.Faults = archivetest.Faults{After: failing}
			}
			w.run(t, u.ID)
			w.store.Faults = archivetest.Faults{}
			w.set(w.clock().Add(notice.SendingTime + time.Second))
		}
		w.run(t, u.ID)
		if shown := w.outbox.Shown(reach); len(shown) != 1 || len(w.got()) > 2 {
			t.Errorf("lost answers %t: accepted %v, of which %d show, want one", lost, w.got(), len(shown))
		}
	}
}

func TestManyProcessesSendOnce(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	w.outbox.Faults.Before = func(string) error { time.Sleep(time.Millisecond); return nil }
	var all sync.WaitGroup
	for range 8 {
		teller := w.process()
		all.Go(func() {
			_, _ = teller.Run(context.Background(), archive.ArchiveJob{User: u.ID, Run: app.Run{Kind: app.RunDue, At: w.clock()}})
		})
	}
	all.Wait()
	w.want(t, "turn")
}

func TestChannelsThatEnd(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	w.add(t, u.ID, notice.ChannelNtfy, "the topic of ada")
	w.set(w.clock().Add(-time.Hour))
	if err := w.channels().Set(t.Context(), u.ID, messaging.Wishes{Week: w.stored(t, u.ID).Messages.Channels[0].ID, Day: 5, Hour: 18, Kept: true}); err != nil {
		t.Fatal(err)
	}
	w.set(w.clock().Add(time.Hour))
	w.outbox.End(reach)
	w.run(t, u.ID)
	got := w.stored(t, u.ID).Messages
	if len(got.Channels) != 1 || got.Channels[0].Kind != notice.ChannelNtfy || got.Week != "" {
		t.Fatalf("got channels %+v, want ntfy alone", got.Channels)
	}
	// The event was not told: it goes to the channel that is left.
	w.run(t, u.ID)
	if accepted := w.outbox.Accepted("the topic of ada"); len(accepted) != 1 || accepted[0].Title != "turn" {
		t.Errorf("got %+v, want the reminder by ntfy", accepted)
	}
}

func TestChannelThatRefusesEverythingEnds(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	w.outbox.Refuse(reach, true)
	refusals := []int{}
	for week := range 6 {
		w.set(local(berlin, "2026-11-20 18:00").AddDate(0, 0, 7*week))
		w.run(t, u.ID)
		w.run(t, u.ID) // a refusal is not tried again
		if channels := w.stored(t, u.ID).Messages.Channels; len(channels) > 0 {
			refusals = append(refusals, channels[0].Refusals)
		}
	}
	// Not one of them counts as a reminder, so all come twice a week or once.
	if diff := cmp.Diff(refusals, []int{1, 2, 3, 4}); diff != "" {
		t.Errorf("refusals, got -, want +:\n%s", diff)
	}
}

func TestTestMessage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(w *telling)
		want  notice.TestResult
	}{
		"accepted": {func(*telling) {}, notice.TestAccepted},
		"gone":     {func(w *telling) { w.outbox.End(reach) }, notice.TestGone},
		"refused":  {func(w *telling) { w.outbox.Refuse(reach, true) }, notice.TestRefused},
		"failed": {func(w *telling) {
			w.outbox.Faults.Before = func(string) error { return errors.New("simulated") }
		}, notice.TestFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTelling(t)
			u := w.person(t)
			w.set(local(berlin, "2026-11-18 23:30")) // also at night: they asked for it
			channel := u.Messages.Channels[0].ID
			if err := w.channels().Test(t.Context(), u.ID, channel); err != nil {
				t.Fatal(err)
			}
			if err := w.channels().Test(t.Context(), u.ID, channel); !errors.Is(err, fault.ErrTooOften) {
				t.Errorf("a second one at once: got error %v, want %v", err, fault.ErrTooOften)
			}
			c.spoil(w)
			job, _ := w.jobs.Archive.Take(0)
			for range 2 { // delivered twice
				if _, err := w.teller.Run(t.Context(), job); err != nil {
					t.Fatal(err)
				}
			}
			if got := w.stored(t, u.ID).Messages; got.Test.Result != c.want || got.Test.DoneAt.IsZero() {
				t.Errorf("got %+v, want %s", got.Test, c.want)
			}
			if c.want == notice.TestAccepted {
				w.want(t, "test")
			}
		})
	}
}

func TestTestOfAnUnknownChannel(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	if err := w.channels().Test(t.Context(), u.ID, "push-x"); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("got error %v, want %v", err, fault.ErrNotFound)
	}
}

// An address is sealed for its person and its channel, and is nowhere else.
func TestAddressesAreSealed(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	ada := w.person(t)
	bob := archivetest.MustPut(t, w.store, archivetest.NewUser(t, "bob", func(u *archive.User) {
		u.Zone, u.Choice = berlin, archive.ChoiceInbox
		u.Messages.Channels = slices.Clone(ada.Messages.Channels)
	}))
	w.run(t, bob.ID)
	w.want(t)
	if got := w.stored(t, bob.ID).Messages.Channels[0].Refusals; got != 1 {
		t.Errorf("got %d refusals of an address that does not open, want 1", got)
	}
	dump, err := w.store.Dump()
	if err != nil || strings.Contains(string(dump), reach) {
		t.Errorf("the address is stored in the clear (error %v)", err)
	}
}

func TestManyChannels(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	for i := range 7 {
		w.set(w.clock().Add(time.Minute))
		w.add(t, u.ID, notice.ChannelPush, "browser "+string(rune('a'+i)))
	}
	w.add(t, u.ID, notice.ChannelPush, "browser g")
	got := w.stored(t, u.ID).Messages
	if len(got.Channels) != notice.MaxChannels {
		t.Fatalf("got %d channels, want %d", len(got.Channels), notice.MaxChannels)
	}
	if week, _ := got.WeekChannel(); week.ID != notice.ChannelID(notice.Address{Kind: notice.ChannelPush, Text: secret.New("browser g")}) {
		t.Errorf("got %s for the week, want the newest", week.ID)
	}
}

// A visit shows that a browser is there; one that is not known changes nothing,
// unless it says which one it was before.
func TestRenew(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	known := u.Messages.Channels[0]
	next := notice.Address{Kind: notice.ChannelPush, Text: secret.New("the next address of ada")}
	renew := func(a notice.Address, replaces string) notice.Messages {
		t.Helper()
		if err := w.channels().Renew(t.Context(), u.ID, a, "Firefox", replaces); err != nil {
			t.Fatal(err)
		}
		return w.stored(t, u.ID).Messages
	}
	if got := renew(notice.Address{Kind: notice.ChannelPush, Text: secret.New(reach)}, ""); !got.Channels[0].SeenAt.Equal(w.clock()) || !got.Channels[0].AddedAt.Equal(known.AddedAt) {
		t.Errorf("got %+v, want it seen now and added as before", got.Channels[0])
	}
	if got := renew(next, ""); len(got.Channels) != 1 || got.Channels[0].ID != known.ID {
		t.Errorf("got %+v, want the stranger left out", got.Channels)
	}
	got := renew(next, known.ID)
	if len(got.Channels) != 1 || got.Channels[0].ID != notice.ChannelID(next) || got.Week != notice.ChannelID(next) {
		t.Errorf("got %+v for the week %q, want the new one in the place of the old", got.Channels, got.Week)
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	for _, wishes := range []messaging.Wishes{{Day: 0, Hour: 18}, {Day: 8, Hour: 18}, {Day: 5, Hour: 8}, {Day: 5, Hour: 21}} {
		if err := w.channels().Set(t.Context(), u.ID, wishes); !errors.Is(err, fault.ErrMalformed) {
			t.Errorf("%+v: got error %v, want %v", wishes, err, fault.ErrMalformed)
		}
	}
	for until, away := range map[time.Time]bool{
		w.clock().Add(-time.Hour): false, w.clock().Add(time.Hour): true, w.clock().AddDate(9, 0, 0): false,
	} {
		if err := w.channels().Away(t.Context(), u.ID, until); err != nil {
			t.Fatal(err)
		}
		if got := w.stored(t, u.ID).Messages.Away(w.clock()); got != away {
			t.Errorf("until %s: got away %t, want %t", until, got, away)
		}
	}
}

// After a rotation every channel is sealed anew by the next run, also one that no
// message goes to, and none that the person replaced meanwhile.
func TestChannelsSurviveARotation(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	w.add(t, u.ID, notice.ChannelNtfy, "the topic of ada")
	before := w.stored(t, u.ID).Messages.Channels
	w.ring.Rotate()
	w.teller.Runner = runs(func(job archive.ArchiveJob) (outcome.Outcome, error) { // which seals the grant
		u := w.stored(t, job.User)
		u.Grant.Sealed.KeyVersion = "2"
		archivetest.MustPut(t, w.store, u)
		return nothingNew(job)
	})
	w.set(local(berlin, "2026-11-18 12:00")) // nothing is due
	w.run(t, u.ID)
	after := w.stored(t, u.ID).Messages.Channels
	w.ring.Destroy("1")
	for i, c := range after {
		text, err := w.ring.Open(t.Context(), c.Sealed, archive.ChannelContext(u.ID, c.ID))
		if err != nil || c.Sealed.KeyVersion != "2" {
			t.Errorf("%s: got version %s, error %v; want it sealed anew", c.ID, c.Sealed.KeyVersion, err)
		}
		if want := []string{reach, "the topic of ada"}[i]; text.Reveal() != want {
			t.Errorf("%s: got another address than %q", c.ID, want)
		}
	}
	u = w.stored(t, u.ID)
	u.Messages.Reseal(after[0].ID, before[0].Sealed, before[1].Sealed)
	if !cmp.Equal(u.Messages.Channels, after) {
		t.Error("a channel that is another one meanwhile was replaced")
	}
	w.run(t, u.ID)
	if got := w.stored(t, u.ID).Messages.Channels; !cmp.Equal(got, after) {
		t.Error("channels were sealed anew though the version that seals is today's")
	}
}

// A message that has to be told now is due a little later: the hourly message may
// be on its way already, by a clock that is ahead, and the next one asks only
// for what comes after it.
func TestWhatIsDueNowIsFoundByTheNextHour(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	w.teller.Runner = runs(func(archive.ArchiveJob) (outcome.Outcome, error) {
		return outcome.Outcome{Kind: outcome.Unavailable}, nil // so the reminder waits
	})
	hour := w.clock()
	w.run(t, u.ID)
	w.want(t)
	u = w.stored(t, u.ID)
	u.Due = archive.Due{}
	u.Reschedule(w.clock())
	if due := u.Due; due.Why != archive.DueMessage || due.At.Before(hour.Add(calendar.MaxSkew)) || !due.At.Before(hour.Add(time.Hour-calendar.MaxSkew)) {
		t.Errorf("got %+v, want within the hour after %s, whatever the clocks say", due, hour)
	}
}

// Of somebody who only pastes everything is known, and no reminder says that we
// could not look; unless something that they pasted waits.
func TestWhoPastesIsKnown(t *testing.T) {
	t.Parallel()
	for name, waits := range map[string]bool{"nothing_waits": false, "links_wait": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTelling(t)
			u := w.person(t, func(u *archive.User) { u.Choice, u.Waiting = archive.ChoicePaste, waits })
			w.teller.Runner = runs(func(archive.ArchiveJob) (outcome.Outcome, error) {
				return outcome.Outcome{Kind: outcome.AlreadyDone}, nil
			})
			w.run(t, u.ID)
			if waits {
				w.want(t)
				return
			}
			w.want(t, "turn")
			if m := w.outbox.Accepted(reach)[0]; m.Body == "not looked" {
				t.Error("the message says that we could not look, and there was nothing to look at")
			}
		})
	}
}
