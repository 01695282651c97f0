package simtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// oddities are what Spotify tells some people all the time.
var oddities = []struct {
	name string
	of   float64 // how many people
	lie  Kind
}{
	{"friend of", 0.08, "lie: friend_discover"}, // whose Discover Weekly they follow
	{"one ISRC", 0.04, "lie: isrc_shared"},      // for many songs, as some labels have it
	{"dated ahead", 0.05, "lie: dates_ahead"},
	{"foreign queue", 0.2, "lie: queue_foreign"}, // they put songs of their own into it
}

// drawLies draws when Spotify lies: for single answers now and then, or always
// for hours to two days.
func (p Plan) drawLies() []Weather {
	var list []Weather
	limit := p.End().Add(-calmEnd)
	hidden := slices.ContainsFunc(p.Weather, func(w Weather) bool { return slices.Contains(w.Kinds, Unreadable) })
	for _, odd := range oddities {
		for _, person := range p.People {
			if chance(dice(p.Seed, odd.name+" "+person.Account), odd.of) {
				list = append(list, Weather{
					Name: odd.name + " " + person.Account, From: p.Start, To: limit, Rate: 1,
					Kinds: []Kind{odd.lie}, Only: map[string]bool{person.Account: true},
				})
			}
		}
	}
	list = append(list, p.unwritten(limit)...)
	absent := false
	for _, person := range p.People {
		r := dice(p.Seed, "left out "+person.Account)
		if !chance(r, 0.12) { // a playlist of theirs, over a weekly run
			continue
		}
		from := p.Start.Add(time.Duration(r.IntN(p.Weeks))*week + between(r, 9*time.Hour, 13*time.Hour))
		list = append(list, Weather{
			Name: "left out " + person.Account, From: from, To: earlier(from.Add(between(r, 4*time.Hour, 19*time.Hour)), limit),
			Rate: 1, Kinds: []Kind{"lie: " + leftOut}, Only: map[string]bool{person.Account: true},
		})
		absent = true
	}
	for n := range p.Weeks {
		r := dice(p.Seed, fmt.Sprintf("lies %d", n))
		monday := p.Start.Add(time.Duration(n) * week)
		for i := range weighted(r, 3, 4, 2, 1) {
			w := p.liar(r, monday)
			w.Name = fmt.Sprintf("liar %d.%d", n, i)
			// Discover Weekly is given up on for a week after three days on
			// which it seemed to be unreadable.
			hides := slices.ContainsFunc(lies, func(l lie) bool { return l.hides && slices.Contains(w.Kinds, l.name()) })
			if hides && hidden {
				continue
			}
			if hides {
				hidden = true
			}
			w.To = earlier(w.To, limit)
			// An absence is believed after a day without a contradiction.
			if slices.Contains(w.Kinds, "lie: "+leftOut) {
				if absent {
					continue
				}
				absent = true
				w.To = earlier(w.To, w.From.Add(19*time.Hour))
			}
			list = append(list, w)
		}
		if n%2 == 1 {
			hidden = slices.ContainsFunc(p.Weather, func(w Weather) bool { return slices.Contains(w.Kinds, Unreadable) })
		}
	}
	return list
}

// unwritten draws weeks in which nothing can be written for a person, and everything read.
func (p Plan) unwritten(limit time.Time) (list []Weather) {
	for _, person := range p.People {
		r := dice(p.Seed, "unwritten "+person.Account)
		if p.Weeks < 5 || !chance(r, 0.06) {
			continue
		}
		from := p.Start.Add(time.Duration(r.IntN(p.Weeks-4))*week + between(r, 0, 7*day))
		list = append(list, Weather{
			Name: "unwritten " + person.Account, From: from, To: earlier(from.Add(between(r, 7*day, 18*day)), limit), Rate: 1,
			Kinds: []Kind{pick(r, []Kind{"lie: refused append", "lie: refused creation"})}, Only: map[string]bool{person.Account: true},
		})
	}
	return list
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (p Plan) liar(r *rand.Rand, monday time.Time) Weather {
	w := Weather{From: monday.Add(between(r, 0, 6*day))}
	if chance(r, 0.6) {
		w.From = monday.Add(between(r, 9*time.Hour, 13*time.Hour)) // over the weekly run
	}
	if chance(r, 0.5) {
		w.Rate, w.To = pick(r, []float64{0.05, 0.2, 0.5}), w.From.Add(between(r, 12*time.Hour, 46*time.Hour))
	} else {
		w.Rate, w.To = 1, w.From.Add(between(r, time.Hour, 46*time.Hour))
	}
	for range 1 + weighted(r, 5, 3, 2) {
		w.Kinds = append(w.Kinds, pick(r, lies).name())
	}
	w.Of = pick(r, []target{anyTarget, anyTarget, discoverTarget, inboxTarget, archiveTarget})
	if len(p.People) > 1 && chance(r, 0.3) {
		w.Only = map[string]bool{pick(r, p.People).Account: true}
	}
	return w
}
