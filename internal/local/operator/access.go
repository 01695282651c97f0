package operator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const (
	cookieName    = "weekly-archive-operator"
	cookieLife    = 30 * 24 * time.Hour
	cookiePurpose = "weekly-archive operator v1 "

	stylesheet    = Path + "/operator.css"
	linkParameter = "token"
	tokenField    = "token"
	maxForm       = 1 << 12
)

// What the sign-in page, or the JSON answer, says: keys of words.
const (
	tokenMissing = "operator.signin.missing"
	tokenWrong   = "operator.signin.wrong"
	linkUsed     = "operator.signin.used"
)

// access lets in whoever has the operator token: as a bearer token (RFC 6750),
// or by a cookie for which the sign-in form or the link was exchanged. The
// cookie is bound to the token and says nothing of it, so it ends when the
// token is changed.
type access struct {
	*server

	mu   sync.Mutex
	link secret.Text // opens once; then empty
}

// guard stands before everything of the page where there is a token.
func (a *access) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header, scheme := r.Header.Get("Authorization"), "bearer "
		switch {
		case r.Method == http.MethodPost && r.URL.Path == Path+"/sign-in":
			a.signIn(w, r)
		case len(header) > len(scheme) && strings.EqualFold(header[:len(scheme)], scheme):
			if !a.Token.Equal(secret.New(strings.TrimSpace(header[len(scheme):]))) {
				a.deny(w, r, tokenWrong)
				return
			}
			next.ServeHTTP(w, r)
		case r.URL.Path == stylesheet: // of the sign-in page, too
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet && r.URL.Path == Path && r.URL.Query().Has(linkParameter):
			a.openLink(w, r)
		case a.signedIn(r):
			next.ServeHTTP(w, r)
		default:
			a.deny(w, r, tokenMissing)
		}
	})
}

// openLink exchanges the printed link for a cookie, once. Whoever is signed in
// already and opens it again gets the page.
func (a *access) openLink(w http.ResponseWriter, r *http.Request) {
	given := secret.New(r.URL.Query().Get(linkParameter))
	a.mu.Lock()
	opens := !a.link.IsZero() && a.link.Equal(given)
	if opens {
		a.link = secret.Text{}
	}
	a.mu.Unlock()
	switch {
	case opens:
		a.setCookie(w, r)
		a.Log.InfoContext(r.Context(), "operator's link used")
	case !a.signedIn(r):
		a.deny(w, r, linkUsed)
		return
	}
	http.Redirect(w, r, Path, http.StatusSeeOther)
}

// signIn takes the token itself, from the form of the sign-in page.
func (a *access) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if !a.Token.Equal(secret.New(strings.TrimSpace(r.PostFormValue(tokenField)))) {
		a.deny(w, r, tokenWrong)
		return
	}
	a.setCookie(w, r)
	http.Redirect(w, r, Path, http.StatusSeeOther)
}

func (a *access) setCookie(w http.ResponseWriter, r *http.Request) {
	ends := a.Clock().Add(cookieLife)
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: without HTTPS, in one's own network, no browser keeps a Secure cookie
		Name: cookieName, Value: a.cookie(ends.Unix()), Path: Path, MaxAge: int(cookieLife / time.Second),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: a.secure(r),
	})
}

// secure reports whether the browser asked over HTTPS, as far as that can be
// known: a proxy before an https address may put a loopback address into Host.
// Another name or address is this machine's in its own network, without HTTPS.
func (a *access) secure(r *http.Request) bool {
	base, err := url.Parse(a.BaseURL)
	return err == nil && base.Scheme == "https" && (strings.EqualFold(r.Host, base.Host) || asksForHere(r.Host))
}

// cookie returns the value of a cookie that ends then (seconds since 1970).
func (a *access) cookie(ends int64) string {
	text := strconv.FormatInt(ends, 10)
	mac := hmac.New(sha256.New, []byte(a.Token.Reveal()))
	_, _ = mac.Write([]byte(cookiePurpose + text)) // never fails
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (a *access) signedIn(r *http.Request) bool {
	for _, c := range r.CookiesNamed(cookieName) {
		text, _, _ := strings.Cut(c.Value, ".")
		ends, err := strconv.ParseInt(text, 10, 64)
		if err == nil && a.Clock().Unix() < ends && hmac.Equal([]byte(c.Value), []byte(a.cookie(ends))) {
			return true
		}
	}
	return false
}

// deny says what is missing: to a browser with a form for it.
func (a *access) deny(w http.ResponseWriter, r *http.Request, key string) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	if !fromPage(r) {
		a.refuse(w, r, http.StatusUnauthorized, words.Say(key))
		return
	}
	a.render(w, r, http.StatusUnauthorized, "signin", a.frame(r, struct {
		Line      words.Line
		TokenFile string
	}{words.Say(key), a.TokenFile}))
}
