package fakespotify

import (
	"strings"
	"time"
)

// PlayDiscover plays the first count songs of the account's Discover Weekly,
// three minutes each, the last of them just now.
func (s *Server) PlayDiscover(account string, count int) error {
	return s.act(account, "playing Discover Weekly", func(m *member) error {
		songs := s.discoverTracks(m)
		songs = songs[:min(count, len(songs))]
		for i, uri := range songs {
			before := time.Duration(len(songs)-1-i) * 3 * time.Minute
			s.played(m, play{URI: uri, Context: playlistPrefix + discoverID(m.Key), At: s.now().Add(-before)})
		}
		return nil
	})
}

// QueueDiscover starts the account's Discover Weekly: its first song is
// playing, the next 20 are in the queue.
func (s *Server) QueueDiscover(account string) error {
	const queued = 20
	return s.act(account, "starting Discover Weekly", func(m *member) error {
		songs := s.discoverTracks(m)
		if len(songs) == 0 {
			return errOutOfRange
		}
		next := songs[1:min(1+queued, len(songs))]
		m.Player = player{Context: playlistPrefix + discoverID(m.Key), Current: songs[0], Queue: next, Since: s.now()}
		s.saveMember(m)
		return nil
	})
}

func (s *Server) discoverTracks(m *member) []string {
	var uris []string
	for _, it := range s.discoverItems(m, s.now()) {
		if strings.HasPrefix(it.URI, trackPrefix) {
			uris = append(uris, it.URI)
		}
	}
	return uris
}
