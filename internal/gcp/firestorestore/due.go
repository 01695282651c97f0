package firestorestore

import (
	"context"
	"errors"
	"fmt"

	"cloud.google.com/go/firestore"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// dueFields are what User.Due and User.Listens look at. Of an open intent its
// time is enough to know that there is one.
var dueFields = []string{
	schemaField, "status", "choice", "waiting", "last_edition", "open.at", "grant.scopes", "discover.access",
}

// afterEveryID sorts after every character of an id.
const afterEveryID = "\uf8ff"

// DueUsers implements archive.DueUsers. The query reads the users whose status
// can make them due; whether they are is decided here, because Firestore
// cannot ask for "waiting, or open, or older than" in one query and in order
// of name. A document whose status is no word that we know is never read, so
// it is not counted in Bad either.
func (s *Store) DueUsers(ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
	if q.Limit < 1 {
		return archive.DuePage{}, errors.New("listing due users: the limit is below 1")
	}
	snapshots, err := s.duePage(q).Documents(ctx).GetAll()
	if err != nil {
		return archive.DuePage{}, fmt.Errorf("listing due users: %w", err)
	}
	var page archive.DuePage
	if len(snapshots) > q.Limit {
		snapshots = snapshots[:q.Limit]
		page.Next = archive.UserID(snapshots[q.Limit-1].Ref.ID)
	}
	for _, snapshot := range snapshots {
		user, err := decodeDue(snapshot)
		switch {
		case err != nil:
			page.Bad = append(page.Bad, archive.UserID(snapshot.Ref.ID))
		default:
			page.Consider(user, q)
		}
	}
	return page, nil
}

// duePage asks for one document more than the page holds, to know whether
// there is another page.
func (s *Store) duePage(q archive.DueQuery) firestore.Query {
	statuses := []archive.Status{archive.StatusActive}
	if !q.Listening {
		statuses = append(statuses, archive.StatusLeaving)
	}
	users := s.client.Collection(usersCollection)
	query := users.Where("status", "in", statuses).
		OrderBy(firestore.DocumentID, firestore.Asc).
		Select(dueFields...).
		Limit(q.Limit + 1)
	if q.Prefix != "" {
		query = query.Where(firestore.DocumentID, "<", users.Doc(q.Prefix+afterEveryID))
	}
	switch {
	case string(q.After) >= q.Prefix && q.After != "":
		query = query.Where(firestore.DocumentID, ">", users.Doc(string(q.After)))
	case q.Prefix != "":
		query = query.Where(firestore.DocumentID, ">=", users.Doc(q.Prefix))
	}
	return query
}

func decodeDue(snapshot *firestore.DocumentSnapshot) (archive.User, error) {
	fields := snapshot.Data()
	user := archive.User{ID: archive.UserID(snapshot.Ref.ID)}
	if !user.ID.Valid() {
		return user, archive.ErrMalformed
	}
	if err := checkSchema(fields); err != nil {
		return user, err
	}
	if err := require(fields, "choice", "last_edition"); err != nil {
		return user, err
	}
	return user, decode(fields, &user)
}
