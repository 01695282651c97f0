package usecase

import (
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// What one paste takes, and how much of what it did not understand is told.
const (
	MaxPaste      = 5000
	MaxWaiting    = 20_000 // songs of a person that wait, of all pastes
	pastePart     = 500    // songs of one waiting batch
	maxOddPieces  = 20
	maxKnown      = 30
	maxPieceRunes = 80
)

// PasteReport tells what became of pasted text.
type PasteReport struct {
	Understood    int        // different songs
	New           int        // of them, songs that wait for the next run now
	Already       int        // of them, songs that were archived before, and may have been removed since
	Known         []string   // ids of the first 30 of those, which can be taken back; none after TakeBack
	Back          int        // songs of Already that are looked for now, and taken back if they are not there
	Waiting       int        // of them, songs that waited already
	NotUnderstood []OddPiece // the first 20
	Odd           int        // how many there are in all
	TooMany       int        // of Understood, songs beyond the MaxPaste that one paste takes
	NoRoom        int        // of Understood, songs that were not taken: MaxWaiting wait already
}

// OddPiece is a piece of a paste that was not understood.
type OddPiece struct {
	Line int       `json:"l"` // counted from 1
	Text string    `json:"t"` // at most 80 characters
	Why  OddReason `json:"w"`
}

// OddReason says why a piece was not understood.
type OddReason string

// The reasons.
const (
	OddAlbum     OddReason = "album"
	OddArtist    OddReason = "artist"
	OddPlaylist  OddReason = "playlist"
	OddEpisode   OddReason = "episode"   // or a podcast
	OddShort     OddReason = "short"     // a short link, which is never opened
	OddLocal     OddReason = "local"     // a file of the person's own
	OddBroken    OddReason = "broken"    // a link to a song, with an id that is none
	OddID        OddReason = "id"        // an id alone, which may be anything's
	OddElsewhere OddReason = "elsewhere" // a link to another site
	OddWords     OddReason = "words"     // no link at all
)

// OddReasons lists every reason.
func OddReasons() []OddReason {
	return []OddReason{
		OddAlbum, OddArtist, OddPlaylist, OddEpisode, OddShort, OddLocal, OddBroken, OddID, OddElsewhere, OddWords,
	}
}

// oddLinks tells links that are no song's, the first that fits. Most runs need
// none of these patterns.
var oddLinks = sync.OnceValue(func() []oddLink {
	return []oddLink{
		{regexp.MustCompile(`(?i)spotify:local:`), OddLocal},
		{regexp.MustCompile(`(?i)spotify\.link|spotify\.app\.link`), OddShort},
		{regexp.MustCompile(`(?i)spotify[:.].*album[:/]`), OddAlbum},
		{regexp.MustCompile(`(?i)spotify[:.].*artist[:/]`), OddArtist},
		{regexp.MustCompile(`(?i)spotify[:.].*playlist[:/]`), OddPlaylist},
		{regexp.MustCompile(`(?i)spotify[:.].*(episode|show)[:/]`), OddEpisode},
		{regexp.MustCompile(`(?i)spotify:|open\.spotify\.com`), OddBroken},
		{regexp.MustCompile(`://`), OddElsewhere},
		{bareID, OddID},
	}
})

type oddLink struct {
	is  *regexp.Regexp
	why OddReason
}

// ParseTrackLinks finds track links and URIs in any text, one per line, in a
// heap, or in a table with one song to a row. It returns each song once, in
// order, and the first 20 pieces that look like an attempt at one but are none,
// of so many. No link is ever fetched.
func ParseTrackLinks(text string) (ids []string, odd []OddPiece, of int) {
	known := make(map[string]bool)
	heading, number := "", 0 // heading: a first line that would not be understood
	for line := range strings.Lines(escapes.Replace(text)) {
		number++
		var found [][]string
		if strings.ContainsAny(line, linkMarks) {
			line = inAlbum.ReplaceAllString(line, "spotify:track:")
			found = trackLink.FindAllStringSubmatch(linkStart.ReplaceAllString(line, " $0"), -1)
		}
		for _, m := range found {
			if id := m[1]; !known[id] {
				known[id] = true
				ids = append(ids, id)
			}
		}
		table := strings.ContainsAny(line, ",;\t")
		if table && len(found) > 0 {
			continue // the other columns are not for us
		}
		names := table && number == 1 // of the columns, if there is a table below
		pieces, count := oddPieces(line, number, len(found) > 0 || names, maxOddPieces-len(odd))
		if names && count == 0 {
			heading = line
		}
		of += count
		odd = append(odd, pieces...)
	}
	if len(ids) == 0 && heading != "" {
		pieces, count := oddPieces(heading, 1, false, 1)
		of += count
		odd = append(pieces, odd[:min(len(odd), maxOddPieces-count)]...)
	}
	return ids, odd, of
}

// oddPieces returns the first pieces of a line that are no song's, up to a number
// of them, and how many there are. A line without a song is as a whole not
// understood, unless other words are to be expected.
func oddPieces(line string, number int, wordsExpected bool, most int) (odd []OddPiece, of int) {
	for piece := range strings.FieldsSeq(linkStart.ReplaceAllString(line, " $0")) {
		if !strings.ContainsAny(piece, linkMarks) && len(piece) != idLength ||
			!attempt().MatchString(piece) || trackLink.MatchString(piece) {
			continue
		}
		if of++; len(odd) == most {
			continue
		}
		for _, link := range oddLinks() {
			if link.is.MatchString(piece) {
				odd = append(odd, OddPiece{Line: number, Text: shorten(piece), Why: link.why})
				break
			}
		}
	}
	if line = strings.TrimSpace(line); of == 0 && !wordsExpected && strings.Trim(line, `,;"`+"\t ") != "" {
		of++
		if most > 0 {
			odd = append(odd, OddPiece{Line: number, Text: shorten(line), Why: OddWords})
		}
	}
	return odd, of
}

// attempt is what all of oddLinks are together: a text of a few megabytes has
// hundreds of thousands of pieces.
var attempt = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)spotify:|spotify\.(?:app\.)?link|open\.spotify\.com|spotify\..*(?:album|artist|playlist|episode|show)[:/]|://|^[0-9a-z]{22}$`)
})

// A link has one of linkMarks, and an id idLength characters: most of a long text
// has neither, and needs no pattern.
const (
	linkMarks = ":."
	idLength  = 22
)

// escapes are how a link writes another one into itself.
var escapes = strings.NewReplacer("%3A", ":", "%3a", ":", "%2F", "/", "%2f", "/")

// inAlbum is what a link to an album has before the song that it shows there.
var inAlbum = regexp.MustCompile(`(?i)https?://[^\s:]*[?&]highlight=spotify:track:`)

// linkStart is where a link begins in a heap of them. None of it can be part of
// an id.
var linkStart = regexp.MustCompile(`(?i)https?://|spotify:`)

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
	return a.paste(ctx, id, text, false)
}

// TakeBack is Paste, and of songs that were archived before, those that stand in
// no archive any more are put back, each once however often it is asked for.
func (a *Accounts) TakeBack(ctx context.Context, id archive.UserID, text string) (PasteReport, error) {
	return a.paste(ctx, id, text, true)
}

func (a *Accounts) paste(ctx context.Context, id archive.UserID, text string, back bool) (PasteReport, error) {
	ids, odd, of := ParseTrackLinks(text)
	report := PasteReport{NotUnderstood: odd, Odd: of}
	report.Understood = len(ids)
	name := "paste-" + rand.Text()
	counts := report
	_, err := lease.Retry(func() (archive.User, error) {
		u, err := a.user(ctx, id)
		if err != nil {
			return archive.User{}, err
		}
		report = counts
		fresh, known, err := a.sorted(ctx, id, ids, back, &report)
		if err != nil {
			return u, err
		}
		if back {
			report.Back, report.Known = len(known), nil
		}
		now := a.Clock.Now()
		var changes archive.Changes
		put := func(source ledger.SourceName, tracks []ledger.Track) {
			for part := range slices.Chunk(tracks, pastePart) {
				batch := ledger.NewBatch(u.WeekOf(now), source, part)
				batch.ID, batch.At = fmt.Sprintf("%s-%02d", name, len(changes.AddPending)), now
				changes.AddPending = append(changes.AddPending, batch)
			}
		}
		put(ledger.SourcePaste, fresh)
		put(ledger.SourceBack, known)
		if len(changes.AddPending) == 0 {
			return u, nil
		}
		u.NoteWaiting(now)
		u.Reschedule(now)
		return a.Store.Commit(ctx, u, changes)
	})
	if err != nil {
		return PasteReport{}, fmt.Errorf("taking pasted songs of user %s: %w", id, err)
	}
	if report.New+report.Back > 0 {
		if err := a.runSoon(ctx, id); err != nil {
			a.Log.InfoContext(ctx, "pasted songs wait for the schedule", "user_id", id, "error", err)
		}
	}
	return report, nil
}

// sorted returns the first songs that are neither archived nor waiting and, where they
// are wanted back, that were archived before; as many as one paste takes.
func (a *Accounts) sorted(ctx context.Context, id archive.UserID, ids []string, back bool, report *PasteReport) (fresh, known []ledger.Track, err error) {
	seen, err := a.Store.Seen(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	pending, err := a.Store.Pending(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	var waiting ledger.Seen
	room := MaxWaiting
	for _, p := range pending {
		room -= len(p.Tracks)
		if p.Held == "" {
			waiting.Add(p.Tracks...)
		}
	}
	for _, trackID := range ids {
		t := ledger.Track{ID: trackID}
		if waiting.Has(t) {
			report.Waiting++
			continue
		}
		before, taken := seen.Has(t), len(fresh)+len(known)
		if before {
			report.Already++
			if len(report.Known) < maxKnown {
				report.Known = append(report.Known, trackID)
			}
		}
		switch {
		case before && !back:
		case taken >= room:
			report.NoRoom++
		case taken >= MaxPaste:
			report.TooMany++
		case before:
			known = append(known, t)
		default:
			report.New++
			fresh = append(fresh, t)
		}
	}
	return fresh, known, nil
}
