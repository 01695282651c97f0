// Package logging makes the logger of a program: JSON lines in the form that
// Cloud Logging understands, or lines for people.
package logging

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// Format says who reads the log.
type Format string

// The formats. The fields of FormatCloud are the special ones of
// https://cloud.google.com/logging/docs/structured-logging.
const (
	FormatCloud Format = "cloud" // JSON for Cloud Logging
	FormatJSON  Format = "json"  // JSON with slog's own names
	FormatText  Format = "text"  // for people
)

// Options configure a logger.
type Options struct {
	Format      Format     // FormatText if empty
	Level       slog.Level // nothing below it is written
	Service     string     // label; left out if empty
	Environment string     // label; left out if empty
	Version     string     // label; left out if empty
	Project     string     // Google Cloud project of the traces; without it they are left out
}

// The special fields of Cloud Logging.
const (
	severityKey = "severity"
	messageKey  = "message"
	timeKey     = "time"
	labelsKey   = "logging.googleapis.com/labels"
	traceKey    = "logging.googleapis.com/trace"
	spanKey     = "logging.googleapis.com/spanId"
	sampledKey  = "logging.googleapis.com/trace_sampled"
)

// New returns a logger that writes to w.
func New(w io.Writer, o Options) *slog.Logger {
	handler := &slog.HandlerOptions{Level: o.Level}
	switch o.Format {
	case FormatCloud:
		handler.ReplaceAttr = cloudNames
		log := slog.New(traced{slog.NewJSONHandler(w, handler), o.Project})
		if labels := labels(o); len(labels) > 0 {
			log = log.With(slog.GroupAttrs(labelsKey, labels...))
		}
		return log
	case FormatJSON:
		return slog.New(slog.NewJSONHandler(w, handler))
	default:
		handler.ReplaceAttr = plainTime
		return slog.New(slog.NewTextHandler(w, handler))
	}
}

func labels(o Options) []slog.Attr {
	var attrs []slog.Attr
	if o.Service != "" {
		attrs = append(attrs, slog.String("service", o.Service))
	}
	if o.Environment != "" {
		attrs = append(attrs, slog.String("environment", o.Environment))
	}
	if o.Version != "" {
		attrs = append(attrs, slog.String("version", o.Version))
	}
	return attrs
}

// cloudNames gives slog's own fields the names and words of Cloud Logging
// (https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity).
func cloudNames(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.LevelKey:
		level, ok := a.Value.Any().(slog.Level)
		if !ok {
			return a
		}
		return slog.String(severityKey, severity(level))
	case slog.MessageKey:
		a.Key = messageKey
	case slog.TimeKey:
		if a.Value.Kind() != slog.KindTime {
			return a
		}
		return slog.String(timeKey, a.Value.Time().UTC().Format(time.RFC3339Nano))
	}
	return a
}

func severity(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return "ERROR"
	case level >= slog.LevelWarn:
		return "WARNING"
	case level >= slog.LevelInfo:
		return "INFO"
	default:
		return "DEBUG"
	}
}

func plainTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		return slog.String(slog.TimeKey, a.Value.Time().Format(time.DateTime))
	}
	return a
}

// traced adds the trace of the request to every line.
type traced struct {
	slog.Handler
	project string
}

// Handle implements slog.Handler.
func (h traced) Handle(ctx context.Context, r slog.Record) error {
	t, ok := ctx.Value(traceContextKey{}).(trace)
	if ok && h.project != "" {
		r = r.Clone()
		r.AddAttrs(
			slog.String(traceKey, "projects/"+h.project+"/traces/"+t.id), //nolint:sloglint // a name of Google's
			slog.String(spanKey, t.span),                                 //nolint:sloglint // a name of Google's
			slog.Bool(sampledKey, t.sampled),                             //nolint:sloglint // a name of Google's
		)
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler {
	return traced{h.Handler.WithAttrs(attrs), h.project}
}

// WithGroup implements slog.Handler.
func (h traced) WithGroup(name string) slog.Handler {
	return traced{h.Handler.WithGroup(name), h.project}
}

// Cloud returns the options of a cloud function: its labels and its traces'
// project come from its environment, whether or not the rest of it is right.
func Cloud(service string, environ map[string]string) Options {
	return Options{
		Format: FormatCloud, Service: service,
		Environment: environ["ENVIRONMENT"], Version: environ["VERSION"], Project: environ["GOOGLE_CLOUD_PROJECT"],
	}
}
