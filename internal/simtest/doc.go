// Package simtest proves the promises of design.md, section 1, by simulation:
// the core, the pages, the message handlers and the Spotify client that ship
// run against the Spotify stand-in and a store in memory, in virtual time, and
// everything that can go wrong between them does.
//
// One seed is one world: who uses the service, for how many weeks, which
// faults there are and where they strike, who wakes first. The same seed gives
// the same world, step by step. What goes wrong at a boundary is decided by
// the seed and the boundary's name ("demo1 weekly 2026-11-16 #2, call 7"), not
// by how many decisions came before, so leaving one fault out leaves the
// others where they were; that is how a failing seed is shrunk.
//
// A world lives in a testing/synctest bubble. Of its goroutines (deliveries,
// visits to the pages, people, clocks) one runs at a time: it holds
// world.turn, gives it up in world.sleep only, and no two wake at the same
// nanosecond. A process that crashes is a goroutine that ends there.
package simtest
