package messaging_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

// berlin is an hour before UTC in November.
const berlin = "Europe/Berlin"

func local(zone, text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zoneOf(zone))
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func zoneOf(name string) *time.Location {
	zone, ok := calendar.ParseZone(name)
	if !ok {
		panic("no zone " + name)
	}
	return zone
}

// copier is a person who copies, and can be reached by a browser since two
// weeks before WeekTime.
func copier(t *testing.T, edits ...func(*archive.User)) archive.User {
	t.Helper()
	return archivetest.NewUser(t, "ada", append([]func(*archive.User){func(u *archive.User) {
		u.Choice, u.Zone = archive.ChoiceInbox, berlin
		u.CreatedAt = archivetest.WeekTime().AddDate(0, 0, -70)
		u.Grant.AuthorizedAt = archivetest.WeekTime().AddDate(0, 0, -70)
		u.Last = outcome.Outcome{Kind: outcome.NothingNew, At: archivetest.WeekTime()}
		u.Messages.Channels = []notice.Channel{{ID: "push-1", Kind: notice.ChannelPush, AddedAt: archivetest.WeekTime().AddDate(0, 0, -60)}}
	}}, edits...)...)
}

// dice returns the same numbers for the same seed.
func dice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
