package operate

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"
)

func (c *commands) deadLetters() *cobra.Command {
	list := &cobra.Command{
		Use: "list", Short: "List the jobs that were given up", Args: asUsage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(ctx context.Context, s *Service) error {
				letters, err := s.Letters.List(ctx)
				if err != nil {
					return err
				}
				return c.print(map[string][]DeadLetter{"dead_letters": append([]DeadLetter{}, letters...)}, func(w io.Writer) {
					if len(letters) == 0 {
						write(w, "There are no dead letters.\n")
						return
					}
					row(w, "ID", "QUEUE", "USER", "KIND", "AT", "ATTEMPTS", "REASON")
					for _, l := range letters {
						row(w, l.ID, l.Queue, dash(l.User), dash(l.Kind), moment(l.At), l.Attempts, dash(l.Reason))
					}
				})
			})
		},
	}
	return group("dead-letters", "Look at the jobs that were given up, and try or drop them", list,
		c.lettersDo("retry", "Try dead letters again", "tried again", DeadLetters.Retry),
		c.lettersDo("drop", "Drop dead letters; nothing is lost, for the daily sweep sends out whoever is overdue", "dropped", DeadLetters.Drop))
}

// lettersDo does the same with the letters that are named, or with all.
func (c *commands) lettersDo(use, short, past string, do func(DeadLetters, context.Context, ...string) error) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: use + " [ID...]", Short: short,
		Args: asUsage(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, ids []string) error {
			if all == (len(ids) > 0) || slices.Contains(ids, "") {
				return usage("give the ids that `dead-letters list` shows, or --all")
			}
			return c.with(cmd.Context(), func(ctx context.Context, s *Service) error {
				if all {
					letters, err := s.Letters.List(ctx)
					if err != nil {
						return err
					}
					for _, l := range letters {
						ids = append(ids, l.ID)
					}
				}
				if len(ids) > 0 {
					if err := do(s.Letters, ctx, ids...); err != nil {
						return err
					}
				}
				return c.done(map[string]int{use: len(ids)}, "%s %s.", plural(len(ids), "dead letter"), past)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "all of them")
	return cmd
}
