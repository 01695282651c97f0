package messaging_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

var people = flag.Int("people", 1000, "how many people TestThousandForgetfulPeople is about")

// forgetful is a person who copies on a day of their own, forgets it one week in
// three, and then does it when they are told; or who lives otherwise.
type forgetful struct {
	id      archive.UserID
	address string
	zone    *time.Location
	r       *rand.Rand

	listens bool // has nothing to copy
	silent  bool // never answers
	offline bool // their service takes nothing from Thursday noon to Sunday noon
	dies    int  // the week in which their channel ends; 0: never
	gone    bool // and its service has said so

	copies  time.Time // the next time that they copy; zero: not before they are told
	songs   int
	copied  map[calendar.Edition]time.Time
	found   map[calendar.Edition]time.Time // when a run saw it
	away    map[calendar.Edition]bool
	asked   map[calendar.Edition][]time.Time // reminders that were accepted
	kept    map[string]int                   // by tag
	failed  map[calendar.Edition]int         // messages that their service did not take
	nextRun time.Time
}

// neighbourhood is everybody, and the service.
type neighbourhood struct {
	t        *testing.T
	now      time.Time
	people   map[archive.UserID]*forgetful
	byAddr   map[string]*forgetful
	store    *archivetest.Store
	down     bool // the push service
	unlooked int  // told that we could not look, and had copied
}

// Run looks what the person has copied, in the place of an Archivist. Now and
// then Spotify fails.
func (n *neighbourhood) Run(ctx context.Context, job archive.ArchiveJob) (outcome.Outcome, error) {
	p := n.people[job.User]
	if p.r.IntN(20) == 0 {
		return outcome.Outcome{Kind: outcome.Unavailable}, &fault.RetryLater{Err: errors.New("simulated")}
	}
	u, err := n.store.User(ctx, job.User)
	if err != nil {
		return outcome.Outcome{}, err
	}
	week := n.week(p)
	if _, ok := p.copied[week]; !ok || len(u.Weeks) > 0 && u.Weeks[0].Edition == week {
		return outcome.Outcome{Kind: outcome.NothingNew}, nil
	}
	u.Weeks = []calendar.WeekTally{{Edition: week, Songs: p.songs, Copied: p.songs}}
	p.found[week] = n.now
	_, err = n.store.Put(ctx, u)
	return outcome.Outcome{Kind: outcome.Saved}, err
}

func (n *neighbourhood) week(p *forgetful) calendar.Edition {
	local := n.now.In(p.zone)
	return calendar.WeekOf(time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, time.UTC))
}

// Deliver is the service of everybody's channel, and the person who reads.
func (n *neighbourhood) Deliver(_ context.Context, to notice.Address, m notice.Message) error {
	p := n.byAddr[to.Text.Reveal()]
	week := n.week(p)
	switch {
	case n.down:
		p.failed[week]++
		return errors.New("simulated 503")
	case p.dies > 0 && n.now.After(archivetest.WeekTime().AddDate(0, 0, 7*p.dies)):
		if p.gone {
			n.t.Errorf("%s: sent to at %s, after the channel had ended", p.address, n.now)
		}
		p.gone = true
		return notice.ErrChannelGone
	case p.r.IntN(10) == 0, p.offline && !beforeNoonOf(n.now.In(p.zone), time.Thursday) && beforeNoonOf(n.now.In(p.zone), time.Sunday):
		p.failed[week]++
		return errors.New("simulated time-out")
	}
	if hour := n.now.In(p.zone).Hour(); hour < notice.FirstHour || hour > notice.LastHour {
		n.t.Errorf("%s: told %s at %s", p.address, m.Title, n.now.In(p.zone))
	}
	if m.Title == string(notice.Kept) {
		p.kept[m.Tag]++
		of := calendar.Edition(strings.TrimPrefix(m.Tag, "week-"))
		if late := n.now.Sub(p.found[of]); late > keptUse {
			n.t.Errorf("%s: told that %s is kept %s after it was", p.address, of, late)
		}
		if _, ok := p.copied[week]; !ok && n.now.Sub(week.Monday()) > 48*time.Hour {
			n.t.Errorf("%s: told that %s is kept, and copied nothing", p.address, week)
		}
		return nil
	}
	p.asked[week] = append(p.asked[week], n.now)
	_, done := p.copied[week]
	switch {
	case done && m.Body == "not looked":
		n.unlooked++
	case done:
		n.t.Errorf("%s: told %s at %s, and had copied at %s", p.address, m.Title, n.now, p.copied[week])
	case p.listens:
		n.t.Errorf("%s: told %s, and only listens", p.address, m.Title)
	case p.away[week]:
		n.t.Errorf("%s: told %s, and is away", p.address, m.Title)
	case !p.silent && p.copies.IsZero():
		p.copies = n.now.Add(time.Duration(1+p.r.IntN(100)) * time.Minute)
	}
	return nil
}

// keptUse is for how long it is news that a week is kept.
const keptUse = 36 * time.Hour

// beforeNoonOf reports whether noon of that day of the week is still to come.
func beforeNoonOf(local time.Time, day time.Weekday) bool {
	number := func(d time.Weekday) int { return (int(d) + 6) % 7 } // Monday 0
	today := number(local.Weekday())
	return today < number(day) || today == number(day) && local.Hour() < 12
}

// A thousand people, of whom most forget one week in three: everybody whose
// channel accepts is told before their Monday, and nobody who has done it, who
// only listens, or who is away.
func TestThousandForgetfulPeople(t *testing.T) {
	t.Parallel()
	const weeks = 2
	n := &neighbourhood{t: t, people: map[archive.UserID]*forgetful{}, byAddr: map[string]*forgetful{}}
	n.now = archivetest.WeekTime().Add(-26 * time.Hour)
	clock := func() time.Time { return n.now }
	n.store = archivetest.NewStore(clock)
	ring := archivetest.NewKeyRing()
	log := slog.New(slog.DiscardHandler)
	channels := &messaging.Channels{Users: n.store, Sealer: ring, Jobs: archivetest.NewQueue(), Clock: clock}
	teller := &messaging.Teller{Runner: n, Users: n.store, Sealer: ring, Opener: ring, Messenger: n, Words: plainWords{}, Links: plainLinks{},
		Keys: &messaging.PushKeys{Store: n.store, Sealer: ring, Opener: ring}, Clock: clock, Log: log}

	var all []*forgetful
	for i := range *people {
		all = append(all, n.join(t, channels, i))
	}
	counts := map[string]int{}
	for n.now.Before(archivetest.WeekTime().AddDate(0, 0, 7*weeks)) {
		n.down = dice(uint64(n.now.Unix()/7200)).IntN(8) == 0 // two hours at a time
		for _, p := range all {
			n.live(t, p, channels, counts)
			for try := 0; !p.nextRun.After(n.now) && try < 3; try++ {
				_, _ = teller.Run(t.Context(), archive.ArchiveJob{User: p.id, Run: app.Run{Kind: app.RunDue, At: n.now}})
				u, err := n.store.User(t.Context(), p.id)
				if err != nil {
					t.Fatal(err)
				}
				p.nextRun = n.now.Truncate(24 * time.Hour).Add(61 * time.Hour) // the day after tomorrow at 13:00
				if next := u.NextNotice(n.now.Add(time.Nanosecond)); !next.IsZero() && next.Before(p.nextRun) {
					p.nextRun = next
				}
			}
		}
		n.now = n.now.Add(time.Hour)
	}
	t.Logf("%d people, %d weeks: %v; %d of those who had copied were told that we could not look", *people, weeks, counts, n.unlooked)
	if counts["forgot"] < *people/2 || counts["their channel accepted nothing"] > *people/100 || n.unlooked > *people/100 || counts["told in time"] != counts["forgot and could be told"] {
		t.Errorf("got %v, want everybody told who forgot and could be told", counts)
	}
}

func (n *neighbourhood) join(t *testing.T, channels *messaging.Channels, i int) *forgetful {
	t.Helper()
	r := dice(uint64(i))
	zones := []string{"Pacific/Auckland", "Asia/Kolkata", berlin, "UTC", "America/New_York", "America/Los_Angeles", "+10:30"}
	zone := zones[r.IntN(len(zones))]
	p := &forgetful{
		address: fmt.Sprintf("person %d", i), zone: zoneOf(zone), r: r,
		listens: r.IntN(12) == 0, silent: r.IntN(12) == 0, offline: r.IntN(8) == 0,
		found: map[calendar.Edition]time.Time{}, copied: map[calendar.Edition]time.Time{}, away: map[calendar.Edition]bool{},
		asked: map[calendar.Edition][]time.Time{}, kept: map[string]int{}, failed: map[calendar.Edition]int{},
	}
	if r.IntN(15) == 0 {
		p.dies = 1 + r.IntN(2)
	}
	u := archivetest.MustPut(t, n.store, archivetest.NewUser(t, p.address, func(u *archive.User) {
		u.Zone, u.Choice, u.CreatedAt = zone, archive.ChoiceInbox, n.now.AddDate(0, 0, -30)
		u.Grant.AuthorizedAt = n.now.AddDate(0, 0, -30)
		if p.listens {
			u.Choice = archive.ChoiceListening
		}
	}))
	p.id = u.ID
	n.people[p.id], n.byAddr[p.address] = p, p
	if err := channels.Add(t.Context(), p.id, notice.Address{Kind: notice.ChannelPush, Text: secret.New(p.address)}, ""); err != nil {
		t.Fatal(err)
	}
	if r.IntN(2) == 0 {
		if err := channels.Set(t.Context(), p.id, messaging.Wishes{Day: 1 + r.IntN(7), Hour: 9 + r.IntN(12), Kept: r.IntN(4) > 0}); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// live is what a person does in this hour: on Monday they make plans,
// later they copy; and on the next Monday it is judged.
func (n *neighbourhood) live(t *testing.T, p *forgetful, channels *messaging.Channels, counts map[string]int) {
	t.Helper()
	local := n.now.In(p.zone)
	week := n.week(p)
	if local.Weekday() == time.Monday && local.Hour() == 0 {
		n.judge(p, calendar.WeekOf(week.Monday().AddDate(0, 0, -7)), counts)
		p.copies, p.songs = time.Time{}, cmp.Or(p.r.IntN(2)*12, 30)
		remembers := p.r.IntN(3) > 0
		p.away[week] = p.r.IntN(20) == 0
		switch {
		case p.away[week]:
			next := week.Monday().AddDate(0, 0, 7)
			until := time.Date(next.Year(), next.Month(), next.Day(), 0, 0, 0, 0, p.zone)
			if err := channels.Away(t.Context(), p.id, until); err != nil {
				t.Fatal(err)
			}
		case remembers && !p.listens && !p.silent:
			p.copies = n.now.Add(time.Duration(p.r.IntN(6*24*60)) * time.Minute)
		}
	}
	if !p.copies.IsZero() && !n.now.Before(p.copies) {
		if _, done := p.copied[week]; !done {
			p.copied[week] = n.now
		}
		p.copies = time.Time{}
	}
}

func (n *neighbourhood) judge(p *forgetful, week calendar.Edition, counts map[string]int) {
	asked := p.asked[week]
	if len(asked) > 2 || p.kept["week-"+string(week)] > 1 {
		n.t.Errorf("%s: asked %d times in %s, and told %d times that it is kept", p.address, len(asked), week, p.kept["week-"+string(week)])
	}
	if week < archivetest.Week { // they joined within it
		return
	}
	counts["weeks"]++
	_, done := p.copied[week]
	forgot := !done || len(asked) > 0 && p.copied[week].After(asked[0])
	if p.listens || p.away[week] || !forgot {
		counts["asked"] += len(asked)
		return
	}
	counts["forgot"]++
	counts["asked"] += len(asked)
	dead := p.dies > 0 && n.now.After(archivetest.WeekTime().AddDate(0, 0, 7*p.dies))
	rare := p.silent && len(slices.Collect(func(yield func(int) bool) {
		for w, times := range p.asked {
			if w < week && len(times) > 0 && !yield(1) {
				return
			}
		}
	})) >= 4
	switch {
	case dead || rare:
		counts["their channel had ended, or they never answer"]++
		return
	case len(asked) == 0 && p.failed[week] > 0:
		counts["their channel accepted nothing"]++
		return
	}
	counts["forgot and could be told"]++
	if len(asked) > 0 {
		counts["told in time"]++
		return
	}
	n.t.Errorf("%s: not told before their Monday of %s (%s)", p.address, week, p.zone)
}
