package archivetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

var (
	_ archive.Ledger   = (*Store)(nil)
	_ archive.DueUsers = (*Store)(nil)
	_ archive.App      = (*Store)(nil)

	_ notice.PushKeyStore = (*Store)(nil)
)

// Store is the core's records on documents in memory, with switches for
// faults.
//
// Besides the names of the methods, Faults.Before gets "Delete.user" when
// everything of a user but the user document is gone.
type Store struct {
	Faults Faults

	documents *Documents
	records   *records.Store
}

// NewStore returns an empty store. The clock tells which entries are older
// than ledger.EntryLife and therefore gone.
func NewStore(clock archive.Clock) *Store {
	documents := NewDocuments(clock)
	s := &Store{documents: documents, records: records.New(documents)}
	documents.rootGoes = func(ctx context.Context) error { return s.Faults.before(ctx, "Delete.user") }
	return s
}

// User implements archive.Users.
func (s *Store) User(ctx context.Context, id archive.UserID) (archive.User, error) {
	return call(ctx, s, "User", func() (archive.User, error) { return s.records.User(ctx, id) })
}

// Document returns a user as it is stored; zero for nobody. It meets no fault.
func (s *Store) Document(id archive.UserID) document.Document {
	d, _ := s.documents.Get(context.Background(), "users/"+string(id))
	return d
}

// Put implements archive.Users.
func (s *Store) Put(ctx context.Context, u archive.User) (archive.User, error) {
	return call(ctx, s, "Put", func() (archive.User, error) { return s.records.Put(ctx, u) })
}

// Commit implements archive.Ledger.
func (s *Store) Commit(ctx context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	return call(ctx, s, "Commit", func() (archive.User, error) { return s.records.Commit(ctx, u, c) })
}

// Entries implements archive.Users.
func (s *Store) Entries(ctx context.Context, id archive.UserID, limit int) ([]ledger.Entry, error) {
	return call(ctx, s, "Entries", func() ([]ledger.Entry, error) { return s.records.Entries(ctx, id, limit) })
}

// Seen implements archive.Ledger.
func (s *Store) Seen(ctx context.Context, id archive.UserID) (ledger.Seen, error) {
	return call(ctx, s, "Seen", func() (ledger.Seen, error) { return s.records.Seen(ctx, id) })
}

// Pending implements archive.Ledger.
func (s *Store) Pending(ctx context.Context, id archive.UserID) ([]ledger.Batch, error) {
	return call(ctx, s, "Pending", func() ([]ledger.Batch, error) { return s.records.Pending(ctx, id) })
}

// Delete implements archive.Users.
func (s *Store) Delete(ctx context.Context, id archive.UserID) error {
	return do(ctx, s, "Delete", func() error { return s.records.Delete(ctx, id) })
}

// DueUsers implements archive.DueUsers.
func (s *Store) DueUsers(ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
	return call(ctx, s, "DueUsers", func() (archive.DuePage, error) { return s.records.DueUsers(ctx, q) })
}

// Pause implements archive.App.
func (s *Store) Pause(ctx context.Context) (app.Pause, error) {
	return call(ctx, s, "Pause", func() (app.Pause, error) { return s.records.Pause(ctx) })
}

// SetPause implements archive.App.
func (s *Store) SetPause(ctx context.Context, p app.Pause) error {
	return do(ctx, s, "SetPause", func() error { return s.records.SetPause(ctx, p) })
}

// NoteRun implements archive.App.
func (s *Store) NoteRun(ctx context.Context, run app.Run) error {
	return do(ctx, s, "NoteRun", func() error { return s.records.NoteRun(ctx, run) })
}

// CountUsers implements archive.App.
func (s *Store) CountUsers(ctx context.Context, page string, n int, tallies ...app.Run) error {
	return do(ctx, s, "CountUsers", func() error { return s.records.CountUsers(ctx, page, n, tallies...) })
}

// AddRefusal implements archive.App.
func (s *Store) AddRefusal(ctx context.Context, run app.Run, id archive.UserID) (app.Tally, error) {
	return call(ctx, s, "AddRefusal", func() (app.Tally, error) { return s.records.AddRefusal(ctx, run, id) })
}

// SetMassRefusal implements archive.App.
func (s *Store) SetMassRefusal(ctx context.Context, at time.Time) error {
	return do(ctx, s, "SetMassRefusal", func() error { return s.records.SetMassRefusal(ctx, at) })
}

// LastMassRefusal implements archive.App.
func (s *Store) LastMassRefusal(ctx context.Context) (time.Time, error) {
	return call(ctx, s, "LastMassRefusal", func() (time.Time, error) { return s.records.LastMassRefusal(ctx) })
}

// LastRun implements archive.App.
func (s *Store) LastRun(ctx context.Context, kind app.RunKind) (time.Time, error) {
	return call(ctx, s, "LastRun", func() (time.Time, error) { return s.records.LastRun(ctx, kind) })
}

// Traffic implements archive.AppTraffic.
func (s *Store) Traffic(ctx context.Context) (webapi.Traffic, error) {
	return call(ctx, s, "Traffic", func() (webapi.Traffic, error) { return s.records.Traffic(ctx) })
}

// AddTraffic implements archive.AppTraffic.
func (s *Store) AddTraffic(ctx context.Context, more webapi.Traffic) (webapi.Traffic, error) {
	return call(ctx, s, "AddTraffic", func() (webapi.Traffic, error) { return s.records.AddTraffic(ctx, more) })
}

// PushKey implements notice.PushKeyStore.
func (s *Store) PushKey(ctx context.Context) (notice.PushKey, error) {
	return call(ctx, s, "PushKey", func() (notice.PushKey, error) { return s.records.PushKey(ctx) })
}

// AddPushKey implements notice.PushKeyStore.
func (s *Store) AddPushKey(ctx context.Context, key notice.PushKey) (notice.PushKey, error) {
	return call(ctx, s, "AddPushKey", func() (notice.PushKey, error) { return s.records.AddPushKey(ctx, key) })
}

// ResealPushKey implements notice.PushKeyStore.
func (s *Store) ResealPushKey(ctx context.Context, key notice.PushKey) error {
	return do(ctx, s, "ResealPushKey", func() error { return s.records.ResealPushKey(ctx, key) })
}

// Corrupt makes the user's document unreadable.
func (s *Store) Corrupt(tb testing.TB, id archive.UserID) {
	tb.Helper()
	s.documents.Spoil(tb, "users/"+string(id))
}

// Dump returns everything that is stored as JSON, for a test that looks for
// what must not be in there.
func (s *Store) Dump() ([]byte, error) { return json.Marshal(s.documents.all()) }

// call does one operation between the hooks.
func call[R any](ctx context.Context, s *Store, op string, effect func() (R, error)) (R, error) {
	var none R
	if err := s.Faults.before(ctx, op); err != nil {
		return none, err
	}
	result, err := effect()
	if lost := s.Faults.after(ctx, op); lost != nil {
		return none, lost
	}
	return result, err
}

func do(ctx context.Context, s *Store, op string, effect func() error) error {
	_, err := call(ctx, s, op, func() (struct{}, error) { return struct{}{}, effect() })
	return err
}
