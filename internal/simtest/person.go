package simtest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// person is the truth about one account, and who acts for it.
type person struct {
	Person
	w   *world
	key string
	id  archive.UserID

	reading sync.Mutex
	read    archive.User // by stored, last; nobody changes what it holds

	connected time.Time // since when this life of theirs is stored; zero before
	adopted   bool      // has had an archive in this life
	leaving   bool      // pressed Disconnect
	acted     time.Time // the last thing that they did
	hurt      time.Time // the last thing that went wrong for them
	refused   time.Time // since when a good token of theirs is refused
	overdue   time.Time // the time of a look that a judge has found to be over

	offset    time.Duration     // of local time
	browser   map[string]string // cookies
	playlists map[string]*made
	songs     fates                         // in the archives, or once there
	intents   map[ledger.EntryKey]time.Time // when the batch was first meant
	paired    map[string]bool               // songs that stood in one list with a double of theirs
	brought   map[calendar.Edition]int      // songs that they have put into the inbox, by their own week
	missed    map[string]time.Time          // playlists of ours that they deleted: since when a judge knows
	lied      map[concern]time.Time         // when a lie last kept a run from it
	wanted    map[string]bool               // songs that they want back
	legit     map[string]bool               // ISRCs of what their sources have shown
	shared    map[string]sharing            // that answers to their runs had
	debts     []debt
	plays     []played // the newest
	got       receipts
	copied    time.Time       // last, into the inbox
	moved     map[string]bool // songs that they have moved among the others of the inbox
	weeded    time.Time       // when they last took songs out of it
	acts      int
}

// debt is a song that the service has to archive: it took it from the person,
// or it could see that they played it.
type debt struct {
	id   string
	why  string
	from time.Time
	of   concern // the source that shows it; ofArchive if none has to
}

func (w *world) addPerson(habits Person) {
	p := &person{
		Person: habits, w: w, key: habits.Account,
		browser: make(map[string]string), playlists: make(map[string]*made),
		songs: newFates(), intents: make(map[ledger.EntryKey]time.Time), paired: make(map[string]bool),
		brought: make(map[calendar.Edition]int), moved: make(map[string]bool), shared: make(map[string]sharing), got: receipts{at: make(map[string]time.Time)}, missed: make(map[string]time.Time), lied: make(map[concern]time.Time), legit: make(map[string]bool), wanted: make(map[string]bool),
	}
	for _, a := range w.plan.Spotify.Accounts {
		if a.Key == p.key {
			p.offset = a.UTCOffset
			p.id = archive.NewUserID(webapi.Profile{AccountID: a.AccountID, ID: a.ID})
		}
	}
	w.people[p.key] = p
	w.byUser[p.id] = p
	w.start("person "+p.key, p.live)
}

// keyOf returns the account key of a user, for names.
func (w *world) keyOf(id archive.UserID) string {
	if p := w.byUser[id]; p != nil {
		return p.key
	}
	return ""
}

func (p *person) troubled(at time.Time) { p.hurt = at }

// stored returns the user's document, past every fault.
func (p *person) stored() (archive.User, bool) {
	p.reading.Lock()
	defer p.reading.Unlock()
	if revision := p.w.store.Document(p.id).Revision; revision != "" && p.read.Revision == revision {
		return p.read, true // reading documents is a third of all that a world does
	}
	u, err := p.w.store.User(context.Background(), p.id)
	p.read = u
	return u, err == nil
}

// token returns the stored refresh token; empty if there is none.
func (p *person) token() string {
	u, ok := p.stored()
	if !ok {
		return ""
	}
	token, err := p.w.keys.Open(context.Background(), u.Grant.Sealed, archive.GrantContext(p.id))
	if err != nil {
		return ""
	}
	return token.Reveal()
}

// grantWorks reports whether Spotify would take the stored refresh token, and
// the consent is young enough.
func (p *person) grantWorks() bool {
	facts, inForce := p.w.grants[p.token()]
	return inForce && facts.account == p.key && time.Since(facts.since) < archive.ConsentLife-day
}

// ageOfGrant is how long ago Spotify heard the consent that is stored.
func (p *person) ageOfGrant() time.Duration {
	u, ok := p.stored()
	if !ok {
		return 0
	}
	return time.Since(u.Grant.AuthorizedAt)
}

// leave ends a life: everything about the person is forgotten.
func (p *person) leave() {
	p.connected = time.Time{}
	p.debts = nil
	p.adopted = false
	p.remember()
}

// remember begins with what the person's marked playlists hold. Of a life
// before, the service knows no more than that.
func (p *person) remember() {
	before := p.songs
	p.songs = newFates()
	p.intents = make(map[ledger.EntryKey]time.Time)
	for _, list := range p.w.spotify.Playlists(p.key) {
		ours := p.playlists[list.ID]
		if ours == nil || markerPattern.FindStringSubmatch(list.Description) == nil || ours.key == "inbox" {
			continue
		}
		ours.songs = newFates()
		if ours.isCopy() {
			continue
		}
		for _, id := range idsOf(p.w.spotify.URIs(list.ID)) {
			if f := before.ids[id]; f != nil && f.byHand {
				p.songs.put(f)
				continue
			}
			p.songs.put(&fate{id: id, isrc: isrcOf(id), playlist: list.ID, at: time.Now()})
		}
	}
}

// usesDiscover reports whether the app can read the list that the person
// wants read.
func (p *person) usesDiscover(u archive.User) bool {
	readable := p.w.plan.Spotify.Mode == fakespotify.Extended && !p.w.hidden
	return readable && !p.mislinked(u) && !p.asked(u) && (u.Choice == archive.ChoiceDiscover || u.Choice == archive.ChoiceAuto)
}

// asked reports whether the person has still to say which Discover Weekly is
// theirs.
func (p *person) asked(u archive.User) bool {
	return len(u.Discover.Candidates) > 0 && !u.Discover.Chosen
}

// usesInbox reports whether their inbox, if they have one, is read by a run of
// that kind.
func (p *person) usesInbox(u archive.User, kind app.RunKind) bool {
	return u.Choice == archive.ChoiceInbox || u.Choice == archive.ChoiceAuto && kind == app.RunWeekly
}

// mislinked reports whether the person gave a link that is not the one of
// their Discover Weekly.
func (p *person) mislinked(u archive.User) bool {
	return u.Discover.PlaylistID != "" && u.Discover.PlaylistID != p.w.spotify.DiscoverID(p.key)
}

// visit asks for a page as the person's browser does, on a machine of ours.
// ok is false if the process crashed under way.
func (p *person) visit(name, method, path string, form map[string]string) (answer visitAnswer, ok bool) {
	done := make(chan struct{})
	a := &actor{w: p.w, name: name, account: p.key, began: time.Now(), visitor: true}
	p.w.startWith(name, func() {
		box := p.w.machine(a)
		answer, ok = p.browse(box.handler(), method, path, form)
		p.w.release(box)
	}, func() { close(done) })
	p.w.turn.Unlock()
	<-done
	p.w.turn.Lock()
	p.w.note(name, "%s %s: %d %s", method, route(path), answer.status, route(answer.location))
	waits := answer.status == http.StatusServiceUnavailable && time.Now().Before(p.w.closed)
	if ok && answer.status >= http.StatusInternalServerError && !a.struck && !waits {
		p.w.fail(promiseTruth, "%s got status %d from %s although nothing went wrong", p.key, answer.status, route(path))
	}
	return answer, ok
}
