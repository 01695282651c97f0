package event

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
)

// Archiver runs one user; *usecase.Archivist is one.
type Archiver interface {
	Run(ctx context.Context, job archive.ArchiveJob) (outcome.Outcome, error)
}

// FanOuter sends out users; *usecase.FanOut is one.
type FanOuter interface {
	Run(ctx context.Context, job archive.FanOutJob) (usecase.FanOutResult, error)
}

// HandleArchive runs the user that the message names. A nil error acknowledges
// the message, any other lets it come again. What happened is in one log line,
// "archived user"; the table of outcomes in package archive says what it means.
func HandleArchive(ctx context.Context, log *slog.Logger, e Envelope, archiver Archiver) error {
	return handle(ctx, log, e, DecodeArchive, func(ctx context.Context, job archive.ArchiveJob) error {
		result, err := runRecovered(ctx, log, job, archiver)
		logArchived(ctx, log, job, result, err)
		return err
	})
}

// Prober answers probes; *probe.Responder is one.
type Prober interface {
	Answer(ctx context.Context, id archive.UserID, asked time.Time) error
}

// HandleProbe answers the message if it asks for a probe; mine is false for
// every other one. A nil error acknowledges it. What came of it is for whoever
// asked, so no line of it calls the operator.
func HandleProbe(ctx context.Context, log *slog.Logger, e Envelope, prober Prober) (mine bool, err error) {
	message, err := e.Open()
	if err != nil {
		return false, nil // whoever handles it then says so
	}
	job, ok := DecodeProbe(message)
	if !ok {
		return false, nil
	}
	defer recovered(ctx, log, func(p error) { mine, err = true, printable(p) })
	err = prober.Answer(ctx, job.User, job.At)
	log.InfoContext(ctx, "probed", "user_id", string(job.User), "answered", err == nil)
	return true, printable(err)
}

// HandleFanOut sends out the users that the message asks for. Every error
// means: let it come again; the users who were sent out already find their
// week done. It is a warning, as the next delivery may mend it: one that lasts
// calls the operator by the age of its message.
func HandleFanOut(ctx context.Context, log *slog.Logger, e Envelope, fanOut FanOuter) error {
	return handle(ctx, log, e, DecodeFanOut, func(ctx context.Context, job archive.FanOutJob) (err error) {
		defer recovered(ctx, log, func(p error) { err = p })
		if _, err = fanOut.Run(ctx, job); err != nil {
			log.WarnContext(ctx, "fan-out failed", "kind", string(job.Run.Kind), "error", err)
		}
		return err
	})
}

// handle decodes and runs. A message that is not ours is acknowledged: it
// would be the same the next time. The log line is the alarm.
func handle[J any](
	ctx context.Context, log *slog.Logger, e Envelope,
	decode func(Message) (J, error), run func(context.Context, J) error,
) error {
	message, err := e.Open()
	if err != nil {
		log.ErrorContext(ctx, "malformed message", "event_id", e.ID, "error", err)
		return nil
	}
	job, err := decode(message)
	if err != nil {
		log.ErrorContext(ctx, "malformed message", "message_id", message.ID, "error", err)
		return nil
	}
	return printable(run(ctx, job))
}

// runRecovered turns a panic into the outcome internal.
func runRecovered(ctx context.Context, log *slog.Logger, job archive.ArchiveJob, archiver Archiver) (o outcome.Outcome, err error) {
	defer recovered(ctx, log, func(p error) {
		o, err = outcome.Outcome{Kind: outcome.Internal, Run: job.Run.Kind}, p
	})
	return archiver.Run(ctx, job)
}

var errPanic = errors.New("a panic, which the log shows")

// recovered logs a panic and calls failed with an error instead. The panic's
// own text may hold anything, so only its type is logged; the stack says where.
func recovered(ctx context.Context, log *slog.Logger, failed func(error)) {
	if p := recover(); p != nil {
		log.ErrorContext(ctx, "panic", "panic_type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		failed(errPanic)
	}
}

func logArchived(ctx context.Context, log *slog.Logger, job archive.ArchiveJob, o outcome.Outcome, err error) {
	handling := o.Kind.Verdict()
	level := slog.LevelInfo
	switch handling.Severity {
	case outcome.Attention:
		level = slog.LevelWarn
	case outcome.Alert:
		level = slog.LevelError
	case outcome.Routine:
	}
	attributes := []any{
		"outcome", string(o.Kind), "user_id", string(job.User), "run", string(job.Run.Kind),
		"edition", string(o.Edition), "source", string(o.Source),
		"found", o.Found, "added", o.Added, "already", o.Already, "unusable", o.Unusable,
	}
	disposition := outcome.Ack
	if err != nil {
		disposition = outcome.Retry
		attributes = append(attributes, "error", err)
	}
	attributes = append(attributes, "disposition", string(disposition))
	log.Log(ctx, level, "archived user", attributes...)
}

// printableError is an error whose text a caller may use as a format string,
// which the Functions Framework does.
type printableError struct{ err error }

func printable(err error) error {
	if err == nil {
		return nil
	}
	return &printableError{err}
}

func (e *printableError) Error() string { return strings.ReplaceAll(e.err.Error(), "%", "(percent)") }

func (e *printableError) Unwrap() error { return e.err }
