package fakespotify

import "net/http"

// Scopes (https://developer.spotify.com/documentation/web-api/concepts/scopes).
const (
	scopeReadPrivate       = "playlist-read-private"
	scopeReadCollaborative = "playlist-read-collaborative"
	scopeModifyPublic      = "playlist-modify-public"
	scopeModifyPrivate     = "playlist-modify-private"
	scopeLibraryRead       = "user-library-read"
	scopeLibraryModify     = "user-library-modify"
	scopeFollowRead        = "user-follow-read"
	scopeFollowModify      = "user-follow-modify"
	scopeRecentlyPlayed    = "user-read-recently-played"
	scopePlaybackState     = "user-read-playback-state"
	scopeCurrentlyPlaying  = "user-read-currently-playing"
	scopeUserPrivate       = "user-read-private"
	scopeUserEmail         = "user-read-email"
)

// routeTable lists everything that the stand-in serves of Spotify.
func (s *Server) routeTable() []route {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	modify := []string{scopeModifyPublic, scopeModifyPrivate}
	read := []string{scopeReadPrivate}
	libraryModify := []string{scopeLibraryModify, scopeFollowModify, scopeModifyPublic}
	paging := []string{"limit", "offset"}
	content := []string{"market", "fields", "additional_types"}
	pagedContent := append([]string{"limit", "offset"}, content...)
	uris := []string{"uris"}
	return []route{
		{method: get, pattern: "/authorize", params: authorizeParams, serve: s.getAuthorize},
		{method: post, pattern: "/authorize", serve: s.postAuthorize},
		{method: post, pattern: "/api/token", serve: s.postToken},

		{method: get, pattern: "/v1/me", serve: s.getMe},
		{method: get, pattern: "/v1/tracks/{id}", params: []string{"market"}, serve: s.getTrack},

		{method: get, pattern: "/v1/me/playlists", scopes: read, params: paging, serve: s.getMyPlaylists},
		{method: post, pattern: "/v1/me/playlists", scopes: modify, serve: s.postPlaylist},
		{method: get, pattern: "/v1/playlists/{id}", params: content, serve: s.getPlaylist},
		{method: put, pattern: "/v1/playlists/{id}", scopes: modify, serve: s.putPlaylist},

		{method: get, pattern: "/v1/playlists/{id}/items", scopes: read, params: pagedContent, serve: s.getItems},
		{method: post, pattern: "/v1/playlists/{id}/items", scopes: modify, params: []string{"position", "uris"}, serve: s.postItems},
		{method: put, pattern: "/v1/playlists/{id}/items", scopes: modify, params: uris, serve: s.putItems},
		{method: del, pattern: "/v1/playlists/{id}/items", scopes: modify, serve: s.deleteItems},

		{method: get, pattern: "/v1/me/library/contains", params: uris,
			scopes: []string{scopeLibraryRead, scopeFollowRead, scopeReadPrivate}, serve: s.getLibraryContains},
		{method: put, pattern: "/v1/me/library", scopes: libraryModify, params: uris, serve: s.putLibrary},
		{method: del, pattern: "/v1/me/library", scopes: libraryModify, params: uris, serve: s.deleteLibrary},

		{method: get, pattern: "/v1/me/player/recently-played", scopes: []string{scopeRecentlyPlayed},
			params: []string{"limit", "after", "before"}, serve: s.getRecentlyPlayed},
		{method: get, pattern: "/v1/me/player/queue", scopes: []string{scopeCurrentlyPlaying, scopePlaybackState}, serve: s.getQueue},
		{method: get, pattern: "/v1/me/player", scopes: []string{scopePlaybackState},
			params: []string{"market", "additional_types"}, serve: s.getPlayer},
		{method: get, pattern: "/v1/me/player/currently-playing", scopes: []string{scopeCurrentlyPlaying},
			params: []string{"market", "additional_types"}, serve: s.getCurrentlyPlaying},

		{method: get, pattern: "/v1/users/{id}", old: true, serve: s.getUser},
		{method: get, pattern: "/v1/users/{id}/playlists", old: true, params: paging,
			scopes: []string{scopeReadPrivate, scopeReadCollaborative}, serve: s.getUserPlaylists},
		{method: post, pattern: "/v1/users/{id}/playlists", old: true, scopes: modify, serve: s.postUserPlaylist},
		{method: get, pattern: "/v1/playlists/{id}/tracks", old: true, scopes: read, params: pagedContent, serve: s.getItems},
		{method: post, pattern: "/v1/playlists/{id}/tracks", old: true, scopes: modify, params: []string{"position", "uris"}, serve: s.postItems},
		{method: put, pattern: "/v1/playlists/{id}/tracks", old: true, scopes: modify, params: uris, serve: s.putItems},
		{method: del, pattern: "/v1/playlists/{id}/tracks", old: true, scopes: modify, serve: s.deleteItems},
		{method: put, pattern: "/v1/playlists/{id}/followers", old: true, scopes: modify, serve: s.putFollowers},
		{method: del, pattern: "/v1/playlists/{id}/followers", old: true, scopes: modify, serve: s.deleteFollowers},
		{method: get, pattern: "/v1/playlists/{id}/followers/contains", old: true, params: []string{"ids"}, serve: s.getFollowersContains},
	}
}
