package usecase

import (
	"context"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// suspectedLife: an invalid_grant on a consent of this age is believed at
// once. Projects have measured lives from 180 days up; a week is for clocks.
const suspectedLife = archive.ConsentLife - 7*24*time.Hour

const (
	// A grant is confirmed to be over after confirmCount refusals over
	// confirmTime: outages of the accounts service have answered
	// invalid_grant for good tokens.
	confirmCount = 3
	confirmTime  = 48 * time.Hour

	// A mass refusal is massUsers refusals in one day of the app that are more than one
	// in massShare of the users who were sent out in it. A page of users that is
	// delivered late begins and ends elsewhere than before and counts some of
	// them again, so the share is small.
	massUsers = 3
	massShare = 20

	// massTime is how long a mass refusal may explain further refusals: until after
	// the same run of the next day, which shows whether it goes on.
	massTime = 25 * time.Hour

	// massAgain is for how long another mass refusal is taken for the same one.
	massAgain = 7 * 24 * time.Hour
)

// refused decides what an invalid_grant means: the end of the consent, a mass refusal
// (an outage, which marks nobody), or a suspicion that is noted.
func (r *run) refused(ctx context.Context) error {
	now := r.Clock.Now()
	grant := r.held.User.Grant
	if r.grant.renewed {
		grant.Refusals = archive.Refusals{} // it was accepted earlier in this run
	}
	if now.Sub(grant.AuthorizedAt) >= suspectedLife {
		r.grant.refusals = archive.Refusals{Count: grant.Refusals.Count + 1, First: now, Last: now}
		return fault.ErrReconnect
	}
	lastMass, err := r.App.LastMassRefusal(ctx)
	if err != nil {
		return fmt.Errorf("reading the last mass refusal: %w", err)
	}
	if calendar.Ahead(lastMass, now) {
		lastMass = time.Time{}
	}
	if !lastMass.IsZero() && now.Sub(lastMass) < massTime {
		return fault.ErrSuspected
	}
	explained := grant.Refusals.Count > 0 && !lastMass.Add(calendar.MaxSkew).Before(grant.Refusals.First) // by a mass refusal
	if grant.Refusals.Count == 0 || explained {
		// Only first refusals count towards a mass refusal. Users whose grant was
		// refused before are few and known; they would make a mass refusal of every
		// day on which nobody else is due.
		tally, isMass, err := r.isMass(ctx, now.Sub(lastMass) < massAgain)
		if err != nil {
			return fmt.Errorf("noting a refusal: %w", err)
		}
		if isMass {
			return r.massRefusal(ctx, tally)
		}
	}
	refusals := grant.Refusals
	if refusals.Count == 0 || explained {
		refusals = archive.Refusals{First: now}
	}
	refusals.Count++
	refusals.Last = now
	if refusals.Count >= confirmCount && now.Sub(refusals.First) >= confirmTime {
		r.grant.refusals = refusals
		return fault.ErrReconnect
	}
	if err := r.held.Write(ctx, archive.Changes{}, func(u *archive.User) { u.Grant.Refusals = refusals }); err != nil {
		return err
	}
	return fault.ErrSuspected
}

// isMass notes a refusal, and reports whether there are so many that they are
// an outage: over a day, or, if a mass refusal goes on, over the week. One that goes
// on has to concern nearly everybody, because those who really revoked are
// refused on every day.
func (r *run) isMass(ctx context.Context, goesOn bool) (app.Tally, bool, error) {
	now := r.Clock.Now()
	day, err := r.App.AddRefusal(ctx, app.TallyOfDay(now), r.held.User.ID)
	if err != nil {
		return app.Tally{}, false, err
	}
	week, err := r.App.AddRefusal(ctx, app.TallyOfWeek(now), r.held.User.ID)
	if err != nil {
		return app.Tally{}, false, err
	}
	if goesOn {
		return week, week.Refused >= massUsers && week.Refused*5 >= week.Users*4, nil
	}
	return day, day.Refused >= massUsers && day.Refused*massShare > day.Users, nil
}

// massRefusal notes that many grants were refused at once, which counts against
// nobody. Nobody is kept waiting either: users whose grants are good go on.
func (r *run) massRefusal(ctx context.Context, tally app.Tally) error {
	r.Log.ErrorContext(ctx, "mass refusal", "refused", tally.Refused, "users", tally.Users)
	if err := r.App.SetMassRefusal(ctx, r.Clock.Now()); err != nil {
		return fmt.Errorf("noting a mass refusal: %w", err)
	}
	return fault.ErrSuspected
}

// pauseApp pauses the app and returns the error that says so.
func (a *Archivist) pauseApp(ctx context.Context, pause app.Pause) error {
	pause.Until = pause.Until.UTC()
	a.Log.WarnContext(ctx, "spotify paused", "reason", string(pause.Reason), "until", pause.Until)
	a.pause.forget()
	if err := a.App.SetPause(ctx, pause); err != nil {
		return fmt.Errorf("pausing the app: %w", err)
	}
	return &fault.PausedError{Until: pause.Until, Reason: pause.Reason}
}
