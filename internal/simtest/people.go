package simtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// act is something that a person does at a time.
type act struct {
	at   time.Time
	name string
	do   func(r *rand.Rand, name string)
}

// live is what a person does: connect, then live from week to week.
func (p *person) live() {
	p.w.sleepUntil(p.Joins)
	for n := range p.Habits.Library {
		_, err := p.w.spotify.CreatePlaylist(p.key, fmt.Sprintf("Mine %d", n+1))
		p.must(err)
	}
	p.enroll(p.key + " joins")
	p.subscribe()
	if p.Shape != archive.ShapeSingle {
		p.post(p.key+" shapes", "/account/shape", map[string]string{"shape": string(p.Shape)})
	}
	for n := range p.w.plan.Weeks + 1 {
		for _, a := range p.week(n) {
			p.w.sleepUntil(a.at)
			if p.w.plan.cuts.drops(a.name) || time.Since(a.at) > time.Hour { // busy with something else
				continue
			}
			p.acts++
			p.w.acts = append(p.w.acts, a.name)
			p.w.note(a.name, "acts")
			a.do(dice(p.w.plan.Seed, "act "+a.name), a.name)
		}
	}
}

// week draws what a person does in a week, in order of time.
func (p *person) week(n int) []act {
	monday := p.w.plan.Start.Add(time.Duration(n) * week)
	h := p.Habits
	var list []act
	for _, kind := range []struct {
		name string
		rate float64
		do   func(r *rand.Rand, name string)
	}{
		{"heal", 2, p.heal},
		{"copy", h.Copy, p.copyWeek},
		{"play", h.Play, p.play},
		{"paste", h.Paste, p.paste},
		{"remove", h.Remove, p.remove},
		{"add", h.Add, p.add},
		{"swap", h.Swap, p.swap},
		{"empty", h.Empty, p.empty},
		{"settings", h.Settings, p.settings},
		{"stop", h.Stop, p.stop},
		{"drop", h.Drop, p.drop},
		{"rename", h.Rename, p.rename},
		{"leave", h.Leave, p.leaveForGood},
		{"revoke", h.Revoke, p.revoke},
		{"fill", h.Fill, p.fill},
		{"look", h.Look, p.look},
		{"run", h.RunNow, p.runNow},
		{"inbox", h.Inbox, p.dropInbox},
		{"collect", h.Collect, p.collect},
		{"link", h.Link, p.link},
		{"away", h.Away, p.goAway},
		{"back", h.Back, p.takeBack},
	} {
		r := dice(p.w.plan.Seed, fmt.Sprintf("%s %d %s", p.key, n, kind.name))
		count := int(kind.rate)
		if chance(r, kind.rate-float64(count)) {
			count++
		}
		for i := range count {
			at := monday.Add(between(r, 0, week))
			if chance(r, 0.3) { // while the weekly run is under way
				at = monday.Add(13*time.Hour - time.Minute).Add(between(r, 0, 4*time.Minute))
			}
			if !at.Before(p.w.end.Add(-4 * time.Hour)) {
				continue // the last run is for looking, not for acting
			}
			list = append(list, act{at, fmt.Sprintf("%s week %d %s %d", p.key, n, kind.name, i+1), kind.do})
		}
	}
	slices.SortStableFunc(list, func(a, b act) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name)) })
	return list
}

// changes notes that the person did something that a run may meet.
func (p *person) changes() { p.acted = time.Now() }

// enroll signs up; who fails tries again.
func (p *person) enroll(name string) {
	for try := range 12 {
		p.changes()
		if p.connect(fmt.Sprintf("%s try %d", name, try+1)) {
			p.changes()
			return
		}
		p.changes()
		p.w.sleepUntil(time.Now().Add(between(dice(p.w.plan.Seed, fmt.Sprintf("again %s %d", name, try)), time.Minute, 6*time.Hour)))
	}
}

// post presses a button on the account page. It reports whether the answer
// says that it was done.
func (p *person) post(name, path string, form map[string]string) (string, bool) {
	p.changes()
	answer, ok := p.visit(name, http.MethodPost, path, form)
	p.changes()
	done := ok && answer.status == http.StatusSeeOther && route(answer.location) != "/"
	if p.Habits.Stubborn && chance(dice(p.w.plan.Seed, "stubborn "+name), 0.3) {
		p.visit(name+" again", http.MethodPost, path, form)
		p.changes()
	}
	return answer.location, done
}

// heal does what the account page asks for: a new consent.
func (p *person) heal(_ *rand.Rand, name string) {
	u, ok := p.stored()
	switch {
	case !ok || u.Status == archive.StatusLeaving:
	case p.asked(u):
		p.post(name, "/account/discover", map[string]string{"link": p.w.spotify.DiscoverID(p.key)})
	case u.Status == archive.StatusReconnect,
		u.Last.Kind == outcome.Scope,
		p.Habits.Renew && p.ageOfGrant() > archive.ConsentLife-20*day:
		p.enroll(name)
	}
}

func (p *person) runNow(_ *rand.Rand, name string) { p.post(name, "/account/run", nil) }

func (p *person) settings(r *rand.Rand, name string) {
	if chance(r, 0.5) {
		p.post(name, "/account/shape", map[string]string{"shape": string(pick(r, archive.Shapes()))})
		return
	}
	choice := pick(r, archive.Choices())
	if choice == archive.ChoiceListening && !p.Player {
		choice = archive.ChoiceInbox
	}
	p.post(name, "/account/source", map[string]string{"source": string(choice)})
}

func (p *person) stop(r *rand.Rand, name string) {
	if _, done := p.post(name, "/account/pause", nil); !done {
		return
	}
	p.w.sleepUntil(time.Now().Add(between(r, time.Hour, 9*day)))
	for try := range 5 {
		if _, done := p.post(fmt.Sprintf("%s resume %d", name, try+1), "/account/resume", nil); done {
			return
		}
		p.w.sleepUntil(time.Now().Add(between(r, time.Minute, 8*time.Hour)))
	}
}

// leaveForGood disconnects; most come back. A run that is under way may still
// be sending its last append, so who comes back at once may find songs twice:
// nobody is simulated to be that quick.
func (p *person) leaveForGood(r *rand.Rand, name string) {
	if !p.enrolled() {
		return
	}
	p.w.strike(name, Disconnected)
	p.leaving = true
	for try := range 12 {
		p.post(fmt.Sprintf("%s try %d", name, try+1), "/disconnect", nil)
		if !p.enrolled() {
			break
		}
		p.w.sleepUntil(time.Now().Add(between(r, time.Minute, 3*time.Hour)))
	}
	if chance(r, 0.3) {
		return
	}
	p.w.sleepUntil(time.Now().Add(between(r, 10*time.Minute, 10*day)))
	p.leaving = !p.enrolled() // what is left of the first time may be deleted still
	p.enroll(name + " returns")
}
