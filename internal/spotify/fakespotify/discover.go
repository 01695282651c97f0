package fakespotify

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// DiscoverSize is how many items a Discover Weekly has.
const DiscoverSize = 30

const (
	spotifyOwner   = "spotify"
	discoverPrefix = "37i9dQZEVXc"
	week           = 7 * 24 * time.Hour
)

// DiscoverID returns the playlist id of an account's Discover Weekly. It never
// changes.
func (s *Server) DiscoverID(account string) string { return discoverID(account) }

// Discover returns the Discover Weekly that the account sees at the time at,
// in order; nil for an unknown account. Its content depends on the account,
// the account's local Monday and Config.Quirks alone.
func (s *Server) Discover(account string, at time.Time) []Song {
	m := s.members[account]
	if m == nil {
		return nil
	}
	items := s.discoverItems(m, at)
	songs := make([]Song, len(items))
	for i, it := range items {
		songs[i] = it.song()
	}
	return songs
}

func discoverID(account string) string {
	return discoverPrefix + hashID("discover", account)[:idLength-len(discoverPrefix)]
}

// localMonday returns the instant of the latest Monday 00:00 in the account's
// local time.
func localMonday(at time.Time, offset time.Duration) time.Time {
	local := at.UTC().Add(offset)
	days := (int(local.Weekday()) + 6) % 7
	midnight := time.Date(local.Year(), local.Month(), local.Day()-days, 0, 0, 0, 0, time.UTC)
	return midnight.Add(-offset)
}

func (s *Server) discoverItems(m *member, at time.Time) []item {
	added := localMonday(at, m.UTCOffset)
	thisWeek := added.Add(m.UTCOffset)
	before := thisWeek.Add(-week)
	q := s.cfg.Quirks
	items := make([]item, DiscoverSize)
	for i := range items {
		items[i] = item{URI: trackPrefix + discoverTrack(m.Key, thisWeek, i), AddedAt: added}
	}
	next := 0
	put := func(count int, uri func(slot int) string) {
		for range count {
			slot := spread(next)
			items[slot].URI = uri(slot)
			next++
		}
	}
	// What is repeated lies behind the quirks, where every week has its
	// ordinary songs.
	ordinary := q.Null + q.Local + q.Episodes + q.Repeated + q.Relinked
	lastWeeks := func() string {
		ordinary++
		return discoverTrack(m.Key, before, spread(ordinary-1))
	}
	put(q.Null, func(int) string { return "" })
	put(q.Local, func(slot int) string {
		return fmt.Sprintf("%sDemo+Ensemble:Demo+Files:Local+File+%d:%d", localPrefix, slot+1, 180+slot)
	})
	put(q.Episodes, func(slot int) string {
		return episodePrefix + hashID("episode", m.Key, thisWeek.Format(time.DateOnly), strconv.Itoa(slot))
	})
	put(q.Repeated, func(int) string { return trackPrefix + lastWeeks() })
	put(q.Relinked, func(int) string { return trackPrefix + Relinked(lastWeeks()) })
	return items
}

// spread maps 0 to 29 to every slot once, neighbours far apart: 7 and 30 have
// no common divisor.
func spread(n int) int { return (n*7 + 2) % DiscoverSize }

func discoverTrack(account string, monday time.Time, slot int) string {
	return TrackID(account, monday.Format(time.DateOnly), strconv.Itoa(slot))
}

// discoverPlaylist returns the Discover Weekly with that id as it is now, or
// nil.
func (s *Server) discoverPlaylist(id string, now time.Time) *playlist {
	if !strings.HasPrefix(id, discoverPrefix) {
		return nil
	}
	m := s.discovers[id]
	if m == nil {
		return nil
	}
	name := m.DiscoverName
	if name == "" {
		name = "Discover Weekly"
	}
	// Spotify-made lists answered another snapshot id on every request:
	// https://github.com/spotify/web-api/issues/858
	s.spotifySnapshots++
	return &playlist{
		ID:          id,
		Owner:       spotifyOwner,
		Name:        name,
		Description: "Your weekly mixtape of fresh music. Updates every Monday.",
		Public:      true,
		Version:     s.spotifySnapshots,
		items:       s.discoverItems(m, now),
	}
}
