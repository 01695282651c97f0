package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// A rule says what a variable may hold.
type rule struct {
	want   string // completes "want …"
	allows func(value string) bool
}

// rules has an entry for every variable with a form; secrets have none.
var rules = map[string]rule{
	"ENVIRONMENT": {
		"up to 63 lowercase letters, digits and hyphens, beginning with a letter",
		sized(1, 63, `[a-z](?:[a-z0-9-]*[a-z0-9])?`),
	},
	"BASE_URL": {
		"https://host or http://127.0.0.1:port, without a path, never localhost: Spotify takes nothing else as redirect address",
		isBaseURL,
	},
	"ADDR":     {"an IP address such as 127.0.0.1 or 0.0.0.0", isIP},
	"DATA_DIR": {"a directory", func(v string) bool { return !strings.ContainsRune(v, 0) }},
	"GOOGLE_CLOUD_PROJECT": {
		"a project id such as weekly-archive-1",
		sized(3, 63, `(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]*`),
	},
	"FIRESTORE_DATABASE": {
		`"(default)" or a database id`,
		sized(4, 63, `\(default\)|[a-z][a-z0-9-]*[a-z0-9]`),
	},
	"KMS_KEY": {
		"projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY",
		matches(`projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+`),
	},
	"ARCHIVE_TOPIC": {topicWant, sized(3, 255, topicForm)},
	"WEEKLY_TOPIC":  {topicWant, sized(3, 255, topicForm)},
	"SPOTIFY_CLIENT_ID": {
		"the client id of an app in Spotify's dashboard (letters and digits)",
		sized(1, 128, `[0-9A-Za-z_-]+`),
	},
	"SPOTIFY_CLIENT_SECRET_NAME": {
		"projects/PROJECT/secrets/SECRET/versions/VERSION",
		matches(`projects/[^/]+/secrets/[^/]+/versions/(?:[0-9]+|[a-z][0-9A-Za-z_-]*)`),
	},
	"SPOTIFY_STANDIN_URL": {
		"http://127.0.0.1:port or http://[::1]:port without a path: a stand-in runs on this machine",
		func(v string) bool { return isLoopbackURL(v) && isBaseURL(v) },
	},
	"SPOTIFY_DAILY_REQUESTS": {
		"auto, or a whole number from 10 up, or 0 for as many as it needs",
		matches(`auto|0|[1-9][0-9]{1,6}`),
	},
	"SPOTIFY_ACCOUNTS_URL": {endpointWant, isEndpoint},
	"SPOTIFY_API_URL":      {endpointWant, isEndpoint},
	"CONTACT": {
		"a mail address such as name@example.com, or a web address with https://",
		matches(`[^@\s:/<>"]+@[^@\s:/<>"]+\.[^@\s:/<>"]+|https://[^\s<>"]+`),
	},
	"NTFY_URL": {
		"https://host of an ntfy server, without a port and a path",
		matches(`https://[0-9a-z-]+(?:\.[0-9a-z-]+)+`),
	},
	"REPOSITORY_URL": {
		"https://host/path without a slash at the end, where this code is published",
		matches(`https://[^\s/]+/\S*[^\s/]`),
	},
	"RELEASES_URL": {
		"https://host/path, which answers with the newest release as JSON (tag_name, html_url)",
		matches(`https://[^\s/]+/\S+`),
	},
	"VERSION": {
		"up to 40 letters, digits, dots and hyphens",
		matches(`[0-9A-Za-z][0-9A-Za-z.-]{0,39}`),
	},
	"RUNNING_SINCE": {"a time such as 2026-11-24T09:30:00Z", isTime},
	"SPOTIFY_MODE":  {"extended or development", matches(ModeExtended + "|" + ModeDevelopment)},
}

// reasons give some wrong values of a variable a better sentence than its
// rule's; "" for the others.
var reasons = map[string]func(value string) string{"BASE_URL": pathReason}

// want says what is allowed instead of a wrong value.
func want(variable, value string) string {
	if reason, ok := reasons[variable]; ok {
		if text := reason(value); text != "" {
			return text
		}
	}
	return rules[variable].want
}

const (
	topicWant    = "a topic id, or projects/PROJECT/topics/TOPIC"
	topicForm    = `(?:projects/[^/]+/topics/)?[A-Za-z][0-9A-Za-z._~+%-]*`
	endpointWant = "https://host/path, or http on a loopback IP address, without a slash at the end: tokens go there"
)

// matches compiles its form when a value is first looked at: a program has
// half of these variables at most.
func matches(form string) func(string) bool {
	pattern := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:` + form + `)$`) })
	return func(value string) bool { return pattern().MatchString(value) }
}

// sized is matches for a value whose last part, behind a "/" or ":", has so
// many bytes. A pattern that counts them is compiled into as many copies.
func sized(least, most int, form string) func(string) bool {
	allows := matches(form)
	return func(value string) bool {
		size := len(value) - (strings.LastIndexAny(value, "/:") + 1)
		return size >= least && size <= most && allows(value)
	}
}

func isTime(value string) bool {
	_, err := time.Parse(time.RFC3339, value)
	return err == nil
}

func isIP(value string) bool { return net.ParseIP(value) != nil }

// isBaseURL accepts what Spotify accepts as the host of a redirect URI: HTTPS,
// or HTTP on one of the two loopback IP literals that its guide names
// (https://developer.spotify.com/documentation/web-api/concepts/redirect_uri).
func isBaseURL(value string) bool {
	u, err := url.Parse(value)
	return err == nil && u.Path == "" && isEndpoint(value) &&
		(u.Scheme == "https" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
}

// pathReason tells a right address with a path, which Spotify would take, from
// a wrong one: it is us who cannot live below one. Links are absolute, and a
// browser gives __Host- cookies to a host's every path.
func pathReason(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.Path == "" || !isBaseURL(u.Scheme+"://"+u.Host) || value != u.Scheme+"://"+u.Host+u.Path {
		return ""
	}
	if u.Path == "/" {
		return "it without the slash at the end"
	}
	return "it without the path: the pages and their cookies need a host to themselves, such as https://archive.example.com"
}

func isRedirectIP(ip net.IP) bool {
	return ip.Equal(net.IPv4(127, 0, 0, 1)) || ip.Equal(net.IPv6loopback)
}

// isLoopbackURL accepts endpoints on the two loopback addresses.
func isLoopbackURL(value string) bool {
	u, err := url.Parse(value)
	return err == nil && u.Scheme == "http" && isEndpoint(value) && isRedirectIP(net.ParseIP(u.Hostname()))
}

func isEndpoint(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || value != u.Scheme+"://"+u.Host+u.Path || strings.HasSuffix(value, "/") {
		return false
	}
	if strings.EqualFold(u.Hostname(), "localhost") {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && err == nil && ip.IsLoopback()
}
