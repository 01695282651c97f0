// Package exactlyonce gets one batch of songs into one playlist exactly once,
// whatever crashes, times out or is delivered twice. It knows nothing of where
// the songs come from.
//
// The promise rests on four things: a lease keeps a second run away; the intent
// is stored before the append; result, seen set and the end of the intent are one
// write; and whoever finds an intent looks into the archive before appending
// anything. Next decides all of that and does nothing; Engine does what it says.
package exactlyonce

import (
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// Phase is how far a batch has come.
type Phase string

// The phases.
const (
	Planned  Phase = "planned"  // nothing of it is stored
	InDoubt  Phase = "in doubt" // an earlier run left it: it may have been sent, and may still take effect
	Intended Phase = "intended" // it is stored as what is about to be sent, and was not sent since
	Landed   Phase = "landed"   // its songs are in the archive, or given up; nothing says so yet
	Ended    Phase = "ended"    // nothing is left to do
)

// Proof is what a run has seen of Spotify's taking appends. It goes from one
// batch to the next: an outage that refuses everything must not cost a song.
type Proof struct {
	Accepted bool // Spotify took an append
	Rejected int  // appends that it found fault with
	Aside    int  // songs that it refused alone, before it took any
}

// State is one batch on its way, and the proof so far.
type State struct {
	Phase Phase
	Batch ledger.Batch
	There []ledger.Track // songs of the batch as it was found that are in the archive
	Copy  *ledger.Batch  // what follows in the same write that records the batch
	Proof Proof
}

// Event is what happened.
type Event string

// The events: the first, and what answers each action.
const (
	Begun      Event = "begun"
	Opened     Event = "opened"     // Open: there is room; Evidence.To, Known
	Stored     Event = "stored"     // Store
	Accepted   Event = "accepted"   // Append: Spotify took the songs
	Refused    Event = "refused"    // Append: Spotify found fault with them, and did nothing
	Unanswered Event = "unanswered" // Append: nobody knows
	Unsent     Event = "unsent"     // Append: it surely had no effect
	Looked     Event = "looked"     // Look: Evidence.Missing
	Vanished   Event = "vanished"   // Look: the playlist is not in the library any more
	Recorded   Event = "recorded"   // Commit
	Dropped    Event = "dropped"    // Drop and SetAside
)

// Evidence is what happened, when, and what it showed.
type Evidence struct {
	Event   Event
	Now     time.Time
	Delay   time.Duration           // how long a write is given to show
	Err     error                   // of Refused, Unanswered and Unsent
	To      archive.ArchivePlaylist // where there is room
	CopyID  string                  // a playlist that wants a copy afterwards
	Copy    archive.ArchivePlaylist // that playlist
	Known   func(ledger.Track) bool // songs that opening the archive has shown in it
	Missing []ledger.Track          // songs of the batch that are not in the archive
}

// Do is what has to be done next.
type Do string

// The actions. All but Open, Append, Look and Stop are one write each.
const (
	Open     Do = "open"      // find the archive, with room for the batch
	Store    Do = "store"     // store the batch as the open one; Action.Rest waits then
	Append   Do = "append"    // send it
	Look     Do = "look"      // see what of it is in the archive
	Commit   Do = "commit"    // record it, and what was archived; State.Copy is the open one then
	Record   Do = "record"    // record a batch of which nothing is new
	SetAside Do = "set aside" // let Action.Rest wait instead of the open batch
	Drop     Do = "drop"      // forget the open batch
	Stop     Do = "stop"      // end with Action.Err
	Finish   Do = "finish"    // end well
)

// Action is what has to be done next, and with what.
type Action struct {
	Do   Do
	Rest []ledger.Track // songs of the batch that wait from now on
	Err  error
}

const (
	// maxRejected bounds the appends of a run that Spotify finds fault with.
	maxRejected = 30

	// maxAside is how many songs are refused alone before a run that had no
	// append accepted does not believe that the songs are at fault.
	maxAside = 4
)

// Next decides what has to be done after what has happened. It is a function of
// its arguments alone.
func Next(s State, e Evidence) (State, Action) {
	switch e.Event {
	case Begun:
		return begun(s, e)
	case Opened:
		return opened(s, e)
	case Stored:
		if s.Batch.GivenUp || len(s.Batch.Tracks) == 0 {
			return landed(s, e)
		}
		return s, Action{Do: Append}
	case Accepted:
		s.Proof.Accepted = true
		return landed(s, e)
	case Refused:
		s.Proof.Rejected++
		return refused(s, e)
	case Unanswered:
		s.Phase = InDoubt
		return s, Action{Do: Stop, Err: e.Err}
	case Unsent:
		s.Batch.Unsent = true
		return s, Action{Do: Stop, Err: e.Err}
	case Looked:
		return looked(s, e)
	case Vanished:
		if s.Batch.Copy {
			return s, Action{Do: Drop}
		}
		return s, Action{Do: Open} // in which case another archive is found
	case Recorded:
		return recorded(s)
	default:
		s.Phase = Ended
		return s, Action{Do: Finish}
	}
}

func begun(s State, e Evidence) (State, Action) {
	switch due := s.Batch.At.Add(e.Delay); {
	case s.Phase == Planned && len(s.Batch.Tracks) == 0:
		return s, Action{Do: Record}
	case s.Phase == Planned:
		return s, Action{Do: Open}
	case s.Batch.GivenUp:
		return landed(s, e)
	case !s.Batch.Unsent && e.Now.Before(due):
		return s, Action{Do: Stop, Err: &TooEarly{Until: due}}
	default:
		return s, Action{Do: Look}
	}
}

// opened: the archive is known, and so is what others have put there.
func opened(s State, e Evidence) (State, Action) {
	b := s.Batch
	var fresh []ledger.Track
	for _, t := range b.Tracks {
		if b.Copy || !e.Known(t) {
			fresh = append(fresh, t)
		}
	}
	if s.Phase == Planned {
		b.Entry.Already += b.Entry.Added - len(fresh)
		b.Entry.Added = len(fresh)
		b.CopyID = e.CopyID
		if len(fresh) == 0 {
			b.Tracks = nil
			s.Batch = b
			return s, Action{Do: Record}
		}
	}
	b.Tracks, b.PlaylistID, b.TotalBefore = fresh, e.To.PlaylistID, e.To.Total
	b.At, b.Unsent = e.Now, false
	s.Phase, s.Batch = Intended, b
	return s, Action{Do: Store}
}

// looked: what an earlier run has left is there, or some of it is missing.
func looked(s State, e Evidence) (State, Action) {
	if len(e.Missing) == 0 {
		return landed(s, e)
	}
	for _, t := range s.Batch.Tracks {
		if !slices.Contains(e.Missing, t) {
			s.There = append(s.There, t)
		}
	}
	s.Batch.Tracks = e.Missing
	return s, Action{Do: Open}
}

// refused deals with a batch that Spotify found fault with, and so did not
// append: pasted songs may not exist, others vanish. The second half waits while
// the first is tried, until the song at fault is alone. That one is given up, if
// Spotify took others in the same run.
func refused(s State, e Evidence) (State, Action) {
	b := s.Batch
	b.At = e.Now
	switch {
	case s.Proof.Rejected > maxRejected && s.Proof.Accepted:
		s.Batch.Unsent = true
		return s, Action{Do: Stop, Err: fmt.Errorf("appending: %d refusals in one run: %w", s.Proof.Rejected, fault.ErrUnavailable)}
	case s.Proof.Rejected > maxRejected:
		s.Batch.Unsent = true
		return s, Action{Do: Stop, Err: fault.ErrSongsRefused}
	case len(b.Tracks) > 1 && !b.Copy:
		half := len(b.Tracks) / 2
		rest := b.Tracks[half:]
		b.Tracks, b.Entry.Added = b.Tracks[:half], half
		b.Entry.Found = max(0, b.Entry.Found-len(rest)) // counted when the rest is taken up
		s.Batch = b
		return s, Action{Do: Store, Rest: rest}
	case s.Proof.Accepted || b.Copy:
		b.GivenUp = true
		b.Entry.Unusable += b.Entry.Added
		b.Entry.Added = 0
		s.Batch = b
		return s, Action{Do: Store}
	case s.Proof.Aside < maxAside || unseen(b.Tracks[0]):
		s.Proof.Aside++
		s.Batch = b
		return s, Action{Do: SetAside, Rest: b.Tracks}
	default:
		s.Batch.Unsent = true
		return s, Action{Do: Stop, Err: fault.ErrSongsRefused}
	}
}

// unseen reports whether Spotify has never shown the song: a person named it, and
// it need not exist.
func unseen(t ledger.Track) bool { return t.ISRC == "" && t.Length == 0 }

// landed: what is left is to say so, and to send the copy, if one is wanted.
func landed(s State, e Evidence) (State, Action) {
	s.Phase, s.Copy = Landed, nil
	if done := s.Batch; done.CopyID != "" && !done.GivenUp && len(done.Tracks) > 0 {
		s.Copy = &ledger.Batch{
			Entry:           done.Entry,
			ArchivePlaylist: string(done.Entry.Key.Edition),
			PlaylistID:      done.CopyID,
			TotalBefore:     e.Copy.Total,
			Tracks:          done.Tracks,
			At:              e.Now,
			Copy:            true,
		}
	}
	return s, Action{Do: Commit}
}

func recorded(s State) (State, Action) {
	if s.Copy == nil {
		s.Phase = Ended
		return s, Action{Do: Finish}
	}
	s.Phase, s.Batch, s.Copy = Intended, *s.Copy, nil
	return s, Action{Do: Append}
}

// TooEarly says that a write of a moment ago may not show in reads yet.
type TooEarly struct{ Until time.Time }

func (e *TooEarly) Error() string { return "an earlier append has not had time to show yet" }

// Unwrap makes it an unknown effect.
func (e *TooEarly) Unwrap() error { return fault.ErrUnknownEffect }
