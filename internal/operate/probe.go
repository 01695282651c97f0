package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
)

func (c *commands) probe(ctx context.Context, account, report string) error {
	return c.with(ctx, func(ctx context.Context, s *Service) error {
		user, err := s.find(ctx, account)
		if err != nil {
			return err
		}
		result, err := s.Prober.Probe(ctx, user.ID, func(question string) { c.progress("asking: %s", question) })
		if err != nil {
			return err
		}
		if report == "" {
			c.json = true
			return c.print(result, nil)
		}
		if err := save(report, result); err != nil {
			return err
		}
		return c.done(map[string]string{"report": report}, "%s holds the answers to %s, and nothing personal.", report, plural(len(result.Answers), "question"))
	})
}

func save(path string, result probe.Report) error {
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
