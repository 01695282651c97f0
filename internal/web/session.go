package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// renewAfter is the age at which a visit replaces the session by a fresh one.
const renewAfter = 24 * time.Hour

// errNoSession: the visitor is not signed in (any more).
var errNoSession = errors.New("not signed in")

// errGone: the visitor was signed in, and has disconnected since. It is also
// an errNoSession.
var errGone = fmt.Errorf("user is gone: %w", errNoSession)

// session is who signed in, and when. Its JSON form is sealed into a cookie.
type session struct {
	User   archive.UserID `json:"u"`
	Issued int64          `json:"t"` // Unix nanoseconds
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

func (s *server) startSession(ctx context.Context, w http.ResponseWriter, id archive.UserID) error {
	ring, err := s.keys.get(ctx)
	if err != nil {
		return err
	}
	text, err := ring.session.seal(session{User: id, Issued: s.Clock().UnixNano()})
	if err != nil {
		return err
	}
	s.setCookie(w, sessionCookie, text, s.SessionLife)
	return nil
}

// signedIn returns the visitor as stored now. A session for a user who left,
// or who left and came back, is over: its cookie goes, and the error is
// errGone.
func (s *server) signedIn(w http.ResponseWriter, r *http.Request) (archive.User, error) {
	found, err := s.session(r)
	if err != nil {
		return archive.User{}, err
	}
	user, err := s.Accounts.Store.User(r.Context(), found.User)
	switch {
	case errors.Is(err, archive.ErrNotFound):
		s.clearCookie(w, sessionCookie)
		return archive.User{}, errGone
	case err != nil:
		return archive.User{}, fmt.Errorf("reading user %s: %w", found.User, err)
	case user.Status == archive.StatusLeaving || time.Unix(0, found.Issued).Before(user.CreatedAt):
		s.clearCookie(w, sessionCookie)
		return archive.User{}, errGone
	}
	if s.Clock().Sub(time.Unix(0, found.Issued)) > renewAfter {
		if err := s.startSession(r.Context(), w, user.ID); err != nil {
			return archive.User{}, err
		}
	}
	return user, nil
}
