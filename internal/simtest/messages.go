package simtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// Some people can be reached. Their reminders come from the same runs that
// archive their weeks, with the same faults; a judge knows what they did.

// Device is how a person is reached; the zero Device is none.
type Device struct {
	Day, Hour int // of the reminder, in UTC
	Ends      time.Time
}

// drawDevice draws from numbers of its own, so a person who cannot be reached
// lives as they did before anybody could.
func (p Plan) drawDevice(key string, choice archive.Choice) Device {
	r := dice(p.Seed, "device "+key)
	wants := map[archive.Choice]float64{archive.ChoiceInbox: 0.8, archive.ChoicePaste: 0.3}
	if p.Spotify.Mode == fakespotify.Development {
		wants[archive.ChoiceAuto] = 0.6
	}
	if !chance(r, wants[choice]) {
		return Device{}
	}
	d := Device{Day: 1 + r.IntN(7), Hour: notice.FirstHour + r.IntN(notice.LastHour-notice.FirstHour+1)}
	if chance(r, 0.1) {
		d.Ends = p.Start.Add(between(r, 0, time.Duration(p.Weeks)*week))
	}
	return d
}

// receipts is what a person's device was sent.
type receipts struct {
	at    map[string]time.Time // by event: when it came last
	ended time.Time            // when the service said that the device is gone
}

// boundaryPush is where a message is handed to the service of a device.
const boundaryPush = "push service"

// subscribe lets the person be reached. Nothing goes wrong with it: the pages
// have tests of their own.
func (p *person) subscribe() {
	if p.Device == (Device{}) {
		return
	}
	ctx := context.Background()
	channels := &messaging.Channels{Users: p.w.store, Sealer: p.w.keys, Clock: time.Now}
	address := notice.Address{Kind: notice.ChannelPush, Text: secret.New("the device of " + p.key)}
	err := channels.Add(ctx, p.id, address, "")
	if err == nil {
		err = channels.Set(ctx, p.id, messaging.Wishes{Day: p.Device.Day, Hour: p.Device.Hour, Kept: true})
	}
	if err != nil && !errors.Is(err, fault.ErrNotFound) { // a person who did not get in is no user yet
		panic("a person cannot be reached: " + err.Error())
	}
}

// goAway asks for no reminders for some days.
func (p *person) goAway(r *rand.Rand, _ string) {
	if p.Device == (Device{}) {
		return
	}
	channels := &messaging.Channels{Users: p.w.store, Clock: time.Now}
	_ = channels.Away(context.Background(), p.id, time.Now().Add(between(r, day, 10*day))) // a user who has left is not away
}

// runner is what runs a user's messages on this machine.
func (m *machine) runner(p *person) event.Archiver {
	if p == nil || p.Device == (Device{}) {
		return m.archivist
	}
	store := ports{m}
	return &messaging.Teller{
		Runner: m.archivist, Users: store, Sealer: store, Opener: store, Messenger: service{m}, Words: plain{}, Links: nowhere{},
		Keys:  &messaging.PushKeys{Store: m.w.store, Sealer: m.w.keys, Opener: m.w.keys},
		Clock: m.archivist.Clock, Log: m.w.log,
	}
}

// plain says what a message is about, to the judge.
type plain struct{}

func (plain) Notice(_ archive.User, n notice.Notice) (title, body string) {
	if n.Unlooked {
		return string(n.Kind), "not looked"
	}
	return string(n.Kind), ""
}
func (plain) Away(string) string  { return "" }
func (plain) Leave(string) string { return "" }
func (plain) Stop(string) string  { return "" }

// nowhere is where the links of messages lead.
type nowhere struct{}

func (nowhere) Notice(archive.User, notice.Notice) string           { return "https://open.spotify.com/" }
func (nowhere) Away(context.Context, archive.User) (string, error)  { return "", nil }
func (nowhere) Leave(context.Context, archive.User) (string, error) { return "", nil }
func (nowhere) Stop(context.Context, archive.User) (string, error)  { return "", nil }

// service is the push service of everybody's device.
type service struct{ m *machine }

// Deliver implements notice.Messenger.
func (s service) Deliver(ctx context.Context, _ notice.Address, m notice.Message) error {
	a := s.m.actor
	p := a.w.people[a.account]
	kind := a.harm(boundaryPush, callKinds)
	if err := a.w.sleep(ctx, a.latency()); err != nil {
		return err
	}
	switch kind {
	case ErrorBefore:
		return fmt.Errorf("%s: %w", boundaryPush, errFault)
	case CrashBefore:
		a.crash()
	case SlowBefore, SlowAfter: // it hangs for longer than anybody waits
		return a.w.sleep(ctx, time.Hour)
	}
	if !p.Device.Ends.IsZero() && time.Now().After(p.Device.Ends) {
		if !p.got.ended.IsZero() && p.hurt.Before(p.got.ended) {
			a.w.fail(promiseTold, "%s sends to %s, whose device had ended", a.name, p.key)
		}
		if p.got.ended.IsZero() {
			p.got.ended = time.Now()
		}
		return notice.ErrChannelGone
	}
	p.judgeMessage(a, m)
	switch kind {
	case ErrorAfter:
		return fmt.Errorf("%s: answer lost: %w", boundaryPush, errFault)
	case CrashAfter:
		a.crash()
	}
	return nil
}

// judgeMessage: nothing comes at night, none twice but after a fault, and no
// reminder to somebody who has copied.
func (p *person) judgeMessage(a *actor, m notice.Message) {
	u, _ := p.stored()
	now := time.Now().In(u.Location()) // which the service has learned from Spotify's dates
	p.w.counts[Told]++
	p.w.note(a.name, "told %s: %s %s", p.key, m.Title, m.Body)
	awake := func(t time.Time) bool { return t.Hour() >= notice.FirstHour && t.Hour() <= notice.LastHour }
	if !a.late && !awake(now.Add(-maxSkew)) && !awake(now.Add(maxSkew)) {
		p.w.fail(promiseTold, "%s tells %s %q at %s", a.name, p.key, m.Title, now.Format(time.TimeOnly))
	}
	key := m.Title + " " + m.Tag
	if before, told := p.got.at[key]; told && p.hurt.Before(before.Add(-aftermath)) && m.Tag != "account" {
		p.w.fail(promiseTold, "%s tells %s %q again, after %s", a.name, p.key, key, before.Format(time.DateTime))
	}
	p.got.at[key] = now
	reminder := m.Title == string(notice.Turn) || m.Title == string(notice.Last)
	known := p.copied.After(a.began.Add(-week)) && u.WeekOf(p.copied) == u.WeekOf(now) && p.copied.Before(a.began.Add(-aftermath))
	if reminder && m.Body == "" && known && u.Choice == archive.ChoiceInbox && p.hurt.Before(a.began.Add(-day)) && len(p.w.plan.Lies) == 0 && !a.struck {
		p.w.fail(promiseTold, "%s reminds %s, who copied at %s", a.name, p.key, p.copied.UTC().Format(time.DateTime))
	}
}

// remindAll judges, when it is Monday everywhere, that everybody was reminded who
// forgot the week before.
func (w *world) remindAll() {
	for n := range w.plan.Weeks {
		monday := w.plan.Start.Add(time.Duration(n) * week)
		w.sleepUntil(monday.Add(week + 11*time.Hour))
		for _, p := range w.sorted() {
			p.judgeReminded(monday)
		}
	}
}

func (p *person) judgeReminded(monday time.Time) {
	u, ok := p.stored()
	now, before := time.Now(), monday.Add(5*day+20*time.Hour)
	if !ok || p.Device == (Device{}) || !p.Device.Ends.IsZero() || !p.couldRun(u, now) || len(u.Messages.Channels) == 0 ||
		!u.Copies() {
		return
	}
	quiet := p.hurt.Before(before) && p.acted.Before(before) && p.w.paused().Before(before) && p.connected.Before(monday.Add(4*day)) && !p.liedSince(before, ofInbox, ofList, ofArchive) && p.w.wrong.Before(monday)
	edition := calendar.WeekOf(monday)
	mine := slices.ContainsFunc(u.Weeks, func(t calendar.WeekTally) bool {
		return t.Edition == edition && (t.Copied > 0 || t.Songs > 0)
	})
	rare := u.Messages.Unanswered > 2 || u.Messages.Trouble.Kind != "" || !u.Messages.AwayUntil.Before(monday)
	if !quiet || mine || rare || !p.copied.Before(monday) {
		return
	}
	p.w.counts[Forgot]++
	tag := " week-" + string(edition)
	if cmp.Or(p.got.at["turn"+tag], p.got.at["last"+tag]).IsZero() {
		p.w.fail(promiseTold, "%s forgot the week of %s, and was not told", p.key, edition)
	}
}
