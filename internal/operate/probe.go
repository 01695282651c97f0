package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
)

func (c *commands) probe(ctx context.Context, account, report string) error {
	return c.with(ctx, func(ctx context.Context, s *Service) error {
		user, err := s.find(ctx, account)
		if err != nil {
			return err
		}
		if report == "" {
			result, err := c.ask(ctx, s, user.ID)
			if err != nil {
				return err
			}
			c.json = true
			return c.print(result, nil)
		}
		var questions int
		if err := intoNewFile(report, func(w io.Writer) error {
			result, err := c.ask(ctx, s, user.ID)
			if err != nil {
				return err
			}
			questions = len(result.Answers)
			encoder := json.NewEncoder(w)
			encoder.SetIndent("", "  ")
			return encoder.Encode(result)
		}); err != nil {
			return err
		}
		return c.done(map[string]string{"report": report}, "%s holds the answers to %s, and nothing personal.", report, plural(questions, "question"))
	})
}

func (c *commands) ask(ctx context.Context, s *Service, id archive.UserID) (probe.Report, error) {
	return s.Prober.Probe(ctx, id, func(question string) { c.progress("asking: %s", question) })
}

// intoNewFile makes the file first, so that nothing is asked in vain, and
// leaves none behind an error.
func intoNewFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("writing the report: %w", err), os.Remove(path))
	}
	return nil
}
