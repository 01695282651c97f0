package archive

import (
	"context"
	"errors"
	"fmt"
)

// errPutOff: what is left of the day's requests is kept for what comes first.
var errPutOff = errors.New("put off to another day: the requests that are left today are kept for what comes first")

// admit begins a run that asks Spotify. Where the day's requests are used up
// the app is paused until the next day; the looks at what was played are put
// off before.
func (a *Archivist) admit(ctx context.Context, run Run) (Spending, error) {
	spending, err := a.Spotify.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the day's requests: %w", err)
	}
	budget, now := spending.Budget(), a.Clock.now()
	switch {
	case !budget.Leaves():
		err = a.keepAway(ctx, Pause{Until: nextDay(now), Reason: PauseBudget})
	case run.Kind == RunListening:
		err = a.putOff(ctx, budget, SourceListening)
	}
	if err != nil {
		spending.End(ctx)
		return nil, err
	}
	return spending, nil
}

// putOff returns errPutOff where the budget leaves no room for a source, which
// the operator is told.
func (a *Archivist) putOff(ctx context.Context, budget Budget, source SourceName) error {
	if budget.LeavesFor(source, a.Clock.now()) {
		return nil
	}
	a.Log.WarnContext(ctx, "put off", "source", string(source), "requests", budget.Used, "daily_requests", budget.Cap)
	return errPutOff
}
