package fakespotify

import "time"

const (
	listRoute     = "GET /v1/me/playlists"
	itemsRoute    = "GET /v1/playlists/{id}/items"
	tracksRoute   = "GET /v1/playlists/{id}/tracks"
	addItemsRoute = "POST /v1/playlists/{id}/items"
	containsRoute = "GET /v1/me/library/contains"
	playsRoute    = "GET /v1/me/player/recently-played"
	queueRoute    = "GET /v1/me/player/queue"
	playerRoute   = "GET /v1/me/player"
	playingRoute  = "GET /v1/me/player/currently-playing"
	anyOfAPI      = "* /v1/..."
)

var (
	onLists    = []string{listRoute, itemsRoute, tracksRoute}
	onItems    = []string{itemsRoute, tracksRoute, "GET /v1/playlists/{id}"}
	onPlayer   = []string{playsRoute, queueRoute, playerRoute, playingRoute}
	onContexts = []string{playsRoute, playerRoute, playingRoute}
	onSongs    = []string{"GET /v1/..."}
	jsonOrText = []string{"json", "plain"}
)

// lieBook has a line for every lie.
var lieBook = []Lie{
	{Kind: LieEmptyList, alter: emptyList, Match: []string{listRoute}, Takes: []string{"count"},
		Does:   "an empty list whose total is count",
		Source: "spotify/web-api#382, JMPerez/spotify-web-api-js#29"},
	{Kind: LieShortPage, alter: shortPage, Match: onLists, Takes: []string{"count"},
		Does:   "the last count entries of a page are left out (half of the page if 0); total and next stay",
		Source: "JMPerez/spotify-web-api-js#29 (6 of 11)"},
	{Kind: LieSlippedPage, alter: slippedPage, Match: onLists,
		Does:   "a page after the first begins with the last entry of the page before, and its own first is nowhere",
		Source: "MarcoMadera/Rindu#322"},
	{Kind: LieDoubledEntry, alter: doubledEntry, Match: onLists, Takes: []string{"count"},
		Does:   "the entry at the position count of a page is left out, from the end if below 0, and a neighbour is there twice",
		Source: "MarcoMadera/Rindu#322"},
	{Kind: LieNewListedLate, Match: []string{listRoute}, Takes: []string{"delay"}, delay: time.Minute,
		Does:   "a playlist is not listed for delay after it was made",
		Source: "spotify/web-api#382"},
	{Kind: LieFriendDiscover, Match: []string{listRoute}, Takes: []string{"text", "count"},
		Does:   "lists the Discover Weekly of a friend, too (text: any key), on top or, with count 1, last",
		Source: "rawnaldclark/Stash#354, music-assistant/support#2861"},
	{Kind: LieSpotifyNull, Match: []string{listRoute},
		Does:   "Spotify's own playlists are null in the list",
		Source: "ramsayleung/rspotify#503, JohnnyCrazy/SpotifyAPI-NET#1012"},
	{Kind: LieSpotifyMissing, Match: []string{listRoute},
		Does:   "Spotify's own playlists are left out of the list and not counted",
		Source: "michaelherger/Spotty-Plugin#233"},
	{Kind: LieEndFails, alter: endFails, Match: onLists, Takes: []string{"status"}, status: 500,
		Does:   "a page at or beyond the end, offset >= total > 0, answers status",
		Source: "music-assistant/server PR 3818"},
	{Kind: LieEndRepeats, alter: endRepeats, Match: onLists,
		Does:   "a page at or beyond the end repeats the last entries",
		Source: "music-assistant/server PR 3155"},
	{Kind: LieEndless, alter: endless, Match: onLists,
		Does:   "every page has a next one",
		Source: "music-assistant/server PR 3155"},

	{Kind: LieItemsRefused, refuse: refuseStatus, Match: []string{itemsRoute, tracksRoute}, Takes: []string{"status"}, status: 403,
		Does:   "items answer status; GET /playlists/{id} still carries the first 100",
		Source: "stiefenm/spoton#119, music-assistant/support#6351, LBC-Innovation/ShareList#22"},
	{Kind: LieNewItemsRefused, refuse: refuseStatus, Match: []string{"GET /v1/playlists/" + discoverPrefix + "*/items"},
		Takes: []string{"status"}, status: 403,
		Does:   "/items answers status for a Discover Weekly while /tracks works, to an old app",
		Source: "music-assistant/server PR 3818"},
	{Kind: LieContainsRefused, refuse: refuseStatus, Match: []string{containsRoute}, Takes: []string{"status"}, status: 403,
		Does:   "whether a playlist is in the library is refused",
		Source: "spotify/web-api#724"},
	{Kind: LieContainsNothing, refuse: containsNothing, Match: []string{containsRoute},
		Does:   "the library is said to hold nothing of one URI that is asked for",
		Source: "spotify/web-api#382, of lists"},

	{Kind: LieDatesNull, alter: datesNull, Match: onItems, Takes: []string{"count"},
		Does:   "added_at is null for the first count items of a page, for all if 0",
		Source: "nokazn/ravyd#49"},
	{Kind: LieDates1970, alter: dates1970, Match: onItems, Takes: []string{"count"},
		Does:   "added_at is 1970-01-01T00:00:00Z for the first count items of a page, for all if 0",
		Source: "nokazn/ravyd#49, mackorone/spotify-playlist-archive"},
	{Kind: LieDatesAhead, alter: datesAhead, Match: onItems, Takes: []string{"count"},
		Does:   "added_at is ten years ahead for the first count items of a page, for all if 0",
		Source: "nokazn/ravyd#49, of dates that cannot be"},
	{Kind: LieISRCShared, alter: isrcShared, Match: onSongs, Takes: []string{"count"},
		Does:   "all songs have count ISRCs between them (5 if 0)",
		Source: "spotify/web-api#2, music-assistant/support#2316"},
	{Kind: LieISRCHyphens, alter: isrcHyphens, Match: onSongs,
		Does:   "ISRCs have hyphens: XA-BCD-12-34567",
		Source: "FoxxMD/multi-scrobbler PR 644"},
	{Kind: LieISRCLower, alter: isrcLower, Match: onSongs,
		Does:   "ISRCs are in lower case",
		Source: "FoxxMD/multi-scrobbler PR 644, of forms that differ"},
	{Kind: LieISRCPlaceholder, alter: isrcPlaceholder, Match: onSongs, Takes: []string{"text"},
		Does:   "every song has the ISRC text (000000000000 if empty)",
		Source: "music-assistant/support#2316"},
	{Kind: LieISRCMissing, alter: isrcMissing, Match: onSongs,
		Does:   "songs have no ISRC",
		Source: "music-assistant/support#2316"},
	{Kind: LieRelinked, alter: relinked, Match: onItems,
		Does:   "songs answer under another id of the same recording: same ISRC, same duration_ms",
		Source: "aome510/spotify-player PR 286, thlucas1/homeassistantcomponent_spotifyplus#152"},

	{Kind: LiePlaysLate, Match: []string{playsRoute}, Takes: []string{"delay"}, delay: 6 * time.Hour,
		Does:   "all plays but the newest are listed only delay after they were made",
		Source: "FoxxMD/multi-scrobbler#247, spotify/web-api#1083, #1196, #1441"},
	{Kind: LieContextUser, alter: contextUser, Match: onContexts,
		Does:   "contexts are spotify:user:OWNER:playlist:ID, with links of that form",
		Source: "spotify/web-api#815, mopidy/mopidy-spotify#214"},
	{Kind: LieContextHref, alter: contextHref, Match: onContexts,
		Does:   "contexts have href only",
		Source: "spotify/web-api#966"},
	{Kind: LieContextURL, alter: contextURL, Match: onContexts,
		Does:   "contexts have external_urls only",
		Source: "spotify/web-api#995"},
	{Kind: LieContextNull, alter: contextNull, Match: onContexts,
		Does:   "contexts are null",
		Source: "spotify/web-api#966, thelinmichael/spotify-web-api-node#445"},
	{Kind: LiePrivateSession, alter: privateSession, Match: onContexts,
		Does:   "plays are not listed, and the player says that the session is private",
		Source: "Yooooomi/your_spotify#233, #217"},
	{Kind: LieQueueForeign, alter: queueForeign, Match: []string{queueRoute}, Takes: []string{"count"},
		Does:   "the last count entries of the queue, all if 0, are songs of other origin",
		Source: "spotify-web-api-java#430, fondberg/spotcast#477"},
	{Kind: LieShuffle, alter: shuffle, Match: []string{playerRoute},
		Does:   "the player shuffles: shuffle_state is true",
		Source: "SpotX#611"},
	{Kind: LieSmartShuffle, alter: smartShuffle, Match: []string{playerRoute},
		Does:   "the player mixes in other songs: smart_shuffle and shuffle_state are true",
		Source: "SpotX#611"},
	{Kind: LiePermissions, refuse: permissionsMissing, Match: onPlayer,
		Does:   "401 with the message Permissions missing",
		Source: "spotipy-dev/spotipy#684, #1205"},
	{Kind: LiePermissionNamed, refuse: permissionNamed, Match: onPlayer, Takes: []string{"text"},
		Does:   "401 with the message Permissions missing and the scope text, the route's first if empty",
		Source: "spotipy-dev/spotipy#1205"},

	{Kind: LieUnlistedMaybe, refuse: unlisted("Check settings on developer.spotify.com/dashboard, the user may not be registered."),
		Match: []string{anyOfAPI}, Takes: []string{"text"}, texts: jsonOrText,
		Does:   "403 the user may not be registered, as JSON or, with the text plain, as plain text",
		Source: "Nezreka/SoulSync#158, sigma67/spotify_to_ytmusic#122"},
	{Kind: LieUnlistedApproved, refuse: unlisted("User not approved for app"),
		Match: []string{anyOfAPI}, Takes: []string{"text"}, texts: jsonOrText,
		Does:   "403 User not approved for app, as JSON or, with the text plain, as plain text",
		Source: "spotipy-dev/spotipy#688"},
	{Kind: LieUnlistedApp, refuse: unlisted("The user is not registered for this application. Please check your settings on https://developer.spotify.com/dashboard."),
		Match: []string{anyOfAPI}, Takes: []string{"text"}, texts: jsonOrText,
		Does:   "403 the user is not registered for this application, as JSON or, with the text plain, as plain text",
		Source: "Lioncat6/OSC-Chat-Tools#32, Diegovsky/riff PR 157"},
	{Kind: LieUnlistedDashboard, refuse: unlisted("User not registered in the Developer Dashboard"),
		Match: []string{anyOfAPI}, Takes: []string{"text"}, texts: jsonOrText,
		Does:   "403 User not registered in the Developer Dashboard, as JSON or, with the text plain, as plain text",
		Source: "JohnnyCrazy/SpotifyAPI-NET#700, Yooooomi/your_spotify#207"},

	{Kind: LieAppendLate, Match: []string{addItemsRoute}, Takes: []string{"delay"}, delay: 40 * time.Second,
		Does:   "an append is answered and takes effect delay later; with the fault drop after the effect, it is cut off first",
		Source: "eXPerience83/news-bulletin-playlist#134, #168"},
	{Kind: LieAppendLost, Match: []string{addItemsRoute},
		Does:   "an append has its effect and the connection drops before the answer",
		Source: "eXPerience83/news-bulletin-playlist#134"},
	{Kind: LieRotated, Match: []string{tokenRoute},
		Does:   "a refresh answers a new refresh token and ends the old one, as for older public clients",
		Source: "ncspot PR 1861, spotify-player PR 1041"},
	{Kind: LieScopeDropped, Match: []string{tokenRoute}, Takes: []string{"text"},
		Does:   "the grant has lost the scope text, its last if empty, when it is refreshed",
		Source: "Spotify Developer Terms, IX.8.5"},
	{Kind: LieSilentConsent, Match: []string{"GET /authorize"}, Takes: []string{"text"},
		Does:   "the consent page without show_dialog=true agrees at once with the account text, or the one that agreed last, whatever was agreed to before",
		Source: "plamere/SortYourMusic#71, apricote/Listory#276"},
}
