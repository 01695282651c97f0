package archive

import (
	"context"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
)

// PlaylistWords names and describes the playlists that we make. The core
// holds no sentence of its own; a composition root hands these in.
//
// A language is a User.Language; one that is not known is taken for English.
// No name is longer than 100 characters and no description longer than 250:
// Spotify takes 300, and our marker follows.
type PlaylistWords interface {
	// Archive is for the archive of that archive key: MainArchive, a year, or an
	// edition. part counts from 1.
	Archive(language, key string, part int) (name, description string)

	// IsArchiveText reports whether the text describes the archive of that key
	// in any language.
	IsArchiveText(key, text string) bool

	// Inbox is for the playlist into which a person copies.
	Inbox(language string) (name, description string)

	// Reminder asks to reconnect at an address before the consent ends. It
	// holds the address as it is given.
	Reminder(language string, ends time.Time, address string) string
}

// MessageWords puts notices into words.
type MessageWords interface {
	// Notice returns what a person reads, in their language, as plain text, and
	// in their time. Title and body are together shorter than 800 bytes.
	Notice(u User, n notice.Notice) (title, body string)

	// Away, Stop and Leave name the buttons of a message.
	Away(language string) string
	Stop(language string) string
	Leave(language string) string
}

// MessageLinks makes the links that messages carry.
type MessageLinks interface {
	// Notice returns where a tap on the message leads.
	Notice(u User, n notice.Notice) string

	// Away and Stop return links that let the person say so without signing in,
	// and do nothing else. Empty where no link leads to this service.
	Away(ctx context.Context, u User) (string, error)
	Stop(ctx context.Context, u User) (string, error)

	// Leave returns a link that lets the person delete everything about them
	// without signing in, until they connect again. Empty as above.
	Leave(ctx context.Context, u User) (string, error)
}
