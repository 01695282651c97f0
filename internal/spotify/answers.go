package spotify

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// What a 429 means when it does not say, and at most. Retry-After is normally
// there; the longest seen was a day.
const (
	defaultRatePause  = time.Minute
	defaultQuotaPause = time.Hour
	minPause          = time.Second
	maxPause          = 48 * time.Hour
)

const (
	reasonQuota       = "QUOTA_EXCEEDED"
	insufficientScope = `error="insufficient_scope"` // RFC 6750, section 3.1
)

// pause reads a 429: how long to wait, and whether a quota is used up
// (https://developer.spotify.com/blog/2026-07-23-web-api-quota-updates).
func pause(ans answer, now time.Time) (d time.Duration, quota bool) {
	quota = bytes.Contains(ans.body, []byte(reasonQuota))
	d, ok := retryAfter(ans.header.Get("Retry-After"), now)
	switch {
	case quota && (!ok || d <= 0):
		d = defaultQuotaPause
	case !ok:
		d = defaultRatePause
	}
	return min(max(d, minPause), maxPause), quota
}

// retryAfter reads a Retry-After header (RFC 9110, section 10.2.3): seconds or
// a date. Seconds beyond maxPause are maxPause.
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if value != "" && strings.Trim(value, "0123456789") == "" {
		return maxPause, true
	}
	if date, err := http.ParseTime(value); err == nil {
		return date.Sub(now), true
	}
	return 0, false
}

// webError reads the message of a Web API error, {"error":{"status","message"}};
// ok is false for anything else.
func webError(body []byte) (message string, ok bool) {
	var e struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &e) != nil || e.Error.Message == "" {
		return "", false
	}
	return e.Error.Message, true
}

// rejected classifies the other refusals. Only a 400 that names an error, in
// whatever words, is Spotify's word on the request, for which the caller may
// give up a song.
func rejected(ans answer) error {
	var e struct {
		Error json.RawMessage `json:"error"`
	}
	if ans.status == http.StatusBadRequest && decode(ans.body, &e) == nil && len(e.Error) > 0 {
		return fault.ErrRejected
	}
	return fault.ErrUnavailable
}

// refusals are how Spotify names a reason, in lower case. The texts differ by
// year and route (https://github.com/sigma67/spotify_to_ytmusic/issues/122,
// https://github.com/spotipy-dev/spotipy/issues/1205).
var refusals = sync.OnceValue(func() []refusal {
	return []refusal{
		{regexp.MustCompile(`premium.*\b(owner of (the|this|your) app|app(lication)?('s)? owner)|app(lication)?('s)? owner.*premium`), fault.ErrPremiumLapsed},
		{regexp.MustCompile(`(\bnot|n['’]t) ((be|been|yet) )*(registered\b|approved for (the |this )?app\b|(allow|white)-?listed\b)|` +
			`\bnot (on|in) (the|this|its|your)\b.* (allow|white)[- ]?list\b`), fault.ErrNotAllowed},
		{regexp.MustCompile(`\binsufficient (client |oauth )?scope|\b(permissions?|scopes?) ((is|are) )?missing\b|` +
			`\bmissing (the )?(required )?(permission|scope)|\brequires? (the )?(additional )?scopes?\b`), fault.ErrScope},
	}
})

type refusal struct {
	text   *regexp.Regexp
	reason error
}

// maxReason is how much of an answer in plain text is searched for a reason:
// a long one is a page of somebody between Spotify and us.
const maxReason = 1000

// named returns the reason that a 401 or 403 names; nil where it names none,
// such as "Forbidden". A reason that is named stays when it is asked again.
func named(ans answer) error {
	if ans.status != http.StatusUnauthorized && ans.status != http.StatusForbidden {
		return nil
	}
	text, ok := webError(ans.body)
	if !ok && len(ans.body) <= maxReason {
		text = string(ans.body)
	}
	text = strings.ToLower(oneLine(text))
	for _, r := range refusals() {
		if r.text.MatchString(text) {
			return r.reason
		}
	}
	if strings.Contains(ans.header.Get("WWW-Authenticate"), insufficientScope) {
		return fault.ErrScope
	}
	return nil
}
