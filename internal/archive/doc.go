// Package archive is the bottom of the core of Weekly Archive: its nouns, its
// ports, and the table of verdicts. Everything else of the core is built on it,
// and it imports none of that.
//
// The core knows no cloud, no HTTP and no database. What it needs from outside
// it names as ports (ports.go, spotify.go); adapters implement them and pass the suites of
// package archivetest. Time comes in through a Clock.
package archive
