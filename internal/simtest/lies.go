package simtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	routeTracks   = "GET /v1/playlists/{id}/tracks"
	routePlaylist = "GET /v1/playlists/{id}"
	routeContains = "GET /v1/me/library/contains"
	routePlays    = "GET /v1/me/player/recently-played"
	routeQueue    = "GET /v1/me/player/queue"
	routePlayer   = "GET /v1/me/player"
	routePlaying  = "GET /v1/me/player/currently-playing"
)

// concern is what a lie keeps a run from doing; everything else has to be done
// as if nobody lied.
type concern int

const (
	ofDiscover concern = iota // reading Discover Weekly
	ofInbox                   // reading the inbox
	ofPlays                   // reading what was played
	ofList                    // looking for a playlist of ours
	ofArchive                 // putting songs into the archive: they wait
	ofDoubles                 // knowing a song again under another id
	ofShared                  // telling songs apart that have one length
	ofEverything
)

// target is what a playlist is to its person.
type target string

const (
	anyTarget      target = ""
	discoverTarget target = "discover"
	inboxTarget    target = "inbox"
	archiveTarget  target = "archive"
	otherTarget    target = "other"
)

// A lie is a wrong answer of Spotify's. Without concerns it may cost nothing,
// not even a delay.
type lie struct {
	kind     Kind
	fault    fakespotify.FaultKind
	routes   []string
	concerns []concern
	byTarget bool                     // it also keeps from reading, or writing, the playlist in question
	alter    func(body []byte) []byte // the answer, instead of a fault of the stand-in
	hides    bool                     // Discover Weekly seems to be unreadable
	shape    func(r *rand.Rand, f *fakespotify.Fault)
}

var (
	onItems   = []string{routeItems, routeTracks}
	onLists   = []string{routePlaylists, routeItems, routeTracks}
	onSongs   = []string{routeItems, routeTracks, routePlaylist}
	onPlays   = []string{routePlays, routePlayer, routePlaying}
	onPlayer  = []string{routePlays, routeQueue, routePlayer, routePlaying}
	delayAll  = []concern{ofArchive, ofInbox}
	refusals  = []int{401, 403, 404, 500, 503}
	unlistedW = []fakespotify.FaultKind{
		fakespotify.LieUnlistedMaybe, fakespotify.LieUnlistedApproved, fakespotify.LieUnlistedApp, fakespotify.LieUnlistedDashboard,
	}
)

// counted picks Fault.Count.
func counted(counts ...int) func(*rand.Rand, *fakespotify.Fault) {
	return func(r *rand.Rand, f *fakespotify.Fault) { f.Count = pick(r, counts) }
}

// delayed draws Fault.Delay.
func delayed(least, most time.Duration) func(*rand.Rand, *fakespotify.Fault) {
	return func(r *rand.Rand, f *fakespotify.Fault) { f.Delay = between(r, least, most) }
}

// refusing picks Fault.Status.
func refusing(statuses ...int) func(*rand.Rand, *fakespotify.Fault) {
	return func(r *rand.Rand, f *fakespotify.Fault) { f.Status = pick(r, statuses) }
}

// lies is every way in which Spotify lies: those of the stand-in, and single
// routes that are refused for a while.
var lies = slices.Concat([]lie{
	{fault: fakespotify.LieEmptyList, routes: []string{routePlaylists}, concerns: delayAll, hides: true, shape: counted(0, 7)},
	{fault: fakespotify.LieShortPage, routes: onLists, concerns: delayAll, byTarget: true, shape: counted(0, 1, 3)},
	{fault: fakespotify.LieSlippedPage, routes: onLists, concerns: delayAll, byTarget: true},
	{fault: fakespotify.LieDoubledEntry, routes: onLists, concerns: delayAll, byTarget: true, shape: counted(0, 1, 2, -1)},
	{fault: fakespotify.LieNewListedLate, routes: []string{routePlaylists}, concerns: delayAll, shape: delayed(time.Minute, 20*time.Hour)},
	{fault: fakespotify.LieFriendDiscover, routes: []string{routePlaylists}, concerns: []concern{ofDiscover}, shape: counted(0, 1)},
	{fault: fakespotify.LieSpotifyNull, routes: []string{routePlaylists}, concerns: []concern{ofDiscover}, hides: true},
	{fault: fakespotify.LieSpotifyMissing, routes: []string{routePlaylists}, concerns: []concern{ofDiscover}, hides: true},
	{fault: fakespotify.LieEndFails, routes: onLists, shape: refusing(500, 403, 404)},
	{fault: fakespotify.LieEndRepeats, routes: onLists},
	{fault: fakespotify.LieEndless, routes: onLists},

	{fault: fakespotify.LieItemsRefused, routes: onItems, byTarget: true, hides: true, shape: refusing(403, 404, 500)},
	{fault: fakespotify.LieNewItemsRefused, routes: []string{routeItems}, byTarget: true, hides: true},
	{fault: fakespotify.LieContainsRefused, routes: []string{routeContains}, shape: refusing(403, 404, 500)},
	{fault: fakespotify.LieContainsNothing, routes: []string{routeContains}},

	{fault: fakespotify.LieDatesNull, routes: onSongs, shape: counted(0, 1, 5)},
	{fault: fakespotify.LieDates1970, routes: onSongs, shape: counted(0, 1, 5)},
	{fault: fakespotify.LieDatesAhead, routes: onSongs, shape: counted(0, 1, 5)},
	{fault: fakespotify.LieISRCShared, routes: onSongs, concerns: []concern{ofDoubles, ofShared}, shape: counted(sharedCodes...)},
	{fault: fakespotify.LieISRCHyphens, routes: onSongs},
	{fault: fakespotify.LieISRCLower, routes: onSongs},
	{fault: fakespotify.LieISRCPlaceholder, routes: onSongs, concerns: []concern{ofDoubles}},
	{fault: fakespotify.LieISRCMissing, routes: onSongs, concerns: []concern{ofDoubles}},
	{fault: fakespotify.LieRelinked, routes: onSongs},

	{fault: fakespotify.LiePlaysLate, routes: []string{routePlays}, concerns: []concern{ofPlays}, shape: delayed(time.Hour, 12*time.Hour)},
	{fault: fakespotify.LieContextUser, routes: onPlays},
	{fault: fakespotify.LieContextHref, routes: onPlays},
	{fault: fakespotify.LieContextURL, routes: onPlays},
	{fault: fakespotify.LieContextNull, routes: onPlays, concerns: []concern{ofPlays}},
	{fault: fakespotify.LiePrivateSession, routes: onPlays, concerns: []concern{ofPlays}},
	{fault: fakespotify.LieQueueForeign, routes: []string{routeQueue}, shape: counted(0, 3)},
	{fault: fakespotify.LieShuffle, routes: []string{routePlayer}},
	{fault: fakespotify.LieSmartShuffle, routes: []string{routePlayer}},
	{fault: fakespotify.LiePermissions, routes: onPlayer, concerns: []concern{ofPlays}},
	{fault: fakespotify.LiePermissionNamed, routes: onPlayer, concerns: []concern{ofPlays}},

	{fault: fakespotify.LieAppendLate, routes: []string{routeAppend}, shape: delayed(time.Second, lateness)},
}, unlisted(), []lie{
	{kind: leftOut, routes: []string{routePlaylists}, concerns: delayAll, alter: leaveOut},
	{kind: "empty items", fault: fakespotify.LieEmptyList, routes: onItems, byTarget: true, hides: true, shape: counted(0, 7)},
	{kind: "refused plays", routes: []string{routePlays}, concerns: []concern{ofPlays}, shape: refusing(refusals...)},
	{kind: "refused queue", routes: []string{routeQueue}, shape: refusing(403, 404, 500)},
	{kind: "refused playlist", routes: onSongs, byTarget: true, hides: true, shape: refusing(refusals...)},
	{kind: "refused list", routes: []string{routePlaylists}, concerns: delayAll, hides: true, shape: refusing(refusals...)},
	{kind: "refused append", routes: []string{routeAppend}, concerns: delayAll, shape: refusing(403, 404, 500)},
	{kind: "refused creation", routes: []string{routeCreate}, concerns: delayAll, shape: refusing(403, 500)},
	{kind: "refused description", routes: []string{routeDescribe}, shape: refusing(403, 404, 500)},
})

func unlisted() []lie {
	var list []lie
	for _, fault := range unlistedW {
		list = append(list, lie{fault: fault, routes: onLists, concerns: []concern{ofEverything}})
	}
	return list
}

// leftOut is the one lie about a list that contradicts itself in nothing.
const leftOut Kind = "left out and not counted"

// leaveOut takes the first playlist of the account's own out of a list.
func leaveOut(body []byte) []byte {
	var page map[string]any
	if json.Unmarshal(body, &page) != nil {
		return body
	}
	items, _ := page["items"].([]any)
	total, _ := page["total"].(float64)
	for i, item := range items {
		list, _ := item.(map[string]any)
		owner, _ := list["owner"].(map[string]any)
		if id, _ := owner["id"].(string); strings.HasPrefix(id, accountPrefix) {
			page["items"], page["total"] = slices.Delete(items, i, i+1), total-1
			break
		}
	}
	altered, err := json.Marshal(page)
	if err != nil {
		panic("a list cannot be encoded: " + err.Error())
	}
	return altered
}

// name is the lie's kind in the report.
func (l lie) name() Kind {
	if l.kind != "" {
		return "lie: " + l.kind
	}
	return "lie: " + Kind(l.fault)
}

// targetOf says what the exchange's playlist is to the person.
func (p *person) targetOf(x exchange) target {
	ours := p.playlists[x.id]
	switch {
	case x.id == "":
		return anyTarget
	case x.id == p.w.spotify.DiscoverID(p.key):
		return discoverTarget
	case ours == nil:
		return otherTarget
	case ours.key == "inbox":
		return inboxTarget
	default:
		return archiveTarget
	}
}

// concernsOf is what the lie keeps a run from, about that playlist.
func (l lie) concernsOf(x exchange, t target) []concern {
	if x.id == "" || !l.byTarget {
		return l.concerns
	}
	switch t {
	case discoverTarget:
		return []concern{ofDiscover}
	case inboxTarget:
		return []concern{ofInbox}
	default:
		return []concern{ofArchive}
	}
}

// lie lets Spotify lie to the request that comes now.
func (a *actor) lie(x exchange) {
	p := a.w.people[a.account]
	if p == nil || a.visitor || x.route == routeToken {
		return
	}
	now := time.Now()
	t := p.targetOf(x)
	for _, weather := range a.w.plan.Lies {
		if !weather.strikes(now, a.account, x.route) || weather.Of != anyTarget && x.id != "" && weather.Of != t {
			continue
		}
		for _, l := range lies {
			if slices.Contains(weather.Kinds, l.name()) && slices.Contains(l.routes, x.route) {
				a.tell(l, weather, x, t)
			}
		}
	}
}

func (a *actor) tell(l lie, weather Weather, x exchange, t target) {
	w := a.w
	name := fmt.Sprintf("%s, call %d, %s", a.name, a.calls, l.name())
	if !chance(dice(w.plan.Seed, weather.Name+" "+name), weather.Rate) || w.plan.cuts.drops(name) || w.plan.cuts.drops(string(l.name())) {
		return
	}
	f := fakespotify.Fault{Kind: cmp.Or(l.fault, fakespotify.FaultStatus), Match: x.route, Account: a.account}
	if l.shape != nil { // as long as a stretch lasts, the same lie
		l.shape(dice(w.plan.Seed, weather.Name+string(l.name())), &f)
	}
	if l.alter != nil {
		a.alters = l.alter
	} else if err := w.spotify.Fault(f); err != nil {
		panic(err.Error())
	}
	if l.fault == fakespotify.LieISRCShared {
		a.shares(f.Count)
	}
	w.strike(name, l.name())
	w.note(name, "%s%s: lies", x.route, x.tail())
	a.lied = true
	p := w.people[a.account]
	if x.route == routePlaylists {
		p.lied[ofList] = time.Now()
	}
	for _, c := range l.concernsOf(x, t) {
		if c == ofEverything {
			a.hurt()
		}
		p.lied[c] = time.Now()
	}
}

// liedSince reports whether a lie kept runs from one of these since then.
func (p *person) liedSince(since time.Time, concerns ...concern) bool {
	return slices.ContainsFunc(concerns, func(c concern) bool { return p.lied[c].After(since) })
}
