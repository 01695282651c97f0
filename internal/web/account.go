package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const (
	// refreshEvery is how often, in seconds, a browser without the script loads
	// a page again that is about to change.
	refreshEvery = 5

	// gapShown is for how long a stretch of missed plays is news.
	gapShown = 28 * 24 * time.Hour

	// homeWeeks is how many weeks of the history the account page shows.
	homeWeeks = 4
)

// accountView is what the account page shows: the card of this week, and what
// else the person has to know.
type accountView struct {
	Card    cardView
	Name    string
	Note    []words.Line
	NoteBad bool
	Banner  banner
	Lost    lostView  // the last channel ended by itself, and none is left
	Doubled time.Time // the Monday of a week whose songs stand in the archive twice; zero: none
	Gap     *gapView
	History []weekRow

	Reconnect     string // address of the consent that renews this one
	ArchiveBeside bool   // the archive is linked beside the card, whose button does something else
}

// gapView is a stretch of time in which plays may have been missed.
type gapView struct{ From, To time.Time }

type playlistView struct {
	Name  words.Line
	Link  string
	Total int  // songs; negative when not known
	Whole bool // it is all of the archive
}

// account shows the account page.
func (s *server) account(w http.ResponseWriter, r *http.Request) error {
	account, err := s.accountOf(w, r)
	if err != nil {
		return err
	}
	now := s.situation(account, s.appPause(r))
	page := s.accountView(account, now, s.takeFlash(w, r, account.User.ID))

	if page.Card.Remind, err = s.remind(r.Context(), now); err != nil {
		return err
	}

	v := s.view(r, words.Say("account.title"), page)
	v.SignedIn = true
	v.State = page.Card.State.Word
	if page.Card.Watched {
		v.Refresh = refreshTo("/account")
	}
	s.render(w, r, http.StatusOK, "account", v)
	return nil
}

// refreshTo is the value of a refresh (https://html.spec.whatwg.org/#attr-meta-http-equiv-refresh).
func refreshTo(path string) string { return fmt.Sprintf("%d; url=%s", refreshEvery, path) }

// accountOf reads the account of whoever is signed in.
func (s *server) accountOf(w http.ResponseWriter, r *http.Request) (usecase.Account, error) {
	user, err := s.signedIn(w, r)
	if err != nil {
		return usecase.Account{}, err
	}
	return s.Accounts.Account(r.Context(), user.ID)
}

func (s *server) accountView(account usecase.Account, now situation, said flash) accountView {
	u := now.user
	v := accountView{
		Card:    s.card(account, now),
		Name:    shortened(cmp.Or(u.DisplayName, u.SpotifyID)),
		Banner:  now.banner(),
		Lost:    lastLost(now),
		Doubled: u.Doubled(now.now).Monday(),
		History: rows(history(account.Entries), s.lastWeek(), u.Missed, !account.More),
	}
	v.History = v.History[:min(homeWeeks, len(v.History))]
	if gap := u.Listening.Gap; u.Listens() && now.now.Sub(gap.To) < gapShown {
		v.Gap = &gapView{gap.From, gap.To}
	}
	v.Reconnect = reconnectLink(u, v.Banner)
	v.ArchiveBeside = v.Card.Main.Link != v.Card.Archive.Link
	v.Note, v.NoteBad = said.Note.lines(now.until())
	return v
}

// week serves the card alone, for the script that watches it. A browser that
// has it as it is stored now gets no other.
func (s *server) week(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	if err != nil {
		return err
	}
	pause := s.appPause(r)
	tag := s.weekTag(user, pause, s.language(r))
	w.Header().Set("ETag", tag)
	w.Header().Set("Vary", vary)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	account, err := s.Accounts.Account(r.Context(), user.ID)
	if err != nil {
		return err
	}
	now := s.situation(account, pause)
	page := accountView{Card: s.card(account, now)}
	if page.Card.Remind, err = s.remind(r.Context(), now); err != nil {
		return err
	}
	v := s.view(r, words.Say("account.title"), page)
	v.State = page.Card.State.Word
	s.renderPart(w, r, "account", "week", v)
	return nil
}

// weekTag is the validator of the card (RFC 9110, section 8.8.3): it changes
// with everything that the card is made of but the time of day.
func (s *server) weekTag(u archive.User, pause knownPause, in *words.Language) string {
	now := situation{user: u, pause: pause.Current(s.Clock()), now: s.Clock(), pauseUnknown: !pause.Known}
	sum := sha256.Sum256(fmt.Append(nil, s.pages.version, in.Tag(), u.Revision, now.standing(), now.watched(), now.pause.Until, now.pauseUnknown))
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// situation is how things stand with a user, in their own time.
func (s *server) situation(account usecase.Account, pause knownPause) situation {
	u, zone := inOwnZone(account.User)
	now := situation{user: u, entries: account.Entries, pause: pause.Current(s.Clock()), now: s.Clock(), pauseUnknown: !pause.Known}
	now.pause.Until = now.pause.Until.In(zone)
	return now
}

// inOwnZone puts every time that the page tells into the person's zone, as far
// as it is known.
func inOwnZone(u archive.User) (archive.User, *time.Location) {
	zone, ok := calendar.ParseZone(u.Zone)
	if !ok {
		zone = time.UTC
	}
	for _, t := range []*time.Time{
		&u.Last.At, &u.Last.Until, &u.Grant.AuthorizedAt, &u.Discover.CheckedAt,
		&u.Listening.Cursor, &u.Listening.PutOff, &u.Listening.Gap.From, &u.Listening.Gap.To,
	} {
		*t = t.In(zone)
	}
	return u, zone
}

// reconnectLink asks for what the user uses.
func reconnectLink(u archive.User, b banner) string {
	if u.Choice == archive.ChoiceListening {
		return wish{choice: u.Choice, player: true}.link()
	}
	return wish{player: b.deaf || u.Grant.Listens() || u.Choice.Has(ledger.SourceListening)}.link()
}

func (s *server) playlist(id string) string {
	if id == "" {
		return ""
	}
	return s.PlaylistURL + url.PathEscape(id)
}

// knownPause is the app's pause, or that it is not known whether there is one.
type knownPause struct {
	app.Pause

	Known bool
}

// appPause returns the app's pause, as far as it is known.
func (s *server) appPause(r *http.Request) knownPause {
	if s.AppPause == nil {
		return knownPause{}
	}
	pause, err := s.AppPause(r.Context())
	if err != nil {
		s.Log.WarnContext(r.Context(), "pause not known", "request_id", reference(r.Context()), "error", err)
		return knownPause{}
	}
	return knownPause{pause, true}
}
