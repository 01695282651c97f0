package operator

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/releases"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// Status is what the page shows. Times are the program's, which with a
// stand-in is the stand-in's time; of backups this machine's.
type Status struct {
	Now         time.Time         `json:"now"`
	Version     string            `json:"version"`
	Newer       *releases.Release `json:"newer_version,omitempty"` // is out
	Up          string            `json:"up"`                      // since the start, such as "26h3m0s"
	LastBackup  time.Time         `json:"last_backup,omitzero"`
	Standin     string            `json:"standin,omitempty"` // address of its control page
	LastWeekly  time.Time         `json:"last_weekly,omitzero"`
	NextWeekly  time.Time         `json:"next_weekly"`
	Pause       *Pause            `json:"pause,omitempty"` // of the whole app
	Queue       memjobs.Stats     `json:"queue"`
	Requests    Requests          `json:"requests"`
	DeadLetters []DeadLetter      `json:"dead_letters"`
	People      int               `json:"people"`    // everybody who is connected
	Counting    bool              `json:"counting"`  // very many people are still being counted: People and Attention say nothing yet
	Attention   []Worry           `json:"attention"` // what needs somebody, what stops most first
	Users       []User            `json:"users"`
	Next        archive.UserID    `json:"next,omitempty"`   // ?after= of the next page of users
	Unreadable  int               `json:"unreadable_users"` // documents of this page that are not ours
}

// Requests are those to Spotify's Web API of a day, in UTC.
type Requests struct {
	Today int `json:"today"`
	Cap   int `json:"cap"` // 0: there is none
}

// Pause is a pause that has not ended.
type Pause struct {
	Until  time.Time       `json:"until"`
	Reason app.PauseReason `json:"reason"`
}

// DeadLetter is a job that was given up. Its user is still due: the next
// sweep tries again.
type DeadLetter struct {
	ID       string         `json:"id"`
	User     archive.UserID `json:"user,omitempty"`
	Kind     app.RunKind    `json:"kind"`
	Attempts int            `json:"attempts"`
	At       time.Time      `json:"at"`
	Reason   string         `json:"reason"`
}

// User is a user as their operator sees them: no token, no song.
type User struct {
	ID          archive.UserID   `json:"id"`
	Name        string           `json:"name"`
	Status      archive.Status   `json:"status"`
	Choice      archive.Choice   `json:"choice"`
	Outcome     outcome.Kind     `json:"outcome"`
	Sentence    string           `json:"sentence"` // the outcome, as the user reads it
	At          time.Time        `json:"at,omitzero"`
	ConsentEnds time.Time        `json:"consent_ends,omitzero"`
	OtherKey    bool             `json:"other_key,omitempty"` // the consent was sealed with another key file
	Open        bool             `json:"open,omitempty"`      // a batch is half done
	Doubled     calendar.Edition `json:"doubled,omitempty"`   // its songs stand in the archive twice: a second copy of this service may be running
	Attention   []Concern        `json:"attention,omitempty"`
	Editions    []Edition        `json:"editions"` // of the newest weeks, newest first
}

// Edition is a finished batch.
type Edition struct {
	Edition calendar.Edition  `json:"edition"`
	Source  ledger.SourceName `json:"source"`
	Batch   int               `json:"batch"`
	Found   int               `json:"found"`
	Added   int               `json:"added"`
	DoneAt  time.Time         `json:"done_at"`
}

func (s *server) asStatus(p *picture) Status {
	status := Status{
		Now: p.now, Version: s.Version, Up: s.Uptime().Truncate(time.Second).String(), LastBackup: p.lastBackup, Standin: s.Standin,
		LastWeekly: p.lastWeekly, NextWeekly: s.Next(), Queue: p.queue, Requests: Requests{Today: p.requests.Used, Cap: p.requests.Cap},
		DeadLetters: []DeadLetter{}, Attention: []Worry{}, Users: []User{}, Next: p.next, Unreadable: p.bad,
	}
	if s.Newer != nil {
		if newer, is := s.Newer(); is {
			status.Newer = &newer
		}
	}
	if !p.pause.Until.IsZero() {
		status.Pause = &Pause{Until: p.pause.Until, Reason: p.pause.Reason}
	}
	for _, d := range p.letters {
		status.DeadLetters = append(status.DeadLetters, DeadLetter{
			ID: d.ID, User: d.User, Kind: d.Run.Kind, Attempts: d.Attempts, At: d.At, Reason: d.Reason,
		})
	}
	if status.Counting = p.all == nil; !status.Counting {
		status.People, status.Attention = p.all.Total, p.all.Worries.list()
	}
	for _, one := range p.people {
		status.Users = append(status.Users, one.asUser(p.now))
	}
	return status
}

func (p personWeeks) asUser(now time.Time) User {
	u := User{
		ID: p.ID, Name: p.DisplayName, Status: p.Status, Choice: p.Choice,
		Outcome: p.Last.Kind, Sentence: sentence(p.Last, now), At: p.Last.At,
		OtherKey: p.OtherKey, Open: p.Open != nil, Doubled: p.Doubled(now), Attention: p.concerns(now), Editions: []Edition{},
	}
	if !p.Grant.AuthorizedAt.IsZero() {
		u.ConsentEnds = p.Grant.EndsAt()
	}
	for _, e := range p.entries {
		u.Editions = append(u.Editions, Edition{
			Edition: e.Key.Edition, Source: e.Key.Source, Batch: e.Key.Batch,
			Found: e.Found, Added: e.Added, DoneAt: e.DoneAt,
		})
	}
	return u
}

// sentence tells in English how a run ended.
func sentence(o outcome.Outcome, now time.Time) string {
	english, _ := words.Ours().Language(words.Fallback)
	return english.Texts(words.Outcome(o, now))
}
