// Package calendar knows weeks: the editions of Discover Weekly, the zones of
// people, how a week of theirs stands, and which times a clock can have told.
package calendar
