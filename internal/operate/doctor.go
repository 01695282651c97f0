package operate

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
)

// State says how a check ended.
type State string

// The states. Only a Fault makes the doctor's exit code 3.
const (
	OK      State = "ok"
	Warning State = "warning" // look at it; the service works
	Fault   State = "fault"   // the service does not work, or soon will not
	Skipped State = "skipped" // could not be looked at
)

// A Finding is what one check found. Found and Remedy are for people, and
// hold no secret, no token and no name.
type Finding struct {
	Check  string `json:"check"` // such as "key" or "redirect_uri"
	State  State  `json:"state"`
	Found  string `json:"found"`
	Remedy string `json:"remedy,omitempty"`
}

// Good is a finding without a remedy.
func Good(check, format string, args ...any) Finding {
	return Finding{Check: check, State: OK, Found: fmt.Sprintf(format, args...)}
}

// Bad is a fault.
func Bad(check, found, remedy string) Finding {
	return Finding{Check: check, State: Fault, Found: found, Remedy: remedy}
}

// Warn is a warning.
func Warn(check, found, remedy string) Finding {
	return Finding{Check: check, State: Warning, Found: found, Remedy: remedy}
}

func (c *commands) doctor() *cobra.Command {
	var account, report string
	cmd := &cobra.Command{
		Use: "doctor", Short: "Look for what is wrong, and say what to do", Args: asUsage(cobra.NoArgs),
		Long: "Look for what is wrong (configuration, redirect URI, Spotify, permissions, clock, key) and say what to do about it.\n\n" +
			"With --probe it asks Spotify instead, with that person's consent, how it behaves towards this app; it reads and changes nothing there. " +
			"The report holds shapes and statuses: no id, name or token, so it can be shown to anybody.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("probe") {
				return c.probe(cmd.Context(), account, report)
			}
			if cmd.Flags().Changed("report") {
				return usage("--report is of --probe ACCOUNT")
			}
			return c.examine(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&account, "probe", "", "ask Spotify with the consent of this ACCOUNT")
	cmd.Flags().StringVar(&report, "report", "", "write the report of --probe into this new file instead of printing it")
	return cmd
}

func (c *commands) examine(ctx context.Context) error {
	findings := c.Doctor(ctx)
	err := c.print(map[string][]Finding{"findings": findings}, func(w io.Writer) {
		for _, f := range findings {
			row(w, f.State, f.Check, f.Found)
			if f.Remedy != "" {
				row(w, "", "", "-> "+f.Remedy)
			}
		}
	})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(findings, func(f Finding) bool { return f.State == Fault }) {
		return errFault
	}
	return nil
}
