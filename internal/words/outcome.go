package words

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Outcome tells how a run ended, as somebody reads it at now. It is true by
// itself; what happened since the run is for the page to say.
func Outcome(o archive.Outcome, now time.Time) []Line {
	var lines []Line
	if o.NewArchive {
		lines = append(lines, Say("outcome.new_archive"))
	}
	// What is in the way of one source is told with its name.
	ofOne := func(f archive.Failure) bool { return f.Kind == o.Kind }
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
		lines = append(lines, failed(f.Source), Say("outcome."+outcomeName(f.Kind), archive.Outcome{}))
	}
	return lines
}

// Result names an outcome in a few words, for whoever runs this copy.
func Result(kind archive.OutcomeKind) Line { return Say("operator.outcome." + outcomeName(kind)) }

// result tells the outcome alone.
func result(o archive.Outcome, now time.Time) []Line {
	switch {
	case o.Kind == archive.OutcomeSaved && o.Found == 0 && o.Back > 0:
		return nil // what was taken back is all
	case o.Kind != archive.OutcomePaused:
		return []Line{Say("outcome."+outcomeName(o.Kind), o)}
	case !now.Before(o.Until):
		return []Line{Say("outcome.paused_over", o)}
	default:
		return []Line{PauseReason(o.Reason), Say("outcome.paused", o)}
	}
}

// failed names a source that could not be read.
func failed(source archive.SourceName) Line {
	switch source {
	case archive.SourceDiscover, archive.SourceInbox, archive.SourceListening:
		return Say("failed." + string(source))
	default: // nothing else is read; a newer version may know more
		return Say("failed.unknown")
	}
}

// outcomeName is the last part of the outcome's key. A kind of a newer
// version reads as what its handling takes it for.
func outcomeName(kind archive.OutcomeKind) string {
	switch {
	case kind == archive.OutcomeNone:
		return "none"
	case !kind.Known():
		return string(archive.OutcomeInternal)
	default:
		return string(kind)
	}
}

// Source names where songs came from, as the history tells it.
func Source(source archive.SourceName) Line {
	switch source {
	case archive.SourceDiscover, archive.SourceInbox, archive.SourceListening, archive.SourcePaste, archive.SourceBack:
		return Say("source." + string(source))
	default: // of a newer version
		return Say("source.unknown")
	}
}

// PauseReason tells why the app keeps away from Spotify.
func PauseReason(reason archive.PauseReason) Line {
	switch reason {
	case archive.PauseRateLimit, archive.PauseQuota, archive.PauseBudget, archive.PauseMassRefusal, archive.PausePremium, archive.PauseClient, archive.PauseOperator:
		return Say("pause." + string(reason))
	default: // noted before reasons were, or by a newer version
		return Say("pause.unknown")
	}
}
