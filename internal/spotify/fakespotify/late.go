package fakespotify

import (
	"slices"
	"time"
)

// lateAppend is an append that was answered before it has its effect.
type lateAppend struct {
	Playlist string    `json:"playlist"`
	Account  string    `json:"account"`
	URIs     []string  `json:"uris"`
	Position *int      `json:"position"` // null: the end
	Due      time.Time `json:"due"`
}

func (s *Server) appendLater(late lateAppend) {
	s.world.Late = append(s.world.Late, late)
	slices.SortStableFunc(s.world.Late, func(a, b lateAppend) int { return a.Due.Compare(b.Due) })
	s.saveWorld()
}

// settle lets what is due have its effect. Whatever reads or changes playlists
// calls it first.
func (s *Server) settle() {
	for len(s.world.Late) > 0 && !s.world.Late[0].Due.After(s.now()) {
		late := s.world.Late[0]
		s.world.Late = s.world.Late[1:]
		s.saveWorld()
		p := s.playlists[late.Playlist]
		at := len(p.items)
		if late.Position != nil {
			at = min(at, *late.Position)
		}
		items := s.newItems(late.Account, late.URIs)
		for i := range items {
			items[i].AddedAt = late.Due
		}
		s.touch(p)
		s.spliceItems(p, at, 0, items)
	}
}
