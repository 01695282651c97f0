// Package fieldcases is the book of field cases: one table of what people have
// seen Spotify do, and what is right where it happens.
//
// A row names the public reports, what they met, and what is right; its test
// gives the smallest input to the whole service: the real core and the real
// Spotify client, a stand-in for Spotify, a store in memory, and a clock that
// the row moves. Between client and stand-in sits a proxy that tells the lies
// of the row. A new report is one row, in the file of its kind.
//
// The package has no code besides its tests.
package fieldcases
