package fieldcases

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// demo is the account of a row with one person. Its local time is UTC.
const demo = "demo1"

// person is an account that is connected.
type person struct {
	w   *world
	key string
	id  archive.UserID
}

// join connects the demo account and lets its first run happen.
func (w *world) join(choice archive.Choice) *person {
	p := w.connect(demo, choice)
	w.pass(time.Minute)
	return p
}

// connect connects an account; its first run waits.
func (w *world) connect(key string, choice archive.Choice) *person {
	token, profile := w.consent(key, choice == archive.ChoiceListening || w.listens)
	user, err := w.machine.complete(profile, token, choice)
	w.must(err)
	p := &person{w: w, key: key, id: user.ID}
	w.people = append(w.people, p)
	return p
}

func (m *machine) complete(profile webapi.Profile, token webapi.Token, choice archive.Choice) (archive.User, error) {
	return m.signUp.Complete(m.w.t.Context(), profile, token, usecase.Wishes{Choice: choice, Zone: m.w.zone})
}

// consent goes through the authorization flow.
func (w *world) consent(key string, listening bool) (webapi.Token, webapi.Profile) {
	ctx, client := w.t.Context(), w.machine.client
	verifier := pkce.NewVerifier()
	target, err := url.Parse(client.AuthorizeURL("state", pkce.Challenge(verifier), webapi.Scopes(listening), false))
	w.must(err)
	form := target.Query()
	form.Set("account", key)
	form.Set("decision", "agree")
	target.RawQuery = ""
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	w.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := w.spotify.RoundTripper().RoundTrip(request)
	w.must(err)
	_ = answer.Body.Close()
	back, err := answer.Location()
	w.must(err)
	token, err := client.Exchange(ctx, secret.New(back.Query().Get("code")), verifier)
	w.must(err)
	profile, err := client.Profile(ctx, token.Access)
	w.must(err)
	return token, profile
}

// reconnect gives the consent anew.
func (p *person) reconnect() {
	token, profile := p.w.consent(p.key, p.user().Grant.Listens())
	_, err := p.w.machine.complete(profile, token, "")
	p.w.must(err)
}

// user is the stored document.
func (p *person) user() archive.User {
	u, err := p.w.machine.store.User(p.w.t.Context(), p.id)
	p.w.must(err)
	return u
}

// forgetPlaces makes the document one of an earlier program, which did not keep
// where in the list playlists stand.
func (p *person) forgetPlaces() {
	u := p.user()
	for key, target := range u.Archives {
		target.Place = archive.ListPlace{}
		u.Archives[key] = target
	}
	u.Inbox.Place, u.Discover.Among = archive.ListPlace{}, 0
	_, err := p.w.machine.store.Put(p.w.t.Context(), u)
	p.w.must(err)
}

func (p *person) choose(choice archive.Choice) {
	p.w.must(p.w.machine.accounts.Choose(p.w.t.Context(), p.id, choice))
}

func (p *person) shape(shape archive.Shape) {
	p.w.must(p.w.machine.accounts.SetShape(p.w.t.Context(), p.id, shape))
}

func (p *person) runNow() {
	p.w.must(p.w.machine.accounts.RunNow(p.w.t.Context(), p.id))
}

func (p *person) paste(uris ...string) {
	_, err := p.w.machine.accounts.Paste(p.w.t.Context(), p.id, strings.Join(uris, "\n"))
	p.w.must(err)
}

// takeBack takes songs back that the person had removed, with a button that is
// pressed twice.
func (p *person) takeBack(uris ...string) {
	for range 2 {
		_, err := p.w.machine.accounts.TakeBack(p.w.t.Context(), p.id, strings.Join(uris, "\n"))
		p.w.must(err)
	}
}

func (p *person) discoverID() string { return p.w.spotify.DiscoverID(p.key) }

// shows returns the URIs of the songs that the person's Discover Weekly shows
// at a time.
func (p *person) shows(at time.Time) []string {
	var uris []string
	for _, song := range p.w.spotify.Discover(p.key, at) {
		if song.Addable() {
			uris = append(uris, song.URI)
		}
	}
	return uris
}

// shown returns what it showed in each of the weeks since start.
func (p *person) shown(weeks int) []string {
	var uris []string
	for n := range weeks {
		uris = append(uris, p.shows(start.Add(time.Duration(n)*week))...)
	}
	return uris
}

// inbox returns the id of the person's inbox in their library.
func (p *person) inbox() string {
	for _, list := range p.playlists() {
		if strings.Contains(strings.ToLower(list.Name), "inbox") {
			return list.ID
		}
	}
	p.w.fatalf("there is no inbox in the library")
	return ""
}

func (p *person) hasInbox() bool {
	for _, list := range p.playlists() {
		if strings.Contains(strings.ToLower(list.Name), "inbox") {
			return true
		}
	}
	return false
}

// playlists returns the person's own playlists that we made, as their library
// lists them.
func (p *person) playlists() []fakespotify.Playlist {
	var ours []fakespotify.Playlist
	for _, list := range p.w.spotify.Playlists(p.key) {
		if strings.HasPrefix(list.Name, "Weekly Archive") {
			ours = append(ours, list)
		}
	}
	return ours
}

// archives returns the archives in the library; copies of single editions
// among them.
func (p *person) archives() []fakespotify.Playlist {
	var archives []fakespotify.Playlist
	for _, list := range p.playlists() {
		if !strings.Contains(strings.ToLower(list.Name), "inbox") {
			archives = append(archives, list)
		}
	}
	return archives
}

// archive returns the id of the one archive.
func (p *person) archive() string {
	archives := p.archives()
	if len(archives) != 1 {
		p.w.fatalf("got %d archives in the library, want 1", len(archives))
	}
	return archives[0].ID
}

// copyDiscover copies this week's Discover Weekly into the inbox.
func (p *person) copyDiscover() { p.w.must(p.w.spotify.CopyDiscover(p.key, p.inbox())) }

// put adds songs to a playlist by hand.
func (p *person) put(playlist string, uris ...string) {
	p.w.must(p.w.spotify.AddItems(p.key, playlist, uris...))
}

// plays notes a play.
func (p *person) plays(context, uri string, at time.Time) {
	p.w.must(p.w.spotify.Play(p.key, context, uri, at))
}

// untilLook lets time pass until shortly before the next look at the plays.
func (p *person) untilLook() {
	tick := p.user().Due.At.Truncate(time.Hour).Add(7 * time.Minute)
	if tick.Before(p.user().Due.At) {
		tick = tick.Add(time.Hour)
	}
	p.w.until(tick.Add(-5 * time.Minute))
}

// songs returns made-up songs.
func songs(label string, n int) []string {
	uris := make([]string, n)
	for i := range uris {
		uris[i] = "spotify:track:" + fakespotify.TrackID(label, string(rune('a'+i%26)), string(rune('a'+i/26)))
	}
	return uris
}
