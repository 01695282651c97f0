package fakespotify

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// validRedirect applies Spotify's rules for redirect URIs
// (https://developer.spotify.com/documentation/web-api/concepts/redirect_uri).
func validRedirect(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Scheme == "":
		return fmt.Errorf("redirect URI %q is no absolute URI", raw)
	case strings.EqualFold(u.Hostname(), "localhost"):
		return fmt.Errorf("redirect URI %q: localhost is not allowed, use 127.0.0.1", raw)
	case u.Scheme == "http" && !isLoopback(u):
		return fmt.Errorf("redirect URI %q: http is for loopback addresses only", raw)
	case u.Fragment != "":
		return fmt.Errorf("redirect URI %q has a fragment", raw)
	default:
		return nil
	}
}

func isLoopback(u *url.URL) bool {
	addr, err := netip.ParseAddr(u.Hostname())
	return err == nil && (addr == netip.MustParseAddr("127.0.0.1") || addr == netip.IPv6Loopback())
}

// redirectAllowed reports whether the app may use the redirect URI: it is
// registered to the letter, or as a loopback URI without a port.
func (s *Server) redirectAllowed(raw string) bool {
	if slices.Contains(s.cfg.RedirectURIs, raw) {
		return true
	}
	portless, err := withoutPort(raw)
	return err == nil && slices.Contains(s.cfg.RedirectURIs, portless)
}

// withoutPort removes the port of a loopback URI and nothing else.
func withoutPort(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", err
	}
	if u.Scheme != "http" || !isLoopback(u) || u.Port() == "" || u.User != nil {
		return "", errors.New("no loopback URI with a port")
	}
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	prefix := "http://" + net.JoinHostPort(u.Hostname(), u.Port())
	rest, found := strings.CutPrefix(raw, prefix)
	if !found {
		return "", errors.New("not in the usual spelling")
	}
	return "http://" + host + rest, nil
}
