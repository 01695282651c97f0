package operator

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/web"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// contentPolicy allows the pages' stylesheets, their script and our own forms.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// protect stands before everything: no answer is kept or framed, and no other
// site's form posts.
func (s *server) protect(next http.Handler) http.Handler {
	posts := http.NewCrossOriginProtection()
	if s.BaseURL != "" {
		// A proxy may put another host into the request than the browser asked for.
		if err := posts.AddTrustedOrigin(s.BaseURL); err != nil {
			s.Log.Warn("own origin not trusted explicitly", "error", err)
		}
	}
	inner := posts.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		inner.ServeHTTP(w, r)
	})
}

// onlyHere guards a page without a token: it lets in who is on this machine
// and means to be here. The connection comes from a loopback address; the
// address that was asked for is a loopback one too, which a page of another
// site that lured a browser here (DNS rebinding) cannot fake; and no proxy
// stands between.
func (s *server) onlyHere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !fromHere(r.RemoteAddr) || !asksForHere(r.Host) || proxied(r.Header) {
			http.Error(w, web.Language(s.Words, r).Text(words.Say("operator.error.here")), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func fromHere(remote string) bool {
	addr, err := netip.ParseAddrPort(remote)
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

// asksForHere also takes localhost: no name server answers for it
// (RFC 6761, section 6.3).
func asksForHere(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.IsLoopback()
}

// proxied reports whether a proxy says that it passed the request on.
func proxied(h http.Header) bool {
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"} {
		if len(h.Values(name)) > 0 {
			return true
		}
	}
	return false
}
