package archive

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// UserID names a user in documents, messages and logs: 26 characters of
// lowercase base32, opaque and evenly spread.
type UserID string

const userIDLength = 26

// UserIDAlphabet holds every character a UserID can begin with; fan-out shards
// by it.
const UserIDAlphabet = "234567abcdefghijklmnopqrstuvwxyz"

// NewUserID derives the id of a Spotify account from its account_id, or from
// its id where Spotify gave no account_id.
func NewUserID(profile webapi.Profile) UserID {
	account := profile.AccountID
	if account == "" {
		account = profile.ID
	}
	sum := sha256.Sum256([]byte(account))
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])
	return UserID(strings.ToLower(text[:userIDLength]))
}

// Valid reports whether the id has the shape that NewUserID gives.
func (id UserID) Valid() bool {
	if len(id) != userIDLength {
		return false
	}
	for _, c := range []byte(id) {
		if strings.IndexByte(UserIDAlphabet, c) < 0 {
			return false
		}
	}
	return true
}

// Status says whether a user's weeks are archived.
type Status string

// The states of a user.
const (
	StatusActive    Status = "active"
	StatusPaused    Status = "paused"    // by the person, until they resume
	StatusReconnect Status = "reconnect" // the consent ended; the person has to give it again
	StatusLeaving   Status = "leaving"   // the person disconnected; what is left is being deleted
)

// Choice is the user's choice: a set of sources, their names with "+" between
// them, or the automatic one. Pasting works with every choice.
type Choice string

// The choices. ChoiceAuto is Discover Weekly where the app may read it, and
// inbox plus (where the user agreed to its scopes) listening where it may not.
const (
	ChoiceAuto      Choice = "auto"
	ChoiceDiscover  Choice = "discover"
	ChoiceInbox     Choice = "inbox"
	ChoiceListening Choice = "listening"
	ChoicePaste     Choice = "paste"
)

// Sources returns the sources of the choice. The automatic one names none: a rule
// over the sources decides.
func (c Choice) Sources() []ledger.SourceName {
	if c == ChoiceAuto || c == "" {
		return nil
	}
	var names []ledger.SourceName
	for name := range strings.SplitSeq(string(c), "+") {
		names = append(names, ledger.SourceName(name))
	}
	return names
}

// Has reports whether the choice names the source.
func (c Choice) Has(name ledger.SourceName) bool { return slices.Contains(c.Sources(), name) }

// Direct reports whether Discover Weekly itself is among the sources.
func (c Choice) Direct() bool { return c == ChoiceAuto || c.Has(ledger.SourceDiscover) }

// Valid reports whether the choice has the form of one: "auto", or names of
// sources, small letters each, with "+" between them.
func (c Choice) Valid() bool {
	for name := range strings.SplitSeq(string(c), "+") {
		if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return len(c) <= maxChoice
}

// maxChoice bounds a stored choice.
const maxChoice = 100

// Choices lists the choices that a page offers, in its order.
func Choices() []Choice {
	return []Choice{ChoiceAuto, ChoiceDiscover, ChoiceInbox, ChoiceListening, ChoicePaste}
}

// A Grant is a user's consent. Spotify ends it six months after AuthorizedAt,
// however much it is used
// (https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration).
type Grant struct {
	Sealed       secret.Sealed `json:"sealed"`
	Scopes       []string      `json:"scopes"`
	AuthorizedAt time.Time     `json:"authorized_at"`
	EndSeen      time.Time     `json:"end_seen"` // when a clock first said that it is over
	Refusals     Refusals      `json:"refusals"`
}

// Refusals counts the answers invalid_grant since the last accepted refresh.
type Refusals struct {
	Count int       `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// Discover is what is known about a user's Discover Weekly.
type Discover struct {
	PlaylistID string           `json:"playlist_id"` // empty until found or pasted
	Chosen     bool             `json:"chosen"`      // the person said that this one is theirs
	Candidates []Candidate      `json:"candidates"`  // more than one showed: the person is asked, and neither is archived until then
	Access     Access           `json:"access"`
	CheckedAt  time.Time        `json:"checked_at"`
	Denials    int              `json:"denials"` // days in a row, at most one a day
	Partial    calendar.Edition `json:"partial"` // archived, but some of it did not show or was known: one more look
	PartialAt  time.Time        `json:"partial_at"`
	Done       calendar.Edition `json:"done"`                // the newest edition that is archived
	DoubtedAt  time.Time        `json:"doubted_at,omitzero"` // since when the only one that shows may be a friend's
	Among      int              `json:"among"`               // of so many playlists, it was the only one when the list was last looked at; 0: not known
}

// triesDiscover reports whether the user's next run is the first to try whether
// this app may read Discover Weekly for them.
func (u User) triesDiscover() bool {
	return u.Discover.Access == AccessUnknown && u.Choice.Direct()
}

// A Candidate is a playlist that may be the user's Discover Weekly. What it
// shows meanwhile waits under Held.
type Candidate struct {
	PlaylistID string           `json:"playlist_id"`
	Name       string           `json:"name"`
	Held       calendar.Edition `json:"held"` // the newest edition of which all songs wait
}

// Access says whether this app may read a playlist.
type Access string

// The findings. The zero Access means: never tried.
const (
	AccessUnknown  Access = ""
	AccessReadable Access = "readable"
	AccessDenied   Access = "denied"
)

// Listening is how far the user's recent plays were read.
type Listening struct {
	Cursor  time.Time        `json:"cursor"` // played_at of the newest play that was read
	Gap     Gap              `json:"gap"`
	AskedAt time.Time        `json:"asked_at"`
	PutOff  time.Time        `json:"put_off,omitzero"` // when a look was put off to spare the day's requests
	Week    calendar.Edition `json:"week"`             // the week that Kept counts
	Kept    int              `json:"kept"`             // songs of that week that were put into pending
	Queue   []ledger.Track   `json:"queue"`            // what the player would play next; believed once plays show that it is Discover Weekly's
	QueueOf string           `json:"queue_of"`         // the list that played then
	QueueAt time.Time        `json:"queue_at"`         // when that was seen
	Of      string           `json:"of"`               // id of the Discover Weekly that was played last
}

// Gap is a stretch of time whose plays Spotify no longer listed when we asked.
type Gap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Own is a person's question which of their own playlists can be the archive,
// and the answer, which is forgotten after OwnKept.
type Own struct {
	AskedAt time.Time     `json:"asked_at"` // zero: there is no question
	ReadAt  time.Time     `json:"read_at"`  // zero: there is no answer yet
	List    []OwnPlaylist `json:"list"`
}

// OwnPlaylist is a playlist that the person made themselves, or a part of the archive
// that we made before.
type OwnPlaylist struct {
	PlaylistID string `json:"playlist_id"`
	Name       string `json:"name"`
	Total      int    `json:"total"`
	Part       int    `json:"part,omitempty"` // 0: the person made it
}

// OwnKept is how long the names of a person's playlists are kept for them to
// choose from.
const OwnKept = time.Hour

// Answered reports whether the list can be chosen from at now.
func (o Own) Answered(now time.Time) bool { return !o.ReadAt.IsZero() && now.Sub(o.ReadAt) < OwnKept }

// Asked reports whether an answer is on its way.
func (o Own) Asked(now time.Time) bool {
	return !o.AskedAt.IsZero() && o.ReadAt.IsZero() && now.Sub(o.AskedAt) < OwnKept
}

// A Lease keeps a second run of the same user away. It outlives every run's
// deadline, so a holder that lost it can no longer write.
type Lease struct {
	Holder string    `json:"holder"`
	Until  time.Time `json:"until"`
}

// WaitingHolder holds the lease while no run does.
const WaitingHolder = "settling"

// User is everything that is stored about one Spotify account, but for its
// history, its seen set and its pending songs. The JSON form is the stored
// form: a new field must have a safe zero value, a name is never used again.
type User struct {
	ID          UserID                     `json:"-"`
	SpotifyID   string                     `json:"spotify_id"` // owner of the playlists that we made
	DisplayName string                     `json:"display_name"`
	Zone        string                     `json:"zone"`               // of the person's Mondays: an IANA name, or "+10:30"; empty: not known
	OwnZone     bool                       `json:"own_zone,omitempty"` // the person entered it, whatever their browser tells
	Language    string                     `json:"language"`           // BCP 47 tag of what they read; empty for English
	CreatedAt   time.Time                  `json:"created_at"`
	SignOuts    int                        `json:"sign_outs"` // how often they signed out; a session of an earlier count is over
	Status      Status                     `json:"status"`
	Choice      Choice                     `json:"choice"`
	Shape       Shape                      `json:"shape"`
	Grant       Grant                      `json:"grant"`
	Discover    Discover                   `json:"discover"`
	Inbox       Inbox                      `json:"inbox"`
	Listening   Listening                  `json:"listening"`
	Playlists   Playlists                  `json:"playlists"`
	Own         Own                        `json:"own"`
	Archives    map[string]ArchivePlaylist `json:"shelves"`
	Batches     map[string]int             `json:"batches"`        // per edition and source ("2026-11-16-inbox"): batches so far
	Open        *ledger.Batch              `json:"open,omitempty"` // the one batch that may be half done
	Waiting     bool                       `json:"waiting"`        // pending batches wait, whatever LastEdition says
	PendingAt   time.Time                  `json:"pending_at"`     // when the newest of them was put
	LastEdition calendar.Edition           `json:"last_edition"`   // no longer due for this one
	TroubledAt  time.Time                  `json:"troubled_at"`    // since when sources fail today; zero: none does
	Failing     time.Time                  `json:"failing"`        // since when every run fails for want of a proper answer; zero: the last did not
	Twice       calendar.Edition           `json:"twice"`          // its songs stand in the archive twice: another copy of this service writes to it
	Last        outcome.Outcome            `json:"last"`
	Lease       Lease                      `json:"lease"`
	Manual      Manual                     `json:"manual"`
	Messages    notice.Messages            `json:"messages"`
	Copier      bool                       `json:"copier"` // the person said that they copy Discover Weekly once a week
	Weeks       []calendar.WeekTally       `json:"weeks"`  // the newest few, oldest first
	Missed      []calendar.Edition         `json:"missed"` // weeks in which a person who copies copied nothing, oldest first
	Due         Due                        `json:"due"`    // the next look at the user

	// Revision is the store's name for this state of the document. It is
	// empty for a user that was never stored.
	Revision string `json:"-"`
}

// twiceShown is for how many weeks a person is told that songs stand in their
// archive twice.
const twiceShown = 4

// Doubled returns the newest edition of which songs stand in the archive
// twice, as far as that still has to be told; "" otherwise. Either the person
// put them there, or another copy of this service writes to the archive.
func (u User) Doubled(now time.Time) calendar.Edition {
	if u.Twice == "" || u.Twice.Monday().AddDate(0, 0, 7*twiceShown).Before(now) {
		return ""
	}
	return u.Twice
}

// Choose takes other sources. What the ones before had to say about this week
// does not hold for them, so the week is due again.
func (u *User) Choose(choice Choice, now time.Time) {
	if u.Choice != choice {
		u.Choice = choice
		u.Reopen(now)
	}
}

// Reopen makes the edition of now due again.
func (u *User) Reopen(now time.Time) {
	if u.LastEdition != "" {
		u.LastEdition = min(u.LastEdition, calendar.DueEdition(now).Previous())
	}
}

// NoteWaiting notes that a batch was put into pending. The time always grows, so that
// a run can tell a batch that came after it looked.
func (u *User) NoteWaiting(at time.Time) {
	if !at.After(u.PendingAt) {
		at = u.PendingAt.Add(time.Microsecond)
	}
	u.Waiting, u.PendingAt = true, at
}

// On how many days in a row a Discover Weekly has to be unreadable before it
// is asked for once a week only. One that was read before has been denied for
// days and come back.
const (
	deniedTries     = 3
	deniedAgainDays = 21
)

// The list of playlists is not searched in vain for ever, at a request for each
// fifty of them: after restAfter weeks more, in one of restWeeks only.
const (
	restAfter = 8
	restWeeks = 4
)

// Rests reports whether this is a week in which the list is not searched for a
// Discover Weekly that this app has not been shown for long.
func (d Discover) Rests() bool { return d.Unreadable(d.Denials-restAfter) && d.Denials%restWeeks != 0 }

// Unreadable reports whether so many denials mean that this app may not read it.
func (d Discover) Unreadable(denials int) bool {
	if d.Done == "" {
		return denials >= deniedTries
	}
	return denials >= deniedAgainDays
}

// Admitted reports whether a run of the user may begin. A cap that is only assumed
// keeps nobody from their first try at Discover Weekly, which shows what quota the
// app has: the requests of many sign-ups would otherwise pause an app with
// extended quota before it could show it. In development mode those are five runs.
func (u User) Admitted(b webapi.Budget) bool { return b.Leaves() || b.Assumed && u.triesDiscover() }
