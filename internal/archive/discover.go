package archive

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// discoverPrefix begins every id of a Discover Weekly that was ever seen. It
// is observed, not documented.
const discoverPrefix = "37i9dQZEVXc"

// discoverNames are localized names, lower case, to break a tie.
var discoverNames = []string{
	"discover weekly", "dein mix der woche", "descubrimiento semanal", "descobertas da semana",
	"découvertes de la semaine", "viikon suositukset", "e heti kaland", "odkryj w tym tygodniu",
	"haftalık keşifler", "每週新發現", "открытия недели",
}

const (
	// deniedTries is on how many days in a row a Discover Weekly has to be
	// unreadable before a week is given up on.
	deniedTries = 3

	// passing is how long a fault may last. What runs within it saw counts as
	// seen once, however many they were.
	passing = 20 * time.Hour
)

func isDiscover(p Playlist) bool {
	return (p.OwnerID == "spotify" || p.OwnerID == "spotifydiscover") && strings.HasPrefix(p.ID, discoverPrefix)
}

// readDiscover reads the user's Discover Weekly.
func (r *run) readDiscover(ctx context.Context) (reading, error) {
	known := r.user.Discover
	if known.Access == AccessDenied && known.Denials >= deniedTries &&
		r.job.Run.Kind != RunManual && thisWeek(known.CheckedAt, r.Clock.now()) {
		return reading{kind: OutcomeNotReadable, learned: r.deniedWeek}, nil
	}
	if known.PlaylistID != "" && !r.isOurs(known.PlaylistID) {
		list, _, err := items(ctx, r.library, known.PlaylistID, 0)
		if err == nil {
			return r.discovered(ctx, known, known.PlaylistID, list)
		}
		if !errors.Is(err, ErrNotReadable) {
			return reading{}, err
		}
	}
	// Not known, or not there any more: an id may change.
	id, err := r.findDiscover(ctx, known.PlaylistID)
	if err != nil || id == "" {
		return r.denied(known), err
	}
	list, _, err := items(ctx, r.library, id, 0)
	if errors.Is(err, ErrNotReadable) {
		return r.denied(known), nil
	}
	if err != nil {
		return reading{}, err
	}
	return r.discovered(ctx, known, id, list)
}

// isOurs guards against a pasted link to a playlist that we write to.
func (r *run) isOurs(id string) bool {
	mine := func(s Shelf) bool { return s.PlaylistID == id }
	return id == r.user.Inbox.PlaylistID || slices.ContainsFunc(slices.Collect(maps.Values(r.user.Shelves)), mine)
}

// findDiscover looks for a Discover Weekly in the user's list, other than one
// that was tried. Empty when there is none.
func (r *run) findDiscover(ctx context.Context, tried string) (string, error) {
	list, err := r.playlists.all(ctx, r.library)
	if err != nil {
		return "", err
	}
	best := ""
	for _, p := range list {
		if !isDiscover(p) || p.ID == tried {
			continue
		}
		if best == "" || slices.Contains(discoverNames, strings.ToLower(p.Name)) {
			best = p.ID
		}
	}
	return best, nil
}

// denied is the reading of a Discover Weekly that this app cannot read. It
// says nothing about another link that the person gave meanwhile.
func (r *run) denied(known Discover) reading {
	now := r.Clock.now()
	return reading{kind: OutcomeNotReadable, learned: func(u *User) {
		if u.Discover.PlaylistID != known.PlaylistID {
			return
		}
		u.Discover.Access = AccessDenied
		if u.Discover.Denials == 0 || now.Sub(u.Discover.CheckedAt) >= passing {
			u.Discover.CheckedAt = now
			u.Discover.Denials++
		}
		if u.Discover.Denials >= deniedTries {
			r.deniedWeek(u)
		}
	}}
}

// deniedWeek: nothing to catch up, the next weekly run asks again.
func (r *run) deniedWeek(u *User) {
	if u.Choice == ChoiceDiscover {
		r.weekDone(u, DueEdition(r.Clock.now()))
	}
}

// discovered is the reading of the list's items. It says nothing about another
// link that the person gave meanwhile.
func (r *run) discovered(ctx context.Context, known Discover, id string, list []Item) (reading, error) {
	now := r.Clock.now()
	edition, dated := editionOf(list, now)
	tracks := usable(list)
	unusable := len(list) - len(tracks)
	old, err := r.isOld(ctx, edition, dated, tracks)
	if err != nil {
		return reading{}, err
	}
	result := reading{kind: OutcomeNothingNew}
	switch {
	case old && edition >= DueEdition(now) && len(tracks) > 0:
		result.kind = OutcomeAlreadyDone
	case old:
		result.kind = OutcomeNotRefreshed
	default:
		result.finds = []find{{
			edition: edition, source: SourceDiscover, tracks: tracks,
			found: len(list), unusable: unusable,
		}}
	}
	result.learned = func(u *User) {
		if u.Discover.PlaylistID != known.PlaylistID {
			return
		}
		u.Discover.PlaylistID = id
		u.Discover.Access = AccessReadable
		u.Discover.CheckedAt = now
		u.Discover.Denials = 0
		switch {
		case old:
		case unusable > 0 && u.Discover.Partial != edition:
			// Items that were null once have come back: one more look.
			u.Discover.Partial, u.Discover.PartialAt = edition, now
		case unusable > 0 && now.Sub(u.Discover.PartialAt) < passing:
		default:
			u.Discover.Done = max(u.Discover.Done, edition)
		}
		r.weekDone(u, u.Discover.Done)
	}
	return result, nil
}

// isOld reports whether the list holds nothing of an edition to come: one
// that is done, one without a single usable item (an outage answers so), or
// one without dates that shows only what was archived before.
func (r *run) isOld(ctx context.Context, edition Edition, dated bool, tracks []Track) (bool, error) {
	if edition <= r.user.Discover.Done || len(tracks) == 0 {
		return true, nil
	}
	if dated {
		return false, nil
	}
	seen, err := r.seenSet(ctx)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(tracks, func(t Track) bool { return !seen.Has(t) }), nil
}

// editionOf names the edition of a Discover Weekly after its newest item, or
// after now if no item has a date.
func editionOf(list []Item, now time.Time) (e Edition, dated bool) {
	var newest time.Time
	for _, item := range list {
		if item.AddedAt.After(newest) {
			newest = item.AddedAt
		}
	}
	if newest.IsZero() {
		return WeekOf(now), false
	}
	return EditionOf(newest), true
}
