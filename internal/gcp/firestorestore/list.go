package firestorestore

import (
	"context"
	"fmt"
	"math"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// nameField is a document's name in a query.
const nameField = "__name__"

// List implements document.Store. Firestore deletes what has expired up to a
// day late; until then it is passed over here, and more is asked for.
func (s *Store) List(ctx context.Context, q document.Query) ([]document.Document, error) {
	var list []document.Document
	for {
		documents, err := s.page(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("listing %s: %w", q.Collection, err)
		}
		asked := q.Limit
		for _, d := range documents {
			_, q.After.ID = document.Split(d.Key)
			q.After.Value = d.Labels[q.Label]
			if !s.expired(d) {
				list = append(list, d)
				q.Limit--
			}
		}
		if q.Limit == 0 || len(documents) < asked || q.LatestFirst {
			return list, nil
		}
	}
}

func (s *Store) page(ctx context.Context, q document.Query) ([]document.Document, error) {
	parent, collection := s.parent(q.Collection)
	query := s.query(q)
	query.From = []*firestorepb.StructuredQuery_CollectionSelector{{CollectionId: collection}}
	found, err := s.run(ctx, parent, query)
	if err != nil {
		return nil, err
	}
	documents := make([]document.Document, len(found))
	for i := range found {
		if documents[i], err = s.decode(found[i]); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// run returns the documents of a query.
func (s *Store) run(ctx context.Context, parent string, query *firestorepb.StructuredQuery) ([]*firestorepb.Document, error) {
	stream, err := s.client.RunQuery(ctx, &firestorepb.RunQueryRequest{
		Parent: parent, QueryType: &firestorepb.RunQueryRequest_StructuredQuery{StructuredQuery: query},
	})
	if err != nil {
		return nil, err
	}
	answers, err := receive(stream.Recv)
	if err != nil {
		return nil, err
	}
	var found []*firestorepb.Document
	for _, answer := range answers {
		if d := answer.GetDocument(); d != nil {
			found = append(found, d)
		}
	}
	return found, nil
}

// parent returns the full name of what a collection lies below, and its last
// part.
func (s *Store) parent(collection string) (parent, last string) {
	above, last := document.Split(collection)
	if above == "" {
		return s.root(), last
	}
	return s.name(above), last
}

// query asks for documents in an order, from one place in it to another. A
// document without such a field is not in the order.
func (s *Store) query(q document.Query) *firestorepb.StructuredQuery {
	const ascending, descending = firestorepb.StructuredQuery_ASCENDING, firestorepb.StructuredQuery_DESCENDING
	query := &firestorepb.StructuredQuery{Limit: wrapperspb.Int32(int32(min(q.Limit, math.MaxInt32)))} //nolint:gosec // G115: bounded
	switch {
	case q.LatestFirst:
		query.OrderBy = order(descending, expiresField, nameField)
		query.EndAt = behind(timestamp(s.clock()))
	case q.Label != "":
		query.OrderBy = order(ascending, labelsField+"."+q.Label, nameField)
		query.StartAt = before(text(q.From))
		if q.After.ID != "" && q.After.Value >= q.From {
			query.StartAt = behind(text(q.After.Value), s.reference(q, q.After.ID))
		}
		if q.Before != "" {
			query.EndAt = before(text(q.Before))
		}
	default:
		query.OrderBy = order(ascending, nameField)
		if q.Prefix != "" {
			query.StartAt, query.EndAt = before(s.reference(q, q.Prefix)), before(s.reference(q, q.Prefix+afterEveryID))
		}
		if q.After.ID != "" && q.After.ID >= q.Prefix {
			query.StartAt = behind(s.reference(q, q.After.ID))
		}
	}
	return query
}

// before and behind are places in an order, just before or behind what has these
// values.
func before(values ...*firestorepb.Value) *firestorepb.Cursor {
	return &firestorepb.Cursor{Values: values, Before: true}
}

func behind(values ...*firestorepb.Value) *firestorepb.Cursor {
	return &firestorepb.Cursor{Values: values}
}

// afterEveryID sorts after every character of an id.
const afterEveryID = "\uf8ff"

func (s *Store) reference(q document.Query, id string) *firestorepb.Value {
	return &firestorepb.Value{ValueType: &firestorepb.Value_ReferenceValue{ReferenceValue: s.name(q.Collection + "/" + id)}}
}

func field(path string) *firestorepb.StructuredQuery_FieldReference {
	return &firestorepb.StructuredQuery_FieldReference{FieldPath: path}
}

func order(direction firestorepb.StructuredQuery_Direction, paths ...string) []*firestorepb.StructuredQuery_Order {
	orders := make([]*firestorepb.StructuredQuery_Order, len(paths))
	for i, path := range paths {
		orders[i] = &firestorepb.StructuredQuery_Order{Field: field(path), Direction: direction}
	}
	return orders
}
