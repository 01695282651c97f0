package operator

import (
	"errors"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/releases"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const (
	// entriesShown is how much of a user's history the status has.
	entriesShown = 60

	// usersShown is how many users a page has, and fewShown with how many of
	// them it shows their history too, which is a question to the store each.
	usersShown = 100
	fewShown   = 10
)

// Status is what the page shows. Times are the program's, which with a
// stand-in is the stand-in's time.
type Status struct {
	Now         time.Time         `json:"now"`
	Version     string            `json:"version"`
	Newer       *releases.Release `json:"newer_version,omitempty"` // is out
	Standin     string            `json:"standin,omitempty"`       // address of its control page
	LastWeekly  time.Time         `json:"last_weekly,omitzero"`
	NextWeekly  time.Time         `json:"next_weekly"`
	Pause       *Pause            `json:"pause,omitempty"` // Spotify asked the app to wait
	Queue       memjobs.Stats     `json:"queue"`
	DeadLetters []DeadLetter      `json:"dead_letters"`
	Users       []User            `json:"users"`
	Next        archive.UserID    `json:"next,omitempty"`   // ?after= of the next page of users
	Unreadable  int               `json:"unreadable_users"` // documents of this page that are not ours
}

// Pause is a pause that has not ended.
type Pause struct {
	Until  time.Time           `json:"until"`
	Reason archive.PauseReason `json:"reason"`
}

// DeadLetter is a job that was given up. Its user is still due: the next
// catch-up tries again.
type DeadLetter struct {
	ID       string          `json:"id"`
	User     archive.UserID  `json:"user,omitempty"`
	Kind     archive.RunKind `json:"kind"`
	Attempts int             `json:"attempts"`
	At       time.Time       `json:"at"`
	Reason   string          `json:"reason"`
}

// User is a user as their operator sees them: no token, no song.
type User struct {
	ID          archive.UserID      `json:"id"`
	Name        string              `json:"name"`
	Status      archive.Status      `json:"status"`
	Choice      archive.Choice      `json:"choice"`
	Outcome     archive.OutcomeKind `json:"outcome"`
	Sentence    string              `json:"sentence"` // the outcome, as the user reads it
	At          time.Time           `json:"at,omitzero"`
	ConsentEnds time.Time           `json:"consent_ends,omitzero"`
	OtherKey    bool                `json:"other_key,omitempty"` // the consent was sealed with another key file
	Open        bool                `json:"open,omitempty"`      // a batch is half done
	Doubled     archive.Edition     `json:"doubled,omitempty"`   // its songs stand in the archive twice: a second copy of this service may be running
	Editions    []Edition           `json:"editions"`            // newest first
	Folded      bool                `json:"folded,omitempty"`    // too many users for their editions; ?user= shows them
}

// Edition is a finished batch.
type Edition struct {
	Edition archive.Edition    `json:"edition"`
	Source  archive.SourceName `json:"source"`
	Batch   int                `json:"batch"`
	Found   int                `json:"found"`
	Added   int                `json:"added"`
	DoneAt  time.Time          `json:"done_at"`
}

func (s *server) status(w http.ResponseWriter, r *http.Request) {
	status, err := s.gather(r)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "status not read", "error", err)
		s.refuse(w, r, http.StatusInternalServerError, "The database cannot be read; the log says why.")
		return
	}
	s.writeJSON(w, r, http.StatusOK, status)
}

func (s *server) gather(r *http.Request) (Status, error) {
	ctx := r.Context()
	now := s.Clock().UTC()
	status := Status{
		Now:         now,
		Version:     s.Version,
		Standin:     s.Standin,
		NextWeekly:  s.Next(),
		Queue:       s.Queue.Stats(),
		DeadLetters: []DeadLetter{},
		Users:       []User{},
	}
	for _, d := range s.Queue.DeadLetters() {
		status.DeadLetters = append(status.DeadLetters, DeadLetter{
			ID: d.ID, User: d.User, Kind: d.Run.Kind, Attempts: d.Attempts, At: d.At, Reason: d.Reason,
		})
	}
	if s.Newer != nil {
		if newer, is := s.Newer(); is {
			status.Newer = &newer
		}
	}
	var err error
	if status.LastWeekly, err = s.Store.LastRun(ctx, archive.RunWeekly); err != nil {
		return Status{}, err
	}
	pause, err := s.Store.Pause(ctx)
	if err != nil {
		return Status{}, err
	}
	if pause.Until.After(now) {
		status.Pause = &Pause{Until: pause.Until, Reason: pause.Reason}
	}
	if err := s.addUsers(r, &status); err != nil {
		return Status{}, err
	}
	return status, nil
}

// addUsers adds the users that the request asks for. However many there are,
// it asks the store once, and ten times more at most.
func (s *server) addUsers(r *http.Request, status *Status) error {
	page, err := s.asked(r)
	if err != nil {
		return err
	}
	status.Unreadable, status.Next = page.Bad, page.Next
	for _, u := range page.Users {
		var entries []archive.Entry
		folded := len(page.Users) > fewShown
		if !folded {
			if entries, err = s.Store.Entries(r.Context(), u.ID, entriesShown); err != nil {
				return err
			}
		}
		view := s.user(u, entries)
		view.Folded = folded
		status.Users = append(status.Users, view)
	}
	return nil
}

func (s *server) asked(r *http.Request) (records.UserPage, error) {
	query := r.URL.Query()
	one := archive.UserID(query.Get("user"))
	if one == "" {
		return s.Store.Page(r.Context(), archive.UserID(query.Get("after")), usersShown)
	}
	user, err := s.Store.User(r.Context(), one)
	switch {
	case errors.Is(err, archive.ErrNotFound):
		return records.UserPage{}, nil
	case errors.Is(err, archive.ErrMalformed):
		return records.UserPage{Bad: 1}, nil
	case err != nil:
		return records.UserPage{}, err
	}
	return records.UserPage{Users: []archive.User{user}}, nil
}

func (s *server) user(u archive.User, entries []archive.Entry) User {
	view := User{
		ID:       u.ID,
		Name:     u.DisplayName,
		Status:   u.Status,
		Choice:   u.Choice,
		Outcome:  u.Last.Kind,
		Sentence: sentence(u.Last, s.Clock()),
		At:       u.Last.At,
		OtherKey: len(u.Grant.Sealed.Ciphertext) > 0 && u.Grant.Sealed.KeyVersion != s.KeyVersion,
		Open:     u.Open != nil,
		Doubled:  u.Doubled(s.Clock()),
		Editions: []Edition{},
	}
	if !u.Grant.AuthorizedAt.IsZero() {
		view.ConsentEnds = u.Grant.EndsAt()
	}
	for _, e := range entries {
		view.Editions = append(view.Editions, Edition{
			Edition: e.Key.Edition, Source: e.Key.Source, Batch: e.Key.Batch,
			Found: e.Found, Added: e.Added, DoneAt: e.DoneAt,
		})
	}
	return view
}

// sentence tells in the operator's language how a run ended.
func sentence(o archive.Outcome, now time.Time) string {
	english, _ := words.Ours().Language(words.Fallback)
	return english.Texts(words.Outcome(o, now))
}
