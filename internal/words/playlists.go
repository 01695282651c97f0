package words

import (
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// Playlists returns the words of the playlists that we make.
func Playlists() archive.PlaylistWords { return Ours().Playlists() }

// Playlists returns the words of the playlists that we make.
func (b *Book) Playlists() archive.PlaylistWords { return playlists{b} }

type playlists struct{ book *Book }

var _ archive.PlaylistWords = playlists{}

// archiveData is what the name and the description of an archive tell.
type archiveData struct {
	Key  string    // a year, or an edition; empty for the one archive
	Week time.Time // the edition's Monday; zero for none
	Part int       // above 1 for a continuation
}

func (p playlists) Archive(tag, key string, part int) (name, description string) {
	l, _ := p.book.Language(tag)
	data := archiveData{Key: key, Week: calendar.Edition(key).Monday(), Part: part}
	if key == archive.MainArchive {
		data.Key = ""
	}
	of := "playlist.archive"
	if own := "playlist." + key; l.has(own + ".name") {
		of = own // of a source that has an archive of its own
	}
	return l.Text(Say(of+".name", data)), l.Text(Say(of+".text", data))
}

func (p playlists) IsArchiveText(key, text string) bool {
	return slices.ContainsFunc(p.book.languages, func(l *Language) bool {
		_, description := p.Archive(l.Tag(), key, 1)
		return description == text
	})
}

func (p playlists) Inbox(tag string) (name, description string) {
	l, _ := p.book.Language(tag)
	return l.Text(Say("playlist.inbox.name")), l.Text(Say("playlist.inbox.text"))
}

func (p playlists) Reminder(tag string, ends time.Time, address string) string {
	l, _ := p.book.Language(tag)
	return l.Text(Say("playlist.reminder", struct {
		Ends    time.Time
		Address string
		Local   bool
	}{ends, address, strings.HasPrefix(address, "http://")})) // which leads to a loopback address only
}
