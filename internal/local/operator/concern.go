package operator

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// A Concern is something that whoever runs this copy has to do, or to ask
// somebody to do.
type Concern string

// The concerns, what stops most first.
const (
	ConcernWeek        Concern = "week"        // no weekly run for more than eight days
	ConcernCredentials Concern = "credentials" // Spotify does not accept the app's own
	ConcernPremium     Concern = "premium"     // the app's owner lost Premium
	ConcernPaused      Concern = "paused"      // by the operator
	ConcernOtherKey    Concern = "other_key"   // consents were sealed with another key file
	ConcernKey         Concern = "key"         // a consent does not open
	ConcernUnreadable  Concern = "unreadable"  // documents that are not ours
	ConcernMalformed   Concern = "malformed"   // something below a user's document is not ours
	ConcernDoubled     Concern = "doubled"     // songs stand in an archive twice
	ConcernInternal    Concern = "internal"    // a fault of the program
	ConcernSongs       Concern = "songs"       // Spotify refuses our appends
	ConcernLetters     Concern = "letters"     // jobs were given up
	ConcernAllow       Concern = "allow"       // not on the app's list of users
	ConcernReconnect   Concern = "reconnect"   // a consent is over
	ConcernAsks        Concern = "asks"        // a person has to do something else
	ConcernSoon        Concern = "soon"        // a consent ends within two weeks
	ConcernBackup      Concern = "backup"      // no copy of the last days
)

// Concerns lists them, what stops most first.
func Concerns() []Concern {
	return []Concern{
		ConcernWeek, ConcernCredentials, ConcernPremium, ConcernPaused, ConcernOtherKey, ConcernKey, ConcernUnreadable,
		ConcernMalformed, ConcernDoubled, ConcernInternal, ConcernSongs, ConcernLetters, ConcernAllow, ConcernReconnect,
		ConcernAsks, ConcernSoon, ConcernBackup,
	}
}

// soonWithin is how long before its end a consent is a concern: the person has
// been reminded once by then.
const soonWithin = 14 * 24 * time.Hour

// ofOutcome are the concerns that the end of a run may be.
var ofOutcome = map[outcome.Kind]Concern{
	outcome.App: ConcernCredentials, outcome.PremiumLapsed: ConcernPremium, outcome.Key: ConcernKey,
	outcome.Malformed: ConcernMalformed, outcome.Internal: ConcernInternal, outcome.Rejected: ConcernSongs,
	outcome.NotWritable: ConcernSongs, outcome.NotAllowed: ConcernAllow,
}

// person is a user and what is made of them.
type person struct {
	archive.User
	Obstacle archive.Obstacle
	OtherKey bool // the consent was sealed with another key file
}

func (s *server) person(u archive.User, pause app.Pause, now time.Time) person {
	return person{
		User: u, Obstacle: u.InTheWay(pause, now),
		OtherKey: len(u.Grant.Sealed.Ciphertext) > 0 && u.Grant.Sealed.KeyVersion != s.KeyVersion,
	}
}

// concerns returns what of a person is a concern.
func (p person) concerns(now time.Time) []Concern {
	var list []Concern
	if p.OtherKey {
		list = append(list, ConcernOtherKey)
	}
	if p.Doubled(now) != "" {
		list = append(list, ConcernDoubled)
	}
	switch p.Obstacle {
	case archive.ObstacleEnded, archive.ObstacleRevoked:
		return append(list, ConcernReconnect)
	case archive.ObstacleStopped:
		return list
	case archive.ObstacleNeeds:
		list = append(list, ConcernAsks)
	case archive.ObstacleTrouble, archive.ObstacleApp:
		c, ok := ofOutcome[p.Last.Kind]
		if ok && (c != ConcernKey || !p.OtherKey) {
			list = append(list, c)
		}
	case archive.ObstacleNone:
	}
	if p.Grant.EndsAt().Sub(now) <= soonWithin {
		list = append(list, ConcernSoon)
	}
	return list
}

// whoShown is how many people a concern names.
const whoShown = 3

// who is a person by name.
type who struct {
	ID   archive.UserID
	Name string
}

// Worry is a concern and whom it is about.
type Worry struct {
	Concern Concern `json:"concern"`
	Count   int     `json:"count"`
	who     []who   // the first of them
}

// worries collects concerns. The zero worries are none.
type worries map[Concern]*Worry

func (w worries) add(c Concern, count int, about ...who) {
	if count == 0 {
		return
	}
	if w[c] == nil {
		w[c] = &Worry{Concern: c}
	}
	w[c].Count += count
	if len(w[c].who) < whoShown {
		w[c].who = append(w[c].who, about...)
	}
}

// list returns them in the order of Concerns.
func (w worries) list() []Worry {
	list := []Worry{}
	for _, c := range Concerns() {
		if w[c] != nil {
			list = append(list, *w[c])
		}
	}
	return list
}

// people are all users, counted.
type people struct {
	Total   int // who have not left
	Saved   int // for whom a run has saved something
	Worries worries
}

func newPeople() *people { return &people{Worries: worries{}} }

func (c *people) count(p person, now time.Time) {
	if p.Status == archive.StatusLeaving {
		return
	}
	c.Total++
	if p.LastEdition != "" || len(p.Archives) > 0 {
		c.Saved++
	}
	for _, concern := range p.concerns(now) {
		c.Worries.add(concern, 1, who{p.ID, nameOf(p.User)})
	}
}

func (c *people) clone() *people {
	w := worries{}
	for concern, worry := range c.Worries {
		copied := *worry
		copied.who = slices.Clone(worry.who)
		w[concern] = &copied
	}
	return &people{c.Total, c.Saved, w}
}

// nameOf is what the page calls somebody whom Spotify gave no name.
func nameOf(u archive.User) string {
	if u.DisplayName == "" {
		return string(u.ID)
	}
	return u.DisplayName
}
