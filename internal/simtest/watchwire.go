package simtest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// made is a playlist that the service made for somebody.
type made struct {
	id, key string
	part    int
	written time.Time // of the last append
	empty   bool      // nothing was ever appended by us
	songs   fates     // of a playlist that holds copies of one edition
}

func (m made) isCopy() bool { return m.key != "inbox" && len(m.key) == len("2026-11-16") }

// markerPattern is the marker of a playlist that we make: "(wa 1)" of the main
// archive, "(wa 2026 2)" of another, "(wa inbox)".
var markerPattern = regexp.MustCompile(`\(wa(?: (inbox|[0-9]{4}(?:-[0-9]{2}-[0-9]{2})?))?(?: ([0-9]+))?\)$`)

// tokenFacts is what the world knows about a refresh token in force.
type tokenFacts struct {
	account string
	since   time.Time
}

// watchRequest checks what is about to reach Spotify, and returns whose it is.
func (w *world) watchRequest(a *actor, x exchange) *person {
	if now := time.Now(); now.After(w.quietFrom.Add(2*time.Minute)) && now.Add(2*maxSkew).Before(w.quiet) && !a.visitor && !a.late && a.began.After(w.quietFrom) {
		w.fail(promiseBudget, "%s asked Spotify, which had asked the app to wait until %s", a.name, w.quiet.UTC().Format(time.DateTime))
	}
	if a.asking.IsZero() {
		a.asking = time.Now()
	}
	if x.route == routeToken {
		a.tokens++
		return nil
	}
	a.api++
	token := strings.TrimPrefix(x.header.Get("Authorization"), "Bearer ")
	p := w.people[w.owners[token]]
	if p == nil {
		return nil // Spotify will refuse it
	}
	if with := w.cameWith[token]; with != "" && !w.replaced[with] && p.token() != with {
		w.fail(promiseLost, "%s used an access token before the rotated refresh token that came with it was stored; a crash now loses the consent of %s", a.name, p.key)
	}
	switch {
	case x.method == http.MethodGet, x.route == routeCreate:
	case x.route == routeAppend:
		p.watchAppend(a, x)
	case x.route == routeDescribe:
		p.watchDescribe(a, x)
	default:
		w.fail(promiseOthers, "%s sent %s, which is neither a read nor an append", a.name, x.route)
	}
	return p
}

// watchDescribe: a description is changed, of a playlist that we made, and
// nothing else about it.
func (p *person) watchDescribe(a *actor, x exchange) {
	var body map[string]any
	_ = json.Unmarshal(x.body, &body)
	if _, only := body["description"]; p.playlists[x.id] == nil || !only || len(body) != 1 {
		p.w.fail(promiseOthers, "%s changed more of playlist %s of %s than the description of a playlist of ours", a.name, x.id, p.key)
	}
}

// watchAppend checks an append before it has its effect.
func (p *person) watchAppend(a *actor, x exchange) {
	if x.url.RawQuery != "" || len(appended(x)) == 0 {
		p.w.fail(promiseOthers, "%s sent an append that is more than songs at the end", a.name)
	}
	target := p.playlists[x.id]
	switch {
	case target == nil:
		p.w.fail(promiseOthers, "%s appended to playlist %s of %s, which the service did not make", a.name, x.id, p.key)
	case target.key == "inbox":
		p.w.fail(promiseOthers, "%s appended to the inbox of %s, which is a source", a.name, p.key)
	}
}

func appended(x exchange) []string {
	var body struct {
		URIs []string `json:"uris"`
	}
	var other map[string]json.RawMessage
	if json.Unmarshal(x.body, &body) != nil || json.Unmarshal(x.body, &other) != nil || len(other) != 1 {
		return nil
	}
	return body.URIs
}

var trackURI = regexp.MustCompile(`spotify:track:([0-9A-Za-z]{22})"`)

// shownIn returns the ids of the songs in an answer.
func shownIn(body []byte) []string {
	var ids []string
	for _, match := range trackURI.FindAllSubmatch(body, -1) {
		ids = append(ids, string(match[1]))
	}
	return ids
}

// watchAnswer learns what had an effect.
func (w *world) watchAnswer(a *actor, x exchange, p *person, status int, body []byte) {
	if p != nil && status < 300 && x.method == http.MethodGet && len(w.plan.Lies) > 0 {
		if t := p.targetOf(x); t == discoverTarget || t == inboxTarget {
			a.saw = append(a.saw, shownIn(body)...)
		}
	}
	if p != nil && status < 300 && x.method == http.MethodGet && p.targetOf(x) == archiveTarget {
		p.songs.show(shownIn(body))
	}
	switch {
	case status == http.StatusForbidden && w.lapsed:
		a.hurt()
		w.trouble("")
	case status >= 300:
	case x.route == routeToken:
		w.watchToken(a, x, body)
	case p == nil:
	case x.route == routeCreate:
		p.watchCreate(a, x, body)
	case x.route == routeAppend:
		p.watchAppended(a, x)
	}
}

func (w *world) watchToken(a *actor, x exchange, body []byte) {
	var t struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	old := x.form.Get("refresh_token")
	if json.Unmarshal(body, &t) != nil {
		if w.plan.Spotify.Rotate { // a fault has spoiled the answer, and the token it held
			delete(w.grants, old)
		}
		return
	}
	owner := w.owners[x.form.Get("code")]
	since := time.Now()
	if old != "" {
		owner, since = w.owners[old], w.grants[old].since
	}
	a.accepted = true
	w.secrets.add(t.Access)
	w.secrets.add(t.Refresh)
	w.owners[t.Access] = owner
	if t.Refresh == "" {
		return
	}
	delete(w.grants, old)
	w.replaced[old] = old != ""
	w.owners[t.Refresh] = owner
	w.grants[t.Refresh] = tokenFacts{account: owner, since: since}
	if old != "" {
		w.cameWith[t.Access] = t.Refresh
	}
}

// judgeCreate: a playlist of ours that is in the library gets no second one.
func (p *person) judgeCreate(a *actor, key string, part int) {
	u, _ := p.stored()
	known := u.Archives[key].PlaylistID
	if key == "inbox" {
		known = u.Inbox.PlaylistID
	}
	if ours := p.playlists[known]; ours != nil && ours.part == part && p.follows(known) && p.w.ahead == 0 {
		p.w.fail(promiseWeek, "%s made another playlist %s for %s, whose first is in the library", a.name, key, p.key)
	}
}

func (p *person) watchCreate(a *actor, x exchange, body []byte) {
	var answer struct {
		ID string `json:"id"`
	}
	var request struct {
		Description string `json:"description"`
	}
	if json.Unmarshal(x.body, &request) != nil {
		return
	}
	if json.Unmarshal(body, &answer) != nil { // spoiled: the newest of the list is it
		answer.ID = p.w.spotify.Playlists(p.key)[0].ID
	}
	match := markerPattern.FindStringSubmatch(request.Description)
	if match == nil {
		p.w.fail(promiseDoubled, "a playlist was made for %s without the marker by which it is found again", p.key)
		return
	}
	part, _ := strconv.Atoi(cmp.Or(match[2], "1"))
	p.judgeCreate(a, cmp.Or(match[1], archive.MainArchive), part)
	p.playlists[answer.ID] = &made{
		id: answer.ID, key: cmp.Or(match[1], archive.MainArchive), part: part, empty: true, songs: newFates(),
	}
}

// watchAppended judges an append that has had its effect, song by song.
func (p *person) watchAppended(a *actor, x exchange) {
	target := p.playlists[x.id]
	if target == nil {
		return
	}
	open := ledger.Batch{}
	if u, ok := p.stored(); ok && u.Open != nil {
		open = *u.Open
	}
	target.written, target.empty = time.Now(), false
	if time.Since(a.asking) < swapTime {
		p.songs.hide(x.id, p.w.plan.Spotify.SnapshotLag+swapTime)
	}
	book := p.songs
	if target.isCopy() {
		book = target.songs
	}
	for _, id := range idsOf(appended(x)) {
		pasted := open.Entry.Key.Source == ledger.SourcePaste
		song := &fate{
			id: id, isrc: isrcOf(id), playlist: x.id, entry: open.Entry.Key, pasted: pasted, at: time.Now(),
		}
		if a.lied {
			song.due = song.at.Add(lateness)
		}
		if !p.legitimate(song.isrc) {
			p.w.fail(promiseWeek, "%s appended song %s for %s, which none of their sources has shown", a.name, id, p.key)
			return
		}
		if earlier := book.find(id, song.isrc, pasted); earlier != nil {
			p.judgeAgain(a, earlier, song)
		}
		book.put(song)
	}
}

// swapTime is for how long before an append the service may have looked at the
// archive, when what was swapped since is hidden for good.
const swapTime = 30 * time.Second

// judgeAgain judges a song that is appended although the archive has it, or
// had it. Some exceptions are the owner's doing, and no service could know
// better: they took a song out, or deleted the archive, while the batch that
// had put it was not settled yet; they put a song in themselves while the
// service was about to, or swapped it in just before an append; they put one in
// and took it out again before anybody looked; they want it back. Another is that their archive
// could not be read for so long that the week would be lost.
func (p *person) judgeAgain(a *actor, earlier, song *fate) {
	there := p.contains(earlier.playlist, earlier.id) // true for what was just appended under the same id
	if earlier.playlist == song.playlist && earlier.id == song.id {
		there = p.count(earlier.playlist, earlier.id) > 1
	}
	there = there || time.Now().Before(earlier.due)
	switch {
	case song.entry.Source == ledger.SourceBack && p.wanted[song.id] && !there:
		p.wanted[song.id] = false
		return
	case earlier.id != song.id && (p.paired[song.id] || !p.lied[ofDoubles].IsZero()):
		return
	case earlier.entry == ledger.EntryKey{} && !earlier.byHand && p.lied[ofList].After(p.connected):
		return // of another life, whose archive a blank list hid for longer than is waited
	case earlier.byHand:
		if p.unread(song.playlist) || there && earlier.hidden || !there && !earlier.shown {
			return
		}
		if earlier.playlist != song.playlist || !earlier.at.Before(p.intents[song.entry].Add(-2*time.Second)) || !earlier.at.Before(a.began.Add(-2*time.Second)) {
			return
		}
	case earlier.entry == song.entry && song.entry.Batch > 0 && !there:
		return
	}
	words := "is in it already"
	if !there {
		words = "was taken out of it by its owner"
	}
	p.w.fail(promiseDoubled, "%s appended song %s for %s to playlist %s (%s), although it %s: appended as %s of %s at %s (by hand: %t), now as %s of %s",
		a.name, song.id, p.key, song.playlist, p.playlists[song.playlist].key, words,
		earlier.id, earlier.entry, earlier.at.Format(time.DateTime), earlier.byHand, song.id, song.entry)
}

// unread reports whether an archive could not be read for as long as that is
// waited for.
func (p *person) unread(playlist string) bool {
	u, _ := p.stored()
	for _, target := range u.Archives {
		if target.PlaylistID == playlist && !target.UnreadSince.IsZero() && time.Since(target.UnreadSince) >= archive.LooksApart-2*maxSkew {
			return true
		}
	}
	return false
}

// legitimate reports whether a song with that ISRC ever was in the person's
// Discover Weekly, or came from them.
func (p *person) legitimate(isrc string) bool {
	if !p.legit[p.key] {
		p.legit[p.key] = true
		for n := -3; n <= p.w.plan.Weeks+2; n++ {
			list := p.w.spotify.Discover(p.key, p.w.plan.Start.Add(time.Duration(n)*week+3*day))
			for _, id := range usableIDs(list) {
				p.legit[isrcOf(id)] = true
			}
		}
	}
	return p.legit[isrc]
}

func (p *person) contains(playlist, id string) bool {
	return p.follows(playlist) && p.count(playlist, id) > 0
}

func (p *person) count(playlist, id string) int {
	n := 0
	for _, uri := range p.w.spotify.URIs(playlist) {
		if uri == trackPrefix+id {
			n++
		}
	}
	return n
}

func (p *person) follows(playlist string) bool {
	return slices.ContainsFunc(p.w.spotify.Playlists(p.key), func(l fakespotify.Playlist) bool { return l.ID == playlist })
}
