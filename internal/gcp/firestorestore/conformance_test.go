package firestorestore_test

import (
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	apiv1 "cloud.google.com/go/firestore/apiv1"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	archivetest.DocumentStore(t, func(t *testing.T, clock func() time.Time) document.Store {
		db := emulators.Firestore(t)
		return firestorestore.New(db.API, db.Name, clock)
	})
}

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
		address = emulators.FirestoreHost(t) + " " + firestorestore.Database(gcptest.Project(t), firestore.DefaultDatabaseID)
	}
	archivetest.KilledWriter(t, address, func(t *testing.T, address string) (archive.Ledger, func()) {
		host, database, _ := strings.Cut(address, " ")
		client, err := apiv1.NewClient(t.Context(), gcptest.Dialing(host)...)
		if err != nil {
			t.Fatal(err)
		}
		return records.New(firestorestore.New(client, database, archivetest.WeekTime)), func() { _ = client.Close() }
	})
}

// corruptible are records whose documents the suites can spoil.
type corruptible struct {
	*records.Store
	db gcptest.Database
}

var _ archivetest.Corrupter = corruptible{}

func open(t *testing.T) corruptible {
	t.Helper()
	db := emulators.Firestore(t)
	return corruptible{in(db), db}
}

func in(db gcptest.Database) *records.Store {
	return records.New(firestorestore.New(db.API, db.Name, archivetest.WeekTime))
}

// Corrupt implements archivetest.Corrupter.
func (c corruptible) Corrupt(tb testing.TB, id archive.UserID) {
	tb.Helper()
	ref := c.db.Client.Collection("users").Doc(string(id))
	if _, err := ref.Update(tb.Context(), []firestore.Update{{Path: "last_edition", Value: 20261116}}); err != nil {
		tb.Fatal(err)
	}
}
