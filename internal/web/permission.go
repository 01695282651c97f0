package web

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// consent says until when the consent lasts; lasts is false when it is over.
func (s situation) consent() (line words.Line, lasts bool) {
	switch {
	case s.revoked() && s.user.Last.Kind == outcome.Reconnect:
		return words.Say("consent.revoked", s.user.Last.At), false
	case s.revoked():
		return words.Say("consent.revoked_undated"), false
	case s.standing() == standsEnded:
		return words.Say("consent.ended", s.user.Grant.EndsAt()), false
	default:
		return words.Say("consent.lasts", s.user.Grant.EndsAt()), true
	}
}

// banner reminds of the end of the consent, or of what it lacks.
type banner struct {
	Line     words.Line // without a key: there is none
	Bad      bool       // it cannot wait
	Calendar bool       // the end may still be put into a calendar
	deaf     bool       // what is played was read before, and no longer may be
}

func (s situation) banner() banner {
	u := s.user
	reminder, soon := u.Grant.EndsSoon(s.now)
	switch {
	case s.until() == "reconnect":
		return banner{} // the card says it
	case u.Choice == archive.ChoiceAuto && !u.Grant.Listens() &&
		u.Discover.Access != archive.AccessReadable && !u.Listening.Cursor.IsZero():
		return banner{Line: words.Say("banner.deaf"), deaf: true}
	case soon:
		ends := u.Grant.EndsAt()
		return banner{
			Line: words.Say("banner.soon", struct {
				Days int
				Ends time.Time
			}{days(s.now, ends), ends}),
			Bad: reminder == slices.Min(archive.Reminders()), Calendar: true,
		}
	default:
		return banner{}
	}
}

// days counts the calendar days between two times in the zone of the second,
// as the date beside the number does.
func days(from, to time.Time) int {
	day := func(t time.Time) time.Time {
		year, month, day := t.In(to.Location()).Date()
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return int(day(to).Sub(day(from)) / (24 * time.Hour))
}
