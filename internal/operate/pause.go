package operate

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
)

const defaultPause = 24 * time.Hour

func (c *commands) pause() *cobra.Command {
	var length time.Duration
	cmd := &cobra.Command{
		Use: "pause", Short: "Keep the whole app away from Spotify for a while", Args: asUsage(cobra.NoArgs),
		Long: fmt.Sprintf("Keep the whole app away from Spotify for a while. Runs wait until it ends, and no song is lost: a week stays open. "+
			"At most %.0f hours, so that a pause which somebody forgot ends by itself; say it again to go on.", app.MaxPause.Hours()),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if length <= 0 || length > app.MaxPause {
				return usage(fmt.Sprintf("--for is more than 0 and at most %s", app.MaxPause))
			}
			return c.with(cmd.Context(), func(ctx context.Context, s *Service) error {
				pause := app.Pause{Until: s.Clock().UTC().Add(length).Truncate(time.Second), Reason: app.PauseOperator}
				if err := s.Store.SetPause(ctx, pause); err != nil {
					return fmt.Errorf("pausing the app: %w", err)
				}
				return c.showPause(ctx, s)
			})
		},
	}
	cmd.Flags().DurationVar(&length, "for", defaultPause, "how long")
	return cmd
}

func (c *commands) resume() *cobra.Command {
	return &cobra.Command{
		Use: "resume", Short: "End the app's pause, whoever made it", Args: asUsage(cobra.NoArgs),
		Long: "End the app's pause, whoever made it, and send the weekly run: whoever waited for the end of the pause need not wait any longer. " +
			"If Spotify asked for it and still means it, the next run is told so and pauses again.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(ctx context.Context, s *Service) error {
				pause, err := s.Store.Pause(ctx)
				if err != nil {
					return fmt.Errorf("reading the app's pause: %w", err)
				}
				// The zero pause lies so far back that it replaces every other.
				if err := s.Store.SetPause(ctx, app.Pause{}); err != nil {
					return fmt.Errorf("resuming the app: %w", err)
				}
				if pause.Current(s.Clock()) != (app.Pause{}) {
					run := app.Run{Kind: app.RunWeekly, At: s.Clock().UTC().Truncate(time.Second)}
					if err := s.FanOut.EnqueueFanOut(ctx, archive.FanOutJob{Run: run}); err != nil {
						return fmt.Errorf("the pause has ended, but the weekly run is not sent, which the command week does: %w", err)
					}
				}
				return c.showPause(ctx, s)
			})
		},
	}
}

func (c *commands) showPause(ctx context.Context, s *Service) error {
	pause, err := s.Store.Pause(ctx)
	if err != nil {
		return fmt.Errorf("reading the app's pause: %w", err)
	}
	pause = pause.Current(s.Clock())
	shown := struct {
		Paused bool            `json:"paused"`
		Until  time.Time       `json:"until,omitzero"`
		Reason app.PauseReason `json:"reason,omitempty"`
	}{!pause.Until.IsZero(), pause.Until, pause.Reason}
	return c.print(shown, func(w io.Writer) {
		if pause.Until.IsZero() {
			write(w, "The app is not paused.\n")
			return
		}
		write(w, "The app is paused until %s (%s).\n", moment(pause.Until), pause.Reason)
	})
}
