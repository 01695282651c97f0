package archivetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

func documentLists() []check[document.Store] {
	return []check[document.Store]{
		{"list_is_one_collection_in_order_of_id", func(t *testing.T, s document.Store) {
			for _, key := range []string{
				"things/b", "things/B", "things/a~", "things/a-", "things/a", "things/10", "things/9", "things/a_z",
				"thing/x", "things2/x", "things/a/things/x", "others/a/things/x",
			} {
				mustWrite(t, s, NewDocument(key), document.Absent)
			}
			wantKeys(t, s, document.Query{Collection: "things", Limit: 99}, "10", "9", "B", "a", "a-", "a_z", "a~", "b")
			wantKeys(t, s, document.Query{Collection: "things/a/things", Limit: 99}, "x")
			wantKeys(t, s, document.Query{Collection: "none", Limit: 99})
			list, err := s.List(t.Context(), document.Query{Collection: "things", Limit: 1})
			noError(t, "List", err)
			wantDocument(t, s, list[0])
		}},
		{"pages_hold_everything_once", func(t *testing.T, s document.Store) {
			var want []string
			for i := range 7 {
				want = append(want, fmt.Sprint(i))
				mustWrite(t, s, small("things/"+want[i]), document.Absent)
			}
			for limit := 1; limit <= 8; limit++ {
				q := document.Query{Collection: "things", Limit: limit}
				for at := 0; at <= len(want); at += limit {
					wantKeys(t, s, q, want[at:min(at+limit, len(want))]...)
					q.After.ID = want[min(at+limit, len(want))-1]
				}
			}
			wantKeys(t, s, document.Query{Collection: "things", After: document.Position{ID: "3-and-a-half"}, Limit: 9}, "4", "5", "6")
		}},
		{"prefix_and_after", func(t *testing.T, s document.Store) {
			for _, id := range []string{"a", "ab", "ab1", "ab2", "ac", "b", "Ab"} {
				mustWrite(t, s, small("things/"+id), document.Absent)
			}
			q := func(prefix, after string) document.Query {
				return document.Query{Collection: "things", Prefix: prefix, After: document.Position{ID: after}, Limit: 9}
			}
			wantKeys(t, s, q("ab", ""), "ab", "ab1", "ab2")
			wantKeys(t, s, q("ab", "ab"), "ab1", "ab2")
			wantKeys(t, s, q("ab", "a"), "ab", "ab1", "ab2")
			wantKeys(t, s, q("ab", "ab2"))
			wantKeys(t, s, q("ab", "b"))
			wantKeys(t, s, q("x", ""))
			one := q("ab", "ab")
			one.Limit = 1
			wantKeys(t, s, one, "ab1")
		}},
		{"list_by_label_is_in_order_of_value", listByLabel},
		{"label_follows_the_document", func(t *testing.T, s document.Store) {
			d := small("things/a")
			active := document.Query{Collection: "things", Label: "status", From: "active", Before: "active~", Limit: 9}
			for _, step := range []struct {
				labels map[string]string
				want   []string
			}{{nil, nil}, {map[string]string{"status": "active"}, []string{"a"}}, {map[string]string{"status": "paused"}, nil}, {map[string]string{"status": "active"}, []string{"a"}}, {map[string]string{"other": "active"}, nil}} {
				d.Labels = step.labels
				mustWrite(t, s, d, document.Any)
				wantKeys(t, s, active, step.want...)
			}
		}},
		{"latest_first_is_by_expiry_and_then_id", func(t *testing.T, s document.Store) {
			for id, after := range map[string]time.Duration{"a": 2, "b": 3, "c": 2, "d": 0, "e": 1} {
				d := small("things/" + id)
				if after > 0 {
					d.Expires = WeekTime().Add(time.Hour + after*time.Microsecond)
				}
				mustWrite(t, s, d, document.Absent)
			}
			want := []string{"b", "c", "a", "e"}
			for limit := 1; limit <= 5; limit++ {
				wantKeys(t, s, document.Query{Collection: "things", LatestFirst: true, Limit: limit}, want[:min(limit, len(want))]...)
			}
		}},
	}
}

func listByLabel(t *testing.T, s document.Store) {
	for id, minute := range map[string]int{"a": 3, "b": 1, "c": 2, "d": 1, "e": 5} {
		d := small("things/" + id)
		d.Labels = map[string]string{"due": atMinute(minute), "status": "active"}
		mustWrite(t, s, d, document.Absent)
		other := d
		other.Key = "others/" + id
		mustWrite(t, s, other, document.Absent)
	}
	unlabelled := small("things/f")
	unlabelled.Labels = map[string]string{"status": "active"}
	mustWrite(t, s, unlabelled, document.Absent)

	q := document.Query{Collection: "things", Label: "due", Limit: 9}
	wantKeys(t, s, q, "b", "d", "c", "a", "e")
	q.From, q.Before = atMinute(2), atMinute(5)
	wantKeys(t, s, q, "c", "a")
	q.From, q.Before = atMinute(5), ""
	wantKeys(t, s, q, "e")
	q.From, q.Before = "", atMinute(2)
	wantKeys(t, s, q, "b", "d")
	wantKeys(t, s, document.Query{Collection: "things", Label: "none", Limit: 9})
	wantKeys(t, s, document.Query{Collection: "things", Label: "status", Limit: 9}, "a", "b", "c", "d", "e", "f")

	want := []string{"b", "d", "c", "a", "e"}
	for limit := 1; limit <= 6; limit++ {
		q := document.Query{Collection: "things", Label: "due", Limit: limit}
		for at := 0; at < len(want); at += limit {
			page := want[at:min(at+limit, len(want))]
			wantKeys(t, s, q, page...)
			last, err := s.Get(t.Context(), "things/"+page[len(page)-1])
			noError(t, "Get", err)
			q.After = document.Position{Value: last.Labels["due"], ID: page[len(page)-1]}
		}
	}
}

func documentRaces() []check[document.Store] {
	return []check[document.Store]{
		{"one_of_two_commits_wins", func(t *testing.T, s document.Store) {
			for round := range 10 {
				d := small(fmt.Sprintf("things/%d", round))
				expect := document.Absent
				for range 2 { // create, then change
					revisions := make([]string, 2)
					winner := wantOneWinnerOf(t, document.ErrConflict, func(i int) error {
						beside := small(fmt.Sprintf("%s/below/%d", d.Key, i))
						written, err := s.Commit(t.Context(),
							document.Write{Document: d, Expect: expect}, document.Write{Document: beside, Expect: document.Any})
						if err == nil {
							revisions[i] = written[0]
						}
						return err
					})
					wantKeys(t, s, document.Query{Collection: d.Key + "/below", Limit: 9}, fmt.Sprint(winner))
					_, err := s.Commit(t.Context(), document.Write{
						Document: small(fmt.Sprintf("%s/below/%d", d.Key, winner)), Expect: document.Any, Delete: true,
					})
					noError(t, "Commit", err)
					d.Revision, expect = revisions[winner], revisions[winner]
					wantDocument(t, s, d)
				}
			}
		}},
		{"writes_without_expectation_all_happen", func(t *testing.T, s document.Store) {
			const writers = 8
			noError(t, "Commit", errors.Join(together(writers, func(i int) error {
				_, err := s.Commit(t.Context(), document.Write{Document: small(fmt.Sprintf("things/%d", i)), Expect: document.Any})
				return err
			})...))
			wantKeys(t, s, document.Query{Collection: "things", Limit: 99}, "0", "1", "2", "3", "4", "5", "6", "7")
		}},
		{"commit_beside_a_delete_leaves_nothing", func(t *testing.T, s document.Store) {
			for round := range 20 {
				root := fmt.Sprintf("things/%d", round)
				revision := mustWrite(t, s, small(root), document.Absent)
				errs := together(2, func(i int) error {
					if i == 0 {
						return s.Delete(t.Context(), root)
					}
					for n := range 1000 { // until the other one is there
						written, err := s.Commit(t.Context(), document.Write{Document: small(root), Expect: revision},
							document.Write{Document: small(fmt.Sprintf("%s/below/%d", root, n)), Expect: document.Any})
						if errors.Is(err, document.ErrConflict) {
							return nil
						}
						if err != nil {
							return err
						}
						revision = written[0]
					}
					return nil
				})
				noError(t, "Delete beside a Commit", errs[0])
				noError(t, "Commit beside a Delete", errs[1])
				_, err := s.Get(t.Context(), root)
				wantErrorIs(t, "Get after Delete", err, document.ErrNotFound)
				wantKeys(t, s, document.Query{Collection: root + "/below", Limit: 9})
			}
		}},
	}
}
