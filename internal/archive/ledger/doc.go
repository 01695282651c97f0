// Package ledger is songs on their way into an archive: where they come from, the
// batches in which they go, the entries that are left of those, and the set of all
// that were ever archived.
package ledger
