package simtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// weather draws when things go wrong: storms, in which every kind of a few
// strikes now and then, outages, in which one kind strikes always, and two
// that are aimed: at appends, and at what is believed of a refused consent.
func (p Plan) weather(r *rand.Rand) []Weather {
	var list []Weather
	limit := p.End().Add(-calmEnd)
	for n := range p.Weeks {
		monday := p.Start.Add(time.Duration(n) * week)
		for i := range weighted(r, 3, 5, 2) {
			w := p.storm(dice(p.Seed, fmt.Sprintf("storm %d %d", n, i)), monday)
			w.Name = fmt.Sprintf("storm %d.%d", n, i)
			list = append(list, w)
		}
		if chance(r, 0.3) {
			w := p.outage(dice(p.Seed, fmt.Sprintf("outage %d", n)), monday)
			w.Name = fmt.Sprintf("outage %d", n)
			list = append(list, w)
		}
		if chance(r, 0.15) {
			w := p.doubt(dice(p.Seed, fmt.Sprintf("doubt %d", n)), monday)
			w.Name = fmt.Sprintf("doubt %d", n)
			list = append(list, w)
		}
		if clock := dice(p.Seed, fmt.Sprintf("clock %d", n)); chance(clock, 0.05) {
			from := monday.Add(between(clock, 0, 5*day))
			list = append(list, Weather{
				Name: fmt.Sprintf("clock %d", n), From: from, To: from.Add(between(clock, time.Hour, 40*time.Hour)),
				Rate: 1, Kinds: []Kind{WrongClock},
			})
		}
		if chance(r, 0.03) {
			for i, w := range p.flap(dice(p.Seed, fmt.Sprintf("flap %d", n)), monday) {
				w.Name = fmt.Sprintf("flap %d.%d", n, i)
				list = append(list, w)
			}
		}
	}
	for i := range list {
		if list[i].To.After(limit) {
			list[i].To = limit
		}
	}
	// What strikes always strikes first: no storm lets one call through.
	slices.SortStableFunc(list, func(a, b Weather) int { return cmp.Compare(b.Rate, a.Rate) })
	return list
}

func (p Plan) storm(r *rand.Rand, monday time.Time) Weather {
	w := Weather{From: monday.Add(between(r, 0, 6*day))}
	if chance(r, 0.5) {
		w.From = monday.Add(between(r, 10*time.Hour, 13*time.Hour)) // over the weekly run
	}
	switch weighted(r, 3, 4, 3) {
	case 0:
		w.Rate, w.To = 0.01, w.From.Add(between(r, day, week))
	case 1:
		w.Rate, w.To = 0.06, w.From.Add(between(r, 6*time.Hour, 3*day))
	default:
		w.Rate, w.To = 0.25, w.From.Add(between(r, 2*time.Hour, 12*time.Hour))
	}
	themes := [][]Kind{
		{LateEffect, ErrorAfter, ServerErrorOK, SlowAfter, Duplicate, Hurried},                    // appends in doubt
		{CrashAfter, CrashBefore, TwoAtOnce, LostAck, Hurried},                                    // processes that die
		{TwoAtOnce, Duplicate, Hurried, SlowBefore, SlowAfter},                                    // everything at once
		{InvalidGrant, ServerError, Unauthorized, Garbage, NullLists, RateShort, RateLong, Quota}, // Spotify unwell
	}
	all := slices.Concat(callKinds, wireKinds[len(callKinds):], deliveryKinds, tickKinds)
	if chance(r, 0.4) {
		w.Kinds = pick(r, themes)
	} else if chance(r, 0.6) {
		// A few kinds only: combinations of them get deeper.
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:2+r.IntN(6)]
	}
	if w.Kinds == nil {
		w.Kinds = all
	}
	if len(p.People) > 1 && chance(r, 0.3) {
		// Somebody's trouble that must not become anybody else's. What makes
		// the whole app wait is not of that kind.
		w.Only = map[string]bool{pick(r, p.People).Account: true}
		w.Kinds = slices.DeleteFunc(slices.Clone(w.Kinds), func(k Kind) bool {
			return k == RateShort || k == RateLong || k == Quota || k == InvalidGrant || k == MissedTick || k == DoubleTick
		})
	}
	return w
}

// outage is one fault that strikes at every call, or for as long as it lasts.
func (p Plan) outage(r *rand.Rand, monday time.Time) Weather {
	w := Weather{From: monday.Add(between(r, 8*time.Hour, 5*day)), Rate: 1}
	kind := pick(r, []Kind{InvalidGrant, InvalidGrant, NullLists, NullLists, ServerError, Lapsed, Unreadable, Unreadable, LateList, LateList, SlowBefore, Rejected, Rejected})
	if len(p.People) >= massSize && chance(r, 0.4) {
		kind = InvalidGrant
	}
	w.Kinds = []Kind{kind}
	w.To = w.From.Add(between(r, time.Hour, 30*time.Hour))
	switch {
	case kind == LateList:
		w.From, w.To = monday.Add(-36*time.Hour), monday.Add(between(r, 12*time.Hour, 4*day))
	case kind == InvalidGrant && len(p.People) >= massSize:
		// So many at once are a mass refusal, which marks nobody, however long it is.
		w.From = monday.Add(between(r, 8*time.Hour, 13*time.Hour))
		w.To = w.From.Add(between(r, 55*time.Hour, 85*time.Hour))
		w.Mass = true
	case kind == Unreadable:
		// Two days: after three a week may be given up on.
		if chance(r, 0.6) {
			w.From = monday.Add(between(r, 8*time.Hour, 13*time.Hour))
		}
		w.To = w.From.Add(between(r, time.Hour, 46*time.Hour))
	case kind == InvalidGrant:
		w.To = w.From.Add(between(r, 6*time.Hour, 47*time.Hour))
	}
	return w
}

// doubt is a storm over the weekly run that leaves open what became of an
// append, while messages come more than once.
func (p Plan) doubt(r *rand.Rand, monday time.Time) Weather {
	from := monday.Add(between(r, 12*time.Hour, 13*time.Hour))
	return Weather{
		From: from, To: from.Add(between(r, 2*time.Hour, 2*day)), Rate: 0.5,
		Kinds: []Kind{LateEffect, LateEffect, ErrorAfter, ServerErrorOK, SlowAfter, CrashAfter, Hurried, TwoAtOnce, LostAck},
		Calls: []string{routeAppend, boundaryDelivery},
	}
}

// flap refuses somebody's consent for less than a day, then accepts it while
// the Web API fails, then refuses it again. Never two days in a row.
func (p Plan) flap(r *rand.Rand, monday time.Time) []Weather {
	begin := monday.Add(between(r, 12*time.Hour, 13*time.Hour))
	only := map[string]bool{pick(r, p.People).Account: true}
	stretch := func(from, to time.Duration, kind Kind, calls ...string) Weather {
		return Weather{From: begin.Add(from), To: begin.Add(to), Rate: 1, Kinds: []Kind{kind}, Calls: calls, Only: only}
	}
	return []Weather{
		stretch(0, 18*time.Hour, InvalidGrant, routeToken),
		stretch(day, day+18*time.Hour, ServerError, routePlaylists, routeItems),
		stretch(2*day, 3*day+18*time.Hour, InvalidGrant, routeToken),
	}
}
