package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

func isConflict(err error) bool { return errors.Is(err, fault.ErrConflict) }

func (c *commands) users() *cobra.Command {
	return group("users", "Look at the people who are connected, and do what they ask for",
		c.usersList(), c.usersShow(), c.usersRun(), c.usersPause(), c.usersResume(), c.usersSet(), c.usersRemove(), c.usersExport())
}

// onUser is a command about the one account that its argument names.
func (c *commands) onUser(use, short string, do func(context.Context, *Service, archive.User) error) *cobra.Command {
	return c.onAccount(use, short, func(ctx context.Context, s *Service, account string) error {
		user, err := s.find(ctx, account)
		if err != nil {
			return err
		}
		return do(ctx, s, user)
	})
}

func (c *commands) onAccount(use, short string, do func(ctx context.Context, s *Service, account string) error) *cobra.Command {
	return &cobra.Command{
		Use: use + " ACCOUNT", Short: short, Args: asUsage(cobra.ExactArgs(1)),
		Long: short + ".\n\nACCOUNT is the id that `users list` shows or its beginning, the name, or the Spotify user id.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(ctx context.Context, s *Service) error { return do(ctx, s, args[0]) })
		},
	}
}

// Person is a user in a list: no token, no song, no playlist.
type Person struct {
	ID          archive.UserID   `json:"id"`
	Name        string           `json:"name"`
	Status      archive.Status   `json:"status"`
	Choice      archive.Choice   `json:"choice"`
	LastEdition calendar.Edition `json:"last_edition,omitempty"`
	Outcome     outcome.Kind     `json:"outcome,omitempty"`
	OutcomeAt   time.Time        `json:"outcome_at,omitzero"`
	ConsentEnds time.Time        `json:"consent_ends,omitzero"`
}

func person(u archive.User) Person {
	p := Person{
		ID: u.ID, Name: u.DisplayName, Status: u.Status, Choice: u.Choice,
		LastEdition: u.LastEdition, Outcome: u.Last.Kind, OutcomeAt: u.Last.At,
	}
	if !u.Grant.AuthorizedAt.IsZero() {
		p.ConsentEnds = u.Grant.EndsAt()
	}
	return p
}

func (c *commands) usersList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List everybody", Args: asUsage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(ctx context.Context, s *Service) error {
				users, unreadable, err := s.Store.List(ctx)
				if err != nil {
					return err
				}
				list := struct {
					Users      []Person `json:"users"`
					Unreadable int      `json:"unreadable"` // documents that are not ours
				}{make([]Person, 0, len(users)), unreadable}
				for _, u := range users {
					list.Users = append(list.Users, person(u))
				}
				return c.print(list, func(w io.Writer) {
					row(w, "ID", "NAME", "STATUS", "WEEK", "LAST OUTCOME", "AT", "CONSENT ENDS")
					for _, p := range list.Users {
						row(w, p.ID, dash(p.Name), p.Status, dash(p.LastEdition), dash(p.Outcome), moment(p.OutcomeAt), moment(p.ConsentEnds))
					}
					if unreadable > 0 {
						write(w, "%s cannot be read: see the playbook BadDocument\n", plural(unreadable, "document"))
					}
				})
			})
		},
	}
}

func (c *commands) usersShow() *cobra.Command {
	return c.onUser("show", "Show one account and its latest weeks", func(ctx context.Context, s *Service, u archive.User) error {
		const weeks = 12
		entries, err := s.Store.Entries(ctx, u.ID, weeks)
		if err != nil {
			return err
		}
		shown := struct {
			Person
			Sentence   string         `json:"sentence"` // the outcome, as the person reads it
			KeyVersion string         `json:"key_version"`
			Entries    []ledger.Entry `json:"entries"`
		}{person(u), sentence(u.Last, s.Clock()), u.Grant.Sealed.KeyVersion, entries}
		return c.print(shown, func(w io.Writer) {
			row(w, "id", u.ID)
			row(w, "name", dash(u.DisplayName))
			row(w, "status", u.Status)
			row(w, "choice", u.Choice)
			row(w, "connected", moment(u.CreatedAt))
			row(w, "consent ends", moment(shown.ConsentEnds))
			row(w, "sealed with key", dash(shown.KeyVersion))
			row(w, "last run", moment(u.Last.At), dash(u.Last.Kind))
			row(w, "reads", shown.Sentence)
			for _, e := range entries {
				row(w, e.Key.Edition, e.Key.Source, plural(e.Found, "song")+" found", plural(e.Added, "song")+" new")
			}
		})
	})
}

// sentence is the outcome in English.
func sentence(o outcome.Outcome, now time.Time) string {
	english, _ := words.Ours().Language(words.Fallback)
	return english.Texts(words.Outcome(o, now))
}

func (c *commands) usersRun() *cobra.Command {
	return c.onUser("run", "Ask for a run of one account, outside the schedule", func(ctx context.Context, s *Service, u archive.User) error {
		switch u.Status {
		case archive.StatusPaused:
			return fmt.Errorf("%s is paused, and nothing runs: `users resume` runs it", u.ID)
		case archive.StatusReconnect:
			return fmt.Errorf("%s has to press Reconnect on their account page first: without a consent nothing runs", u.ID)
		case archive.StatusActive, archive.StatusLeaving: // the one is run, and the other is not found
		}
		if err := s.accounts().RunNow(ctx, u.ID); err != nil {
			return err
		}
		return c.done(person(u), "A run of %s was sent; `users show` tells how it ended.", u.ID)
	})
}

func (c *commands) usersPause() *cobra.Command {
	return c.onUser("pause", "Pause one account until it is resumed", func(ctx context.Context, s *Service, u archive.User) error {
		return c.changed(ctx, s, u.ID, "paused", s.accounts().Pause(ctx, u.ID))
	})
}

func (c *commands) usersResume() *cobra.Command {
	return c.onUser("resume", "Resume one account, and run it", func(ctx context.Context, s *Service, u archive.User) error {
		return c.changed(ctx, s, u.ID, "resumed", s.accounts().Resume(ctx, u.ID))
	})
}

// changed shows what the account looks like after a change. One that was made,
// and after which too many runs were asked for to send another, was made.
func (c *commands) changed(ctx context.Context, s *Service, id archive.UserID, what string, err error) error {
	if err != nil && !errors.Is(err, fault.ErrTooOften) {
		return err
	}
	u, err := s.Store.User(ctx, id)
	if err != nil {
		return err
	}
	return c.done(person(u), "%s is %s: status %s, choice %s.", id, what, u.Status, u.Choice)
}
