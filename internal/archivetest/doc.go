// Package archivetest holds one conformance suite per port of package archive,
// and in-memory fakes that pass them.
//
// An adapter runs its port's suite:
//
//	func TestStore(t *testing.T) {
//		archivetest.Ledger(t, func(t *testing.T) archive.Ledger { return openEmpty(t) })
//	}
//
// A test of the core puts a user into a fake and lets it fail where it wants:
//
//	store := archivetest.NewStore(archivetest.WeekTime)
//	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
//	store.Faults.After = func(op string) error { return errors.New("answer lost") }
//
// The suites check what the port's comments promise and nothing else. Times in
// them are whole microseconds, times of runs whole seconds: no store and no
// queue has to keep more.
package archivetest
