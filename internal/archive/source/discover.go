package source

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
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
// stands twice, and doubtTime how long nobody's is taken from a list that counts more
// than it shows. undatedTime is how long the first list of a person is looked at again
// that tells no date: all of it is new, so it may be last week's, and this week's be late.
const (
	slippedTime = 72 * time.Hour
	doubtTime   = 72 * time.Hour
	undatedTime = 6 * 24 * time.Hour
)

// discoverMost is how many songs of a Discover Weekly are read, which has thirty. A link
// of the person's may lead to a playlist of thousands, at a request for each fifty,
// in every look.
const discoverMost = 100

func isDiscover(p webapi.Playlist) bool {
	return (p.OwnerID == "spotify" || p.OwnerID == "spotifydiscover") && strings.HasPrefix(p.ID, discoverPrefix)
}

// discover is Discover Weekly itself.
type discover struct{ *View }

func readDiscover(ctx context.Context, v *View) (Reading, error) { return discover{v}.read(ctx) }

// read reads the user's Discover Weekly.
func (d discover) read(ctx context.Context) (Reading, error) {
	known := d.User.Discover
	if d.User.OnlyInbox(d.Clock.Now()) && d.byClock() {
		// What is left of the day's requests is for the inbox.
		return Reading{Kind: outcome.AlreadyDone}, nil
	}
	if known.Access == archive.AccessDenied && known.Unreadable(known.Denials) && len(known.Candidates) == 0 &&
		d.Run != app.RunManual && thisWeek(known.CheckedAt, d.Clock.Now()) {
		return Reading{Kind: outcome.NotReadable, Learned: d.deniedWeek}, nil
	}
	if len(known.Candidates) > 0 && !known.Chosen {
		return d.hold(ctx, known.Candidates)
	}
	if known.PlaylistID != "" && !d.isOurs(known.PlaylistID) {
		list, total, err := playlist.FirstItems(ctx, d.Library, known.PlaylistID, discoverMost)
		if err == nil {
			return d.discovered(ctx, known, known.PlaylistID, list, total)
		}
		if !errors.Is(err, fault.ErrNotReadable) {
			return Reading{}, err
		}
	}
	if d.Run != app.RunManual && known.Rests() {
		return d.denied(known), nil
	}
	// Not known, or not there any more: an id may change.
	list, err := d.All(ctx)
	if err != nil {
		return Reading{}, err
	}
	candidates := candidatesIn(list, known.PlaylistID)
	refused := slices.ContainsFunc(list, func(p webapi.Playlist) bool { return isDiscover(p) && p.ID == known.PlaylistID })
	switch {
	case len(candidates) == 0, refused:
		return d.denied(known), nil
	case len(candidates) > 1:
		return d.hold(ctx, candidates)
	case known.Chosen && !d.isOurs(known.PlaylistID):
		return d.denied(known), nil // the one that is left may be somebody else's
	}
	if err := d.alone(ctx); err != nil {
		return Reading{}, err
	}
	id := candidates[0].PlaylistID
	songs, total, err := playlist.FirstItems(ctx, d.Library, id, discoverMost)
	if errors.Is(err, fault.ErrNotReadable) {
		return d.denied(known), nil
	}
	if err != nil {
		return Reading{}, err
	}
	return d.discovered(ctx, known, id, songs, total)
}

// alone is an error as long as the only Discover Weekly of a list may be a friend's:
// what the list counts and does not show may be the person's own. It is waited for
// no longer than doubtTime.
func (d discover) alone(ctx context.Context) error {
	now, doubted := d.Clock.Now(), d.User.Discover.DoubtedAt
	switch {
	case !d.Withholds():
		return nil
	case doubted.IsZero():
		err := d.Write(ctx, archive.Changes{}, func(u *archive.User) { u.Discover.DoubtedAt = now })
		return cmp.Or(err, playlist.ErrContradicted)
	case now.Sub(doubted) < doubtTime:
		return playlist.ErrContradicted
	default:
		return nil
	}
}

// byClock reports whether nobody but the clock asked for the run.
func (d discover) byClock() bool { return d.Run == app.RunDue || d.Run == app.RunWeekly }

// isOurs guards against a pasted link to a playlist that we write to.
func (d discover) isOurs(id string) bool {
	mine := func(s archive.ArchivePlaylist) bool { return s.PlaylistID == id }
	return id == d.User.Inbox.PlaylistID || slices.ContainsFunc(slices.Collect(maps.Values(d.User.Archives)), mine)
}

// candidatesIn returns every Discover Weekly of a list, other than one that
// was tried. A person who follows a friend's has two.
func candidatesIn(list []webapi.Playlist, tried string) []archive.Candidate {
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
func (d discover) denied(known archive.Discover) Reading {
	now := d.Clock.Now()
	kind := outcome.NotReadable
	if known.Done != "" && !known.Unreadable(known.Denials+1) {
		kind = outcome.Unreadable
	}
	return Reading{Kind: kind, Learned: func(u *archive.User) {
		if u.Discover.PlaylistID != known.PlaylistID {
			return
		}
		u.Discover.Access = archive.AccessDenied
		if u.Discover.Denials == 0 || now.Sub(u.Discover.CheckedAt) >= archive.LooksApart {
			u.Discover.CheckedAt = now
			u.Discover.Denials++
		}
		if u.Discover.Unreadable(u.Discover.Denials) {
			d.deniedWeek(u)
		}
	}}
}

// deniedWeek: nothing to catch up, the next weekly run asks again.
func (d discover) deniedWeek(u *archive.User) {
	if u.Choice == archive.ChoiceDiscover {
		d.weekDone(u, calendar.DueEdition(d.Clock.Now()))
	}
}

// discovered is the reading of the list's items. It says nothing about another
// link that the person gave meanwhile.
func (d discover) discovered(ctx context.Context, known archive.Discover, id string, list []webapi.Item, total int) (Reading, error) {
	now := d.Clock.Now()
	tracks := playlist.Usable(list)
	seen, err := d.Seen(ctx)
	if err != nil {
		return Reading{}, err
	}
	fresh := len(seen.Unknown(tracks))
	alone := false // the list was looked at, and showed no other
	if fresh > 0 && !known.Chosen {
		candidates, err := d.others(ctx, id)
		if err != nil {
			return Reading{}, err
		}
		if len(candidates) > 1 {
			return d.hold(ctx, candidates)
		}
		alone = len(candidates) == 1
	}
	edition := d.editionOf(list, fresh)
	_, dated := datedEdition(list, now)
	result := Reading{Kind: outcome.NothingNew}
	// A list that shows nothing new and no date may be any week's.
	old := len(tracks) == 0 || fresh == 0 && (edition <= known.Done || !dated)
	switch {
	case old && edition >= calendar.DueEdition(now) && len(tracks) > 0:
		result.Kind = outcome.AlreadyDone
	case old:
		result.Kind = outcome.NotRefreshed
	default:
		batch := ledger.NewBatch(edition, ledger.SourceDiscover, tracks)
		batch.Entry.Found, batch.Entry.Unusable = len(list), len(list)-len(tracks)
		batch.Counted = d.User.Batches[batch.Entry.Key.Name()] > 0
		result.Batches = []ledger.Batch{batch}
	}
	// What did not show, or shows nothing new, gets one more look.
	entry := ledger.EntryKey{Edition: edition, Source: ledger.SourceDiscover}
	stale := fresh == 0 && (d.User.Batches[entry.Name()] == 0 || known.Partial == edition)
	partial := len(list) < calendar.DiscoverSongs || len(tracks) < len(list) || stale
	openFor := archive.LooksApart
	if playlist.Slipped(list, now) {
		partial, openFor = true, slippedTime
	}
	if !dated && known.Done == "" {
		partial, openFor = true, undatedTime
	}
	zone, zoned := zoneOf(list)
	result.Learned = func(u *archive.User) {
		if u.Discover.PlaylistID != known.PlaylistID {
			return
		}
		u.Discover.PlaylistID, u.Discover.DoubtedAt = id, time.Time{}
		u.Discover.Access = archive.AccessReadable
		u.Discover.CheckedAt = now
		u.Discover.Denials = 0
		if alone {
			u.Discover.Among = d.Total()
		}
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
		d.weekDone(u, u.Discover.Done)
	}
	return result, nil
}

// editionOf names the edition of a Discover Weekly of which so many songs are
// new. Its dates are asked first; songs that are new under the date of an
// edition that is archived show that the date is wrong.
func (d discover) editionOf(list []webapi.Item, fresh int) calendar.Edition {
	now := d.Clock.Now()
	due := calendar.DueEdition(now)
	edition, dated := datedEdition(list, now)
	if !dated || edition <= d.User.Discover.Done && fresh*2 > len(list) {
		// The week that is due, not the one that begins: what shows now was
		// shown by then.
		return due
	}
	return edition
}

// datedEdition names the edition that most of the dates name, the newest of
// several: every song of a Discover Weekly carries one date. It is none that
// nobody on earth can see yet.
func datedEdition(list []webapi.Item, now time.Time) (e calendar.Edition, dated bool) {
	votes := make(map[calendar.Edition]int)
	for _, item := range list {
		if calendar.Plausible(item.AddedAt, now) {
			votes[min(calendar.EditionOf(item.AddedAt), calendar.EditionOf(now))]++
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
func zoneOf(list []webapi.Item) (offset string, ok bool) {
	if len(list) < calendar.DiscoverSongs {
		return "", false
	}
	for _, item := range list {
		if !item.AddedAt.Equal(list[0].AddedAt) {
			return "", false
		}
	}
	return calendar.ZoneOfMonday(list[0].AddedAt)
}

// thisWeek reports whether t lies in the week that is due at now.
func thisWeek(t, now time.Time) bool {
	return !t.IsZero() && calendar.DueEdition(t) == calendar.DueEdition(now)
}
