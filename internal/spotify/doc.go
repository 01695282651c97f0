// Package spotify is our own client of Spotify's accounts service and Web API.
// It implements webapi.Authorizer, webapi.Spotify and webapi.Library.
//
// It is strict in what it sends (no market, one page of 50 at a time, an old
// endpoint only where the new one is refused) and tolerant in what it accepts:
// both names of a playlist's content ("items" and "item", formerly "tracks" and
// "track"), every form of a context, and null in any place. Every error wraps
// one sentinel of package archive or is an *fault.PausedError, and holds no
// token, code, URL or response body.
//
// A refusal is believed for its route only, unless it names its reason: that
// the account is not on the app's list, that the owner's Premium lapsed, that
// a scope is missing. These are believed at once, on every route. A list ends
// at its total.
//
// A request is made again inside a call only when that cannot do anything
// twice: after 429 and a 401 that names no reason, which had no effect, and
// once after a broken connection, a 502 or a 503, if the request changes
// nothing or always sets the same value. Refreshing, redeeming a code, creating and appending are
// never repeated after a lost answer.
package spotify
