package records

import (
	"context"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// probeLife is how long the answer to a probe is kept.
const probeLife = 24 * time.Hour

// probe is the answer to an operator's question to Spotify; what it says is in
// the document's bytes.
type probe struct {
	AskedAt time.Time `json:"asked_at"`
}

func probeKey(id archive.UserID) string { return below(id, probes) + "/latest" }

// PutProbe stores an answer beside a user as it was read, which leaves nothing
// behind of one who was deleted meanwhile. It is fault.ErrConflict where the
// user changed.
func (s *Store) PutProbe(ctx context.Context, u archive.User, asked time.Time, said []byte) error {
	user, err := encodeUser(u)
	if err != nil {
		return fmt.Errorf("encoding user %s: %w", u.ID, err)
	}
	body, err := encode(probe{AskedAt: asked.UTC()})
	if err != nil {
		return fmt.Errorf("encoding a probe of user %s: %w", u.ID, err)
	}
	_, err = s.documents.Commit(ctx,
		document.Write{Document: user, Expect: u.Revision},
		document.Write{Expect: document.Any, Document: document.Document{
			Key: probeKey(u.ID), Body: body, Bytes: said, Expires: asked.Add(probeLife),
		}})
	if err != nil {
		return fmt.Errorf("writing a probe of user %s: %w", u.ID, answer(err))
	}
	return nil
}

// Probe returns the latest answer about a user, and when it was asked for;
// fault.ErrNotFound where there is none.
func (s *Store) Probe(ctx context.Context, id archive.UserID) (asked time.Time, said []byte, err error) {
	d, err := s.documents.Get(ctx, probeKey(id))
	if err != nil {
		return time.Time{}, nil, fmt.Errorf("reading a probe of user %s: %w", id, answer(err))
	}
	var p probe
	said, err = decode(probes, d, &p, "asked_at")
	if err != nil {
		return time.Time{}, nil, fmt.Errorf("reading a probe of user %s: %w", id, err)
	}
	return p.AskedAt, said, nil
}
