package firestorestore_test

import (
	"strings"
	"testing"

	"cloud.google.com/go/firestore"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
)

func TestLedger(t *testing.T) {
	t.Parallel()
	archivetest.Ledger(t, func(t *testing.T) archive.Ledger { return open(t) })
}

func TestDueUsers(t *testing.T) {
	t.Parallel()
	archivetest.DueUsers(t, func(t *testing.T) archivetest.DueStore { return open(t) })
}

func TestApp(t *testing.T) {
	t.Parallel()
	archivetest.App(t, func(t *testing.T) archive.App { return open(t) })
}

func TestKilledWriter(t *testing.T) {
	t.Parallel()
	address := ""
	if !archivetest.IsKilledWriter() {
		address = emulators.FirestoreHost(t) + " " + gcptest.Project(t)
	}
	archivetest.KilledWriter(t, address, func(t *testing.T, address string) (archive.Ledger, func()) {
		host, project, _ := strings.Cut(address, " ")
		client, err := firestore.NewClient(t.Context(), project, gcptest.Dialing(host)...)
		if err != nil {
			t.Fatal(err)
		}
		return firestorestore.New(client, archivetest.WeekTime), func() { _ = client.Close() }
	})
}

// corruptible is a store whose documents the suites can spoil.
type corruptible struct {
	*firestorestore.Store
	client *firestore.Client
}

var _ archivetest.Corrupter = corruptible{}

func open(t *testing.T) corruptible {
	t.Helper()
	client := emulators.Firestore(t)
	return corruptible{firestorestore.New(client, archivetest.WeekTime), client}
}

// Corrupt implements archivetest.Corrupter.
func (c corruptible) Corrupt(tb testing.TB, id archive.UserID) {
	tb.Helper()
	ref := c.client.Collection("users").Doc(string(id))
	if _, err := ref.Update(tb.Context(), []firestore.Update{{Path: "last_edition", Value: 20261116}}); err != nil {
		tb.Fatal(err)
	}
}
