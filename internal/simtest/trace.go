package simtest

import (
	"fmt"
	"strings"
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

// tail returns the last n lines.
func (t *trace) tail(n int) string {
	lines := t.lines
	if len(lines) > n {
		lines = append([]string{fmt.Sprintf("… %d earlier lines", len(lines)-n)}, lines[len(lines)-n:]...)
	}
	return strings.Join(lines, "\n")
}
