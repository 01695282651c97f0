package simtest

import (
	"fmt"
	"time"
)

// trace is what happened, line by line; a nil trace keeps nothing.
type trace struct {
	lines []string
}

func (w *world) note(who, format string, args ...any) {
	w.steps++
	if w.trace == nil {
		return
	}
	at := time.Now().UTC().Format("Mon 2006-01-02 15:04:05.000")
	w.trace.lines = append(w.trace.lines, fmt.Sprintf("%s | %s | %s", at, who, fmt.Sprintf(format, args...)))
}
