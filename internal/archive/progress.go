package archive

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// Stage is how far a run has come, as far as its own writes tell.
type Stage string

// The stages, in order.
const (
	StageNone    Stage = ""        // none is under way
	StageAsked   Stage = "asked"   // asked for, and not begun
	StageLooking Stage = "looking" // its sources and the archive are being read
	StageAdding  Stage = "adding"  // a batch of songs is on its way into the archive
	StageUnsure  Stage = "unsure"  // Spotify did not say whether it took the songs
)

// Progress is the run of a user that is under way, or that was asked for.
type Progress struct {
	Stage  Stage
	Found  int       // songs that the source of the batch showed; 0 where an earlier batch told it
	Adding int       // songs of the batch
	Until  time.Time // of StageUnsure: nobody looks before
}

// AskedFor is for how long a run that was asked for and has not begun is on
// its way. Its message may be lost, or wait behind others; the schedule brings
// the next run.
const AskedFor = 2 * time.Minute

// Progress says which run of the user is under way at now. A run that was
// killed seems to be, until its lease runs out.
func (u User) Progress(now time.Time) Progress {
	leased := u.Lease.Holder != "" && now.Before(u.Lease.Until) && !u.Lease.Until.After(now.Add(LeaseTime+calendar.MaxSkew))
	asked := func(at time.Time) bool {
		return u.Last.At.Before(at) && now.Sub(at) < AskedFor && !calendar.Ahead(at, now)
	}
	switch {
	case u.Status != StatusActive:
		return Progress{}
	case leased && u.Lease.Holder == WaitingHolder:
		return Progress{Stage: StageUnsure, Until: u.Lease.Until}
	case leased && u.Open != nil && !u.Open.Unsent:
		return Progress{Stage: StageAdding, Found: u.Open.Entry.Found, Adding: len(u.Open.Tracks)}
	case leased:
		return Progress{Stage: StageLooking}
	case asked(u.Grant.AuthorizedAt), !u.Manual.Done(u.Manual.AskedAt) && asked(u.Manual.AskedAt):
		return Progress{Stage: StageAsked}
	default:
		return Progress{}
	}
}
