package web

import (
	"net/http"
	"time"
)

// Cookies carry "__Host-" over HTTPS: a browser then takes them from this
// host alone, secure and for every path
// (https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie).
// On a loopback address without TLS they cannot.
const (
	hostPrefix    = "__Host-"
	sessionCookie = "weekly_archive_session"
	flashCookie   = "weekly_archive_flash"
	flowCookie    = "weekly_archive_flow_" // and the name of the state

	// askCookie says that somebody signed out in this browser. It is not
	// sealed: whoever changes it sees Spotify's page once more, or once less.
	askCookie = "weekly_archive_ask"

	// askLife is how long that is remembered.
	askLife = 365 * 24 * time.Hour
)

func (s *server) cookieName(name string) string {
	if s.secure {
		return hostPrefix + name
	}
	return name
}

// cookie returns the value of a cookie of ours; "" if there is none.
func (s *server) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *server) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	s.writeCookie(w, s.cookieName(name), value, int(life/time.Second))
}

func (s *server) clearCookie(w http.ResponseWriter, name string) {
	s.writeCookie(w, s.cookieName(name), "", -1)
}

func (s *server) writeCookie(w http.ResponseWriter, fullName, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: Secure is off on a loopback address without TLS only
		Name:     fullName,
		Value:    value,
		Path:     "/",
		MaxAge:   maxAge,
		Secure:   s.secure,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}
