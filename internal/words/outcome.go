package words

import (
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
	if o.Kind != archive.OutcomePaused {
		return append(lines, Say("outcome."+outcomeName(o.Kind), o))
	}
	if !now.Before(o.Until) {
		return append(lines, Say("outcome.paused_over", o))
	}
	return append(lines, PauseReason(o.Reason), Say("outcome.paused", o))
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

// PauseReason tells why the app keeps away from Spotify.
func PauseReason(reason archive.PauseReason) Line {
	switch reason {
	case archive.PauseRateLimit, archive.PauseQuota, archive.PauseWave, archive.PausePremium, archive.PauseClient:
		return Say("pause." + string(reason))
	default: // noted before reasons were, or by a newer version
		return Say("pause.unknown")
	}
}
