package operate

import (
	"errors"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// The exit codes of every command.
const (
	ExitOK         = 0
	ExitFailed     = 1 // it could not be done; the message says why
	ExitUsage      = 2 // there is no such command, flag or argument
	ExitFault      = 3 // doctor found a fault
	ExitNotFound   = 4 // there is no such account, dead letter or backup
	ExitNotRunning = 5 // the service has to run for this, and does not; or has to be stopped, and runs
	ExitUnfinished = 6 // the wait ended before the work did
)

var (
	// ErrNotRunning says that the command needs the running service.
	ErrNotRunning = errors.New("the service does not run")

	// ErrRunning says that the command needs the service to be stopped.
	ErrRunning = errors.New("the service runs")

	// ErrUnfinished says that the wait ended first.
	ErrUnfinished = errors.New("the wait ended before the work did, which goes on")

	errFault = errors.New("something is wrong, see above")
)

// usageError is a mistake in how a command was written.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(text string) error { return &usageError{errors.New(text)} }

// ExitCode returns the exit code that an error of a command means.
func ExitCode(err error) int {
	if err == nil {
		return ExitOK
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return ExitUsage
	}
	for _, row := range []struct {
		err  error
		code int
	}{
		{errFault, ExitFault},
		{ErrUnfinished, ExitUnfinished},
		{fault.ErrNotFound, ExitNotFound},
		{ErrNotRunning, ExitNotRunning},
		{ErrRunning, ExitNotRunning},
	} {
		if errors.Is(err, row.err) {
			return row.code
		}
	}
	return ExitFailed
}
