// Package spotify is our own client of Spotify's accounts service and Web API.
// It implements archive.Authorizer, archive.Spotify and archive.Library.
//
// It is strict in what it sends (new endpoints only, no market, one page of 50
// at a time) and tolerant in what it accepts: both names of a playlist's
// content ("items" and "item", formerly "tracks" and "track"), and null in any
// place. Every error wraps one sentinel of package archive or is an
// *archive.PausedError, and holds no token, code, URL or response body.
//
// A request is made again inside a call only when that cannot do anything
// twice: after 401 and 429, which had no effect, and once after a broken
// connection, a 502 or a 503, if the request changes nothing or always sets
// the same value. Refreshing, redeeming a code, creating and appending are
// never repeated after a lost answer.
package spotify
