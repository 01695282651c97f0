package web

import (
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

const (
	// flashLife is how long the answer to a post waits for its page.
	flashLife = 5 * time.Minute

	// flashPieces bounds the pieces of a paste that a flash quotes, in bytes
	// as they are sealed: a browser keeps cookies of up to 4096 bytes.
	flashPieces = 2200
)

// flash carries the answer to a post over the redirect to the next page, which
// shows it once.
type flash struct {
	User  archive.UserID       `json:"u"`
	Note  note                 `json:"n,omitempty"`
	Paste *archive.PasteReport `json:"p,omitempty"`
	Cut   int                  `json:"c,omitempty"` // pieces of the paste that did not fit
}

// note names a sentence of the account page.
type note string

const (
	noteRun        note = "run"
	notePaused     note = "paused"
	noteResumed    note = "resumed"
	noteSource     note = "source"
	noteShape      note = "shape"
	noteDiscover   note = "discover"
	noteNoLink     note = "no_link"
	notePasteEmpty note = "paste_empty"
)

// sentence returns what the note says; bad says that something is amiss.
// until is what the person has to do before anything runs; usually empty.
func (n note) sentence(until string) (text string, bad bool) {
	if until != "" && n.starts() {
		text = "Nothing runs until you " + until + "."
		if n != noteRun {
			text = "Saved. " + text
		}
		return text, false
	}
	switch n {
	case noteRun:
		return "A run is on its way. This page shows the result in a few seconds.", false
	case notePaused:
		return "Paused. Nothing is archived until you resume.", false
	case noteResumed:
		return "Welcome back. A run is on its way.", false
	case noteSource:
		return "Your choice is saved, and a run is on its way to try it.", false
	case noteShape:
		return "Saved. It counts from the next songs on; nothing that is archived moves.", false
	case noteDiscover:
		return "Thank you. A run is on its way to try the link.", false
	case noteNoLink:
		return "That is not a link to a Spotify playlist. In Spotify, open Discover Weekly, choose Share, " +
			"then “Copy link to playlist”, and paste it here.", true
	case notePasteEmpty:
		return "The box was empty. Paste links to songs into it.", true
	default:
		return "", false
	}
}

// starts reports whether a run was asked for, whose result the page should
// fetch.
func (n note) starts() bool {
	return n == noteRun || n == noteResumed || n == noteSource || n == noteDiscover
}

func (s *server) setFlash(w http.ResponseWriter, r *http.Request, f flash) error {
	ring, err := s.keys.get(r.Context())
	if err != nil {
		return err
	}
	if f.Paste != nil {
		short := *f.Paste
		short.NotUnderstood = fitting(short.NotUnderstood, flashPieces)
		f.Cut = len(f.Paste.NotUnderstood) - len(short.NotUnderstood)
		f.Paste = &short
	}
	text, err := ring.flash.seal(f)
	if err != nil {
		return err
	}
	s.setCookie(w, flashCookie, text, flashLife)
	return nil
}

// takeFlash returns the flash that waits for this user, and clears it.
func (s *server) takeFlash(w http.ResponseWriter, r *http.Request, id archive.UserID) flash {
	text := s.cookie(r, flashCookie)
	if text == "" {
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
func fitting(pieces []string, limit int) []string {
	var size int
	for i, piece := range pieces {
		for _, c := range piece {
			size += jsonSize(c)
		}
		size += len(`"",`)
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
