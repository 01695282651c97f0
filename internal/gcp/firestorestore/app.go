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
	state, _, err := s.app(ctx)
	if err != nil {
		return archive.Pause{}, fmt.Errorf("reading the pause: %w", err)
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

// app returns the app's state and the snapshot that it comes from, which is nil
// before anything was ever set.
func (s *Store) app(ctx context.Context) (appState, *firestore.DocumentSnapshot, error) {
	snapshot, fields, err := read(ctx, s.appRef())
	if errors.Is(err, archive.ErrNotFound) {
		return appState{}, nil, nil
	}
	if err != nil {
		return appState{}, nil, err
	}
	var state appState
	return state, snapshot, decode(fields, &state)
}

// changeTries bounds how often a change is tried that lost against others.
const changeTries = 8

// changeApp applies change to the app's state; change reports whether there is
// anything to write. In a storm of quota answers, or when many shards of a run
// begin, everybody wants the same change at once. Nobody holds a lock: one
// writes, and whoever lost reads again and finds it done.
func (s *Store) changeApp(ctx context.Context, change func(*appState) bool) error {
	var err error
	for range changeTries {
		state, snapshot, readErr := s.app(ctx)
		if readErr != nil {
			return readErr
		}
		if !change(&state) {
			return nil
		}
		if err = conflict(s.writeApp(ctx, state, snapshot)); !errors.Is(err, archive.ErrConflict) {
			return err
		}
	}
	return err
}

func (s *Store) writeApp(ctx context.Context, state appState, read *firestore.DocumentSnapshot) error {
	fields := encode(state)
	fields[schemaField] = schemaVersion
	if read == nil {
		_, err := s.appRef().Create(ctx, fields)
		return err
	}
	updates := make([]firestore.Update, 0, len(fields))
	for name, value := range fields {
		updates = append(updates, firestore.Update{FieldPath: firestore.FieldPath{name}, Value: value})
	}
	_, err := s.appRef().Update(ctx, updates, firestore.LastUpdateTime(read.UpdateTime))
	return err
}
