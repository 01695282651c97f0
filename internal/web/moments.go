package web

import "time"

// Times are shown in UTC and say so: the server does not know where the
// visitor is.

// date returns "16 November 2026".
func date(t time.Time) string { return t.UTC().Format("2 January 2006") }

// moment returns "Monday 16 November 2026, 13:04 UTC".
func moment(t time.Time) string { return t.UTC().Format("Monday 2 January 2006, 15:04 UTC") }

// machine returns the value of a time element's datetime.
func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }
