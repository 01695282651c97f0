package operator

import (
	"context"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// Situation is how things are, for an operator who does not look at the page.
type Situation struct {
	// Ringing are the alerts that ring, by the name of their playbook: the same
	// ones as in the cloud, where the rules of terraform/alerts.tf say so.
	Ringing []string

	// Weekly is the last weekly run, and Settled reports that everybody whom it
	// was for has had a run since that came to an end.
	Weekly  time.Time
	Settled bool
}

// alertOf are the alerts that concerns ring. The others are for the page alone:
// nobody is called for them in the cloud either.
var alertOf = map[Concern]string{
	ConcernWeek:        "WeekNotArchived",
	ConcernCredentials: outcome.App.Verdict().Alert,
	ConcernPremium:     outcome.PremiumLapsed.Verdict().Alert,
	ConcernAllow:       outcome.NotAllowed.Verdict().Alert,
	ConcernOtherKey:    outcome.Key.Verdict().Alert,
	ConcernKey:         outcome.Key.Verdict().Alert,
	ConcernUnreadable:  outcome.Malformed.Verdict().Alert,
	ConcernMalformed:   outcome.Malformed.Verdict().Alert,
	ConcernInternal:    outcome.Internal.Verdict().Alert,
	ConcernSongs:       outcome.Rejected.Verdict().Alert,
	ConcernLetters:     "MessageWaits",
}

const (
	// longPause is how long Spotify lets the app wait before that is told. A
	// shorter pause is over before anybody has read of it.
	longPause = 15 * time.Minute

	// refusalRings is for how long a mass refusal is told: the daily look has
	// asked again by then.
	refusalRings = 24 * time.Hour
)

// Look reads everybody, and judges them as the page does.
func Look(ctx context.Context, config Config) (Situation, error) {
	s := &server{Config: config}
	p, err := s.surroundings(ctx)
	if err != nil {
		return Situation{}, err
	}
	settled := p.queue.Empty()
	p.all, err = s.countAll(ctx, p.pause, p.now, func(u archive.User) {
		settled = settled && hadRun(u, p.lastWeekly, p.now)
	})
	if err != nil {
		return Situation{}, err
	}
	s.addWorries(p)
	now := Situation{Weekly: p.lastWeekly, Settled: settled}
	rings := map[string]bool{}
	for _, w := range p.all.Worries.list() {
		rings[alertOf[w.Concern]] = true
	}
	rings[outcome.Paused.Verdict().Alert] = waitsLong(p.pause, p.now)
	refused, err := s.Store.LastMassRefusal(ctx)
	if err != nil {
		return Situation{}, err
	}
	rings["MassRefusal"] = !refused.IsZero() && p.now.Sub(refused) < refusalRings
	for name, is := range rings {
		if is && name != "" {
			now.Ringing = append(now.Ringing, name)
		}
	}
	return now, nil
}

// waitsLong reports whether Spotify, or the day's budget, lets the app wait for
// long.
func waitsLong(pause app.Pause, now time.Time) bool {
	switch pause.Reason {
	case app.PauseRateLimit, app.PauseQuota, app.PauseBudget:
		return pause.Until.Sub(now) > longPause
	default: // is told by the alert of its reason, or the operator's own
		return false
	}
}

// hadRun reports whether a user for whom a weekly run was has had one since, to
// its end.
func hadRun(u archive.User, weekly, now time.Time) bool {
	if u.Status != archive.StatusActive || !u.WeekOpen(now) {
		return true
	}
	return !u.Last.At.Before(weekly) && u.Last.Kind.Verdict().Disposition == outcome.Ack
}
