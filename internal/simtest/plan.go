package simtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	day  = 24 * time.Hour
	week = 7 * day

	// calmEnd is the end of every world, in which nothing goes wrong any more:
	// longer than any pause that Spotify has asked for before.
	calmEnd = 50 * time.Hour

	accountPrefix = "standin" // of Spotify's ids for accounts

	// maxSkew is how far a machine's clock is off, at most.
	maxSkew = 2 * time.Minute
)

// A Plan is what a seed draws before a world begins.
type Plan struct {
	Seed     uint64
	Start    time.Time // a Monday, 00:00 UTC
	Weeks    int
	Spotify  fakespotify.Config
	Alone    bool // one machine with one clock
	Hourly   bool // plays are asked for every hour
	Daily    int  // how many requests the app makes in a day; 0: as many as it needs
	PageSize int  // of fan-out; small ones make many messages
	People   []Person
	Weather  []Weather
	Lies     []Weather
	Restarts bool // keys are rotated, deployments happen, documents are old

	cuts Cuts
}

// End is when the world is judged for the last time: a Monday afternoon.
func (p Plan) End() time.Time {
	return p.Start.Add(time.Duration(p.Weeks)*week + 15*time.Hour)
}

// A Person is one Spotify account and its habits.
type Person struct {
	Account string
	Joins   time.Time
	Choice  archive.Choice
	Shape   archive.Shape
	Player  bool // agrees to the player's scopes
	Summer  bool // lives where clocks change
	Habits  Habits
	Device  Device
}

// Habits are how likely a person does something in a week.
type Habits struct {
	Remove, Add float64 // never both
	Swap        float64 // take a song out of the archive, and put one in that the service is about to find
	Paste       float64
	Copy        float64 // Discover Weekly into the inbox
	Play        float64
	Empty       float64 // the inbox
	Settings    float64 // another choice or shape
	Stop        float64 // pause, and resume days later
	Drop        float64 // delete the archive
	Rename      float64 // it, and empty its description
	Leave       float64 // disconnect, and mostly come back
	Revoke      float64 // remove the app at Spotify
	Fill        float64 // almost to the limit
	Look        float64 // at the account page
	RunNow      float64
	Away        float64 // asks for no reminders
	Inbox       float64 // delete the inbox
	Back        float64 // want back what they removed
	Link        float64 // paste a link to Discover Weekly, or to what is not it
	Library     int     // playlists of their own when they join
	Collect     float64 // make playlists, remove some, or move the archive in the list
	Renew       bool    // reconnects before the consent ends
	Relinked    bool    // copies and pastes doubles of songs
	Stubborn    bool    // presses things twice
}

// Weather is a stretch of time in which things go wrong.
type Weather struct {
	Name     string
	From, To time.Time
	Kinds    []Kind
	Calls    []string        // boundaries where it strikes; nil means at all of them
	Rate     float64         // at each boundary
	Only     map[string]bool // accounts; nil means everybody's calls
	Of       target          // lies about this playlist only
	Mass     bool            // refuses everybody's token, for longer than one alone would be believed
}

func (w Weather) strikes(at time.Time, account, boundary string) bool {
	return !at.Before(w.From) && at.Before(w.To) &&
		(w.Only == nil || w.Only[account]) && (w.Calls == nil || slices.Contains(w.Calls, boundary))
}

// NewPlan draws the plan of a seed.
func NewPlan(seed uint64, cuts Cuts) Plan {
	r := dice(seed, "plan")
	p := Plan{Seed: seed, cuts: cuts}
	p.Start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(60)) * week)
	switch weighted(r, 80, 16, 3, 1) {
	case 0:
		p.Weeks = 1 + r.IntN(3)
	case 1:
		p.Weeks = 4 + r.IntN(5)
	case 2:
		p.Weeks = 9 + r.IntN(16)
	default:
		p.Weeks = 25 + r.IntN(36)
	}
	people := 1 + weighted(r, 43, 29, 14, 5, 2, 2, 2, 3)
	if p.Weeks > 8 {
		people = min(people, 2)
	}
	p.Hourly = chance(r, 0.2) && p.Weeks <= 2
	p.Restarts = chance(r, 0.5)
	p.Alone = chance(dice(seed, "alone"), 0.2)
	p.PageSize = pick(r, []int{0, 0, 0, 2})
	p.Daily = drawDaily(dice(seed, "daily"), people)
	p.Spotify = spotifyConfig(r, people)
	p.Spotify.Seed = seed + 1
	for i := range people {
		p.People = append(p.People, p.person(i))
	}
	p.Weather = p.weather(r)
	p.Lies = p.drawLies()
	if cuts.Weeks > 0 {
		p.Weeks = min(p.Weeks, cuts.Weeks)
	}
	p.People = slices.DeleteFunc(p.People, func(person Person) bool { return cuts.drops(person.Account) })
	p.Weather = slices.DeleteFunc(p.Weather, func(w Weather) bool { return cuts.drops(w.Name) })
	p.Lies = slices.DeleteFunc(p.Lies, func(w Weather) bool { return cuts.drops(w.Name) })
	return p
}

// drawDaily leaves room for everybody within the days of a week, though not
// within one.
func drawDaily(r *rand.Rand, people int) int {
	if chance(r, 0.7) {
		return 0
	}
	return people * pick(r, []int{6, 10, 20})
}

func spotifyConfig(r *rand.Rand, people int) fakespotify.Config {
	cfg := fakespotify.Config{
		Mode:        fakespotify.Extended,
		Rotate:      chance(r, 0.4),
		Generation:  pick(r, []fakespotify.Generation{fakespotify.GenerationBoth, fakespotify.GenerationNew, fakespotify.GenerationOld}),
		ItemsLag:    pick(r, []time.Duration{0, time.Second, time.Second}),
		SnapshotLag: pick(r, []time.Duration{0, time.Minute, time.Minute}),
	}
	if chance(r, 0.4) {
		cfg.Mode = fakespotify.Development
		cfg.DiscoverAccess = pick(r, []fakespotify.DiscoverAccess{
			fakespotify.DiscoverNotFound, fakespotify.DiscoverForbidden, fakespotify.DiscoverMetadata})
		cfg.DiscoverListing = pick(r, []fakespotify.DiscoverListing{
			fakespotify.DiscoverNull, fakespotify.DiscoverNull, fakespotify.DiscoverMissing, fakespotify.DiscoverListed})
	}
	if chance(r, 0.4) {
		cfg.Quirks = fakespotify.Quirks{
			Null: r.IntN(3), Local: r.IntN(2), Episodes: r.IntN(2), Repeated: r.IntN(4), Relinked: r.IntN(4),
		}
	}
	offsets := []time.Duration{0, time.Hour, -5 * time.Hour, 14 * time.Hour, -11 * time.Hour, 9*time.Hour + 30*time.Minute,
		10 * time.Hour, 13 * time.Hour, -10 * time.Hour}
	names := []string{"", "Dein Mix der Woche", "每週新發現"}
	for i := range people {
		key := fmt.Sprintf("demo%d", i+1)
		a := fakespotify.Account{Key: key, ID: accountPrefix + key, AccountID: "account-of-" + key, DisplayName: "Demo " + key}
		a.UTCOffset, a.DiscoverName = pick(r, offsets), pick(r, names)
		if chance(r, 0.1) {
			a.AccountID = ""
		}
		cfg.Accounts = append(cfg.Accounts, a)
	}
	return cfg
}

func (p Plan) person(i int) Person {
	key := p.Spotify.Accounts[i].Key
	r := dice(p.Seed, "person "+key)
	person := Person{
		Account: key,
		Joins:   p.Start.Add(between(r, 0, time.Duration(min(p.Weeks, 2))*week-2*day)),
		Choice:  pick(r, []archive.Choice{archive.ChoiceAuto, archive.ChoiceAuto, archive.ChoiceDiscover, archive.ChoiceInbox, archive.ChoicePaste}),
		Shape:   pick(r, []archive.Shape{archive.ShapeSingle, archive.ShapeSingle, archive.ShapeYearly, archive.ShapeEdition}),
		Player:  p.Hourly && chance(r, 0.7),
		Summer:  chance(r, 0.4) && max(p.Spotify.Accounts[i].UTCOffset, -p.Spotify.Accounts[i].UTCOffset) < 10*time.Hour,
	}
	if person.Player && chance(r, 0.5) {
		person.Choice = archive.ChoiceListening
	}
	h := Habits{
		Paste: pick(r, []float64{0, 0.2, 1}), Copy: pick(r, []float64{0.3, 0.9, 1.5}), Play: 3,
		Empty: pick(r, []float64{0, 0, 0.3}), Settings: pick(r, []float64{0, 0.2, 0.8}), Stop: pick(r, []float64{0, 0, 0.3}),
		Drop: pick(r, []float64{0, 0, 0, 0.3}), Leave: pick(r, []float64{0, 0, 0, 0.3}), Revoke: pick(r, []float64{0, 0, 0, 0, 0.2}),
		Look: 0.5, RunNow: pick(r, []float64{0, 0.5}), Inbox: pick(r, []float64{0, 0, 0, 0.2}),
		Rename: pick(r, []float64{0, 0, 0.2}), Renew: chance(r, 0.5), Relinked: chance(r, 0.3), Stubborn: chance(r, 0.3),
	}
	switch weighted(r, 5, 3, 3) {
	case 1:
		h.Remove = 1
	case 2:
		h.Add = 1
	}
	if chance(r, 0.02) && p.Weeks <= 3 {
		h.Fill = 0.5
	}
	h.Link = pick(r, []float64{0, 0, 0, 0.4})
	if h.Remove+h.Add+h.Fill == 0 && chance(r, 0.3) {
		h.Swap = 0.7
	}
	library := dice(p.Seed, "library "+key)
	h.Library, h.Collect = pick(library, []int{0, 0, 0, 4, 30, 70, 130}), pick(library, []float64{0, 0, 0.7})
	if person.Device = p.drawDevice(key, person.Choice); person.Device != (Device{}) {
		h.Away = 0.1
	}
	if h.Remove > 0 && chance(dice(p.Seed, "back "+key), 0.5) {
		h.Back = 1
	}
	person.Habits = h
	return person
}
