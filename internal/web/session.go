package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// renewAfter is the age at which a visit replaces the session by a fresh one.
const renewAfter = 24 * time.Hour

// errNoSession: the visitor is not signed in (any more).
var errNoSession = errors.New("not signed in")

// errGone: the visitor was signed in, and has disconnected since. It is also
// an errNoSession.
var errGone = fmt.Errorf("user is gone: %w", errNoSession)

// errEnded: the visitor was signed in, and the consent behind it has ended. It
// is also an errNoSession.
var errEnded = fmt.Errorf("consent has ended: %w", errNoSession)

// session is who signed in, and when. Its JSON form is sealed into a cookie.
type session struct {
	User     archive.UserID `json:"u"`
	Issued   int64          `json:"t"` // Unix nanoseconds
	SignOuts int            `json:"n"` // of the user, so far
}

// openSession returns the session in a cookie's text, or errNoSession.
func openSession(c codec, text string, now time.Time, life time.Duration) (session, error) {
	var found session
	if text == "" || c.open(text, &found) != nil || !found.User.Valid() {
		return session{}, errNoSession
	}
	if now.Sub(time.Unix(0, found.Issued)) > life {
		return session{}, errNoSession
	}
	return found, nil
}

func (s *server) session(r *http.Request) (session, error) {
	text := s.cookie(r, sessionCookie)
	if text == "" {
		return session{}, errNoSession
	}
	ring, err := s.keys.get(r.Context())
	if err != nil {
		return session{}, err
	}
	return openSession(ring.session, text, s.Clock(), s.SessionLife)
}

// startSession signs the user in. The session may end before its cookie does:
// signedIn looks.
func (s *server) startSession(ctx context.Context, w http.ResponseWriter, user archive.User) error {
	ring, err := s.keys.get(ctx)
	if err != nil {
		return err
	}
	text, err := ring.session.seal(session{User: user.ID, Issued: s.Clock().UnixNano(), SignOuts: user.SignOuts})
	if err != nil {
		return err
	}
	s.setCookie(w, sessionCookie, text, s.SessionLife)
	return nil
}

// everywhere marks the page after a sign-out that ended the sessions of every browser.
const everywhere = "everywhere"

// farewell is a page for whoever has just left. Somebody who is signed in has not.
func (s *server) farewell(name, title string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := s.signedIn(w, r); err == nil {
			s.redirect(w, r, "/account")
			return nil
		}
		s.render(w, r, http.StatusOK, name, s.view(r, words.Say(title), r.URL.Query().Has(everywhere)))
		return nil
	}
}

// endSession takes the session out of this browser. The next sign-in here
// shows Spotify's page: it may be another person's.
func (s *server) endSession(w http.ResponseWriter) {
	s.clearCookie(w, sessionCookie)
	s.setCookie(w, askCookie, "1", askLife)
}

// signedIn returns the visitor as stored now. A session for a user who left,
// or who left and came back, is over: its cookie goes, and the error is
// errGone. So is one from before the user signed out (errNoSession). One that
// outlasted the consent is over too (errEnded), and its cookie stays: the next
// page should say the same.
func (s *server) signedIn(w http.ResponseWriter, r *http.Request) (archive.User, error) {
	found, err := s.session(r)
	if err != nil {
		return archive.User{}, err
	}
	user, err := s.Accounts.Store.User(r.Context(), found.User)
	switch {
	case errors.Is(err, fault.ErrNotFound):
		s.endSession(w)
		return archive.User{}, errGone
	case err != nil:
		return archive.User{}, fmt.Errorf("reading user %s: %w", found.User, err)
	case user.Status == archive.StatusLeaving || time.Unix(0, found.Issued).Before(user.CreatedAt):
		s.endSession(w)
		return archive.User{}, errGone
	case found.SignOuts != user.SignOuts:
		s.endSession(w)
		return archive.User{}, errNoSession
	case user.Grant.Ended(s.Clock()):
		return archive.User{}, errEnded
	}
	if s.Clock().Sub(time.Unix(0, found.Issued)) > renewAfter {
		if err := s.startSession(r.Context(), w, user); err != nil {
			return archive.User{}, err
		}
	}
	return user, nil
}
