package simtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// tick publishes what the schedule says (terraform/scheduler.tf): the weekly
// run on Mondays at 13:00, the hourly one, and the daily sweep. Of the hours for
// which nobody waits one in six is sent out, which costs a third of the time.
func (w *world) tick() {
	for at := w.plan.Start.Truncate(time.Hour); !at.After(w.end); at = at.Add(time.Hour) {
		if at.Hour() == 13 && at.Weekday() == time.Monday {
			w.sleepUntil(at)
			w.announce(app.RunWeekly, at)
		}
		w.sleepUntil(at.Add(7 * time.Minute))
		if at.Hour()%6 == 0 || w.awaited() {
			w.announce(app.RunHourly, at.Add(7*time.Minute))
		}
		if at.Hour() == 13 {
			w.sleepUntil(at.Add(37 * time.Minute))
			w.announce(app.RunSweep, at.Add(37*time.Minute))
		}
	}
}

// awaited reports whether somebody is due, on the clock of some machine.
func (w *world) awaited() bool {
	return w.ahead != 0 || slices.ContainsFunc(w.sorted(), func(p *person) bool {
		u, ok := p.stored()
		return ok && !u.Due.At.After(time.Now().Add(calendar.MaxSkew))
	})
}

func (w *world) announce(kind app.RunKind, at time.Time) {
	label := fmt.Sprintf("fan-out %s %s", kind, at.Format("2006-01-02T15"))
	times := 1
	switch w.draw("schedule "+label, "", "schedule", tickKinds) {
	case MissedTick:
		w.trouble("")
		times = 0
	case DoubleTick:
		times = 2
	}
	for range times {
		data := fmt.Sprintf(`{"v":1,"kind":%q}`, kind)
		w.publish(&message{label: label, fanOut: true, data: []byte(data)})
	}
	w.expect(kind, at, times > 0)
}

// lapse lets the Premium of the app's owner lapse, and Discover Weekly be
// unreadable, when the weather says so.
func (w *world) lapse() {
	for _, weather := range w.plan.Weather {
		switch {
		case weather.Rate < 1:
		case slices.Contains(weather.Kinds, Lapsed) && w.plan.Spotify.Mode == fakespotify.Development:
			w.during(weather, Lapsed, func(lapsed bool) {
				w.lapsed = lapsed
				_ = w.spotify.SetPremium(!lapsed) // nothing is kept on disk: never fails
			})
		case slices.Contains(weather.Kinds, Unreadable) && w.plan.Spotify.Mode == fakespotify.Extended:
			w.during(weather, Unreadable, func(hidden bool) {
				w.hidden = hidden
				if hidden {
					w.spotify.SetDiscoverAccess(fakespotify.DiscoverNotFound, fakespotify.DiscoverNull)
				} else {
					w.spotify.SetDiscoverAccess(fakespotify.DiscoverReadable, fakespotify.DiscoverListed)
				}
			})
		case slices.Contains(weather.Kinds, WrongClock):
			w.during(weather, WrongClock, func(wrong bool) {
				w.ahead, w.machines, w.wrong = 0, nil, time.Now()
				if wrong {
					w.ahead = pick(dice(w.plan.Seed, weather.Name), []time.Duration{2 * day, 9 * day, 30 * day})
				}
			})
		case slices.Contains(weather.Kinds, LateList):
			w.during(weather, LateList, func(late bool) {
				w.lists = 0
				if late {
					w.lists = listDelay
				}
				for _, p := range w.sorted() {
					p.setClock()
				}
			})
		}
	}
}

// listDelay moves the local Monday of everybody so far that the list of the
// week before stays.
const listDelay = 4 * day

// setClock sets the local time by which Spotify changes a person's list.
func (p *person) setClock() { p.must(p.w.spotify.SetUTCOffset(p.key, p.offset-p.w.lists)) }

// during turns something on and off with the weather.
func (w *world) during(weather Weather, kind Kind, set func(on bool)) {
	if w.plan.cuts.drops(string(kind)) {
		return
	}
	w.start(weather.Name+" begins", func() {
		w.sleepUntil(weather.From)
		w.strike(weather.Name, kind)
		w.note(weather.Name, "begins: %s", kind)
		w.trouble("")
		set(true)
		w.sleepUntil(weather.To)
		w.note(weather.Name, "ends")
		set(false)
		w.trouble("")
	})
}

// operate rotates keys, replaces machines, finds documents of an earlier
// version, and changes the clocks.
func (w *world) operate() {
	for n := range w.plan.Weeks {
		r := dice(w.plan.Seed, fmt.Sprintf("operator %d", n))
		name := fmt.Sprintf("operator week %d", n)
		w.sleepUntil(w.plan.Start.Add(time.Duration(n)*week + between(r, 0, 5*day)))
		if w.plan.cuts.drops(name) {
			continue
		}
		switch r.IntN(4) {
		case 0:
			w.strike(name, KeyRotation)
			w.note("operator", "rotates the key")
			w.keys.Rotate()
		case 1:
			w.strike(name, Deployment)
			w.note("operator", "deploys")
			w.machines = nil
		case 2:
			for _, p := range w.sorted() {
				p.grow(name)
			}
		}
		if r.IntN(2) == 0 {
			w.machines = nil // another machine, another clock
		}
	}
}

// daylight moves the clocks of those who live where they are moved, on the
// last Sundays of March and October, 01:00 UTC.
func (w *world) daylight() {
	for at := w.plan.Start; at.Before(w.end); at = at.Add(day) {
		last := at.Weekday() == time.Sunday && at.AddDate(0, 0, 7).Month() != at.Month()
		if !last || at.Month() != time.March && at.Month() != time.October {
			continue
		}
		w.sleepUntil(at.Add(time.Hour))
		step := time.Hour
		if at.Month() == time.October {
			step = -time.Hour
		}
		for _, p := range w.sorted() {
			if p.Summer {
				p.offset += step
				p.setClock()
				w.strike("clocks of "+p.key, Daylight)
				w.note(p.key, "moves the clock by %s", step)
			}
		}
	}
}

func (w *world) sorted() []*person {
	var list []*person
	for _, habits := range w.plan.People {
		list = append(list, w.people[habits.Account])
	}
	return list
}

// grow makes a document one that an earlier version wrote, which did not have
// every field. A run that is under way is not disturbed.
func (p *person) grow(name string) {
	u, ok := p.stored()
	if !ok || u.Status == archive.StatusLeaving || u.Open != nil || u.Waiting || u.Lease.Holder != "" {
		return
	}
	u.Batches, u.PendingAt, u.Last = nil, time.Time{}, outcome.Outcome{}
	u.Discover.Partial, u.Discover.Denials, u.Discover.CheckedAt = "", 0, time.Time{}
	u.Inbox.Snapshot, u.Inbox.Confirmed, u.Listening.Gap, u.Listening.AskedAt = "", false, archive.Gap{}, time.Time{}
	for key, target := range u.Archives {
		target.Reminder = ""
		u.Archives[key] = target
	}
	if _, err := p.w.store.Put(context.Background(), u); err != nil {
		panic("an old document cannot be stored: " + err.Error())
	}
	p.w.strike(name+" "+p.key, OldDocument)
	p.w.note("operator", "finds an old document of %s", p.key)
	p.acted = time.Now()
}
