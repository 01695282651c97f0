package place

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/pubsubjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
)

// How long, and how often, a probe that was sent is looked for.
const (
	probeWait = 3 * time.Minute
	probePoll = 2 * time.Second
)

// prober has ArchiveUser ask, which alone may open grants: nobody needs a right
// for it that they do not have already.
type prober struct {
	jobs    *pubsubjobs.ArchiveJobs
	reports probe.Reports
}

// Probe implements operate.Prober.
func (p *prober) Probe(ctx context.Context, id archive.UserID, progress func(string)) (probe.Report, error) {
	job := event.ProbeJob{User: id, At: time.Now().UTC().Truncate(time.Second)}
	if err := p.jobs.EnqueueProbe(ctx, job); err != nil {
		return probe.Report{}, fmt.Errorf("sending the probe to ArchiveUser: %w", err)
	}
	progress("ArchiveUser asks Spotify, which takes a minute")
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	ticker := time.NewTicker(probePoll)
	defer ticker.Stop()
	for {
		asked, text, err := p.reports.Probe(ctx, id)
		switch {
		case err == nil && asked.Equal(job.At):
			return read(text)
		case err != nil && !errors.Is(err, fault.ErrNotFound) && ctx.Err() == nil:
			return probe.Report{}, err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return probe.Report{}, fmt.Errorf("%w: ArchiveUser has not answered within %s; is another run of this account under way, or does ArchiveUser not run (playbook MessageWaits)?",
				operate.ErrUnfinished, probeWait)
		}
	}
}

func read(text []byte) (probe.Report, error) {
	var answer probe.Answered
	if err := json.Unmarshal(text, &answer); err != nil {
		return probe.Report{}, errors.New("ArchiveUser is of another version than this command: build it of the same source")
	}
	if answer.Report == nil {
		return probe.Report{}, fmt.Errorf("ArchiveUser could not ask: %s", answer.Failed)
	}
	return *answer.Report, nil
}
