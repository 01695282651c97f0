package webapi

// The scopes (https://developer.spotify.com/documentation/web-api/concepts/scopes).
const (
	ScopeReadPrivate      = "playlist-read-private"
	ScopeModifyPrivate    = "playlist-modify-private"
	ScopeModifyPublic     = "playlist-modify-public"
	ScopeRecentlyPlayed   = "user-read-recently-played"
	ScopePlaybackState    = "user-read-playback-state"
	ScopeCurrentlyPlaying = "user-read-currently-playing"
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
