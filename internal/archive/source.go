package archive

import "context"

// reading is what a source showed in this run. A source that cannot be read
// is a reading too, not an error.
type reading struct {
	kind    OutcomeKind // what it means if nothing is new
	finds   []find      // in order
	learned func(*User) // remembered once every song found is in the archive
}

// readSources reads what the user chose. Automatic means Discover Weekly, and
// where this app may not read it, the inbox and what was played. An inbox that
// we made in such a week keeps its promise in every other.
func (r *run) readSources(ctx context.Context) error {
	r.choice = r.user.Choice
	choice := r.choice
	fallBack := false
	if choice == ChoiceDiscover || choice == ChoiceAuto {
		discover, err := r.readDiscover(ctx)
		if err != nil {
			return err
		}
		r.readings = append(r.readings, discover)
		fallBack = choice == ChoiceAuto && discover.kind == OutcomeNotReadable
	}
	if choice == ChoiceInbox || fallBack || choice == ChoiceAuto && r.user.Inbox.PlaylistID != "" {
		inbox, err := r.readInbox(ctx)
		if err != nil {
			return err
		}
		r.readings = append(r.readings, inbox)
	}
	listens := r.user.Grant.Listens()
	switch {
	case choice == ChoiceListening && !listens:
		r.readings = append(r.readings, reading{kind: OutcomeScope, learned: func(*User) {}})
	case choice == ChoiceListening, fallBack && listens:
		if err := r.collect(ctx); err != nil {
			return err
		}
		r.readings = append(r.readings, r.nothingDaily())
	}
	if choice == ChoicePaste {
		r.readings = append(r.readings, r.nothingDaily())
	}
	return r.readPending(ctx)
}

// nothingDaily is the reading of a source whose songs come by themselves: the
// week needs no daily catch-up.
func (r *run) nothingDaily() reading {
	due := DueEdition(r.Clock.now())
	return reading{kind: OutcomeNothingNew, learned: func(u *User) {
		if u.Choice != ChoiceAuto {
			r.weekDone(u, due)
		}
	}}
}

// readPending takes up the songs that wait: pasted, heard, or left over.
func (r *run) readPending(ctx context.Context) error {
	if !r.user.Waiting {
		return nil
	}
	newest := r.user.PendingAt
	list, err := r.Store.Pending(ctx, r.user.ID)
	if err != nil {
		return err
	}
	waiting := reading{kind: OutcomeNothingNew, learned: func(u *User) {
		// What was put after we looked keeps waiting.
		if u.PendingAt.Equal(newest) && !r.again {
			u.Waiting = false
		}
	}}
	for _, p := range list {
		waiting.finds = append(waiting.finds, find{
			edition: p.Edition, source: p.Source, tracks: p.Tracks,
			found: len(p.Tracks), queued: p.Queued, pending: p.ID,
		})
	}
	r.readings = append(r.readings, waiting)
	return nil
}
