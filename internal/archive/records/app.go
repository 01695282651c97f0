package records

import (
	"context"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// appState is the body of app/spotify.
type appState struct {
	Pause           archive.Pause                 `json:"pause"`
	LastMassRefusal time.Time                     `json:"last_wave"`
	LastRuns        map[archive.RunKind]time.Time `json:"last_runs,omitempty"` // of older programs: see LastRun
	PushKey         archive.PushKey               `json:"push_key"`
}

// Pause implements archive.App.
func (s *Store) Pause(ctx context.Context) (archive.Pause, error) {
	state, err := s.app(ctx)
	if err != nil {
		return archive.Pause{}, fmt.Errorf("reading the app's pause: %w", err)
	}
	return state.Pause, nil
}

// LastMassRefusal implements archive.App.
func (s *Store) LastMassRefusal(ctx context.Context) (time.Time, error) {
	state, err := s.app(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the last mass refusal: %w", err)
	}
	return state.LastMassRefusal, nil
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

// SetMassRefusal implements archive.App.
func (s *Store) SetMassRefusal(ctx context.Context, at time.Time) error {
	err := s.changeApp(ctx, func(state *appState) bool {
		before := state.LastMassRefusal
		state.LastMassRefusal = archive.NewestRun(before, at)
		return !state.LastMassRefusal.Equal(before)
	})
	if err != nil {
		return fmt.Errorf("noting a mass refusal: %w", err)
	}
	return nil
}

// PushKey implements archive.PushKeyStore.
func (s *Store) PushKey(ctx context.Context) (archive.PushKey, error) {
	state, err := s.app(ctx)
	if err != nil {
		return archive.PushKey{}, fmt.Errorf("reading the key of pushes: %w", err)
	}
	return state.PushKey, nil
}

// AddPushKey implements archive.PushKeyStore.
func (s *Store) AddPushKey(ctx context.Context, key archive.PushKey) (archive.PushKey, error) {
	stored := key
	err := s.changeApp(ctx, func(state *appState) bool {
		if state.PushKey.Public != "" {
			stored = state.PushKey
			return false
		}
		state.PushKey, stored = key, key
		return true
	})
	if err != nil {
		return archive.PushKey{}, fmt.Errorf("storing the key of pushes: %w", err)
	}
	return stored, nil
}

// ResealPushKey implements archive.PushKeyStore.
func (s *Store) ResealPushKey(ctx context.Context, key archive.PushKey) error {
	err := s.changeApp(ctx, func(state *appState) bool {
		if state.PushKey.Public != key.Public {
			return false
		}
		state.PushKey.Sealed = key.Sealed
		return true
	})
	if err != nil {
		return fmt.Errorf("sealing the key of pushes anew: %w", err)
	}
	return nil
}

func (s *Store) app(ctx context.Context) (appState, error) {
	state, _, err := read[appState](ctx, s, appKey)
	return state, err
}

// changeApp applies change to the app's state; change reports whether there is
// anything to write. In a storm of quota answers everybody wants the same change
// at once: one writes, and whoever lost reads again and finds it done.
func (s *Store) changeApp(ctx context.Context, apply func(*appState) bool) error {
	return change(ctx, s, document.Document{Key: appKey}, apply)
}
