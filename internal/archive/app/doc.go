// Package app is what all users of one Spotify app have in common: the runs that
// send them out, how many of them went and were refused, and the pauses that keep all of
// them away from Spotify.
package app
