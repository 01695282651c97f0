package usecase

import (
	"context"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// admit begins a run that asks Spotify. Where the day's requests are used up
// the app is paused until the next day; the looks at what was played, and those
// after a reminder, are put off before.
func (a *Archivist) admit(ctx context.Context, user archive.User, run app.Run) (webapi.Spending, error) {
	spending, err := a.Spotify.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the day's requests: %w", err)
	}
	budget, now := spending.Budget(), a.Clock.Now()
	switch {
	case !user.Admitted(budget):
		err = a.pauseApp(ctx, app.Pause{Until: webapi.NextDay(now), Reason: app.PauseBudget})
	case run.Kind == app.RunDue && (user.OnlyPlays(now) || !user.LookAgain(now).IsZero()):
		err = a.roomFor(ctx, budget, ledger.SourceListening)
	}
	if err != nil {
		spending.End(ctx)
		return nil, err
	}
	return spending, nil
}

// putOff asks it for a source of a run. Pasted songs cost nothing to read, and are
// saved in every run.
func (r *run) putOff(ctx context.Context, source ledger.SourceName) error {
	budget := r.spending.Budget()
	if r.job.Run.Kind == app.RunManual && source != ledger.SourcePaste {
		budget = budget.Asked()
	}
	return r.roomFor(ctx, budget, source)
}

// roomFor returns ErrPutOff where the budget leaves no room for a source, which
// the operator is told.
func (a *Archivist) roomFor(ctx context.Context, budget webapi.Budget, source ledger.SourceName) error {
	if budget.LeavesFor(source, a.Clock.Now()) {
		return nil
	}
	a.Log.WarnContext(ctx, "put off", "source", string(source), "requests", budget.Used, "daily_requests", budget.Cap)
	return fault.ErrPutOff
}
