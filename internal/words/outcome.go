package words

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// Outcome tells how a run ended, as somebody reads it at now. It is true by
// itself; what happened since the run is for the page to say.
func Outcome(o outcome.Outcome, now time.Time) []Line {
	var lines []Line
	if o.NewArchive {
		lines = append(lines, Say("outcome.new_archive"))
	}
	// What is in the way of one source is told with its name.
	ofOne := func(f outcome.Failure) bool { return f.Kind == o.Kind }
	if !slices.ContainsFunc(o.Failed, ofOne) {
		lines = append(lines, result(o, now)...)
	}
	if o.Back > 0 {
		lines = append(lines, Say("outcome.back", o))
	}
	if o.Stood > 0 {
		lines = append(lines, Say("outcome.stood", o))
	}
	for _, f := range o.Failed {
		lines = append(lines, failed(f.Source), Say("outcome."+keyOf(f.Kind, o.At, now), outcome.Outcome{}))
	}
	return lines
}

// Result names an outcome in a few words, for whoever runs this copy.
func Result(kind outcome.Kind) Line { return Say("operator.outcome." + outcomeName(kind)) }

// result tells the outcome alone.
func result(o outcome.Outcome, now time.Time) []Line {
	switch {
	case o.Kind == outcome.Saved && o.Found == 0 && o.Back > 0:
		return nil // what was taken back is all
	case o.Kind != outcome.Paused:
		return []Line{Say("outcome."+keyOf(o.Kind, o.At, now), o)}
	case !now.Before(o.Until):
		return []Line{Say("outcome.paused_over", o)}
	default:
		return []Line{PauseReason(o.Reason), Say("outcome.paused", o)}
	}
}

// keyOf is the last part of the key of what an outcome of a time says at now. What was put
// off to spare the requests of a day speaks of today on that day alone.
func keyOf(kind outcome.Kind, at, now time.Time) string {
	if kind == outcome.PutOff && !now.Before(webapi.NextDay(at)) {
		return "put_off_over"
	}
	return outcomeName(kind)
}

// failed names a source that could not be read.
func failed(source ledger.SourceName) Line {
	switch source {
	case ledger.SourceDiscover, ledger.SourceInbox, ledger.SourceListening:
		return Say("failed." + string(source))
	default: // nothing else is read; a newer version may know more
		return Say("failed.unknown")
	}
}

// outcomeName is the last part of the outcome's key. A kind of a newer
// version reads as what its handling takes it for.
func outcomeName(kind outcome.Kind) string {
	switch {
	case kind == outcome.None:
		return "none"
	case !kind.Known():
		return string(outcome.Internal)
	default:
		return string(kind)
	}
}

// Source names where songs came from, as the history tells it.
func Source(source ledger.SourceName) Line {
	switch source {
	case ledger.SourceDiscover, ledger.SourceInbox, ledger.SourceListening, ledger.SourcePaste, ledger.SourceBack:
		return Say("source." + string(source))
	default: // of a newer version
		return Say("source.unknown")
	}
}

// PauseReason tells why the app keeps away from Spotify.
func PauseReason(reason app.PauseReason) Line {
	switch reason {
	case app.PauseRateLimit, app.PauseQuota, app.PauseBudget, app.PauseMassRefusal, app.PausePremium, app.PauseClient, app.PauseOperator:
		return Say("pause." + string(reason))
	default: // noted before reasons were, or by a newer version
		return Say("pause.unknown")
	}
}
