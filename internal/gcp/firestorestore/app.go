package firestorestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// appState is the document app/spotify.
type appState struct {
	Pause    archive.Pause        `json:"pause"`
	LastWave time.Time            `json:"last_wave"`
	LastRuns map[string]time.Time `json:"last_runs"` // by kind
}

func (s *Store) appRef() *firestore.DocumentRef {
	return s.client.Collection(appCollection).Doc(appDocument)
}

// Pause implements archive.App.
func (s *Store) Pause(ctx context.Context) (archive.Pause, error) {
	state, err := s.app(ctx)
	if err != nil {
		return archive.Pause{}, fmt.Errorf("reading the pause: %w", err)
	}
	return state.Pause, nil
}

// LastWave implements archive.App.
func (s *Store) LastWave(ctx context.Context) (time.Time, error) {
	state, err := s.app(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the last wave: %w", err)
	}
	return state.LastWave, nil
}

// LastRun implements archive.App.
func (s *Store) LastRun(ctx context.Context, kind archive.RunKind) (time.Time, error) {
	state, err := s.app(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the last %s run: %w", kind, err)
	}
	return state.LastRuns[string(kind)], nil
}

// SetPause implements archive.App.
func (s *Store) SetPause(ctx context.Context, p archive.Pause) error {
	err := s.changeApp(ctx, func(state *appState) bool {
		replaces := !state.Pause.Until.After(p.Until) && state.Pause != p
		state.Pause = p
		return replaces
	})
	if err != nil {
		return fmt.Errorf("setting the pause: %w", err)
	}
	return nil
}

// SetWave implements archive.App.
func (s *Store) SetWave(ctx context.Context, at time.Time) error {
	err := s.changeApp(ctx, func(state *appState) bool {
		newer := at.After(state.LastWave)
		state.LastWave = at
		return newer
	})
	if err != nil {
		return fmt.Errorf("noting a wave of refusals: %w", err)
	}
	return nil
}

func (s *Store) noteLastRun(ctx context.Context, run archive.Run) error {
	return s.changeApp(ctx, func(state *appState) bool {
		newer := run.At.After(state.LastRuns[string(run.Kind)])
		if state.LastRuns == nil {
			state.LastRuns = map[string]time.Time{}
		}
		state.LastRuns[string(run.Kind)] = run.At
		return newer
	})
}

func (s *Store) app(ctx context.Context) (appState, error) {
	_, fields, err := read(ctx, s.appRef())
	if errors.Is(err, archive.ErrNotFound) {
		return appState{}, nil
	}
	if err != nil {
		return appState{}, err
	}
	var state appState
	return state, decode(fields, &state)
}

// changeApp applies change to the app's state; change reports whether there is
// anything to write. It looks without a transaction first: in a storm of
// quota answers, or with many shards of one run, all but one find it done.
func (s *Store) changeApp(ctx context.Context, change func(*appState) bool) error {
	state, err := s.app(ctx)
	if err != nil {
		return err
	}
	if !change(&state) {
		return nil
	}
	return s.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		snapshots, err := tx.GetAll([]*firestore.DocumentRef{s.appRef()})
		if err != nil {
			return err
		}
		var state appState
		if snapshots[0].Exists() {
			fields := snapshots[0].Data()
			if err := errors.Join(checkSchema(fields), decode(fields, &state)); err != nil {
				return err
			}
		}
		if !change(&state) {
			return nil
		}
		fields := encode(state)
		fields[schemaField] = schemaVersion
		return tx.Set(s.appRef(), fields, firestore.MergeAll)
	})
}
