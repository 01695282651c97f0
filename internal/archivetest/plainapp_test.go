package archivetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

type app struct {
	pause   archive.Pause
	sizes   map[string]int
	refused map[string]map[archive.UserID]struct{}
	last    map[archive.RunKind]time.Time
	wave    time.Time
}

func newApp() app {
	return app{
		sizes:   map[string]int{},
		refused: map[string]map[archive.UserID]struct{}{},
		last:    map[archive.RunKind]time.Time{},
	}
}

// DueUsers implements archive.DueUsers.
func (s *plain) DueUsers(ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
	if q.Limit < 1 {
		return archive.DuePage{}, errors.New("listing due users: the limit is below 1")
	}
	return callPlain(ctx, s, "DueUsers", func() (archive.DuePage, error) {
		ids := slices.Sorted(maps.Keys(s.users))
		ids = slices.DeleteFunc(ids, func(id archive.UserID) bool {
			return id <= q.After || !strings.HasPrefix(string(id), q.Prefix)
		})
		var page archive.DuePage
		if len(ids) > q.Limit {
			ids = ids[:q.Limit]
			page.Next = ids[q.Limit-1]
		}
		for _, id := range ids {
			r := s.users[id]
			switch {
			case r.corrupt:
				page.Bad = append(page.Bad, id)
			default:
				page.Consider(r.user, q)
			}
		}
		return page, nil
	})
}

// Pause implements archive.App.
func (s *plain) Pause(ctx context.Context) (archive.Pause, error) {
	return callPlain(ctx, s, "Pause", func() (archive.Pause, error) { return s.app.pause, nil })
}

// SetPause implements archive.App.
func (s *plain) SetPause(ctx context.Context, p archive.Pause) error {
	return s.change(ctx, "SetPause", func() {
		if p.Replaces(s.app.pause) {
			s.app.pause = p
		}
	})
}

// AddRun implements archive.App.
func (s *plain) AddRun(ctx context.Context, run archive.Run, n int) error {
	return s.change(ctx, "AddRun", func() {
		s.app.sizes[run.Name()] += n
		s.app.last[run.Kind] = archive.NewestRun(s.app.last[run.Kind], run.At.UTC().Truncate(time.Second))
	})
}

// AddRefusal implements archive.App.
func (s *plain) AddRefusal(ctx context.Context, run archive.Run, id archive.UserID) (archive.Tally, error) {
	return callPlain(ctx, s, "AddRefusal", func() (archive.Tally, error) {
		name := run.Name()
		if s.app.refused[name] == nil {
			s.app.refused[name] = map[archive.UserID]struct{}{}
		}
		s.app.refused[name][id] = struct{}{}
		return archive.Tally{Users: s.app.sizes[name], Refused: len(s.app.refused[name])}, nil
	})
}

// SetWave implements archive.App.
func (s *plain) SetWave(ctx context.Context, at time.Time) error {
	return s.change(ctx, "SetWave", func() {
		s.app.wave = archive.NewestRun(s.app.wave, at)
	})
}

// LastWave implements archive.App.
func (s *plain) LastWave(ctx context.Context) (time.Time, error) {
	return callPlain(ctx, s, "LastWave", func() (time.Time, error) { return s.app.wave, nil })
}

// LastRun implements archive.App.
func (s *plain) LastRun(ctx context.Context, kind archive.RunKind) (time.Time, error) {
	return callPlain(ctx, s, "LastRun", func() (time.Time, error) { return s.app.last[kind], nil })
}

func (s *plain) change(ctx context.Context, op string, effect func()) error {
	_, err := callPlain(ctx, s, op, func() (struct{}, error) {
		effect()
		return struct{}{}, nil
	})
	return err
}
