package archive_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Every outcome has a row: a sentence for the person, and a reason why its
// message is acknowledged or comes again.
func TestOutcomeTable(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	for kind, want := range map[archive.OutcomeKind]struct {
		disposition archive.Disposition
		severity    archive.Severity
		sentence    string
	}{
		archive.OutcomeSaved:         {archive.Ack, archive.Routine, "30 songs found, 27 new, saved."},
		archive.OutcomeNothingNew:    {archive.Ack, archive.Routine, "Nothing new"},
		archive.OutcomeNotRefreshed:  {archive.Ack, archive.Routine, "not out yet"},
		archive.OutcomeAlreadyDone:   {archive.Ack, archive.Routine, "saved already"},
		archive.OutcomeNotReadable:   {archive.Ack, archive.Attention, "Choose another way"},
		archive.OutcomeMissing:       {archive.Ack, archive.Routine, "we make a new one"},
		archive.OutcomeGrantRefused:  {archive.Ack, archive.Routine, "try again tomorrow"},
		archive.OutcomeRejected:      {archive.Ack, archive.Alert, "Nothing is lost"},
		archive.OutcomeReconnect:     {archive.Ack, archive.Attention, "Press Reconnect"},
		archive.OutcomeScope:         {archive.Ack, archive.Attention, "Press Reconnect"},
		archive.OutcomeNotAllowed:    {archive.Ack, archive.Alert, "User Management"},
		archive.OutcomePremiumLapsed: {archive.Ack, archive.Alert, "Premium"},
		archive.OutcomePaused:        {archive.Retry, archive.Alert, "until Monday 09:30 UTC"},
		archive.OutcomeUnavailable:   {archive.Retry, archive.Routine, "try again soon"},
		archive.OutcomeUnsure:        {archive.Retry, archive.Routine, "try again soon"},
		archive.OutcomeKey:           {archive.Ack, archive.Alert, "our side"},
		archive.OutcomeApp:           {archive.Retry, archive.Alert, "our side"},
		archive.OutcomeMalformed:     {archive.Ack, archive.Alert, "our side"},
		archive.OutcomeInternal:      {archive.Retry, archive.Alert, "our side"},
		archive.OutcomeBusy:          {archive.Retry, archive.Routine, "under way"},
		archive.OutcomeStopped:       {archive.Ack, archive.Routine, "paused"},
		archive.OutcomeUnknownUser:   {archive.Ack, archive.Routine, "not connected"},
		"of a newer version":         {archive.Retry, archive.Alert, "our side"},
	} {
		got := kind.Handling()
		if got.Disposition != want.disposition || got.Severity != want.severity || got.Reason == "" {
			t.Errorf("%s: got %+v, want %s and %s with a reason", kind, got, want.disposition, want.severity)
		}
		outcome := archive.Outcome{Kind: kind, Found: 30, Added: 27, Until: until}
		if s := outcome.Sentence(); !strings.Contains(s, want.sentence) {
			t.Errorf("%s: got sentence %q, want it to contain %q", kind, s, want.sentence)
		}
	}
}
