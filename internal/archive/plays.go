package archive

import "time"

const (
	// How long after a look at plays the next one comes: while music plays,
	// after music of the last day, and in silence. A song takes three minutes,
	// so recentPlays are two and a half hours. Each is a quarter of an hour less
	// than the hours that it means, because a look comes with the hourly message
	// after its time.
	playingLook = 45 * time.Minute
	pausedLook  = 105 * time.Minute
	silentLook  = 165 * time.Minute

	// At night, in the person's own zone, silence is left alone until the morning.
	nightBegins, nightEnds = 1, 6
)

// nextPlays is the next look at what a user plays: soon while music plays, so
// that the queue shows what comes next; then as often as it takes to lose no
// play, for Spotify keeps only the last ones; seldom at night. The zero Due
// where nobody looks.
func (u User) nextPlays(now time.Time) Due {
	if !u.Listens() {
		return Due{}
	}
	silence := now.Sub(later(u.Listening.Cursor, u.Grant.AuthorizedAt)) // a person who has just agreed is about to listen
	wait := silentLook
	switch local := now.In(u.Location()); {
	case silence <= 2*time.Hour:
		wait = playingLook
	case u.Zone != "" && local.Hour() >= nightBegins && local.Hour() < nightEnds:
		morning := time.Date(local.Year(), local.Month(), local.Day(), nightEnds, 0, 0, 0, local.Location())
		wait = max(silentLook, morning.Sub(now)+u.spread(time.Hour))
	case silence <= 24*time.Hour:
		wait = pausedLook
	}
	return Due{At: now.Add(wait), Why: DuePlays}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
