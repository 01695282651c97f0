package usecase

import (
	"context"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// admit begins a run that asks Spotify. Where the day's requests are used up
// the app is paused until the next day; the looks at what was played, and those
// after a reminder, are put off before.
func (a *Archivist) admit(ctx context.Context, user archive.User, run archive.Run) (archive.Spending, error) {
	spending, err := a.Spotify.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the day's requests: %w", err)
	}
	budget, now := spending.Budget(), a.Clock.Now()
	switch {
	case !budget.Admits(user):
		err = a.pauseApp(ctx, archive.Pause{Until: archive.NextDay(now), Reason: archive.PauseBudget})
	case run.Kind == archive.RunDue && (user.OnlyPlays(now) || !user.LookAgain(now).IsZero()):
		err = a.roomFor(ctx, budget, archive.SourceListening)
	}
	if err != nil {
		spending.End(ctx)
		return nil, err
	}
	return spending, nil
}

// putOff asks it for a source of a run.
func (r *run) putOff(ctx context.Context, source archive.SourceName) error {
	return r.roomFor(ctx, r.spending.Budget(), source)
}

// roomFor returns ErrPutOff where the budget leaves no room for a source, which
// the operator is told.
func (a *Archivist) roomFor(ctx context.Context, budget archive.Budget, source archive.SourceName) error {
	if budget.LeavesFor(source, a.Clock.Now()) {
		return nil
	}
	a.Log.WarnContext(ctx, "put off", "source", string(source), "requests", budget.Used, "daily_requests", budget.Cap)
	return archive.ErrPutOff
}
