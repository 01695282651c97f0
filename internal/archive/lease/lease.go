// Package lease lets one run at a time work on a user. Whoever holds the lease
// reads and writes the user through it, and no write of a run that has lost it
// takes effect.
package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// conflictTries bounds how often a write is decided anew because somebody
// else wrote first. A user has few writers: the person, and one run.
const conflictTries = 8

// Retry calls write, which reads and decides, until nobody comes between; its
// last error otherwise.
func Retry(write func() (archive.User, error)) (archive.User, error) {
	var user archive.User
	var err error
	for range conflictTries {
		user, err = write()
		if !errors.Is(err, fault.ErrConflict) {
			return user, err
		}
	}
	return user, err
}

// Terms are what every lease of a process has in common.
type Terms struct {
	Store archive.Ledger
	Clock archive.Clock
	Delay time.Duration // archive.VisibilityDelay on the clock of whoever looks next
}

// A Held is a user while the lease on them is ours, with the set of songs that
// were ever archived. It is for one run and not safe for concurrent use.
type Held struct {
	Terms
	User archive.User // as stored last; Write changes it

	holder  string
	seen    *ledger.Seen
	looked  ledger.Seen
	stands  ledger.Seen
	unsaved bool // seen holds songs that Learn added, and that are not stored
}

// Take leases the user, and makes a change of theirs in the same write; its error
// leaves them as they are. fault.ErrBusy when another run holds the lease.
func Take(ctx context.Context, terms Terms, user archive.User, change func(*archive.User) error) (*Held, error) {
	h := &Held{Terms: terms, User: user, holder: rand.Text()}
	leased, err := Retry(func() (archive.User, error) {
		now := h.Clock.Now()
		if h.User.Lease.Holder != "" && now.Before(h.User.Lease.Until) {
			return archive.User{}, fault.ErrBusy
		}
		next := h.User
		next.Lease = archive.Lease{Holder: h.holder, Until: now.Add(archive.LeaseTime)}
		if err := change(&next); err != nil {
			return archive.User{}, err
		}
		stored, err := h.Store.Put(ctx, next)
		if errors.Is(err, fault.ErrConflict) {
			fresh, readErr := h.Store.User(ctx, h.User.ID)
			if readErr != nil {
				return archive.User{}, readErr
			}
			h.User = fresh.Believable(now)
		}
		return stored, err
	})
	if err != nil {
		return nil, fmt.Errorf("leasing user %s: %w", h.User.ID, err)
	}
	h.User = leased
	return h, nil
}

// Write changes the user, and more in the same transaction, while the lease
// is ours. If somebody else wrote meanwhile (the person on their page), the
// change is decided anew on what they wrote. fault.ErrLeft, fault.ErrBusy.
func (h *Held) Write(ctx context.Context, c archive.Changes, change func(*archive.User)) error {
	user, err := Retry(func() (archive.User, error) {
		next := h.User
		next.Archives = maps.Clone(next.Archives)
		next.Batches = maps.Clone(next.Batches)
		change(&next)
		stored, err := h.Store.Commit(ctx, next, c)
		if !errors.Is(err, fault.ErrConflict) {
			return stored, err
		}
		fresh, readErr := h.Store.User(ctx, h.User.ID)
		switch {
		case errors.Is(readErr, fault.ErrNotFound) || readErr == nil && fresh.Status == archive.StatusLeaving:
			return archive.User{}, fault.ErrLeft
		case readErr != nil:
			return archive.User{}, readErr
		case fresh.Lease.Holder != h.holder:
			return archive.User{}, fault.ErrBusy
		}
		h.User = fresh
		return archive.User{}, fault.ErrConflict
	})
	if err != nil {
		return fmt.Errorf("writing user %s: %w", h.User.ID, err)
	}
	h.User = user
	if c.Seen != nil {
		h.unsaved = false
	}
	return nil
}

// Waiting keeps everybody away until a write had time to show.
func (h *Held) Waiting() archive.Lease {
	return archive.Lease{Holder: archive.WaitingHolder, Until: h.Clock.Now().Add(h.Delay)}
}

// Seen returns the set of songs that were ever archived, with what this run
// has learned. It is read once.
func (h *Held) Seen(ctx context.Context) (*ledger.Seen, error) {
	if h.seen == nil {
		seen, err := h.Store.Seen(ctx, h.User.ID)
		if err != nil {
			return nil, fmt.Errorf("reading the seen set of user %s: %w", h.User.ID, err)
		}
		h.seen = &seen
	}
	return h.seen, nil
}

// Learn adds songs that stand in an archive to the seen set, and counts those
// that were not in it.
func (h *Held) Learn(ctx context.Context, tracks []ledger.Track) (fresh int, err error) {
	seen, err := h.Seen(ctx)
	if err != nil {
		return 0, err
	}
	for _, t := range tracks {
		known := seen.Has(t)
		if !known {
			fresh++
		}
		if !seen.HasID(t) || !seen.HasRecording(t) {
			h.looked.Add(t) // a pasted song shows its recording now, and one of a known recording its id
		}
	}
	before := seen.Size()
	h.stands.Add(tracks...)
	seen.Add(tracks...)
	h.unsaved = h.unsaved || seen.Size() > before
	return fresh, nil
}

// Learned reports whether Learn was the first to know the song.
func (h *Held) Learned(t ledger.Track) bool { return h.looked.Has(t) }

// Stands reports whether Learn was told the song: it stands in an archive.
func (h *Held) Stands(t ledger.Track) bool { return h.stands.Has(t) }

// Unsaved is the change that stores what Learn added, if it added anything. It
// goes with whatever makes a later run trust the archives.
func (h *Held) Unsaved() archive.Changes {
	if !h.unsaved {
		return archive.Changes{}
	}
	return archive.Changes{Seen: h.seen}
}
