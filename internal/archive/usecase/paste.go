package usecase

import (
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
)

// What one paste takes, and how much of what it did not understand is told.
const (
	MaxPaste      = 500
	maxOddPieces  = 20
	maxPieceRunes = 80
)

// PasteReport tells what became of pasted text.
type PasteReport struct {
	Understood    int      // different songs
	New           int      // of them, songs that wait for the next run now
	Already       int      // of them, songs that were in the archive, or had been
	Waiting       int      // of them, songs that waited already
	NotUnderstood []string // the odd pieces: at most 20, each at most 80 characters
	TooMany       int      // songs beyond the MaxPaste that one paste takes
}

// ParseTrackLinks finds track links and URIs in any text, one per line or in
// a heap. It returns each song once, in order, and the pieces that look like
// an attempt at a link but are none. No link is ever fetched.
func ParseTrackLinks(text string) (ids, odd []string) {
	known := make(map[string]bool)
	for _, piece := range strings.Fields(linkStart.ReplaceAllString(text, " $0")) {
		matches := trackLink.FindAllStringSubmatch(piece, -1)
		for _, m := range matches {
			if id := m[1]; !known[id] {
				known[id] = true
				ids = append(ids, id)
			}
		}
		if len(matches) == 0 && looksLikeLink(piece) && len(odd) < maxOddPieces {
			odd = append(odd, shorten(piece))
		}
	}
	return ids, odd
}

// linkStart is where a link begins in a heap of them. None of it can be part of
// an id.
var linkStart = regexp.MustCompile(`(?i)https?://|spotify:`)

func looksLikeLink(piece string) bool {
	lower := strings.ToLower(piece)
	return strings.Contains(lower, "spotify") || strings.Contains(lower, "://")
}

func shorten(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if utf8.RuneCountInString(s) <= maxPieceRunes {
		return s
	}
	return string([]rune(s)[:maxPieceRunes-1]) + "…"
}

// Paste takes pasted links: what is new waits for the next run, which is
// asked for.
func (a *Accounts) Paste(ctx context.Context, id archive.UserID, text string) (PasteReport, error) {
	ids, odd := ParseTrackLinks(text)
	report := PasteReport{NotUnderstood: odd}
	if len(ids) > MaxPaste {
		report.TooMany = len(ids) - MaxPaste
		ids = ids[:MaxPaste]
	}
	report.Understood = len(ids)
	name := "paste-" + rand.Text()
	counts := report
	_, err := lease.Retry(func() (archive.User, error) {
		u, err := a.user(ctx, id)
		if err != nil {
			return archive.User{}, err
		}
		report = counts
		tracks, err := a.fresh(ctx, id, ids, &report)
		if err != nil || len(tracks) == 0 {
			return u, err
		}
		now := a.Clock.Now()
		batch := archive.NewBatch(u.WeekOf(now), archive.SourcePaste, tracks)
		batch.ID, batch.At = name, now
		u.NoteWaiting(batch.At)
		u.Reschedule(batch.At)
		return a.Store.Commit(ctx, u, archive.Changes{AddPending: []archive.Batch{batch}})
	})
	if err != nil {
		return PasteReport{}, fmt.Errorf("taking pasted songs of user %s: %w", id, err)
	}
	if report.New > 0 {
		if err := a.runSoon(ctx, id); err != nil {
			a.Log.InfoContext(ctx, "pasted songs wait for the schedule", "user_id", id, "error", err)
		}
	}
	return report, nil
}

// fresh returns the songs that are neither archived nor waiting.
func (a *Accounts) fresh(ctx context.Context, id archive.UserID, ids []string, report *PasteReport) ([]archive.Track, error) {
	seen, err := a.Store.Seen(ctx, id)
	if err != nil {
		return nil, err
	}
	pending, err := a.Store.Pending(ctx, id)
	if err != nil {
		return nil, err
	}
	var waiting archive.Seen
	for _, p := range pending {
		if p.Held == "" {
			waiting.Add(p.Tracks...)
		}
	}
	var tracks []archive.Track
	for _, trackID := range ids {
		switch t := (archive.Track{ID: trackID}); {
		case seen.Has(t):
			report.Already++
		case waiting.Has(t):
			report.Waiting++
		default:
			report.New++
			tracks = append(tracks, t)
		}
	}
	return tracks, nil
}
