package usecase

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/source"
)

// Accounts is what a person does on their account page. Every method returns
// ErrNotFound for a user that is not connected (any more).
type Accounts struct {
	Store   archive.Ledger
	Jobs    archive.Jobs
	Clock   archive.Clock
	Log     *slog.Logger
	Sources source.Table // source.Sources where it is nil
}

// Account is what the account page shows.
type Account struct {
	User    archive.User
	Entries []ledger.Entry // of the newest weeks, newest first
	More    bool           // weeks before these are kept, too
	Waiting int            // songs that wait, and are not being added just now
}

// Account reads a user and their history.
func (a *Accounts) Account(ctx context.Context, id archive.UserID) (Account, error) {
	user, err := a.user(ctx, id)
	if err != nil {
		return Account{}, err
	}
	history, err := a.History(ctx, id, "", accountWeeks)
	if err != nil {
		return Account{}, err
	}
	pending, err := a.Store.Pending(ctx, id)
	if err != nil {
		return Account{}, fmt.Errorf("reading the waiting songs of user %s: %w", id, err)
	}
	account := Account{User: user, Entries: history.Entries, More: history.More}
	for _, p := range pending {
		if p.Held == "" && !adding(user, p) {
			account.Waiting += len(p.Tracks)
		}
	}
	return account, nil
}

// adding reports that the batch that is on its way into the archive holds a
// waiting one.
func adding(u archive.User, waiting ledger.Batch) bool {
	return u.Open != nil && slices.Contains(u.Open.Pending, waiting.ID)
}

// SignOut ends every session that was begun before, wherever its cookie is.
func (a *Accounts) SignOut(ctx context.Context, id archive.UserID) error {
	return a.change(ctx, id, func(u *archive.User) { u.SignOuts++ })
}

// Pause stops the user's runs until Resume.
func (a *Accounts) Pause(ctx context.Context, id archive.UserID) error {
	return a.change(ctx, id, func(u *archive.User) {
		if u.Status == archive.StatusActive {
			u.Status = archive.StatusPaused
		}
	})
}

// Resume undoes Pause and asks for a run. After ErrTooOften, as with every
// method here, the change is stored.
func (a *Accounts) Resume(ctx context.Context, id archive.UserID) error {
	err := a.change(ctx, id, func(u *archive.User) {
		if u.Status == archive.StatusPaused {
			u.Status = archive.StatusActive
			u.Reschedule(a.Clock.Now())
		}
	})
	if err != nil {
		return err
	}
	return a.runSoon(ctx, id)
}

// Choose sets the sources: those that Choices offers, or any set of those that
// there are. ErrMalformed for others. It asks for a run, so that the person sees what the
// choice brings.
func (a *Accounts) Choose(ctx context.Context, id archive.UserID, choice archive.Choice) error {
	if !choice.Valid() || !known(a.Sources).Knows(choice) {
		return fmt.Errorf("choosing a source: %w", fault.ErrMalformed)
	}
	if err := a.change(ctx, id, func(u *archive.User) {
		u.Choose(choice, a.Clock.Now())
		u.Reschedule(a.Clock.Now())
	}); err != nil {
		return err
	}
	return a.runSoon(ctx, id)
}

// SetShape sets into which playlists songs go from now on.
func (a *Accounts) SetShape(ctx context.Context, id archive.UserID, shape archive.Shape) error {
	if !slices.Contains(archive.Shapes(), shape) {
		return fmt.Errorf("choosing a shape: %w", fault.ErrMalformed)
	}
	return a.change(ctx, id, func(u *archive.User) { u.Shape = shape })
}

// SetDiscover takes a pasted link or id of the user's Discover Weekly, which
// may be their answer to which of several is theirs, and asks for a run. What
// waited for that answer is archived or dropped. ErrMalformed when it is no
// playlist link.
func (a *Accounts) SetDiscover(ctx context.Context, id archive.UserID, link string) error {
	playlist, ok := ParsePlaylistLink(link)
	if !ok {
		return fmt.Errorf("taking a playlist link: %w", fault.ErrMalformed)
	}
	_, err := lease.Retry(func() (archive.User, error) {
		u, err := a.user(ctx, id)
		if err != nil {
			return archive.User{}, err
		}
		pending, err := a.Store.Pending(ctx, id)
		if err != nil {
			return archive.User{}, err
		}
		chosen, changes := chosen(u, playlist, a.Clock.Now(), pending)
		chosen.Reschedule(a.Clock.Now())
		return a.Store.Commit(ctx, chosen, changes)
	})
	if err != nil {
		return fmt.Errorf("changing user %s: %w", id, err)
	}
	return a.runSoon(ctx, id)
}

// chosen is the user whose Discover Weekly that is, and what becomes of the
// songs that waited for the choice.
func chosen(u archive.User, playlist string, now time.Time, pending []ledger.Batch) (archive.User, archive.Changes) {
	if u.Discover.PlaylistID != playlist {
		u.Discover = archive.Discover{PlaylistID: playlist}
		u.Reopen(now)
	}
	u.Discover.Chosen, u.Discover.Candidates = true, nil
	var c archive.Changes
	for _, p := range pending {
		if p.Held == "" {
			continue
		}
		c.RemovePending = append(c.RemovePending, p.ID)
		if p.Held == playlist {
			p.ID, p.Held = "chosen-"+p.ID, ""
			c.AddPending = append(c.AddPending, p)
			u.NoteWaiting(now)
		}
	}
	return u, c
}

// RunNow asks for a run outside the schedule. While one that was asked for has
// not begun, there is nothing to ask for. ErrTooOften when too many were asked
// for in a short time.
func (a *Accounts) RunNow(ctx context.Context, id archive.UserID) error {
	return a.askRun(ctx, id, 0, func(*archive.User) {})
}

// Look is RunNow for a page that asks by itself: it leaves the person some of
// the runs that they may ask for.
func (a *Accounts) Look(ctx context.Context, id archive.UserID) error {
	return a.askRun(ctx, id, archive.ManualReserve, func(*archive.User) {})
}

// Tapped is Look for a person who has just opened a message to copy: they are
// looked at again in the half hour that follows.
func (a *Accounts) Tapped(ctx context.Context, id archive.UserID) error {
	now := a.Clock.Now().UTC().Truncate(time.Second)
	return a.askRun(ctx, id, archive.ManualReserve, func(u *archive.User) { u.Messages.TappedAt = now })
}

func (a *Accounts) askRun(ctx context.Context, id archive.UserID, reserve int, note func(*archive.User)) error {
	var sent bool
	asked, err := lease.Retry(func() (archive.User, error) {
		u, err := a.user(ctx, id)
		if err != nil {
			return archive.User{}, err
		}
		if sent, err = u.Ask(a.Clock.Now(), reserve); err != nil || !sent {
			return u, err
		}
		note(&u)
		return a.Store.Put(ctx, u)
	})
	if err != nil {
		return fmt.Errorf("asking for a run of user %s: %w", id, err)
	}
	if !sent {
		return nil
	}
	at := asked.Manual.AskedAt
	if err := a.Jobs.EnqueueArchive(ctx, archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunManual, At: at}}); err != nil {
		a.unask(ctx, id, at)
		return fmt.Errorf("enqueuing a run of user %s: %w", id, err)
	}
	return nil
}

// unask notes that no message is on its way. Without the note the person could
// not ask again within manualLost.
func (a *Accounts) unask(ctx context.Context, id archive.UserID, at time.Time) {
	err := a.change(ctx, id, func(u *archive.User) { u.Manual.Finish(at) })
	if err != nil {
		a.Log.WarnContext(ctx, "run not enqueued, which is not noted", "user_id", id, "error", err)
	}
}

// runSoon asks for a run after a change that is stored. If it cannot be asked
// for, the schedule brings the next one: no reason to tell the person that
// their change failed. ErrTooOften is passed on: their page must not promise a
// run.
func (a *Accounts) runSoon(ctx context.Context, id archive.UserID) error {
	err := a.RunNow(ctx, id)
	if errors.Is(err, fault.ErrTooOften) {
		return err
	}
	if err != nil {
		a.Log.WarnContext(ctx, "run not enqueued after a change", "user_id", id, "error", err)
	}
	return nil
}

// Disconnect deletes the user and everything stored about them. The grant
// goes first, with the mark that everything else has to follow, so a
// disconnect that is cut off is finished within an hour or two. Disconnecting
// an absent user is fine. Nothing changes at Spotify: it offers no way to
// revoke a consent, and the archive belongs to the user.
func (a *Accounts) Disconnect(ctx context.Context, id archive.UserID) error {
	_, err := lease.Retry(func() (archive.User, error) {
		u, err := a.Store.User(ctx, id)
		if err != nil {
			return archive.User{}, err
		}
		leaving := archive.User{ID: id, Revision: u.Revision, Status: archive.StatusLeaving, Lease: u.Lease}
		leaving.Due = leaving.NextLook(a.Clock.Now(), time.Time{})
		return a.Store.Put(ctx, leaving)
	})
	if errors.Is(err, fault.ErrNotFound) {
		return nil
	}
	unreadable := errors.Is(err, fault.ErrMalformed) // so nothing marks that it has to be finished
	if err != nil && !unreadable {
		return fmt.Errorf("disconnecting user %s: %w", id, err)
	}
	if err := a.Store.Delete(ctx, id); err != nil {
		if unreadable {
			return fmt.Errorf("disconnecting user %s: %w", id, err)
		}
		a.Log.WarnContext(ctx, "disconnect not finished, the next look at the user does it", "user_id", id, "error", err)
	}
	return nil
}

func (a *Accounts) user(ctx context.Context, id archive.UserID) (archive.User, error) {
	u, err := a.Store.User(ctx, id)
	if err != nil {
		return archive.User{}, fmt.Errorf("reading user %s: %w", id, err)
	}
	if u.Status == archive.StatusLeaving {
		return archive.User{}, fmt.Errorf("reading user %s, who left: %w", id, fault.ErrNotFound)
	}
	return u, nil
}

func (a *Accounts) change(ctx context.Context, id archive.UserID, change func(*archive.User)) error {
	_, err := lease.Retry(func() (archive.User, error) {
		u, err := a.user(ctx, id)
		if err != nil {
			return archive.User{}, err
		}
		change(&u)
		return a.Store.Put(ctx, u)
	})
	if err != nil {
		return fmt.Errorf("changing user %s: %w", id, err)
	}
	return nil
}

// SetLanguage notes the language in which the person reads from now on.
// Playlists that are there keep their names.
func (a *Accounts) SetLanguage(ctx context.Context, id archive.UserID, language string) error {
	return a.change(ctx, id, func(u *archive.User) { u.Language = language })
}
