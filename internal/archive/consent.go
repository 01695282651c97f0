package archive

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// ConsentLife is how long a consent is used. Spotify says six months
// (https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration),
// which is 181 to 184 days; we stop at 180, so that no request is ever made
// with a token that has ended.
const ConsentLife = 180 * 24 * time.Hour

// Reminders are how long before its end a consent is brought to mind.
func Reminders() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{30 * day, 14 * day, 3 * day}
}

const grantContextTemplate = "weekly-archive grant v1 user:"

// GrantContext is what a user's sealed refresh token is bound to, so that a
// ciphertext that was moved to another user's document does not open.
func GrantContext(id UserID) string { return grantContextTemplate + string(id) }

// Covers reports whether the consent holds all these scopes.
func (g Grant) Covers(scopes []string) bool {
	for _, s := range scopes {
		if !slices.Contains(g.Scopes, s) {
			return false
		}
	}
	return true
}

// Listens reports whether the consent covers the player.
func (g Grant) Listens() bool { return g.Covers(webapi.Scopes(true)) }

// EndsAt is when the consent ends.
func (g Grant) EndsAt() time.Time { return g.AuthorizedAt.Add(ConsentLife) }

// Ended reports whether the consent is over.
func (g Grant) Ended(now time.Time) bool { return !now.Before(g.EndsAt()) }

// EndsSoon reports whether a reminder is due, and which: the smallest of
// Reminders that covers the time left.
func (g Grant) EndsSoon(now time.Time) (reminder time.Duration, soon bool) {
	left := g.EndsAt().Sub(now)
	for _, r := range Reminders() {
		if left <= r {
			reminder, soon = r, true
		}
	}
	return reminder, soon
}

// endsSoon reports whether any reminder is due.
func (g Grant) endsSoon(now time.Time) bool {
	_, soon := g.EndsSoon(now)
	return soon
}

// Listens reports whether what this user plays is looked at.
func (u User) Listens() bool {
	return u.Status == StatusActive && u.Grant.Listens() &&
		(u.Choice.Has(ledger.SourceListening) || u.Choice == ChoiceAuto && u.Discover.Access != AccessReadable)
}

// ChannelContext is what a channel's sealed address is bound to.
func ChannelContext(user UserID, channel string) string {
	return "weekly-archive channel v1 user:" + string(user) + " channel:" + channel
}
