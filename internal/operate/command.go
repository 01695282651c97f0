package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// Command returns the tree of commands. Execute it with a context; its error
// is for the person who typed the command, and ExitCode says what it means to
// a script.
func Command(p Program) *cobra.Command {
	if p.Sleep == nil {
		p.Sleep = sleep
	}
	c := &commands{Program: p}
	root := &cobra.Command{
		Use:           p.Name,
		Short:         "Weekly Archive for Spotify",
		Long:          "Weekly Archive for Spotify: what its operator can do." + exitHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          asUsage(noCommand),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	if p.Serve != nil {
		root.Long = "Weekly Archive for Spotify. Without a command it serves; the settings are environment variables, which the README lists." + exitHelp
		root.RunE = func(cmd *cobra.Command, _ []string) error { return p.Serve(cmd.Context()) }
	}
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.PersistentFlags().BoolVar(&c.json, "json", false, "print JSON, for scripts")
	root.AddCommand(
		c.doctor(), c.users(), c.week(), c.pause(), c.resume(), c.deadLetters(), c.keys(),
		c.backup(), c.restore(), c.notify(), c.version(),
	)
	if p.Health != nil {
		root.AddCommand(c.health())
	}
	strict(root)
	return root
}

// strict has Cobra's own commands take rubbish for what it is, as ours do.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = asUsage(func(_ *cobra.Command, args []string) error {
				if found, rest, err := root.Find(args); err != nil || len(rest) > 0 {
					return noCommand(found, rest)
				}
				return nil
			})
		case "completion":
			cmd.Args = asUsage(noCommand)
			cmd.RunE = func(cmd *cobra.Command, _ []string) error {
				return usage("say for which shell: " + cmd.CommandPath() + " --help lists them")
			}
			for _, shell := range cmd.Commands() {
				shell.Args = asUsage(cobra.NoArgs)
			}
		}
	}
}

// health is what a container asks every minute.
func (c *commands) health() *cobra.Command {
	return &cobra.Command{
		Use: "health", Short: "Say whether the service serves", Args: asUsage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			said, err := c.Health(cmd.Context())
			if err != nil {
				return err
			}
			return c.done(map[string]bool{"serves": true}, "%s", strings.TrimSpace(said))
		},
	}
}

const exitHelp = `

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 doctor found a fault, 4 no such
account, dead letter or backup, 5 the service does not run (or runs, where it
must not), 6 the wait ended before the work did.`

// commands holds what all commands share.
type commands struct {
	Program
	json bool
}

// noCommand refuses words that are no command of ours.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Sprintf("there is no command %q; %s --help lists them", args[0], cmd.CommandPath()))
	}
	return nil
}

// asUsage marks what a check of arguments finds.
func asUsage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if _, is := errors.AsType[*usageError](err); err != nil && !is {
			return &usageError{fmt.Errorf("%w (want: %s)", err, cmd.UseLine())}
		}
		return err
	}
}

// group is a command that is nothing without one of its own.
func group(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: asUsage(noCommand),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage("say what to do: " + cmd.CommandPath() + " --help lists it")
		},
	}
	cmd.AddCommand(children...)
	return cmd
}

// with runs f on the open service.
func (c *commands) with(ctx context.Context, f func(context.Context, *Service) error) (err error) {
	s, err := c.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return f(ctx, s)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
