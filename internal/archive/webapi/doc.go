// Package webapi is what the core needs of Spotify: the ports to its accounts
// service and its Web API with their types, the scopes of a consent, and how many
// requests a day may have.
package webapi
