// Package notice is what a person is told, when they wish to be told, and by which
// channels: the notes in a user's document, and the port to the services that
// deliver messages.
package notice
