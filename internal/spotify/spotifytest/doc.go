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
// Every song is made up: what a track id stands for is computed from the id.
package spotifytest
