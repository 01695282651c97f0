package archivetest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

func small(key string) document.Document {
	return document.Document{Key: key, Body: json.RawMessage(`{"v":1}`)}
}

func documentCommits() []check[document.Store] {
	const anything, absent = document.Any, document.Absent
	return []check[document.Store]{
		{"absent_document_is_not_found", func(t *testing.T, s document.Store) {
			mustWrite(t, s, small("things/a/below/b"), absent)
			for _, key := range []string{"things/none", "things/a", "things/a/below/c", "things/b/below/b"} {
				_, err := s.Get(t.Context(), key)
				wantErrorIs(t, "Get of "+key, err, document.ErrNotFound)
			}
		}},
		{"expectations", func(t *testing.T, s document.Store) {
			stored := NewDocument("things/a")
			old := mustWrite(t, s, stored, absent)
			stored.Revision = mustWrite(t, s, stored, old)
			gone := mustWrite(t, s, small("things/gone"), absent)
			noError(t, "Delete", s.Delete(t.Context(), "things/gone"))
			for name, w := range map[string]document.Write{
				"create_over_a_document":        {Document: small("things/a"), Expect: absent},
				"stale_revision":                {Document: small("things/a"), Expect: old},
				"revision_of_another_store":     {Document: small("things/a"), Expect: "another store's"},
				"revision_of_an_absent_one":     {Document: small("things/none"), Expect: stored.Revision},
				"revision_from_before_deletion": {Document: small("things/gone"), Expect: gone},
				"deletion_with_a_stale_one":     {Document: small("things/a"), Expect: old, Delete: true},
				"deletion_of_a_deleted_one":     {Document: small("things/gone"), Expect: gone, Delete: true},
			} {
				_, err := s.Commit(t.Context(), w)
				wantErrorIs(t, name, err, document.ErrConflict)
			}
			wantDocument(t, s, stored)
			wantKeys(t, s, document.Query{Collection: "things", Limit: 9}, "a")

			mustWrite(t, s, small("things/a"), anything)
			mustWrite(t, s, small("things/none"), anything)
			_, err := s.Commit(t.Context(), document.Write{Document: small("things/absent"), Expect: anything, Delete: true})
			noError(t, "deletion of an absent document", err)
		}},
		{"revision_changes_with_every_write", func(t *testing.T, s document.Store) {
			had := map[string]bool{}
			d := NewDocument("things/a")
			for round := range 3 {
				expect := absent
				for range 3 {
					revision := mustWrite(t, s, d, expect)
					if had[revision] {
						t.Fatalf("round %d: got revision %q again", round, revision)
					}
					had[revision] = true
					d.Revision, expect = revision, revision
					wantDocument(t, s, d)
				}
				_, err := s.Commit(t.Context(), document.Write{Document: d, Expect: d.Revision, Delete: true})
				noError(t, "deletion", err)
			}
		}},
		{"all_writes_or_none", func(t *testing.T, s document.Store) {
			root, below := NewDocument("things/a"), NewDocument("things/a/below/b")
			root.Revision = mustWrite(t, s, root, absent)
			below.Revision = mustWrite(t, s, below, absent)
			changes := []document.Write{
				{Document: small("things/a/below/new"), Expect: absent},
				{Document: below, Expect: anything, Delete: true},
				{Document: small("others/c"), Expect: anything},
			}
			stale := document.Write{Document: root, Expect: "stale"}
			for at := range len(changes) + 1 {
				writes := append([]document.Write{}, changes[:at]...)
				writes = append(append(writes, stale), changes[at:]...)
				_, err := s.Commit(t.Context(), writes...)
				wantErrorIs(t, fmt.Sprintf("Commit with a conflict at %d", at), err, document.ErrConflict)
			}
			wantDocument(t, s, root)
			wantDocument(t, s, below)
			wantKeys(t, s, document.Query{Collection: "things/a/below", Limit: 9}, "b")
			wantKeys(t, s, document.Query{Collection: "others", Limit: 9})

			revisions, err := s.Commit(t.Context(), append(changes, document.Write{Document: root, Expect: root.Revision})...)
			noError(t, "Commit", err)
			if len(revisions) != 4 || revisions[0] == "" || revisions[1] != "" || revisions[2] == "" || revisions[3] == "" {
				t.Fatalf("got revisions %q, want one per write, none of the deletion", revisions)
			}
			root.Revision = revisions[3]
			wantDocument(t, s, root)
			wantKeys(t, s, document.Query{Collection: "things/a/below", Limit: 9}, "new")
			wantKeys(t, s, document.Query{Collection: "others", Limit: 9}, "c")
		}},
		{"many_writes_in_one_commit", func(t *testing.T, s document.Store) {
			var writes []document.Write
			for i := range 200 {
				writes = append(writes, document.Write{Document: small(fmt.Sprintf("things/%03d", i)), Expect: absent})
			}
			revisions, err := s.Commit(t.Context(), writes...)
			noError(t, "Commit", err)
			for i, revision := range revisions {
				d := writes[i].Document
				d.Revision = revision
				wantDocument(t, s, d)
			}
		}},
	}
}

func documentDeletes() []check[document.Store] {
	return []check[document.Store]{
		{"delete_removes_the_document_and_all_below", func(t *testing.T, s document.Store) {
			for _, key := range []string{"things/a", "things/a/one/x", "things/a/two/x", "things/a/two/y", "things/a0", "things/a0/one/x", "things/a-b", "things/b/a/c"} {
				mustWrite(t, s, NewDocument(key), document.Absent)
			}
			noError(t, "Delete", s.Delete(t.Context(), "things/a"))
			wantKeys(t, s, document.Query{Collection: "things", Limit: 9}, "a-b", "a0")
			wantKeys(t, s, document.Query{Collection: "things", Label: "status", Limit: 9}, "a-b", "a0")
			for collection, want := range map[string][]string{"things/a/one": nil, "things/a/two": nil, "things/a0/one": {"x"}, "things/b/a": {"c"}} {
				wantKeys(t, s, document.Query{Collection: collection, Limit: 9}, want...)
			}
		}},
		{"delete_is_idempotent", func(t *testing.T, s document.Store) {
			mustWrite(t, s, small("things/a"), document.Absent)
			for range 2 {
				noError(t, "Delete", s.Delete(t.Context(), "things/a"))
			}
			noError(t, "Delete of what never was", s.Delete(t.Context(), "things/b"))
		}},
		{"delete_removes_what_lies_below_nothing", func(t *testing.T, s document.Store) {
			mustWrite(t, s, small("things/a/below/b"), document.Absent)
			noError(t, "Delete", s.Delete(t.Context(), "things/a"))
			wantKeys(t, s, document.Query{Collection: "things/a/below", Limit: 9})
		}},
		{"many_documents_are_deleted", func(t *testing.T, s document.Store) {
			for page := range 3 {
				var writes []document.Write
				for i := range 150 {
					writes = append(writes, document.Write{Document: small(fmt.Sprintf("things/a/below/%d-%d", page, i))})
				}
				_, err := s.Commit(t.Context(), writes...)
				noError(t, "Commit", err)
			}
			noError(t, "Delete", s.Delete(t.Context(), "things/a"))
			wantKeys(t, s, document.Query{Collection: "things/a/below", Limit: 9})
		}},
	}
}

// atMinute returns a time that sorts as text as it sorts as a time.
func atMinute(n int) string {
	return WeekTime().Add(time.Duration(n) * time.Minute).Format(time.RFC3339)
}
