package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
)

// The quota modes of the built-in stand-in.
const (
	ModeExtended    = "extended"
	ModeDevelopment = "development"
)

// minToken is the length of 80 bits in base32.
const minToken = 16

var isToken = matches(`[0-9A-Za-z._~+/=-]+`)

const (
	defaultAccountsURL = "https://accounts.spotify.com"
	defaultAPIURL      = "https://api.spotify.com/v1"
)

const maxPort = 65535

// LoadLocal reads the variables that Local's tags name. Without a client id
// the built-in stand-in is Spotify, and settings that only make sense with the
// real one are wrong.
func LoadLocal(environ map[string]string) (Local, error) {
	c, err := load[Local](environ)
	problems := []error{err}
	switch {
	case c.SpotifyStandinURL != "":
		problems = append(problems, c.checkOutside())
	case c.SpotifyClientID == "":
		problems = append(problems, c.checkBuiltIn())
		c.SpotifyMode = cmp.Or(c.SpotifyMode, ModeExtended)
	default:
		problems = append(problems, c.checkSpotify())
		c.SpotifyAccountsURL = cmp.Or(c.SpotifyAccountsURL, defaultAccountsURL)
		c.SpotifyAPIURL = cmp.Or(c.SpotifyAPIURL, defaultAPIURL)
	}
	problems = append(problems, c.checkAddr(), c.checkToken(), c.checkHeartbeat())
	if err := errors.Join(problems...); err != nil {
		return Local{}, err
	}
	return c, nil
}

// Standin reports whether a stand-in is Spotify, the built-in one or another.
func (c Local) Standin() bool { return c.SpotifyClientID == "" }

// BuiltIn reports whether the built-in stand-in is Spotify.
func (c Local) BuiltIn() bool { return c.Standin() && c.SpotifyStandinURL == "" }

// BaseURL returns the public address for the port that was bound: BASE_URL if
// it is set, else the loopback address.
func (c Local) BaseURL(port int) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	host := c.Addr
	if ip := net.ParseIP(host); ip != nil {
		host = ip.String() // ::ffff:127.0.0.1 is 127.0.0.1, to which Spotify redirects
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port))
}

// checkAddr wants BASE_URL for every address that others can reach. The pages
// have one address, for links, cookies and Spotify's redirect: without BASE_URL
// it is a loopback one, and a visitor from another machine who signs up would
// be sent to a port of their own computer. Spotify takes no plain HTTP but on
// loopback addresses, so there is nothing else to fall back to.
func (c Local) checkAddr() error {
	ip := net.ParseIP(c.Addr)
	switch {
	case c.PublicURL != "" || ip == nil || isRedirectIP(ip):
		return nil
	case ip.IsLoopback():
		return problem("ADDR", fmt.Sprintf("got %q, want 127.0.0.1 (or ::1): Spotify takes no other loopback address as redirect address", c.Addr))
	case ip.IsUnspecified():
		return problem("BASE_URL", fmt.Sprintf("not set, but ADDR is %s, all addresses of this machine: want the address at which browsers reach it, "+
			"https://host (http://127.0.0.1:%d if only browsers on this machine do, for instance through a container's published port); "+
			"without it, people on other machines are sent to their own", c.Addr, c.Port))
	default:
		return problem("BASE_URL", fmt.Sprintf("not set, but ADDR is %s: want the address at which browsers reach this machine", c.Addr))
	}
}

// checkToken keeps a token from being guessed, and from being one that a
// header cannot carry (RFC 6750, section 2.1).
func (c Local) checkToken() error {
	token := c.OperatorToken.Reveal()
	if token == "" || len(token) >= minToken && isToken(token) {
		return nil
	}
	return problem("OPERATOR_TOKEN", fmt.Sprintf("not shown here, want at least %d letters, digits and characters of -._~+/=, or none: then one is made", minToken))
}

// checkHeartbeat does not show the address: whoever has it can report in our
// place.
func (c Local) checkHeartbeat() error {
	text := c.HeartbeatURL.Reveal()
	if u, err := url.Parse(text); text == "" || err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return nil
	}
	return problem("HEARTBEAT_URL", "not shown here, want an address that begins with https:// or http://")
}

// checkOutside reports one problem at a time: the others follow from it.
func (c Local) checkOutside() error {
	switch {
	case c.SpotifyClientID != "" || !c.SpotifyClientSecret.IsZero():
		return problem("SPOTIFY_STANDIN_URL", "set together with SPOTIFY_CLIENT_ID or SPOTIFY_CLIENT_SECRET: want either a stand-in or the real Spotify")
	case c.SpotifyMode != "":
		return problem("SPOTIFY_MODE", "set together with SPOTIFY_STANDIN_URL: a stand-in that runs on its own has its own flag -mode")
	}
	for _, proxy := range []struct{ name, value string }{
		{"SPOTIFY_ACCOUNTS_URL", c.SpotifyAccountsURL}, {"SPOTIFY_API_URL", c.SpotifyAPIURL},
	} {
		if proxy.value != "" && !isLoopbackURL(proxy.value) {
			return problem(proxy.name, fmt.Sprintf("got %q beside SPOTIFY_STANDIN_URL, want a proxy on this machine: http://127.0.0.1:port or http://[::1]:port, and a path if it has one", proxy.value))
		}
	}
	return nil
}

func (c Local) checkBuiltIn() error {
	var problems []error
	for name, set := range map[string]bool{
		"SPOTIFY_CLIENT_SECRET": !c.SpotifyClientSecret.IsZero(),
		"SPOTIFY_ACCOUNTS_URL":  c.SpotifyAccountsURL != "",
		"SPOTIFY_API_URL":       c.SpotifyAPIURL != "",
	} {
		if set {
			problems = append(problems, problem(name, "set, but SPOTIFY_CLIENT_ID is not: want both, or neither for the built-in stand-in"))
		}
	}
	if c.Port == maxPort {
		problems = append(problems, problem("PORT", fmt.Sprintf("got \"%d\", want a smaller one: the built-in stand-in takes the port after it", c.Port)))
	}
	return errors.Join(problems...)
}

func (c Local) checkSpotify() error {
	var problems []error
	if c.SpotifyClientSecret.IsZero() {
		problems = append(problems, problem("SPOTIFY_CLIENT_SECRET", "not set, but SPOTIFY_CLIENT_ID is: want both, or neither for the built-in stand-in"))
	}
	if c.SpotifyMode != "" {
		problems = append(problems, problem("SPOTIFY_MODE", "set together with SPOTIFY_CLIENT_ID: want it only for the built-in stand-in"))
	}
	return errors.Join(problems...)
}
