package firestorestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"cloud.google.com/go/firestore"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Commit implements archive.Ledger. It reads nothing, unless pending batches
// are added.
func (s *Store) Commit(ctx context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	if !u.ID.Valid() {
		return archive.User{}, errors.New("writing a user with an impossible id")
	}
	var answer firestore.CommitResponse
	begun := false // a database that does not exist is NotFound before, and no conflict
	err := s.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		begun = true
		added, err := s.absent(tx, u.ID, c.AddPending)
		if err != nil {
			return err
		}
		// The user goes first: the first result is theirs.
		if err := s.writeUser(tx, u); err != nil {
			return err
		}
		return s.writeChanges(tx, u.ID, c, added)
	}, firestore.WithCommitResponseTo(&answer))
	if begun {
		err = conflict(err)
	}
	if err != nil {
		return archive.User{}, fmt.Errorf("writing user %s: %w", u.ID, err)
	}
	results, err := answer.WriteResults()
	if err != nil {
		return archive.User{}, fmt.Errorf("reading the new revision of user %s: %w", u.ID, err)
	}
	if len(results) == 0 {
		return archive.User{}, fmt.Errorf("reading the new revision of user %s: empty answer", u.ID)
	}
	u.Revision = revision(results[0].UpdateTime)
	return u, nil
}

func (s *Store) writeChanges(tx *firestore.Transaction, id archive.UserID, c archive.Changes, added []archive.Pending) error {
	if e := c.Entry; e != nil {
		fields := encode(*e)
		fields[schemaField] = schemaVersion
		fields[expiresField] = e.DoneAt.Add(archive.EntryLife)
		if err := tx.Set(s.userRef(id).Collection(entriesCollection).Doc(e.Key.String()), fields); err != nil {
			return err
		}
	}
	if c.Seen != nil {
		ids, isrcs := c.Seen.Pack()
		fields := map[string]any{schemaField: schemaVersion, "ids": ids, "isrcs": isrcs}
		if err := tx.Set(s.seenRef(id), fields); err != nil {
			return err
		}
	}
	for _, p := range added {
		fields := encode(p)
		fields[schemaField] = schemaVersion
		if err := tx.Create(s.pendingRef(id, p.ID), fields); err != nil {
			return err
		}
	}
	for _, pendingID := range c.RemovePending {
		if err := tx.Delete(s.pendingRef(id, pendingID)); err != nil {
			return err
		}
	}
	return nil
}

// absent returns those of the batches that are not stored yet, and locks the
// places of all of them.
func (s *Store) absent(tx *firestore.Transaction, id archive.UserID, pending []archive.Pending) ([]archive.Pending, error) {
	if len(pending) == 0 {
		return nil, nil
	}
	refs := make([]*firestore.DocumentRef, len(pending))
	for i, p := range pending {
		refs[i] = s.pendingRef(id, p.ID)
	}
	snapshots, err := tx.GetAll(refs)
	if err != nil {
		return nil, err
	}
	var added []archive.Pending
	met := make(map[string]bool, len(pending))
	for i, p := range pending {
		if !snapshots[i].Exists() && !met[p.ID] {
			met[p.ID] = true
			added = append(added, p)
		}
	}
	return added, nil
}

func (s *Store) seenRef(id archive.UserID) *firestore.DocumentRef {
	return s.userRef(id).Collection(seenCollection).Doc(seenDocument)
}

// pendingRef names a batch by a hash: its id may hold characters that a
// document name may not.
func (s *Store) pendingRef(id archive.UserID, pendingID string) *firestore.DocumentRef {
	sum := sha256.Sum256([]byte(pendingID))
	return s.userRef(id).Collection(pendingCollection).Doc(hex.EncodeToString(sum[:16]))
}
