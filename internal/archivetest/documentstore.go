package archivetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// OpenDocuments returns an empty store whose clock is the given one.
type OpenDocuments = func(t *testing.T, clock func() time.Time) document.Store

// DocumentStore checks document.Store. It calls open at least once per subtest,
// for an empty store; subtests run in parallel.
func DocumentStore(t *testing.T, open OpenDocuments) {
	t.Helper()
	at := func(t *testing.T) document.Store { return open(t, WeekTime) }
	runChecks(t, at, slices.Concat(documentRoundTrips(), documentCommits(), documentLists(), documentDeletes(), documentRaces()))
	t.Run("expired_documents_are_gone", func(t *testing.T) {
		t.Parallel()
		expiredAreGone(t, open)
	})
}

// NewDocument returns a document with every field set but Revision.
func NewDocument(key string) document.Document {
	return document.Document{
		Key:     key,
		Body:    json.RawMessage(`{"v":7,"name":"` + key + `","list":["a",{"b":1}],"map":{"x":{"y":"z"}}}`),
		Bytes:   []byte{0, 1, 0xff, '"', '\\', 0},
		Labels:  map[string]string{"status": "active", "due": "2026-11-16T13:00:00Z"},
		Expires: WeekTime().Add(time.Hour + time.Microsecond),
	}
}

func documentRoundTrips() []check[document.Store] {
	return []check[document.Store]{
		{"every_field_is_kept", func(t *testing.T, s document.Store) {
			full := NewDocument("things/full")
			full.Revision = "set for the next line only"
			for _, path := range zeroFields("Document", reflect.ValueOf(full)) {
				t.Errorf("the fixture leaves %s zero: set it in NewDocument", path)
			}
			for _, d := range []document.Document{
				NewDocument("things/full"), {Key: "things/bare", Body: json.RawMessage(`{}`)}, NewDocument("things/a/below/b"),
			} {
				d.Revision = mustWrite(t, s, d, document.Absent)
				wantDocument(t, s, d)
			}
		}},
		{"awkward_bodies_are_kept", func(t *testing.T, s document.Store) {
			for i, body := range []string{
				`{"text":"\u0000\u0001\t \" \\ ' % <b> \u2028 é 👩‍👩‍👧"}`, `{"null":null,"t":true,"f":false}`,
				`{"large":9007199254740993,"negative":-1,"zero":0}`, `{"empty":{},"none":[]}`,
				`{"time":"2026-11-16T13:00:00.000001Z","base64":"AAECAw=="}`, `{"a.b":{"c/d":{"` + "`" + `":1}}}`,
				`{"deep":[{"a":[{"b":[{"c":["d"]}]}]}]}`,
			} {
				d := document.Document{Key: fmt.Sprintf("things/%d", i), Body: json.RawMessage(body)}
				d.Revision = mustWrite(t, s, d, document.Absent)
				wantDocument(t, s, d)
			}
		}},
		{"document_of_the_largest_size_is_kept", func(t *testing.T, s document.Store) {
			d := document.Document{Key: "things/large", Body: json.RawMessage(`{"v":1}`)}
			d.Bytes = []byte(strings.Repeat("\xfe", document.MaxSize-len(d.Body)))
			d.Revision = mustWrite(t, s, d, document.Absent)
			wantDocument(t, s, d)
			d.Bytes = append(d.Bytes, 1)
			if _, err := s.Commit(t.Context(), document.Write{Document: d, Expect: document.Any}); err == nil {
				t.Error("got no error for one that is larger: another store would not take it")
			}
		}},
		{"write_replaces_the_whole_document", func(t *testing.T, s document.Store) {
			d := NewDocument("things/a")
			d.Revision = mustWrite(t, s, d, document.Absent)
			bare := document.Document{Key: d.Key, Body: json.RawMessage(`{"other":1}`)}
			bare.Revision = mustWrite(t, s, bare, d.Revision)
			wantDocument(t, s, bare)
			wantKeys(t, s, document.Query{Collection: "things", Label: "status", Limit: 9})
			wantKeys(t, s, document.Query{Collection: "things", LatestFirst: true, Limit: 9})
		}},
		{"callers_and_store_share_no_memory", func(t *testing.T, s document.Store) {
			want := NewDocument("things/a")
			d := NewDocument("things/a")
			want.Revision = mustWrite(t, s, d, document.Absent)
			scribbleDocument(d)
			read, err := s.Get(t.Context(), d.Key)
			noError(t, "Get", err)
			scribbleDocument(read)
			list, err := s.List(t.Context(), document.Query{Collection: "things", Limit: 1})
			noError(t, "List", err)
			scribbleDocument(list[0])
			wantDocument(t, s, want)
		}},
		{"impossible_keys_are_refused", func(t *testing.T, s document.Store) {
			for _, key := range []string{"", "things", "things/", "/a", "things/a/b", "things/é", "things/a b", "things/..", "things/__a__", "a/b/c/d/e/f"} {
				_, err := s.Commit(t.Context(), document.Write{Document: document.Document{Key: key, Body: json.RawMessage(`{}`)}, Expect: document.Any})
				if err == nil {
					t.Errorf("got no error for key %q", key)
				}
			}
			wantKeys(t, s, document.Query{Collection: "things", Limit: 9})
		}},
		{"cancelled_context_is_an_error", func(t *testing.T, s document.Store) {
			d := NewDocument("things/a")
			mustWrite(t, s, d, document.Absent)
			for name, call := range map[string]func(ctx context.Context) error{
				"Get": func(ctx context.Context) error { _, err := s.Get(ctx, d.Key); return err },
				"Commit": func(ctx context.Context) error {
					_, err := s.Commit(ctx, document.Write{Document: d, Expect: document.Any})
					return err
				},
				"List": func(ctx context.Context) error {
					_, err := s.List(ctx, document.Query{Collection: "things", Limit: 1})
					return err
				},
				"Delete": func(ctx context.Context) error { return s.Delete(ctx, d.Key) },
			} {
				wantPromptError(t, name, func(ctx context.Context) error {
					err := call(ctx)
					if errors.Is(err, document.ErrNotFound) || errors.Is(err, document.ErrConflict) {
						t.Errorf("%s with a cancelled context: got %v, which means something else", name, err)
					}
					return err
				})
			}
			wantKeys(t, s, document.Query{Collection: "things", Limit: 9}, "a")
		}},
	}
}

func expiredAreGone(t *testing.T, open OpenDocuments) {
	now := WeekTime()
	s := open(t, func() time.Time { return now })
	write := func(id string, expires time.Time) {
		d := document.Document{Key: "things/" + id, Body: json.RawMessage(`{}`), Labels: map[string]string{"kind": "x"}, Expires: expires}
		mustWrite(t, s, d, document.Absent)
	}
	write("a-soon", now.Add(time.Minute))
	write("b-never", time.Time{})
	write("c-soon", now.Add(time.Minute))
	write("d-later", now.Add(time.Hour))
	write("e-never", time.Time{})
	everything := document.Query{Collection: "things", Limit: 9}
	latest := document.Query{Collection: "things", LatestFirst: true, Limit: 9}
	wantKeys(t, s, everything, "a-soon", "b-never", "c-soon", "d-later", "e-never")
	wantKeys(t, s, latest, "d-later", "c-soon", "a-soon")
	now = now.Add(2 * time.Minute)
	wantKeys(t, s, everything, "b-never", "d-later", "e-never")
	wantKeys(t, s, latest, "d-later")
	wantKeys(t, s, document.Query{Collection: "things", Label: "kind", Limit: 9}, "b-never", "d-later", "e-never")
	// Fewer than the limit mean the end, so what is hidden must not count.
	wantKeys(t, s, document.Query{Collection: "things", Limit: 2}, "b-never", "d-later")
	_, err := s.Get(t.Context(), "things/a-soon")
	wantErrorIs(t, "Get of an expired document", err, document.ErrNotFound)
}

func scribbleDocument(d document.Document) {
	d.Body[len(d.Body)-1] = 'x'
	d.Bytes[0] ^= 0xff
	clear(d.Labels)
}

func mustWrite(t *testing.T, s document.Store, d document.Document, expect string) string {
	t.Helper()
	revisions, err := s.Commit(t.Context(), document.Write{Document: d, Expect: expect})
	noError(t, "Commit of "+d.Key, err)
	if len(revisions) != 1 || revisions[0] == "" || revisions[0] == document.Any {
		t.Fatalf("Commit of %s: got revisions %q, want one", d.Key, revisions)
	}
	return revisions[0]
}

func wantDocument(t *testing.T, s document.Store, want document.Document) {
	t.Helper()
	got, err := s.Get(t.Context(), want.Key)
	noError(t, "Get of "+want.Key, err)
	sameDocument(t, got, want)
}

func sameDocument(t *testing.T, got, want document.Document) {
	t.Helper()
	var gotBody, wantBody any
	for raw, body := range map[*json.RawMessage]*any{&got.Body: &gotBody, &want.Body: &wantBody} {
		decoder := json.NewDecoder(strings.NewReader(string(*raw)))
		decoder.UseNumber()
		noError(t, "decoding the body of "+want.Key, decoder.Decode(body))
		*raw = nil
	}
	if d := diff(gotBody, wantBody); d != "" {
		t.Errorf("body of %s differs (-got +want):\n%s", want.Key, d)
	}
	if d := diff(got, want); d != "" {
		t.Errorf("document %s differs (-got +want):\n%s", want.Key, d)
	}
}

// wantKeys expects a query to give these ids, in this order, page by page.
func wantKeys(t *testing.T, s document.Store, q document.Query, want ...string) {
	t.Helper()
	list, err := s.List(t.Context(), q)
	noError(t, "List", err)
	got := make([]string, len(list))
	for i, d := range list {
		collection, id := document.Split(d.Key)
		if got[i] = id; collection != q.Collection {
			t.Errorf("List of %s: got %s", q.Collection, d.Key)
		}
	}
	if d := diff(got, want); d != "" {
		t.Errorf("List for %+v (-got +want):\n%s", q, d)
	}
}
