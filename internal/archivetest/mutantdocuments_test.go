package archivetest

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// twistedDocuments are Documents with something done wrong at one place.
type twistedDocuments struct {
	*Documents
	commit  func(s *Documents, ctx context.Context, writes []document.Write) ([]string, error)
	list    func(s *Documents, ctx context.Context, q document.Query) ([]document.Document, error)
	deleted func(s *Documents, ctx context.Context, key string) error
	got     func(s *Documents, d *document.Document)
	context func(context.Context) context.Context
}

func (s *twistedDocuments) ctx(ctx context.Context) context.Context {
	if s.context != nil {
		return s.context(ctx)
	}
	return ctx
}

func (s *twistedDocuments) Get(ctx context.Context, key string) (document.Document, error) {
	d, err := s.Documents.Get(s.ctx(ctx), key)
	if s.got != nil && err == nil {
		s.got(s.Documents, &d)
	}
	return d, err
}

func (s *twistedDocuments) Commit(ctx context.Context, writes ...document.Write) ([]string, error) {
	if s.commit != nil {
		return s.commit(s.Documents, ctx, slices.Clone(writes))
	}
	return s.Documents.Commit(s.ctx(ctx), writes...)
}

func (s *twistedDocuments) List(ctx context.Context, q document.Query) ([]document.Document, error) {
	if s.list != nil {
		return s.list(s.Documents, ctx, q)
	}
	return s.Documents.List(s.ctx(ctx), q)
}

func (s *twistedDocuments) Delete(ctx context.Context, key string) error {
	if s.deleted != nil {
		return s.deleted(s.Documents, ctx, key)
	}
	return s.Documents.Delete(s.ctx(ctx), key)
}

func documentMutants() []mutant {
	return slices.Concat(documentWriteMutants(), documentListMutants(), documentDeleteMutants())
}

// documentMutant runs the suite on Documents that twist has changed.
func documentMutant(name string, twist func(s *twistedDocuments), fails ...string) mutant {
	return mutant{name, func(t *testing.T) {
		DocumentStore(t, func(_ *testing.T, clock func() time.Time) document.Store {
			s := &twistedDocuments{Documents: NewDocuments(clock)}
			twist(s)
			return s
		})
	}, fails}
}

func documentWriteMutants() []mutant {
	// writes is a mutant that only changes what is written.
	writes := func(name string, change func(s *Documents, w *document.Write), fails ...string) mutant {
		return documentMutant("documents_"+name, func(s *twistedDocuments) {
			s.commit = func(s *Documents, ctx context.Context, writes []document.Write) ([]string, error) {
				for i := range writes {
					change(s, &writes[i])
				}
				return s.Commit(ctx, writes...)
			}
		}, fails...)
	}
	return []mutant{
		writes("ignore_revisions", func(_ *Documents, w *document.Write) { w.Expect = document.Any },
			"expectations", "all_writes_or_none", "one_of_two_commits_wins"),
		writes("create_over_what_is_there", func(_ *Documents, w *document.Write) {
			if w.Expect == document.Absent {
				w.Expect = document.Any
			}
		}, "expectations", "one_of_two_commits_wins"),
		writes("delete_whatever_the_revision", func(_ *Documents, w *document.Write) {
			if w.Delete {
				w.Expect = document.Any
			}
		}, "expectations"),
		writes("lose_bytes", func(_ *Documents, w *document.Write) { w.Document.Bytes = nil }, "every_field_is_kept"),
		writes("lose_labels", func(_ *Documents, w *document.Write) { w.Document.Labels = nil }, "every_field_is_kept"),
		writes("keep_seconds", func(_ *Documents, w *document.Write) {
			w.Document.Expires = w.Document.Expires.Truncate(time.Second)
		}, "every_field_is_kept", "latest_first_is_by_expiry_and_then_id"),
		writes("merge", func(s *Documents, w *document.Write) {
			if old, ok := s.all()[w.Document.Key]; ok && w.Document.Labels == nil {
				w.Document.Labels = old.Labels
			}
		}, "write_replaces_the_whole_document"),
		writes("round_numbers", func(_ *Documents, w *document.Write) {
			w.Document.Body = []byte(strings.ReplaceAll(string(w.Document.Body), "9007199254740993", "9007199254740992"))
		}, "awkward_bodies_are_kept"),
		documentMutant("documents_commit_half", func(s *twistedDocuments) {
			s.commit = func(s *Documents, ctx context.Context, writes []document.Write) ([]string, error) {
				revisions, err := s.Commit(ctx, writes...)
				if errors.Is(err, document.ErrConflict) {
					_, _ = s.Commit(ctx, writes[len(writes)-1])
				}
				return revisions, err
			}
		}, "all_writes_or_none"),
		documentMutant("documents_count_revisions_anew", func(s *twistedDocuments) {
			s.commit = func(s *Documents, ctx context.Context, writes []document.Write) ([]string, error) {
				if writes[0].Expect == document.Absent {
					s.revisions = 0
				}
				return s.Commit(ctx, writes...)
			}
		}, "revision_changes_with_every_write"),
		documentMutant("documents_share_memory", func(s *twistedDocuments) {
			s.got = func(s *Documents, d *document.Document) { *d = s.stored[d.Key] }
		}, "callers_and_store_share_no_memory"),
		documentMutant("documents_ignore_the_context", func(s *twistedDocuments) { s.context = context.WithoutCancel },
			"cancelled_context_is_an_error"),
		documentMutant("documents_take_any_size", func(s *twistedDocuments) {
			s.commit = func(s *Documents, ctx context.Context, writes []document.Write) ([]string, error) {
				if len(writes[0].Document.Bytes) > document.MaxSize-100 {
					writes[0].Document.Bytes = nil
				}
				return s.Commit(ctx, writes...)
			}
		}, "document_of_the_largest_size_is_kept"),
	}
}

func documentListMutants() []mutant {
	list := func(name string, list func(s *Documents, ctx context.Context, q document.Query) ([]document.Document, error), fails ...string) mutant {
		return documentMutant("list_"+name, func(s *twistedDocuments) { s.list = list }, fails...)
	}
	// query is a mutant that only changes what is asked.
	query := func(name string, change func(q *document.Query), fails ...string) mutant {
		return list(name, func(s *Documents, ctx context.Context, q document.Query) ([]document.Document, error) {
			change(&q)
			return s.List(ctx, q)
		}, fails...)
	}
	return []mutant{
		query("ignores_the_prefix", func(q *document.Query) { q.Prefix = "" }, "prefix_and_after"),
		query("ignores_after", func(q *document.Query) { q.After = document.Position{} },
			"pages_hold_everything_once", "prefix_and_after", "list_by_label_is_in_order_of_value"),
		query("ignores_the_limit", func(q *document.Query) { q.Limit = 1000 }, "pages_hold_everything_once"),
		query("ignores_the_label", func(q *document.Query) { q.Label = "" }, "list_by_label_is_in_order_of_value"),
		query("ignores_from", func(q *document.Query) { q.From = "" }, "list_by_label_is_in_order_of_value"),
		query("ignores_before", func(q *document.Query) { q.Before = "" }, "list_by_label_is_in_order_of_value", "label_follows_the_document"),
		query("ignores_the_id_of_after", func(q *document.Query) {
			if q.Label != "" {
				q.After.ID = "\x7f"
			}
		}, "list_by_label_is_in_order_of_value"),
		query("ignores_latest_first", func(q *document.Query) { q.LatestFirst = false }, "latest_first_is_by_expiry_and_then_id"),
		list("of_everything_below", func(s *Documents, _ context.Context, q document.Query) ([]document.Document, error) {
			var all []document.Document
			for _, key := range slices.Sorted(maps.Keys(s.all())) {
				if strings.HasPrefix(key, q.Collection+"/") {
					all = append(all, clone(s.all()[key]))
				}
			}
			return all[:min(q.Limit, len(all))], nil
		}, "list_is_one_collection_in_order_of_id"),
		list("in_order_of_numbers", func(s *Documents, ctx context.Context, q document.Query) ([]document.Document, error) {
			found, err := s.List(ctx, q)
			slices.SortStableFunc(found, func(a, b document.Document) int {
				_, first := document.Split(a.Key)
				_, second := document.Split(b.Key)
				x, errX := strconv.Atoi(first)
				y, errY := strconv.Atoi(second)
				if errX != nil || errY != nil {
					return 0
				}
				return x - y
			})
			return found, err
		}, "list_is_one_collection_in_order_of_id"),
		list("shows_what_has_expired", func(s *Documents, ctx context.Context, q document.Query) ([]document.Document, error) {
			eternal := NewDocuments(func() time.Time { return time.Time{} })
			eternal.stored = s.all()
			return eternal.List(ctx, q)
		}, "expired_documents_are_gone"),
		list("counts_what_has_expired", func(s *Documents, ctx context.Context, q document.Query) ([]document.Document, error) {
			eternal := NewDocuments(func() time.Time { return time.Time{} })
			eternal.stored = s.all()
			found, err := eternal.List(ctx, q)
			return slices.DeleteFunc(found, s.expired), err
		}, "expired_documents_are_gone"),
	}
}

func documentDeleteMutants() []mutant {
	deletes := func(name string, deleted func(s *Documents, ctx context.Context, key string) error, fails ...string) mutant {
		return documentMutant("delete_"+name, func(s *twistedDocuments) { s.deleted = deleted }, fails...)
	}
	where := func(s *Documents, gone func(key string) bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		maps.DeleteFunc(s.stored, func(key string, _ document.Document) bool { return gone(key) })
	}
	return []mutant{
		deletes("leaves_what_is_below", func(s *Documents, _ context.Context, key string) error {
			where(s, func(k string) bool { return k == key })
			return nil
		}, "delete_removes_the_document_and_all_below", "many_documents_are_deleted", "commit_beside_a_delete_leaves_nothing"),
		deletes("takes_neighbours", func(s *Documents, _ context.Context, key string) error {
			where(s, func(k string) bool { return strings.HasPrefix(k, key) })
			return nil
		}, "delete_removes_the_document_and_all_below"),
		deletes("begins_at_the_document", func(s *Documents, ctx context.Context, key string) error {
			if _, there := s.all()[key]; !there {
				return nil
			}
			return s.Delete(ctx, key)
		}, "delete_removes_what_lies_below_nothing"),
		deletes("is_no_compare_and_set", func(s *Documents, ctx context.Context, key string) error {
			where(s, func(k string) bool { return strings.HasPrefix(k, key+"/") })
			d, err := s.Get(ctx, key)
			between := time.Now().Add(20 * time.Millisecond)
			for err == nil && time.Now().Before(between) { // a commit comes between
				if now, _ := s.Get(ctx, key); now.Revision != d.Revision {
					break
				}
				runtime.Gosched()
			}
			where(s, func(k string) bool { return k == key })
			return nil
		}, "commit_beside_a_delete_leaves_nothing"),
		deletes("refuses_what_is_absent", func(s *Documents, ctx context.Context, key string) error {
			if _, err := s.Get(ctx, key); err != nil {
				return err
			}
			return s.Delete(ctx, key)
		}, "delete_is_idempotent"),
	}
}
