package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// runLife is how long a run's size and refusals are kept. The newest run of
// each kind stays.
const runLife = 35 * 24 * time.Hour

// The rows of the table app.
const (
	rowPause = "pause"
	rowWave  = "wave"
)

// Pause implements archive.App.
func (s *Store) Pause(ctx context.Context) (archive.Pause, error) {
	pauses, err := documents[archive.Pause](ctx, s.db, "SELECT document FROM app WHERE name = ?", rowPause)
	if err != nil {
		return archive.Pause{}, fmt.Errorf("reading the app's pause: %w", err)
	}
	if len(pauses) == 0 {
		return archive.Pause{}, nil
	}
	return pauses[0], nil
}

// SetPause implements archive.App.
func (s *Store) SetPause(ctx context.Context, p archive.Pause) error {
	if err := s.setNewer(ctx, rowPause, p.Until, p); err != nil {
		return fmt.Errorf("setting the app's pause: %w", err)
	}
	return nil
}

// SetWave implements archive.App.
func (s *Store) SetWave(ctx context.Context, at time.Time) error {
	if err := s.setNewer(ctx, rowWave, at, struct{}{}); err != nil {
		return fmt.Errorf("noting a wave: %w", err)
	}
	return nil
}

// LastWave implements archive.App.
func (s *Store) LastWave(ctx context.Context) (time.Time, error) {
	at, err := s.readTime(ctx, "SELECT at FROM app WHERE name = ?", rowWave)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the last wave: %w", err)
	}
	return at, nil
}

// LastRun implements archive.App.
func (s *Store) LastRun(ctx context.Context, kind archive.RunKind) (time.Time, error) {
	at, err := s.readTime(ctx, "SELECT at FROM runs WHERE kind = ? ORDER BY at DESC LIMIT 1", kind)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the last %s run: %w", kind, err)
	}
	return at, nil
}

// AddRun implements archive.App.
func (s *Store) AddRun(ctx context.Context, run archive.Run, n int) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			"INSERT INTO runs (name, kind, at, users) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET users = users + excluded.users",
			run.Name(), run.Kind, run.At.UnixMicro(), n)
		if err != nil {
			return err
		}
		oldest := run.At.Add(-runLife).UnixMicro()
		if _, err := tx.ExecContext(ctx, "DELETE FROM refusals WHERE at < ?", oldest); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx,
			"DELETE FROM runs WHERE at < ? AND at < (SELECT max(at) FROM runs AS newer WHERE newer.kind = runs.kind)", oldest)
		return err
	})
	if err != nil {
		return fmt.Errorf("noting run %s: %w", run.Name(), err)
	}
	return nil
}

// AddRefusal implements archive.App.
func (s *Store) AddRefusal(ctx context.Context, run archive.Run, id archive.UserID) (archive.Tally, error) {
	var tally archive.Tally
	err := s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx,
			"INSERT INTO refusals (run, user_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			run.Name(), id, run.At.UnixMicro())
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx,
			"SELECT coalesce((SELECT users FROM runs WHERE name = ?1), 0), (SELECT count(*) FROM refusals WHERE run = ?1)",
			run.Name()).Scan(&tally.Users, &tally.Refused)
	})
	if err != nil {
		return archive.Tally{}, fmt.Errorf("noting a refusal in run %s: %w", run.Name(), err)
	}
	return tally, nil
}

// setNewer replaces a row unless the stored one is of a later time.
func (s *Store) setNewer(ctx context.Context, name string, at time.Time, value any) error {
	document, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx,
		"INSERT INTO app (name, at, document) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, document = excluded.document WHERE excluded.at >= at",
		name, at.UnixMicro(), string(document))
	return err
}

// readTime returns the zero time when there is no row.
func (s *Store) readTime(ctx context.Context, query string, args ...any) (time.Time, error) {
	var micros int64
	err := s.db.QueryRowContext(ctx, query, args...).Scan(&micros)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return time.UnixMicro(micros).UTC(), nil
}
