package archivetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// The fixed weeks that fixtures and tests talk about.
const (
	WeekBefore calendar.Edition = "2026-11-09"
	Week       calendar.Edition = "2026-11-16"
	WeekAfter  calendar.Edition = "2026-11-23"
)

// WeekTime is when the weekly run of Week is made: Monday 13:00 UTC. It is an
// archive.Clock that stands still.
func WeekTime() time.Time { return time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC) }

// NewUser returns a user who connected a week before WeekTime and never had a
// run: active, one archive, choice auto, a consent without the player's
// scopes, and a sealed token that nothing can open. It is not stored. The id
// is made from the test's name and name, so tests that share a store do not
// meet.
func NewUser(tb testing.TB, name string, edits ...func(*archive.User)) archive.User {
	tb.Helper()
	account := tb.Name() + "/" + name
	user := archive.User{
		ID:          archive.NewUserID(webapi.Profile{AccountID: account}),
		SpotifyID:   name,
		DisplayName: name,
		CreatedAt:   WeekTime().AddDate(0, 0, -7),
		Status:      archive.StatusActive,
		Choice:      archive.ChoiceAuto,
		Shape:       archive.ShapeSingle,
		Grant: archive.Grant{
			Sealed:       secret.Sealed{Ciphertext: []byte("sealed for " + name), KeyVersion: "1"},
			Scopes:       webapi.Scopes(false),
			AuthorizedAt: WeekTime().AddDate(0, 0, -7),
		},
	}
	for _, edit := range edits {
		edit(&user)
	}
	return user
}

// FullUser is NewUser with every field set, at every depth, but for Revision.
func FullUser(tb testing.TB, name string) archive.User {
	tb.Helper()
	at := func(n int) time.Time {
		return WeekTime().Add(time.Duration(n)*time.Hour + time.Duration(n)*time.Microsecond)
	}
	return NewUser(tb, name, func(u *archive.User) {
		u.Grant.Scopes = webapi.Scopes(true)
		u.Grant.EndSeen = at(23)
		u.Grant.Refusals = archive.Refusals{Count: 2, First: at(1), Last: at(2)}
		u.Discover = archive.Discover{
			PlaylistID: "37i9dQZEVXcFixture0000", Access: archive.AccessDenied, CheckedAt: at(3),
			Denials: 2, Partial: Week, PartialAt: at(14), Done: WeekBefore, Chosen: true, Among: 12, DoubtedAt: at(27),
			Candidates: []archive.Candidate{{PlaylistID: "37i9dQZEVXcFixture0001", Name: "Discover Weekly", Held: Week}},
		}
		u.Zone, u.OwnZone = "Pacific/Auckland", true
		u.Playlists = archive.Playlists{Total: 12, Holes: 1, Complete: true, Since: at(15), RefusedAt: at(16)}
		u.TroubledAt, u.Failing = at(24), at(35)
		u.Language, u.SignOuts = "de", 3
		u.Copier = true
		u.Own = archive.Own{AskedAt: at(7), ReadAt: at(8), List: []archive.OwnPlaylist{{PlaylistID: "ownFixture000000000000", Name: "Mine", Total: 12, Part: 1}}}
		u.Weeks = []calendar.WeekTally{{Edition: Week, Songs: 30, Copied: 12}}
		u.Missed = []calendar.Edition{"2026-11-02"}
		u.Twice = WeekBefore
		u.Inbox = archive.Inbox{
			PlaylistID: "inboxFixture0000000000", Snapshot: "AAAABw==", SnapshotAt: at(15), Confirmed: true,
			Gone: true, Declined: true, MadeAt: at(17), Absence: archive.Absence{Since: at(5), Doubted: at(22)},
			Total: 31, Newest: at(28), ReadAt: at(29), Unexplained: true, Unread: true, CopiedAt: at(30), Week: Week, Songs: 12, Place: archive.ListPlace{Offset: 3, Of: 12},
			SoughtAt: at(31),
			Others:   map[string]string{"inboxFixture0000000001": "AAAADA=="},

			OtherPlaces: map[string]archive.ListPlace{"inboxFixture0000000001": {Offset: 4, Of: 12}},
		}
		u.Listening = archive.Listening{
			Cursor: at(4), Gap: archive.Gap{From: at(5), To: at(6)}, AskedAt: at(7), PutOff: at(34),
			Week: WeekBefore, Kept: 7, Queue: Tracks(600, 3), QueueAt: at(18), QueueOf: "spotify:playlist:37i9dQZEVXcFixture0000", Of: "37i9dQZEVXcFixture0000",
		}
		target := archive.ArchivePlaylist{
			PlaylistID: "mainFixture00000000000", Part: 2, Total: archive.UnknownTotal, Snapshot: "AAAACQ==", Unlearned: 3,
			Reminder: "ends soon", MadeAt: at(19), ReadAt: at(20), UnreadSince: at(21), Theirs: true, Absence: archive.Absence{Since: at(6), Doubted: at(22)},
			Former: []archive.Former{{PlaylistID: "goneFixture00000000000", Gone: true}}, Place: archive.ListPlace{Offset: 2, Of: 12},
		}
		year, copied := target, target
		year.PlaylistID, year.Part, year.Total = "yearFixture00000000000", 1, 300
		copied.PlaylistID, copied.Part, copied.Total = "weekFixture00000000000", 1, 30
		u.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: target, "2026": year, string(Week): copied}
		u.Batches = map[string]int{string(Week) + "-inbox": 2, string(WeekBefore) + "-paste": 11}
		open := NewPending("open", at(9))
		u.Open = &open
		u.Waiting = true
		u.PendingAt = at(13)
		u.LastEdition = WeekBefore
		u.Last = outcome.Outcome{
			Kind: outcome.Paused, At: at(10), Run: app.RunDue, Edition: Week, Source: ledger.SourceInbox,
			Found: 30, Added: 27, Already: 2, Unusable: 1, Back: 4, Stood: 5, Until: at(11), Reason: app.PauseQuota, NewArchive: true, Stopped: ledger.SourceListening, Mixed: true, Plays: true,
			Failed: []outcome.Failure{{Source: ledger.SourceListening, Kind: outcome.Unreadable}},
		}
		u.Lease = archive.Lease{Holder: "delivery-1", Until: at(12)}
		u.Messages = fullMessages(at)
		u.Manual = archive.Manual{AskedAt: at(25), DoneAt: at(26), Spent: at(27)}
		u.Due = archive.Due{At: at(28).Truncate(time.Second), Why: archive.DuePause}
	})
}

// NewEntry returns a finished batch of Week from the inbox, with every field set.
func NewEntry(batch int, doneAt time.Time) ledger.Entry {
	return ledger.Entry{
		Key:   ledger.EntryKey{Edition: Week, Source: ledger.SourceInbox, Batch: batch},
		Found: 30, Added: 27, Already: 2, Unusable: 1, Queued: 3,
		DoneAt: doneAt,
	}
}

// NewPending returns a waiting batch of three pasted songs, with every field set,
// those too that only an open one has.
func NewPending(id string, at time.Time) ledger.Batch {
	batch := newBatch(at)
	batch.ID, batch.Held, batch.Tracks, batch.Entry.Key.Source = id, "37i9dQZEVXcFixture0001", Tracks(500, 3), ledger.SourcePaste
	return batch
}

func newBatch(at time.Time) ledger.Batch {
	return ledger.Batch{
		Entry:           NewEntry(1, at),
		At:              at,
		Pending:         []string{"paste-1", "paste-2"},
		Counted:         true,
		ArchivePlaylist: archive.MainArchive,
		PlaylistID:      "mainFixture00000000000",
		TotalBefore:     120,
		CopyID:          "weekFixture00000000000",
		Copy:            true,
		Unsent:          true,
		GivenUp:         true,
	}
}

// Tracks returns n different songs, numbered from the number from: the same
// number is the same song. Ids have Spotify's 22 characters.
func Tracks(from, n int) []ledger.Track {
	tracks := make([]ledger.Track, n)
	for i := range tracks {
		tracks[i] = ledger.Track{ID: fmt.Sprintf("track%017d", from+i), ISRC: fmt.Sprintf("QZES5%07d", from+i), Length: 180_000 + 1_000*i}
	}
	return tracks
}

// MustPut stores the user and returns it with its Revision, or ends the test.
func MustPut(tb testing.TB, users archive.Users, user archive.User) archive.User {
	tb.Helper()
	stored, err := users.Put(tb.Context(), user)
	if err != nil {
		tb.Fatalf("putting user %s: %v", user.ID, err)
	}
	return stored
}

// MustCommit stores the user and the changes and returns the user with its
// Revision, or ends the test.
func MustCommit(tb testing.TB, books archive.Ledger, user archive.User, changes archive.Changes) archive.User {
	tb.Helper()
	stored, err := books.Commit(tb.Context(), user, changes)
	if err != nil {
		tb.Fatalf("committing user %s: %v", user.ID, err)
	}
	return stored
}

func fullMessages(at func(int) time.Time) notice.Messages {
	return notice.Messages{
		TappedAt: at(35), Declined: true,
		Channels: []notice.Channel{{
			ID: "push-fixture", Kind: notice.ChannelPush, Name: "Firefox, Android",
			Sealed: secret.Sealed{Ciphertext: []byte("sealed address"), KeyVersion: "1"}, AddedAt: at(25), SeenAt: at(26), Refusals: 2, Silent: true,
		}},
		Week: "push-fixture", Day: 6, Hour: 10, KeptOff: true, AwayUntil: at(200), Stopped: true, Calendar: 3,
		Copied:   notice.Copied{Edition: Week, Songs: 30, At: at(27)},
		Reminded: Week, Unanswered: 2, Trouble: notice.Trouble{Kind: outcome.Scope, Since: at(28)},
		Lost:    notice.Lost{Kind: notice.ChannelNtfy, Name: "wee…", At: at(34)},
		Told:    []notice.Told{{Key: "turn-2026-11-16", Channel: "push-fixture", At: at(29), Refused: true}},
		Sending: notice.Sending{Holder: "another", Until: at(30)}, Tries: 4, RetryAt: at(31),
		Test: notice.TestMessage{Channel: "push-fixture", AskedAt: at(32), DoneAt: at(33), Result: notice.TestRefused},
	}
}
