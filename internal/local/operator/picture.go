package operator

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const (
	// usersShown is how many people a page has. The history of each is a
	// question to the store.
	usersShown = 25

	// weeksShown is how many weeks the strip beside a person has, and
	// weeksOfOne the page of one.
	weeksShown = 12
	weeksOfOne = 60
)

// picture is how things are, as the page and its JSON twin show it.
type picture struct {
	now        time.Time
	pause      app.Pause // zero where there is none
	requests   webapi.Budget
	lastWeekly time.Time
	lastBackup time.Time
	queue      memjobs.Stats
	letters    []memjobs.DeadLetter
	access     archive.Access // of the app to Discover Weekly

	people []personWeeks // of this page
	next   archive.UserID
	bad    int     // documents of this page that are not ours
	all    *people // nil while very many are counted for the first time
}

// personWeeks is a person with their newest weeks.
type personWeeks struct {
	person
	entries []ledger.Entry
}

// surroundings is the picture without people.
func (s *server) surroundings(ctx context.Context) (*picture, error) {
	p := &picture{now: s.Clock().UTC(), queue: s.Queue.Stats(), letters: s.Queue.DeadLetters()}
	pause, err := s.Store.Pause(ctx)
	if err != nil {
		return nil, err
	}
	p.pause = pause.Current(p.now)
	traffic, err := s.Store.Traffic(ctx)
	if err != nil {
		return nil, err
	}
	p.requests = webapi.Budget{Cap: traffic.Cap(s.DailyRequests), Used: traffic.On(p.now)}
	if p.lastWeekly, err = s.Store.LastRun(ctx, app.RunWeekly); err != nil {
		return nil, err
	}
	if s.Backups != nil {
		files, err := s.Backups.List(ctx)
		if err != nil {
			s.Log.WarnContext(ctx, "backups not listed", "error", err)
		}
		if len(files) > 0 {
			p.lastBackup = files[0].At
		}
	}
	return p, nil
}

func (s *server) look(ctx context.Context, query url.Values) (*picture, error) {
	p, err := s.surroundings(ctx)
	if err != nil {
		return nil, err
	}
	if s.Reach != nil {
		if p.access, err = s.Reach(ctx); err != nil {
			s.Log.WarnContext(ctx, "reach of the app not known", "error", err)
		}
	}
	if err := s.lookAtPeople(ctx, p, query); err != nil {
		return nil, err
	}
	if p.all != nil {
		s.addWorries(p)
	}
	return p, nil
}

// lookAtPeople reads the people that the query asks for. However many there
// are, it asks the store once, and once more for each of them.
func (s *server) lookAtPeople(ctx context.Context, p *picture, query url.Values) error {
	page, weeks, err := s.asked(ctx, query)
	if err != nil {
		return err
	}
	p.next, p.bad = page.Next, page.Bad
	part := query.Has("user") || query.Has("after")
	if !part && page.Next == "" {
		p.all = newPeople()
		p.all.Worries.add(ConcernUnreadable, page.Bad)
	}
	for _, u := range page.Users {
		history, err := s.Accounts.History(ctx, u.ID, "", weeks)
		if err != nil {
			return err
		}
		one := s.person(u, p.pause, p.now)
		p.people = append(p.people, personWeeks{one, history.Entries})
		if p.all != nil {
			p.all.count(one, p.now)
		}
	}
	if p.all == nil {
		p.all = s.latest(p.pause, p.now)
	}
	return nil
}

func (s *server) asked(ctx context.Context, query url.Values) (page records.UserPage, weeks int, err error) {
	one := archive.UserID(query.Get("user"))
	if one == "" {
		page, err = s.Store.Page(ctx, archive.UserID(query.Get("after")), usersShown)
		return page, weeksShown, err
	}
	user, err := s.Store.User(ctx, one)
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return records.UserPage{}, 0, nil
	case errors.Is(err, fault.ErrMalformed):
		return records.UserPage{Bad: 1}, 0, nil
	case err != nil:
		return records.UserPage{}, 0, err
	}
	return records.UserPage{Users: []archive.User{user}}, weeksOfOne, nil
}

// addWorries adds what is nobody's in particular.
func (s *server) addWorries(p *picture) {
	w := p.all.Worries
	w.add(ConcernLetters, len(p.letters))
	switch p.pause.Reason {
	case app.PausePremium:
		w.replace(ConcernPremium)
	case app.PauseClient:
		w.replace(ConcernCredentials)
	case app.PauseOperator:
		w.replace(ConcernPaused)
	}
	if p.all.Total > 0 && !p.lastWeekly.IsZero() && usecase.Overdue(p.lastWeekly, p.now, operate.LateWeek) != nil {
		w.add(ConcernWeek, 1)
	}
	if p.all.Saved > 0 && s.needsBackup(p.lastBackup) {
		w.add(ConcernBackup, 1)
	}
}

// replace makes a concern everybody's.
func (w worries) replace(c Concern) { w[c] = &Worry{Concern: c, Count: 1} }

// needsBackup reports that the newest copy is too old to be of use. Made-up
// accounts need none. Copies have the time of this machine, also where the
// service has another one.
func (s *server) needsBackup(last time.Time) bool {
	return s.Backups != nil && s.Standin == "" && time.Since(last) > operate.KeepBackups
}

func (s *server) status(w http.ResponseWriter, r *http.Request) {
	p, err := s.look(r.Context(), r.URL.Query())
	if err != nil {
		s.Log.ErrorContext(r.Context(), "status not read", "error", err)
		s.refuse(w, r, http.StatusInternalServerError, words.Say("operator.error.database"))
		return
	}
	s.writeJSON(w, r, http.StatusOK, s.asStatus(p))
}
