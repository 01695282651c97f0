package usecase

import (
	"context"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/exactlyonce"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// wantedBack reads the archives where songs are wanted back, so that the plan
// knows which of them stand there. As long as that cannot be told, these wait
// and the others do not.
func (r *run) wantedBack(ctx context.Context, shown []ledger.Batch) ([]ledger.Batch, error) {
	i := slices.IndexFunc(shown, ledger.Batch.TakesBack)
	if i < 0 {
		return shown, nil
	}
	newest, err := r.Store.Entries(ctx, r.held.User.ID, 1)
	if err != nil {
		return nil, err
	}
	r.report.early = r.tooEarly(newest)
	r.report.apart = r.report.early
	if r.report.apart == nil {
		r.report.apart = r.ours.ReadArchives(ctx, shown[i].ArchivePlaylist)
	}
	if err := r.report.apart; err != nil {
		if r.report.early == nil && !r.blocks(err) {
			return nil, err
		}
		r.Log.InfoContext(ctx, "songs that are wanted back wait", "user_id", r.held.User.ID, "error", err)
		shown = slices.DeleteFunc(slices.Clone(shown), ledger.Batch.TakesBack)
	}
	return shown, nil
}

// standing tells of songs that are wanted back and stand in an archive. The history
// counted them when they came.
func (r *run) standing(b *ledger.Batch) {
	if !b.TakesBack() {
		return
	}
	r.report.outcome.Stood += b.Entry.Already
	b.Entry.Found, b.Entry.Already = len(b.Tracks), 0
	b.Counted = len(b.Tracks) == 0
}

// tooEarly is an error where the newest append may not show yet: a song of it that
// does not stand in the archive need not be missing.
func (r *run) tooEarly(newest []ledger.Entry) error {
	now := r.Clock.Now()
	for _, e := range newest {
		if shows := e.DoneAt.Add(r.visibilityDelay()); now.Before(shows) && !calendar.Ahead(e.DoneAt, now) {
			return &exactlyonce.TooEarly{Until: shows}
		}
	}
	return nil
}
