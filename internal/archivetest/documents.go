package archivetest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

var _ document.Store = (*Documents)(nil)

// Documents is a document.Store in memory. It starts no goroutine and waits
// for nothing, so it works in a synctest bubble.
type Documents struct {
	clock archive.Clock

	// rootGoes, if set, is called by Delete when everything is gone but the
	// document itself.
	rootGoes func(ctx context.Context) error

	mu        sync.Mutex
	revisions int
	stored    map[string]document.Document
}

// NewDocuments returns an empty store. The clock tells what has expired.
func NewDocuments(clock archive.Clock) *Documents {
	return &Documents{clock: clock, stored: map[string]document.Document{}}
}

// Get implements document.Store.
func (s *Documents) Get(ctx context.Context, key string) (document.Document, error) {
	if err := ctx.Err(); err != nil {
		return document.Document{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.stored[key]
	if !ok || s.expired(d) {
		return document.Document{}, document.ErrNotFound
	}
	return clone(d), nil
}

// Commit implements document.Store.
func (s *Documents) Commit(ctx context.Context, writes ...document.Write) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range writes {
		if err := w.Check(); err != nil {
			return nil, err
		}
		if d := s.stored[w.Document.Key]; s.expired(d) {
			delete(s.stored, d.Key)
		}
		// The stored revision of an absent document is Absent.
		if w.Expect != document.Any && w.Expect != s.stored[w.Document.Key].Revision {
			return nil, fmt.Errorf("writing %s: %w", w.Document.Key, document.ErrConflict)
		}
	}
	revisions := make([]string, len(writes))
	for i, w := range writes {
		if w.Delete {
			delete(s.stored, w.Document.Key)
			continue
		}
		s.revisions++
		d := clone(w.Document)
		d.Revision = strconv.Itoa(s.revisions)
		d.Expires = d.Expires.Truncate(time.Microsecond)
		s.stored[d.Key] = d
		revisions[i] = d.Revision
	}
	return revisions, nil
}

// List implements document.Store.
func (s *Documents) List(ctx context.Context, q document.Query) ([]document.Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []document.Document
	for _, d := range s.stored {
		if !s.expired(d) && selects(q, d) {
			found = append(found, clone(d))
		}
	}
	slices.SortFunc(found, func(a, b document.Document) int {
		if q.LatestFirst {
			return cmp.Or(b.Expires.Compare(a.Expires), strings.Compare(b.Key, a.Key))
		}
		return cmp.Or(strings.Compare(a.Labels[q.Label], b.Labels[q.Label]), strings.Compare(a.Key, b.Key))
	})
	return found[:min(q.Limit, len(found))], nil
}

func selects(q document.Query, d document.Document) bool {
	collection, id := document.Split(d.Key)
	if collection != q.Collection || !strings.HasPrefix(id, q.Prefix) || q.LatestFirst && d.Expires.IsZero() {
		return false
	}
	if q.Label == "" {
		return id > q.After.ID
	}
	value, ok := d.Labels[q.Label]
	after := value > q.After.Value || value == q.After.Value && id > q.After.ID
	return ok && after && value >= q.From && (q.Before == "" || value < q.Before)
}

// Delete implements document.Store.
func (s *Documents) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	maps.DeleteFunc(s.stored, func(k string, _ document.Document) bool { return strings.HasPrefix(k, key+"/") })
	s.mu.Unlock()
	if s.rootGoes != nil {
		if err := s.rootGoes(ctx); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.stored, func(k string, _ document.Document) bool { return k == key || strings.HasPrefix(k, key+"/") })
	return nil
}

func (s *Documents) expired(d document.Document) bool {
	return !d.Expires.IsZero() && d.Expires.Before(s.clock())
}

// Plant stores a document unchecked, as another program may have left it.
func (s *Documents) Plant(d document.Document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revisions++
	d = clone(d)
	d.Revision = strconv.Itoa(s.revisions)
	s.stored[d.Key] = d
}

// Spoil makes the body of a document unreadable.
func (s *Documents) Spoil(tb testing.TB, key string) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.stored[key]
	if !ok {
		tb.Fatalf("spoiling %s: %v", key, document.ErrNotFound)
	}
	d.Body = d.Body[:len(d.Body)/2]
	s.stored[key] = d
}

// all returns a copy of everything, by key.
func (s *Documents) all() map[string]document.Document {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.stored)
}

func clone(d document.Document) document.Document {
	d.Body = bytes.Clone(d.Body)
	d.Bytes = bytes.Clone(d.Bytes)
	d.Labels = maps.Clone(d.Labels)
	return d
}
