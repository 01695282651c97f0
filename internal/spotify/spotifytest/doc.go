// Package spotifytest is a Spotify stand-in: an in-memory server that behaves
// like accounts.spotify.com and api.spotify.com as Spotify documents them and
// as others measured them.
//
//	standin := spotifytest.Start(t, spotifytest.Config{Mode: spotifytest.Development})
//	t.Setenv("SPOTIFY_ACCOUNTS_URL", standin.URL)
//	t.Setenv("SPOTIFY_API_URL", standin.URL+"/v1")
//
// One handler serves both hosts: /authorize and /api/token, the Web API under
// /v1, and a control page for people under /standin. It needs no goroutine,
// timer or socket of its own: time comes from Config.Clock, waiting goes
// through Config.Sleep, and RoundTripper serves requests in memory, so it runs
// inside a testing/synctest bubble and in a deterministic simulation.
//
// # Faults
//
// Server.Fault, or POST /standin/faults with the same as JSON, makes something
// go wrong with the requests that Fault.Match means: for some or all of them,
// of one account or all. The fault "rewrite" changes an answer after the
// request had its effect: JSON paths, literal text, the status.
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
// Every song is made up: what a track id stands for is computed from the id.
package spotifytest
