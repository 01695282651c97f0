package records

import (
	"context"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
)

// appState is the body of app/spotify.
type appState struct {
	Pause           app.Pause                 `json:"pause"`
	LastMassRefusal time.Time                 `json:"last_wave"`
	LastRuns        map[app.RunKind]time.Time `json:"last_runs,omitempty"` // of older programs: see LastRun
	PushKey         notice.PushKey            `json:"push_key"`
}

// Pause implements archive.App.
func (s *Store) Pause(ctx context.Context) (app.Pause, error) {
	state, err := s.app(ctx)
	if err != nil {
		return app.Pause{}, fmt.Errorf("reading the app's pause: %w", err)
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
func (s *Store) SetPause(ctx context.Context, p app.Pause) error {
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
		state.LastMassRefusal = calendar.NewestRun(before, at)
		return !state.LastMassRefusal.Equal(before)
	})
	if err != nil {
		return fmt.Errorf("noting a mass refusal: %w", err)
	}
	return nil
}

// PushKey implements notice.PushKeyStore.
func (s *Store) PushKey(ctx context.Context) (notice.PushKey, error) {
	state, err := s.app(ctx)
	if err != nil {
		return notice.PushKey{}, fmt.Errorf("reading the key of pushes: %w", err)
	}
	return state.PushKey, nil
}

// AddPushKey implements notice.PushKeyStore.
func (s *Store) AddPushKey(ctx context.Context, key notice.PushKey) (notice.PushKey, error) {
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
		return notice.PushKey{}, fmt.Errorf("storing the key of pushes: %w", err)
	}
	return stored, nil
}

// ResealPushKey implements notice.PushKeyStore.
func (s *Store) ResealPushKey(ctx context.Context, key notice.PushKey) error {
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
