package usecase

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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

// slippedTime is how long a Discover Weekly is looked at again in which an entry
// stands twice.
const slippedTime = 72 * time.Hour

func isDiscover(p archive.Playlist) bool {
	return (p.OwnerID == "spotify" || p.OwnerID == "spotifydiscover") && strings.HasPrefix(p.ID, discoverPrefix)
}

// readDiscover reads the user's Discover Weekly.
func (r *run) readDiscover(ctx context.Context) (reading, error) {
	known := r.user.Discover
	if known.Access == archive.AccessDenied && known.Unreadable(known.Denials) && len(known.Candidates) == 0 &&
		r.job.Run.Kind != archive.RunManual && thisWeek(known.CheckedAt, r.Clock.Now()) {
		return reading{kind: archive.OutcomeNotReadable, learned: r.deniedWeek}, nil
	}
	if len(known.Candidates) > 0 && !known.Chosen {
		return r.hold(ctx, known.Candidates)
	}
	if known.PlaylistID != "" && !r.isOurs(known.PlaylistID) {
		list, total, err := items(ctx, r.library, known.PlaylistID, 0)
		if err == nil {
			return r.discovered(ctx, known, known.PlaylistID, list, total)
		}
		if !errors.Is(err, archive.ErrNotReadable) {
			return reading{}, err
		}
	}
	// Not known, or not there any more: an id may change.
	list, err := r.playlists.all(ctx, r.library)
	if err != nil {
		return reading{}, err
	}
	candidates := candidatesIn(list, known.PlaylistID)
	switch len(candidates) {
	case 0:
		return r.denied(known), nil
	case 1:
	default:
		return r.hold(ctx, candidates)
	}
	id := candidates[0].PlaylistID
	songs, total, err := items(ctx, r.library, id, 0)
	if errors.Is(err, archive.ErrNotReadable) {
		return r.denied(known), nil
	}
	if err != nil {
		return reading{}, err
	}
	return r.discovered(ctx, known, id, songs, total)
}

// isOurs guards against a pasted link to a playlist that we write to.
func (r *run) isOurs(id string) bool {
	mine := func(s archive.Shelf) bool { return s.PlaylistID == id }
	return id == r.user.Inbox.PlaylistID || slices.ContainsFunc(slices.Collect(maps.Values(r.user.Shelves)), mine)
}

// candidatesIn returns every Discover Weekly of a list, other than one that
// was tried. A person who follows a friend's has two.
func candidatesIn(list []archive.Playlist, tried string) []archive.Candidate {
	var candidates []archive.Candidate
	for _, p := range list {
		if isDiscover(p) && p.ID != tried {
			candidates = append(candidates, archive.Candidate{PlaylistID: p.ID, Name: p.Name})
		}
	}
	named := func(c archive.Candidate) bool { return slices.Contains(discoverNames, strings.ToLower(c.Name)) }
	if slices.ContainsFunc(candidates, named) {
		candidates = slices.DeleteFunc(candidates, func(c archive.Candidate) bool { return !named(c) })
	}
	return candidates
}

// denied is the reading of a Discover Weekly that this app cannot read. It
// says nothing about another link that the person gave meanwhile.
func (r *run) denied(known archive.Discover) reading {
	now := r.Clock.Now()
	kind := archive.OutcomeNotReadable
	if known.Done != "" && !known.Unreadable(known.Denials+1) {
		kind = archive.OutcomeUnreadable
	}
	return reading{kind: kind, learned: func(u *archive.User) {
		if u.Discover.PlaylistID != known.PlaylistID {
			return
		}
		u.Discover.Access = archive.AccessDenied
		if u.Discover.Denials == 0 || now.Sub(u.Discover.CheckedAt) >= clearOf {
			u.Discover.CheckedAt = now
			u.Discover.Denials++
		}
		if u.Discover.Unreadable(u.Discover.Denials) {
			r.deniedWeek(u)
		}
	}}
}

// deniedWeek: nothing to catch up, the next weekly run asks again.
func (r *run) deniedWeek(u *archive.User) {
	if u.Choice == archive.ChoiceDiscover {
		r.weekDone(u, archive.DueEdition(r.Clock.Now()))
	}
}

// discovered is the reading of the list's items. It says nothing about another
// link that the person gave meanwhile.
func (r *run) discovered(ctx context.Context, known archive.Discover, id string, list []archive.Item, total int) (reading, error) {
	now := r.Clock.Now()
	tracks := usable(list)
	seen, err := r.seenSet(ctx)
	if err != nil {
		return reading{}, err
	}
	fresh := len(seen.Unknown(tracks))
	if fresh > 0 && !known.Chosen {
		candidates, err := r.others(ctx, id)
		if err != nil {
			return reading{}, err
		}
		if len(candidates) > 1 {
			return r.hold(ctx, candidates)
		}
	}
	edition := r.editionOf(list, fresh)
	_, dated := datedEdition(list, now)
	result := reading{kind: archive.OutcomeNothingNew}
	// A list that shows nothing new and no date may be any week's.
	old := len(tracks) == 0 || fresh == 0 && (edition <= known.Done || !dated)
	switch {
	case old && edition >= archive.DueEdition(now) && len(tracks) > 0:
		result.kind = archive.OutcomeAlreadyDone
	case old:
		result.kind = archive.OutcomeNotRefreshed
	default:
		result.finds = []find{{
			edition: edition, source: archive.SourceDiscover, tracks: tracks,
			found: len(list), unusable: len(list) - len(tracks),
		}}
	}
	// What did not show, or shows nothing new, gets one more look.
	entry := archive.EntryKey{Edition: edition, Source: archive.SourceDiscover}
	stale := fresh == 0 && (r.user.Batches[entry.Name()] == 0 || known.Partial == edition)
	partial := len(list) < archive.DiscoverSongs || len(tracks) < len(list) || stale
	openFor := clearOf
	if slipped(list) {
		partial, openFor = true, slippedTime
	}
	zone, zoned := zoneOf(list)
	result.learned = func(u *archive.User) {
		if u.Discover.PlaylistID != known.PlaylistID {
			return
		}
		u.Discover.PlaylistID = id
		u.Discover.Access = archive.AccessReadable
		u.Discover.CheckedAt = now
		u.Discover.Denials = 0
		if u.Zone == "" && zoned {
			u.Zone = zone
		}
		switch {
		case old, len(list) < total:
			// What is counted and not shown may show tomorrow.
		case partial && u.Discover.Partial != edition:
			u.Discover.Partial, u.Discover.PartialAt = edition, now
		case partial && now.Sub(u.Discover.PartialAt) < openFor:
		default:
			u.Discover.Done = max(u.Discover.Done, edition)
		}
		r.weekDone(u, u.Discover.Done)
	}
	return result, nil
}

// editionOf names the edition of a Discover Weekly of which so many songs are
// new. Its dates are asked first; songs that are new under the date of an
// edition that is archived show that the date is wrong.
func (r *run) editionOf(list []archive.Item, fresh int) archive.Edition {
	now := r.Clock.Now()
	due := archive.DueEdition(now)
	edition, dated := datedEdition(list, now)
	if !dated || edition <= r.user.Discover.Done && fresh*2 > len(list) {
		// The week that is due, not the one that begins: what shows now was
		// shown by then.
		return due
	}
	return edition
}

// serviceBegan is when Discover Weekly began. Lists that Spotify makes have
// carried dates of 1970 (https://github.com/nokazn/ravyd/issues/49).
var serviceBegan = time.Date(2015, time.July, 1, 0, 0, 0, 0, time.UTC)

// plausible reports whether a date of Spotify's can be one.
func plausible(t, now time.Time) bool {
	return t.After(serviceBegan) && !t.After(now.Add(24*time.Hour))
}

// datedEdition names the edition that most of the dates name, the newest of
// several: every song of a Discover Weekly carries one date. It is none that
// nobody on earth can see yet.
func datedEdition(list []archive.Item, now time.Time) (e archive.Edition, dated bool) {
	votes := make(map[archive.Edition]int)
	for _, item := range list {
		if plausible(item.AddedAt, now) {
			votes[min(archive.EditionOf(item.AddedAt), archive.EditionOf(now))]++
		}
	}
	for edition, n := range votes {
		if n > votes[e] || n == votes[e] && edition > e {
			e = edition
		}
	}
	return e, len(votes) > 0
}

// zoneOf learns the person's offset from UTC from a list of which every song
// carries the same date.
func zoneOf(list []archive.Item) (offset string, ok bool) {
	if len(list) < archive.DiscoverSongs {
		return "", false
	}
	for _, item := range list {
		if !item.AddedAt.Equal(list[0].AddedAt) {
			return "", false
		}
	}
	return archive.ZoneOfMonday(list[0].AddedAt)
}
