package main

import (
	"context"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/local/alerts"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
)

// overdue is the alert for users who missed a week, which only a weekly fan-out
// sees: their next run is not overdue any more.
const overdue = "UserOverdue"

// newSender returns what sends to NOTIFY_URL, nil if that is not set.
func newSender(cfg config.Local) (*alerts.Sender, error) {
	if cfg.NotifyURL.IsZero() {
		return nil, nil //nolint:nilnil // nobody wants to be told
	}
	return alerts.NewSender(cfg.NotifyURL)
}

// sendTest sends a message for trial; nil where alerts go nowhere.
func sendTest(sender *alerts.Sender) func(ctx context.Context) error {
	if sender == nil {
		return nil
	}
	return func(ctx context.Context) error { return sender.Send(ctx, alerts.Test()) }
}

func (d *daemon) newAlerts() (*alerts.Watch, error) {
	cfg := alerts.Config{
		File: d.dir.File(toldFile), Page: d.operatorsPage(), Clock: d.clock, Log: d.log,
		Look: func(ctx context.Context) (alerts.State, error) {
			s, err := operator.Look(ctx, d.judged())
			return alerts.State{Ringing: s.Ringing, Weekly: s.Weekly, Settled: s.Settled}, err
		},
	}
	if d.sender != nil {
		cfg.Send = d.sender.Send
	}
	if !d.cfg.HeartbeatURL.IsZero() {
		cfg.Beat = alerts.Heartbeat(d.cfg.HeartbeatURL)
	}
	return alerts.New(cfg)
}

// operatorsPage says in an alert where the operator's page is. A phone would ask
// itself for an address of this machine.
func (d *daemon) operatorsPage() string {
	if !links.Reachable(d.base) {
		return "More is on the operator's page, on the computer on which it runs."
	}
	return d.base + operator.Path
}

// judged is what the operator's page needs to judge how things are.
func (d *daemon) judged() operator.Config {
	cfg := operator.Config{Store: d.store, Queue: d.queue, Clock: d.clock, Log: d.log, KeyVersion: d.key.Version(), Backups: d.store.Backups}
	cfg.DailyRequests = d.cfg.DailyRequests.Cap()
	if d.standin != nil {
		cfg.Standin = d.standin.URL() + controlPath
	}
	return cfg
}

// noteFanOut tells of users who missed a week.
func (d *daemon) noteFanOut(run app.Run, result usecase.FanOutResult) {
	if run.Kind == app.RunWeekly && result.Overdue > 0 {
		d.alerts.Note(overdue)
	}
	d.alerts.Poke()
}
