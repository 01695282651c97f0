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

func (s *Store) query(q document.Query) *firestorepb.StructuredQuery {
	const ascending, descending = firestorepb.StructuredQuery_ASCENDING, firestorepb.StructuredQuery_DESCENDING
	const atLeast = firestorepb.StructuredQuery_FieldFilter_GREATER_THAN_OR_EQUAL
	const less, more = firestorepb.StructuredQuery_FieldFilter_LESS_THAN, firestorepb.StructuredQuery_FieldFilter_GREATER_THAN
	query := &firestorepb.StructuredQuery{Limit: wrapperspb.Int32(int32(min(q.Limit, math.MaxInt32)))} //nolint:gosec // G115: bounded
	switch {
	case q.LatestFirst:
		query.Where = filter(expiresField, atLeast, timestamp(s.clock()))
		query.OrderBy = order(descending, expiresField, nameField)
	case q.Label != "":
		label := labelsField + "." + q.Label
		query.Where = filter(label, atLeast, text(q.From))
		if q.Before != "" {
			query.Where = both(query.Where, filter(label, less, text(q.Before)))
		}
		query.OrderBy = order(ascending, label, nameField)
		if q.After.ID != "" {
			query.StartAt = &firestorepb.Cursor{Values: []*firestorepb.Value{text(q.After.Value), s.reference(q, q.After.ID)}}
		}
	default:
		query.OrderBy = order(ascending, nameField)
		if q.Prefix != "" {
			query.Where = filter(nameField, less, s.reference(q, q.Prefix+afterEveryID))
		}
		switch {
		case q.After.ID != "" && q.After.ID >= q.Prefix:
			query.Where = both(query.Where, filter(nameField, more, s.reference(q, q.After.ID)))
		case q.Prefix != "":
			query.Where = both(query.Where, filter(nameField, atLeast, s.reference(q, q.Prefix)))
		}
	}
	return query
}

// afterEveryID sorts after every character of an id.
const afterEveryID = "\uf8ff"

func (s *Store) reference(q document.Query, id string) *firestorepb.Value {
	return &firestorepb.Value{ValueType: &firestorepb.Value_ReferenceValue{ReferenceValue: s.name(q.Collection + "/" + id)}}
}

func field(path string) *firestorepb.StructuredQuery_FieldReference {
	return &firestorepb.StructuredQuery_FieldReference{FieldPath: path}
}

func filter(path string, op firestorepb.StructuredQuery_FieldFilter_Operator, value *firestorepb.Value) *firestorepb.StructuredQuery_Filter {
	return &firestorepb.StructuredQuery_Filter{FilterType: &firestorepb.StructuredQuery_Filter_FieldFilter{
		FieldFilter: &firestorepb.StructuredQuery_FieldFilter{Field: field(path), Op: op, Value: value},
	}}
}

// both is the filter for which both hold; a may be nil.
func both(a, b *firestorepb.StructuredQuery_Filter) *firestorepb.StructuredQuery_Filter {
	if a == nil {
		return b
	}
	return &firestorepb.StructuredQuery_Filter{FilterType: &firestorepb.StructuredQuery_Filter_CompositeFilter{
		CompositeFilter: &firestorepb.StructuredQuery_CompositeFilter{
			Op: firestorepb.StructuredQuery_CompositeFilter_AND, Filters: []*firestorepb.StructuredQuery_Filter{a, b},
		},
	}}
}

func order(direction firestorepb.StructuredQuery_Direction, paths ...string) []*firestorepb.StructuredQuery_Order {
	orders := make([]*firestorepb.StructuredQuery_Order, len(paths))
	for i, path := range paths {
		orders[i] = &firestorepb.StructuredQuery_Order{Field: field(path), Direction: direction}
	}
	return orders
}
