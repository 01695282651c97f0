package spotify

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// What a 429 means when it does not say, and at most. Retry-After is normally
// there; the longest seen was a day.
const (
	defaultRatePause  = time.Minute
	defaultQuotaPause = time.Hour
	minPause          = time.Second
	maxPause          = 48 * time.Hour
)

const reasonQuota = "QUOTA_EXCEEDED"

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

// rejected classifies the other refusals. Only a 400 in Spotify's own form is
// its word on the request, for which the caller may give up a song.
func rejected(ans answer) error {
	if _, ok := webError(ans.body); ok && ans.status == http.StatusBadRequest {
		return archive.ErrRejected
	}
	return archive.ErrUnavailable
}

// forbidden classifies a 403 by its message; otherwise is the sentinel for a
// message that says nothing, such as "Forbidden". The answer for a user who is
// not on the allow-list has been plain text.
func forbidden(ans answer, otherwise error) error {
	message, ok := webError(ans.body)
	if !ok {
		message = string(ans.body)
	}
	message = strings.ToLower(message)
	switch {
	case strings.Contains(message, "premium") && strings.Contains(message, "owner of the app"):
		return archive.ErrPremiumLapsed
	case strings.Contains(message, "not registered"):
		return archive.ErrNotAllowed
	case strings.Contains(message, "insufficient") && strings.Contains(message, "scope"):
		return archive.ErrScope
	default:
		return otherwise
	}
}
