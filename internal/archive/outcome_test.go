package archive_test

import (
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Every outcome has a row, with a reason why its message is acknowledged or
// comes again.
func TestOutcomeTable(t *testing.T) {
	t.Parallel()
	for kind, want := range map[archive.OutcomeKind]struct {
		disposition archive.Disposition
		severity    archive.Severity
	}{
		archive.OutcomeSaved:         {archive.Ack, archive.Routine},
		archive.OutcomeNothingNew:    {archive.Ack, archive.Routine},
		archive.OutcomeNotRefreshed:  {archive.Ack, archive.Routine},
		archive.OutcomeAlreadyDone:   {archive.Ack, archive.Routine},
		archive.OutcomeNotReadable:   {archive.Ack, archive.Attention},
		archive.OutcomeMissing:       {archive.Ack, archive.Routine},
		archive.OutcomeGrantRefused:  {archive.Ack, archive.Routine},
		archive.OutcomeRejected:      {archive.Ack, archive.Alert},
		archive.OutcomeReconnect:     {archive.Ack, archive.Attention},
		archive.OutcomeScope:         {archive.Ack, archive.Attention},
		archive.OutcomeNotAllowed:    {archive.Ack, archive.Alert},
		archive.OutcomePremiumLapsed: {archive.Ack, archive.Alert},
		archive.OutcomePaused:        {archive.Retry, archive.Alert},
		archive.OutcomeUnavailable:   {archive.Retry, archive.Routine},
		archive.OutcomeUnsure:        {archive.Retry, archive.Routine},
		archive.OutcomeKey:           {archive.Ack, archive.Alert},
		archive.OutcomeApp:           {archive.Retry, archive.Alert},
		archive.OutcomeMalformed:     {archive.Ack, archive.Alert},
		archive.OutcomeInternal:      {archive.Retry, archive.Alert},
		archive.OutcomeBusy:          {archive.Retry, archive.Routine},
		archive.OutcomeStopped:       {archive.Ack, archive.Routine},
		archive.OutcomeUnknownUser:   {archive.Ack, archive.Routine},
		"of a newer version":         {archive.Retry, archive.Alert},
	} {
		got := kind.Handling()
		if got.Disposition != want.disposition || got.Severity != want.severity || got.Reason == "" {
			t.Errorf("%s: got %+v, want %s and %s with a reason", kind, got, want.disposition, want.severity)
		}
	}
}
