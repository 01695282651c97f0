// Package document is the port of every store: documents under keys, written
// all or none. It knows nothing of what is in them; package records does.
//
// A store of another kind implements Store and passes archivetest.DocumentStore.
package document

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// What a store answers. Any other error means: try later.
var (
	// ErrNotFound: there is no such document.
	ErrNotFound = errors.New("no such document")

	// ErrConflict: a document is not as a write expects it. Nothing was written.
	ErrConflict = errors.New("the document changed meanwhile")
)

// Store keeps documents. All methods are safe for concurrent use, return
// promptly when ctx ends (with an error that is neither of the two above), and
// take and return copies. Times are kept to the microsecond.
//
// A document whose Expires has passed is gone: Get and List do not show it. The
// store removes it within days; until then a Commit that expects Absent may
// find it.
type Store interface {
	// Get returns the document, or ErrNotFound.
	Get(ctx context.Context, key string) (Document, error)

	// Commit makes all the writes, or none and ErrConflict if a document is not
	// as its write expects. It returns the revisions that were written, in the
	// order of the writes; of a deletion, "". No two writes have the same key.
	// Every write gives a revision that no document under this key ever had,
	// also when nothing else changes, and after a deletion. After any error but
	// ErrConflict the writes may have happened, all of them, or not.
	Commit(ctx context.Context, writes ...Write) (revisions []string, err error)

	// List returns documents of one collection, at most q.Limit. Fewer mean
	// that there are no more.
	List(ctx context.Context, q Query) ([]Document, error)

	// Delete removes the document under the key and everything below it. It is
	// idempotent; where nothing is, all is fine. The document itself goes last,
	// so a Delete that was cut off leaves it to be found. When Delete returns
	// nil, nothing is left, also of a Commit at the same time that expects a
	// revision of this document. ErrConflict when somebody keeps writing it.
	Delete(ctx context.Context, key string) error
}

// Document is one document.
type Document struct {
	// Key is "collection/id", or "collection/id/collection/id" for a document
	// below another one, which need not be there. See Valid.
	Key string

	// Body is a JSON object. Names at its top begin with a letter; expires_at is
	// taken. No list is an element of a list, and numbers are whole. Stores keep
	// its content, not its form: the order of names may change.
	Body json.RawMessage

	// Bytes are what JSON is bad at. With the body they are at most MaxSize.
	Bytes []byte

	// Labels are by what a document can be listed, besides its key: few, short
	// (at most 500 bytes), by names of lower-case letters. Nothing else in a
	// document is indexed.
	Labels map[string]string

	// Expires is when the document is gone; zero: never.
	Expires time.Time

	// Revision is the store's name for this state of the document.
	Revision string
}

// MaxSize is how many bytes of body and bytes every store takes: Firestore has
// a limit of 1 MiB for everything in a document
// (https://firebase.google.com/docs/firestore/quotas).
const MaxSize = 900_000

// Write is one write of a commit: the document as it shall be, as a whole, if
// it is as expected.
type Write struct {
	Document Document // Revision is passed over
	Expect   string   // the revision that is stored; Absent or Any
	Delete   bool     // remove the document; an absent one is fine with Any
}

// What a Write may expect instead of a revision.
const (
	Absent = ""  // there is no document under the key
	Any    = "*" // whatever there is
)

// Query asks for documents of one collection.
type Query struct {
	// Collection is "users", or "users/ID/entries" for one below a document.
	Collection string

	// Prefix is what the ids begin with. Not together with Label or
	// LatestFirst.
	Prefix string

	// Label, if not empty, asks for the documents that have this label, with a
	// value of at least From and less than Before (empty: without end).
	Label, From, Before string

	// LatestFirst asks for the documents that expire, the one that stays
	// longest first. It knows no After.
	LatestFirst bool

	// After is where the page before ended; its Value only counts with Label.
	After Position

	// Limit is at least 1.
	Limit int
}

// Position is a place in the order of a Query: of the id, bytewise; with Label
// of the label's value and then the id; with LatestFirst of the expiry and then
// the id, both descending.
type Position struct{ Value, ID string }
