package web

import (
	"errors"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// Notes, Untils and ProblemNames are the parts of keys that no page of the
// goldens shows all of.

// Notes returns every note.
func Notes() []string {
	var names []string
	for _, n := range notes() {
		names = append(names, string(n))
	}
	return names
}

// Untils returns everything that may have to happen before something runs.
func Untils() []string { return []string{"reconnect", "resume", "app"} }

// ProblemNames returns the names of every problem.
func ProblemNames() []string {
	names := []string{"paused", "internal"}
	for _, row := range problems() {
		names = append(names, row.problem.Name)
	}
	return names
}

// ProblemErrors returns an error of every problem, by the problem's name.
func ProblemErrors(until time.Time) map[string]error {
	all := map[string]error{
		"paused":   &fault.PausedError{Until: until},
		"internal": errors.New("a fault that nobody thought of"),
	}
	for _, name := range []string{tooManySignIns, tooManyLinks} {
		all[name] = &tooManyError{name, until}
	}
	for _, row := range problems() {
		all[row.problem.Name] = row.err
	}
	return all
}
