package web

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestWeekly(t *testing.T) {
	t.Parallel()
	setUp := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	monday := time.Date(2026, 11, 30, 13, 0, 0, 0, time.UTC)
	broken := errors.New("no answer")
	cases := map[string]struct {
		stored  time.Time
		since   time.Time
		err     error
		want    time.Time
		wantErr error
	}{
		"a_run_is_told":                         {stored: monday, since: setUp, want: monday},
		"a_fresh_service_has_missed_nothing":    {since: setUp, want: setUp},
		"a_run_of_an_earlier_life_is_too_old":   {stored: setUp.AddDate(-1, 0, 0), since: setUp, want: setUp},
		"without_a_date_nothing_was_ever_run":   {},
		"a_store_that_does_not_answer_is_told":  {since: setUp, err: broken, wantErr: broken},
		"a_run_is_told_without_a_date_of_setup": {stored: monday, want: monday},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &weekly{
				ask:   func(context.Context) (time.Time, error) { return c.stored, c.err },
				since: c.since, clock: func() time.Time { return monday },
			}
			got, err := w.last(t.Context())
			if !got.Equal(c.want) || !errors.Is(err, c.wantErr) {
				t.Errorf("got %v and error %v, want %v and %v", got, err, c.want, c.wantErr)
			}
		})
	}
}

// The address is public: a thousand visitors are one question to the store.
func TestWeeklyAsksOnceAMinute(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 13, 0, 0, 0, time.UTC)
	asked := 0
	w := &weekly{
		ask: func(ctx context.Context) (time.Time, error) {
			asked++
			return now, ctx.Err()
		},
		clock: func() time.Time { return now },
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 3 {
		for range 1000 {
			if _, err := w.last(gone); err != nil {
				t.Fatalf("a visitor who left early spoils it for the others: %v", err)
			}
		}
		now = now.Add(time.Minute)
	}
	if asked != 3 {
		t.Errorf("got %d questions in three minutes, want 3", asked)
	}
}
