package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// callbackTime bounds the exchange, the profile and the storing together.
const callbackTime = 40 * time.Second

// connect sends the visitor to Spotify's consent page. The query is a wish. What another site's link asks
// for does not count: who consented before comes back without a question, so
// the link alone would change their account.
func (s *server) connect(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return errMethod
	}
	if err := s.knock(&s.connects, r); err != nil {
		return err
	}
	if err := s.connects.admit(s.Clock()); err != nil {
		return err
	}
	query := r.URL.Query()
	if fromElsewhere(r) {
		query = nil
	}
	wants, err := parseWish(query)
	if err != nil {
		return err
	}
	switch s.placeOf(r) {
	case placeAnother:
		s.redirect(w, r, s.base.String()+movedLink(wants))
		return nil
	case placeNoWay:
		return errElsewhere
	}
	known := s.cookie(r, sessionCookie) != "" || s.cookie(r, askCookie) != ""
	return s.ask(w, r, newFlow(wants, s.Clock()), known)
}

// ask sends the visitor to Spotify's consent page. Spotify shows it to whoever
// is here for the first time; with known set, to everybody else too: the
// person may be another one than before, and a consent should begin anew.
func (s *server) ask(w http.ResponseWriter, r *http.Request, f flow, known bool) error {
	if err := s.keepFlow(w, r, f); err != nil {
		return fmt.Errorf("beginning a sign-in: %w", err)
	}
	s.redirect(w, r, s.Authorizer.AuthorizeURL(f.State, f.challenge(), webapi.Scopes(f.Listens), known))
	return nil
}

// fromElsewhere reports whether the page of another site sent the browser
// here. Browsers from before 2023 and other clients do not tell
// (https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site).
func fromElsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}

// maxZone is longer than the name of any zone, in bytes.
const maxZone = 40

// zoneName is the form of the names in the IANA time zone database, which a
// browser tells of itself. Whether there is such a zone is for the core to say.
var zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`)

// wish is what the address of a sign-in asks for: a source (source=), the
// player's scopes (listening=1; the source "listening" needs them anyway), and
// the browser's zone. With copies=1 the person has said that they copy Discover
// Weekly.
type wish struct {
	choice         archive.Choice // empty: keep what the user has
	player, copies bool
	zone           string
}

// parseWish reads the query of connect; errBadChoice for a source that is none.
func parseWish(query url.Values) (wish, error) {
	w := wish{choice: archive.Choice(query.Get("source")), copies: query.Get("copies") == "1", zone: query.Get("zone")}
	if w.choice != "" && !slices.Contains(archive.Choices(), w.choice) {
		return wish{}, errBadChoice
	}
	w.player = w.choice == archive.ChoiceListening || query.Get("listening") == "1"
	if len(w.zone) > maxZone || !zoneName.MatchString(w.zone) {
		w.zone = ""
	}
	return w, nil
}

// link is the address that connect understands.
func (w wish) link() string {
	query := url.Values{}
	if w.zone != "" {
		query.Set("zone", w.zone)
	}
	if w.choice != "" {
		query.Set("source", string(w.choice))
	}
	if w.player && w.choice != archive.ChoiceListening {
		query.Set("listening", "1")
	}
	if w.copies {
		query.Set("copies", "1")
	}
	if len(query) == 0 {
		return "/connect"
	}
	return "/connect?" + query.Encode()
}

// callback takes the visitor back from Spotify. The address, which holds the
// code, is left at once by a redirect.
func (s *server) callback(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet { // HEAD must not redeem the code
		return errMethod
	}
	if err := s.knock(&s.callbacks, r); err != nil {
		return err
	}
	f, err := s.takeFlow(w, r)
	if errors.Is(err, errStateUsed) && s.hasSession(r) {
		s.redirect(w, r, "/account")
		return nil
	}
	if err != nil {
		return err
	}
	query := r.URL.Query()
	switch failure := query.Get("error"); {
	case failure != "" && f.TopUp: // what the consent before it gave is stored
		s.redirect(w, r, "/account")
		return nil
	case failure == "access_denied":
		return errDenied
	case failure != "":
		return errRefused
	case query.Get("code") == "":
		return errCodeMissing
	}

	// The code is redeemed once. What it gives must be stored even if the
	// browser does not wait for the answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callbackTime)
	defer cancel()
	user, before, err := s.signUp(ctx, secret.New(query.Get("code")), f, s.language(r).Tag())
	if err != nil {
		return err
	}
	s.callbacks.repay()
	if err := s.startSession(ctx, w, user); err != nil {
		return fmt.Errorf("starting a session of user %s: %w", user.ID, err)
	}
	s.clearCookie(w, askCookie)
	s.Log.InfoContext(ctx, "connected", "request_id", reference(ctx), "user_id", user.ID,
		"choice", string(user.Choice), "player", user.Grant.Listens())
	if !f.TopUp && before.Listens() && !user.Grant.Listens() && mayListen(user.Choice) {
		// The account that signs in from the start page is not known before this moment.
		// Spotify gives again what it was allowed to, without a question.
		again := newFlow(wish{zone: f.Zone, player: true}, s.Clock())
		again.TopUp = true
		return s.ask(w, r, again, false)
	}
	s.redirect(w, r, "/account")
	return nil
}

// mayListen reports whether the choice uses the player's scopes.
func mayListen(choice archive.Choice) bool {
	return choice.Has(ledger.SourceListening) || choice == archive.ChoiceAuto
}

// signUp returns the user, and the consent that was theirs before; the zero
// Grant for a new user.
func (s *server) signUp(ctx context.Context, code secret.Text, f flow, language string) (archive.User, archive.Grant, error) {
	token, err := s.Authorizer.Exchange(ctx, code, secret.New(f.Verifier))
	if err != nil {
		return archive.User{}, archive.Grant{}, fmt.Errorf("redeeming a code: %w", err)
	}
	if len(token.Scopes) == 0 { // as asked for (RFC 6749, section 5.1)
		token.Scopes = webapi.Scopes(f.Listens)
	}
	profile, err := s.Authorizer.Profile(ctx, token.Access)
	if err != nil {
		return archive.User{}, archive.Grant{}, fmt.Errorf("reading the profile of a new consent: %w", err)
	}
	before, err := s.Accounts.Store.User(ctx, archive.NewUserID(profile))
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return archive.User{}, archive.Grant{}, fmt.Errorf("reading who signs in: %w", err)
	}
	user, err := s.SignUp.Complete(ctx, profile, token, usecase.Wishes{Choice: f.Choice, Copies: f.Copies, Zone: f.Zone, Language: language})
	if err != nil {
		return archive.User{}, archive.Grant{}, fmt.Errorf("completing a sign-up: %w", err)
	}
	return user, before.Grant, nil
}

func (s *server) hasSession(r *http.Request) bool {
	_, err := s.session(r)
	return err == nil
}

// redirect sends the browser on with a GET, whatever this request was. There
// is no body: it would repeat the address, which may hold a state.
func (s *server) redirect(w http.ResponseWriter, r *http.Request, to string) {
	w.Header()["Content-Type"] = nil
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // G710: callers name a path of ours, or Spotify's consent page
}
