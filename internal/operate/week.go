package operate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// Sent says what became of a weekly run.
type Sent struct {
	Open  int  `json:"open"`           // users whose week was open when it was sent
	Left  *int `json:"left,omitempty"` // of them, whose week is still open after the wait
	Ended bool `json:"ended"`          // nobody is left
}

// pollTime is how often a wait looks.
const pollTime = 2 * time.Second

func (c *commands) week() *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "week", Short: "Send the weekly run now", Args: asUsage(cobra.NoArgs),
		Long: "Send the weekly run now instead of waiting for Monday. A user whose week is done is left alone, so sending it twice doubles nothing.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if wait < 0 {
				return usage("--wait is a time such as 5m")
			}
			return c.with(cmd.Context(), func(ctx context.Context, s *Service) error {
				open, err := s.open(ctx)
				if err != nil {
					return err
				}
				run := app.Run{Kind: app.RunWeekly, At: s.Clock().UTC().Truncate(time.Second)}
				if err := s.FanOut.EnqueueFanOut(ctx, archive.FanOutJob{Run: run}); err != nil {
					return fmt.Errorf("sending the weekly run: %w", err)
				}
				sent := Sent{Open: len(open), Ended: len(open) == 0}
				if wait == 0 || sent.Ended {
					return c.done(sent, "The weekly run was sent; the week of %s is open.", plural(len(open), "user"))
				}
				left, err := c.await(ctx, s, run, open, wait)
				sent.Left, sent.Ended = &left, left == 0
				return errors.Join(err, c.done(sent, "Of %s, %d did not have their run yet.", plural(len(open), "user"), left))
			})
		},
	}
	cmd.Flags().DurationVar(&wait, "wait", 0, "wait so long for the runs, and say how far they are")
	return cmd
}

// open returns the users whose week is open.
func (s *Service) open(ctx context.Context) ([]archive.UserID, error) {
	const page = 300
	query := archive.DueQuery{Open: s.Clock(), Limit: page}
	var open []archive.UserID
	for {
		due, err := s.Store.DueUsers(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("listing whose week is open: %w", err)
		}
		open = append(open, due.Users...)
		if due.Next == (archive.Place{}) {
			return open, nil
		}
		query.After = due.Next
	}
}

// await looks until every user had a run since, or needs none any more, or the
// wait ends. It returns how many are left.
func (c *commands) await(ctx context.Context, s *Service, run app.Run, open []archive.UserID, wait time.Duration) (left int, err error) {
	for began := c.Clock(); ; {
		var still []archive.UserID
		for _, id := range open {
			u, err := s.Store.User(ctx, id)
			switch {
			case errors.Is(err, fault.ErrNotFound) || errors.Is(err, fault.ErrMalformed):
			case err != nil:
				return len(open), err
			case u.Last.At.Before(run.At) && u.WeekOpen(run.At):
				still = append(still, id)
			}
		}
		if len(still) == 0 {
			return 0, nil
		}
		c.progress("waiting for %d of %s", len(still), plural(len(open), "run"))
		if c.Clock().Sub(began) >= wait {
			return len(still), ErrUnfinished
		}
		if err := c.Sleep(ctx, min(pollTime, wait)); err != nil {
			return len(still), errors.Join(err, ErrUnfinished)
		}
	}
}
