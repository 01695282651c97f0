package web

import (
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const (
	// flashLife is how long the answer to a post waits for its page.
	flashLife = 5 * time.Minute

	// flashPieces bounds the pieces of a paste that a flash quotes, in bytes
	// as they are sealed: a browser keeps cookies of up to 4096 bytes.
	flashPieces = 1500
)

// flash carries the answer to a post over the redirect to the next page, which
// shows it once.
type flash struct {
	User  archive.UserID       `json:"u"`
	Note  note                 `json:"n,omitempty"`
	Paste *usecase.PasteReport `json:"p,omitempty"`
}

// note names a sentence of the account page.
type note string

const (
	noteRun        note = "run"
	noteLater      note = "later"
	notePaused     note = "paused"
	noteResumed    note = "resumed"
	noteSource     note = "source"
	noteShape      note = "shape"
	noteDiscover   note = "discover"
	noteNoLink     note = "no_link"
	notePasteEmpty note = "paste_empty"
	noteBackEmpty  note = "back_empty"
	noteOwn        note = "own"

	noteMessages    note = "messages"
	noteChannel     note = "channel"
	noteChannelGone note = "channel_gone"
	notePushForeign note = "push_foreign"
	notePushOdd     note = "push_odd"
	noteNtfyServer  note = "ntfy_server"
	noteNtfyTopic   note = "ntfy_topic"
	noteTest        note = "test"
	noteTestOften   note = "test_often"
	noteAway        note = "away"
	noteBack        note = "back"
	noteStopped     note = "stopped"
	noteStarted     note = "started"
	noteCalendar    note = "calendar"
	noteDeclined    note = "declined"
	noteZone        note = "zone"
)

// badNotes say that something is amiss.
var badNotes = []note{noteNoLink, notePasteEmpty, noteBackEmpty, notePushForeign, notePushOdd, noteNtfyServer, noteNtfyTopic, noteTestOften, noteZone}

func notes() []note {
	return []note{
		noteRun, noteLater, notePaused, noteResumed, noteSource, noteShape, noteDiscover, noteNoLink, notePasteEmpty, noteBackEmpty, noteOwn,
		noteMessages, noteChannel, noteChannelGone, notePushForeign, notePushOdd, noteNtfyServer, noteNtfyTopic,
		noteTest, noteTestOften, noteAway, noteBack, noteStopped, noteStarted, noteCalendar, noteDeclined, noteZone,
	}
}

// lines returns what the note says; bad says that something is amiss. until
// is what has to happen before anything runs; usually empty. That a run is on
// its way is for the card to tell, as long as it is true.
func (n note) lines(until string) (lines []words.Line, bad bool) {
	if !slices.Contains(notes(), n) { // none, or one of a newer version
		return nil, false
	}
	if n != noteRun {
		lines = append(lines, words.Say("note."+string(n)))
	}
	if until != "" && (n == noteRun || n == noteSource || n == noteDiscover) {
		lines = append(lines, words.Say("note.until."+until))
	}
	return lines, slices.Contains(badNotes, n)
}

func (s *server) setFlash(w http.ResponseWriter, r *http.Request, f flash) error {
	ring, err := s.keys.get(r.Context())
	if err != nil {
		return err
	}
	if f.Paste != nil {
		short := *f.Paste
		short.NotUnderstood = fitting(short.NotUnderstood, flashPieces)
		f.Paste = &short
	}
	text, err := ring.flash.seal(f)
	if err != nil {
		return err
	}
	s.setCookie(w, flashCookie, text, flashLife)
	return nil
}

// takeFlash returns the flash that waits for this user, and clears it. A HEAD,
// which shows nothing, leaves it for the page.
func (s *server) takeFlash(w http.ResponseWriter, r *http.Request, id archive.UserID) flash {
	text := s.cookie(r, flashCookie)
	if text == "" || r.Method == http.MethodHead {
		return flash{}
	}
	s.clearCookie(w, flashCookie)
	ring, err := s.keys.get(r.Context())
	if err != nil {
		return flash{}
	}
	var f flash
	if ring.flash.open(text, &f) != nil || f.User != id {
		return flash{}
	}
	return f
}

// fitting returns the first pieces that fit into limit bytes of JSON.
func fitting(pieces []usecase.OddPiece, limit int) []usecase.OddPiece {
	const around = len(`{"l":1000000,"t":"","w":"elsewhere"},`)
	var size int
	for i, piece := range pieces {
		for _, c := range piece.Text {
			size += jsonSize(c)
		}
		size += around
		if size > limit {
			return pieces[:i]
		}
	}
	return pieces
}

// jsonSize is how many bytes a character takes in JSON, at most.
func jsonSize(c rune) int {
	if c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == utf8.RuneError ||
		c == '\u2028' || c == '\u2029' || c == 0x7f {
		return len(`\u0000`)
	}
	return utf8.RuneLen(c)
}
