package archive

import (
	"slices"
	"time"
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

// The scopes (https://developer.spotify.com/documentation/web-api/concepts/scopes).
const (
	ScopeReadPrivate      = "playlist-read-private"
	ScopeModifyPrivate    = "playlist-modify-private"
	ScopeModifyPublic     = "playlist-modify-public"
	ScopeRecentlyPlayed   = "user-read-recently-played"
	ScopePlaybackState    = "user-read-playback-state"
	ScopeCurrentlyPlaying = "user-read-currently-playing"
	grantContextTemplate  = "weekly-archive grant v1 user:"
)

// Scopes returns what a consent has to cover. Spotify has kept playlists
// public that were asked to be private, so both modify scopes are needed.
// Only listening asks for the player's scopes; the queue needs the last two
// (https://developer.spotify.com/documentation/web-api/reference/get-queue).
func Scopes(listening bool) []string {
	scopes := []string{ScopeReadPrivate, ScopeModifyPrivate, ScopeModifyPublic}
	if listening {
		scopes = append(scopes, PlayerScopes()...)
	}
	return scopes
}

// PlayerScopes are what listening asks for.
func PlayerScopes() []string {
	return []string{ScopeRecentlyPlayed, ScopePlaybackState, ScopeCurrentlyPlaying}
}

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
func (g Grant) Listens() bool { return g.Covers(Scopes(true)) }

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
		(u.Choice.Has(SourceListening) || u.Choice == ChoiceAuto && u.Discover.Access != AccessReadable)
}
