// Package archive is the user, whose document everything in the core of Weekly
// Archive is about: what is stored of one, when they are looked at next, and what
// they have to be told. What the document is made of has packages of its own:
// calendar, app, fault, ledger, webapi, outcome and notice, each of which knows
// only those before it. The use cases are built on top.
//
// The core knows no cloud, no HTTP and no database. What it needs from outside
// it names as ports (ports.go; those to Spotify are in package webapi, the one to
// push services in package notice); adapters implement them and pass the suites of
// package archivetest. Time comes in through a Clock.
package archive
