package spotifytest

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
	s.saveWorld()
}

// settle lets what is due have its effect. Whatever reads or changes playlists
// calls it first.
func (s *Server) settle() {
	now := s.now()
	i := slices.IndexFunc(s.world.Late, func(l lateAppend) bool { return !l.Due.After(now) })
	if i < 0 {
		return
	}
	late := s.world.Late[i]
	s.world.Late = slices.Delete(s.world.Late, i, i+1)
	if p := s.playlists[late.Playlist]; p != nil {
		items := s.newItems(late.Account, late.URIs)
		for i := range items {
			items[i].AddedAt = late.Due
		}
		at := len(p.items)
		if late.Position != nil {
			at = min(at, *late.Position)
		}
		s.touch(p)
		s.spliceItems(p, at, 0, items)
	}
	s.saveWorld()
	s.settle()
}
