package records

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// appState is the body of app/spotify.
type appState struct {
	Pause    archive.Pause                 `json:"pause"`
	LastWave time.Time                     `json:"last_wave"`
	LastRuns map[archive.RunKind]time.Time `json:"last_runs"` // to the second
}

// Pause implements archive.App.
func (s *Store) Pause(ctx context.Context) (archive.Pause, error) {
	state, _, err := s.app(ctx)
	if err != nil {
		return archive.Pause{}, fmt.Errorf("reading the app's pause: %w", err)
	}
	return state.Pause, nil
}

// LastWave implements archive.App.
func (s *Store) LastWave(ctx context.Context) (time.Time, error) {
	state, _, err := s.app(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the last wave: %w", err)
	}
	return state.LastWave, nil
}

// LastRun implements archive.App.
func (s *Store) LastRun(ctx context.Context, kind archive.RunKind) (time.Time, error) {
	state, _, err := s.app(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the last %s run: %w", kind, err)
	}
	return state.LastRuns[kind], nil
}

// SetPause implements archive.App.
func (s *Store) SetPause(ctx context.Context, p archive.Pause) error {
	err := s.changeApp(ctx, func(state *appState) bool {
		replaces := p.Replaces(state.Pause) && state.Pause != p
		state.Pause = p
		return replaces
	})
	if err != nil {
		return fmt.Errorf("setting the app's pause: %w", err)
	}
	return nil
}

// SetWave implements archive.App.
func (s *Store) SetWave(ctx context.Context, at time.Time) error {
	err := s.changeApp(ctx, func(state *appState) bool {
		before := state.LastWave
		state.LastWave = archive.NewestRun(before, at)
		return !state.LastWave.Equal(before)
	})
	if err != nil {
		return fmt.Errorf("noting a wave: %w", err)
	}
	return nil
}

func (s *Store) noteLastRun(ctx context.Context, run archive.Run) error {
	at := run.At.UTC().Truncate(time.Second)
	return s.changeApp(ctx, func(state *appState) bool {
		before := state.LastRuns[run.Kind]
		if state.LastRuns == nil {
			state.LastRuns = map[archive.RunKind]time.Time{}
		}
		state.LastRuns[run.Kind] = archive.NewestRun(before, at)
		return !state.LastRuns[run.Kind].Equal(before)
	})
}

// app returns the app's state and its revision: document.Absent before anything
// was ever set.
func (s *Store) app(ctx context.Context) (state appState, revision string, err error) {
	d, err := s.documents.Get(ctx, appKey)
	if errors.Is(err, document.ErrNotFound) {
		return appState{}, document.Absent, nil
	}
	if err != nil {
		return appState{}, "", err
	}
	_, err = decode("app", d, &state)
	return state, d.Revision, err
}

// changeTries bounds how often a change is tried that lost against others.
const changeTries = 16

// changeApp applies change to the app's state; change reports whether there is
// anything to write. In a storm of quota answers, or when many shards of a run
// begin, everybody wants the same change at once. Nobody holds a lock: one
// writes, and whoever lost reads again and finds it done.
func (s *Store) changeApp(ctx context.Context, change func(*appState) bool) error {
	var err error
	for range changeTries {
		state, revision, readErr := s.app(ctx)
		if readErr != nil {
			return readErr
		}
		if !change(&state) {
			return nil
		}
		body, encodeErr := encode(state)
		if encodeErr != nil {
			return encodeErr
		}
		_, err = s.documents.Commit(ctx, document.Write{
			Document: document.Document{Key: appKey, Body: body}, Expect: revision,
		})
		if !errors.Is(err, document.ErrConflict) {
			break
		}
	}
	return answer(err)
}
