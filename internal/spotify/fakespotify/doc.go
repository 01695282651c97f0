// Package fakespotify is a Spotify stand-in: an in-memory server that behaves
// like accounts.spotify.com and api.spotify.com as Spotify documents them and
// as others measured them.
//
//	standin := fakespotify.Start(t, fakespotify.Config{Mode: fakespotify.Development})
//	t.Setenv("SPOTIFY_ACCOUNTS_URL", standin.URL)
//	t.Setenv("SPOTIFY_API_URL", standin.URL+"/v1")
//
// One handler serves both hosts: /authorize and /api/token, the Web API under
// /v1, and a control page for people under /standin. It needs no goroutine,
// timer or socket of its own: time comes from Config.Clock, waiting goes
// through Config.Sleep, and RoundTripper serves requests in memory, so it runs
// inside a testing/synctest bubble and in a deterministic simulation.
//
// Every song is made up: what a track id stands for is computed from the id.
//
// # Faults
//
// Server.Fault, or POST /standin/faults with the same as JSON, makes something
// go wrong with the requests that Fault.Match means: for some or all of them,
// of one account or all. GET lists the faults that wait, DELETE ends them all.
//
//	{"match": "POST /v1/playlists/{id}/items", "kind": "status", "status": 503, "after_effect": true}
//
// The fault "rewrite" changes an answer after the request had its effect: JSON
// paths, literal text, the status. An Edit says what each operation does.
//
//	{"match": "GET /v1/me/playlists", "kind": "rewrite", "times": -1, "edits": [
//	  {"op": "set", "path": "/items", "value": []},
//	  {"op": "set", "path": "/total", "value": 7}]}
//
//	{"match": "GET /v1/playlists/37i9dQZEVXc*/items", "account": "demo1", "kind": "rewrite",
//	 "edits": [{"op": "delete", "path": "/items/*/added_at"},
//	           {"op": "insert", "path": "/items/0", "value": null},
//	           {"op": "copy", "from": "/items/1", "path": "/items/-"},
//	           {"op": "text", "old": "track", "new": "episode"}]}
//
//	{"match": "GET *", "kind": "rewrite", "status": 403,
//	 "edits": [{"op": "text", "new": "the user may not be registered"}]}
//
// # Lies
//
// What somebody met with the real Spotify is a fault with a name, which needs
// nothing else. Lies, and GET /standin/lies, say of each what it does, what it
// meets without a match, which fields it takes and who reported it.
//
//	{"kind": "empty_list", "account": "demo1"}
//	{"kind": "append_late", "delay": "40s", "times": 3}
//	{"kind": "items_refused", "status": 404, "playlist": "AXyJA5DhTHWUX6Wd3lS8to", "times": -1}
//
// One request meets any number of delays, lies and rewrites, in the order in
// which they were added, and one other fault.
//
// # Facts
//
// What the stand-in models, and how it is known: O is a page of Spotify's own,
// M was measured by others, I was reported in an issue or pull request.
//
//   - Quota modes: what development mode refuses, hides and renames (O: the
//     blog of 2024-11-27, the changelogs of February, March and May 2026).
//   - Discover Weekly: 30 items that change at local Monday 00:00, an id that
//     begins with 37i9dQZEVXc, another snapshot id on every request (M:
//     bdhobare/discover-weekly; I: spotify/web-api#434, #858). To a new app it
//     is null in lists, 404 or 403 by its id (I: Chimildic/goofy#261,
//     ramsayleung/rspotify#503); /tracks may work where /items does not (I:
//     music-assistant/server PR 3818).
//   - Consents end six months after they were given (O: the blog of
//     2026-06-18). No refresh answers a new refresh token any more, with PKCE
//     neither; older public clients rotated (I: ncspot PR 1861, spotify-player
//     PR 1041, music-assistant/server PR 4494).
//   - The app's secret may be in the token request's body, /v1/me/ answers as
//     /v1/me, items are added as a bare array of URIs, too (O: the code flow
//     guide as thelinmichael/spotify-web-api-node PR 102 quotes it; I:
//     Nezreka/SoulSync#158).
//   - Somebody who is not on the allow-list signs in and then gets a 403, in
//     words that differ by year (I: spotipy-dev/spotipy#688,
//     sigma67/spotify_to_ytmusic#122, Lioncat6/OSC-Chat-Tools#32).
//   - A missing permission is 403 Insufficient client scope or 401 Permissions
//     missing (I: spotify/web-api#1518, spotipy-dev/spotipy#684, #1205);
//     permissions that were not used for 90 days may be dropped (O: Developer
//     Terms IX.8.5).
//   - Daily quotas and their 429 (O: the blog of 2026-07-23; I:
//     spotDL/spotify-downloader#2585).
//   - After a write, items and snapshot id follow later, each in its own time
//     (M: eXPerience83/news-bulletin-playlist#134, #168). Every playlist is
//     public, whatever was asked for (M: the same).
//   - A list may be empty, short, slipped at a page border (I:
//     spotify/web-api#382, MarcoMadera/Rindu#322,
//     JMPerez/spotify-web-api-js#29), fail or repeat itself at its end (I:
//     music-assistant/server PR 3818, PR 3155).
//   - One route may fail while others work: items of one's own playlists, with
//     the first 100 nested in GET /playlists/{id} (I: stiefenm/spoton#119,
//     music-assistant/support#6351, LBC-Innovation/ShareList#22), single
//     endpoints for days (I: spotify/web-api#724, #1441).
//   - Dates may be null or 1970 (I: nokazn/ravyd#49). ISRCs may be shared, have
//     hyphens or be placeholders (I: spotify/web-api#2,
//     music-assistant/support#2316, FoxxMD/multi-scrobbler PR 644). Tracks may
//     answer under another id (I: aome510/spotify-player PR 286).
//   - The latest 50 plays are kept (I: spotify/web-api#627); those of other
//     devices turn up later (I: FoxxMD/multi-scrobbler#247,
//     spotify/web-api#1083); their context has many forms or none (I:
//     spotify/web-api#815, #966, #995); private sessions leave none (I:
//     Yooooomi/your_spotify#233).
//   - The queue holds songs of other origin (I: spotify-web-api-java#430,
//     fondberg/spotcast#477), the player says smart_shuffle (I: SpotX#611).
//   - Somebody may follow a friend's Discover Weekly (I:
//     rawnaldclark/Stash#354).
//   - Without show_dialog the consent page may agree by itself (I:
//     plamere/SortYourMusic#71, apricote/Listory#276).
package fakespotify
