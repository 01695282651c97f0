package calendar

import "time"

// WeekState says how one week of a person stands.
type WeekState string

// The states of a week.
const (
	WeekFirst  WeekState = "first"  // nothing was looked at yet
	WeekComing WeekState = "coming" // it comes by itself, and has not yet
	WeekTurn   WeekState = "turn"   // the person copies, and has not yet
	WeekPartly WeekState = "partly" // some songs are in
	WeekIn     WeekState = "in"     // it is done
	WeekMissed WeekState = "missed" // it is over, and a person who copies copied nothing
)

// A Week is one week as a person sees it, beside what is in the way
// (archive.User.InTheWay).
type Week struct {
	Edition Edition
	State   WeekState
	Songs   int       // of this week that are in the archive
	Turn    bool      // more comes if the person copies it: true in WeekTurn, and may be in WeekPartly
	Until   time.Time // when the person's next week begins: their Monday 00:00
}

// A WeekTally is what came of one week.
type WeekTally struct {
	Edition Edition `json:"edition"`
	Songs   int     `json:"songs"`  // in the archive: new there, or known
	Copied  int     `json:"copied"` // by the person's hand: copied, pasted, or put into the archive
}
