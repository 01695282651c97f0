// Package archive is the core of Weekly Archive: it decides which songs of a
// user's week belong into the user's archive playlist, and makes sure that
// each of them ends up there exactly once.
//
// The core knows no cloud, no HTTP and no database. What it needs from outside
// it names as ports (ports.go); adapters implement them and pass the suites of
// package archivetest. Time comes in through a Clock.
//
// The use cases are SignUp (a user consents), Accounts (what the person does
// on the account page), FanOut (who is due this week) and Archivist (one
// user's run).
package archive
