package fakespotify

import (
	"slices"
	"strings"
	"time"
)

// A Playlist is a playlist as it is now, whatever a lag makes readers see.
type Playlist struct {
	ID            string
	Owner         string // account key, or "spotify"
	Name          string
	Description   string // as it was written, without entities
	Collaborative bool
	SnapshotID    string
	Total         int
	Followed      bool // by its owner; always false for Spotify's
}

// Playlist returns a playlist by its id.
func (s *Server) Playlist(id string) (Playlist, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	p := s.playlist(id, s.now())
	if p == nil {
		return Playlist{}, false
	}
	return s.inspect(p), true
}

// Playlists returns the list of an account: own and followed playlists, newest
// first.
func (s *Server) Playlists(account string) []Playlist {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	m := s.members[account]
	if m == nil {
		return nil
	}
	var list []Playlist
	for _, id := range m.Library {
		if p := s.playlist(id, s.now()); p != nil {
			list = append(list, s.inspect(p))
		}
	}
	return list
}

// Items returns the items of a playlist in order; nil for an unknown one.
func (s *Server) Items(id string) []Song { return contents(s, id, item.song) }

// URIs returns the URIs of a playlist's items in order, without the work of
// looking the songs up; nil for an unknown playlist.
func (s *Server) URIs(id string) []string {
	return contents(s, id, func(it item) string { return it.URI })
}

// contents returns something of each item of a playlist; nil if there is no such
// playlist.
func contents[T any](s *Server, id string, of func(item) T) []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	p := s.playlist(id, s.now())
	if p == nil {
		return nil
	}
	all := make([]T, len(p.items))
	for i, it := range p.items {
		all[i] = of(it)
	}
	return all
}

// A Grant is a consent, without its tokens.
type Grant struct {
	Scopes      []string
	ConsentedAt time.Time
	Revoked     bool
}

// Grants returns the consents of an account, oldest first.
func (s *Server) Grants(account string) []Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []*grant
	for _, g := range s.grants {
		if g.Account == account {
			rows = append(rows, g)
		}
	}
	slices.SortFunc(rows, func(a, b *grant) int {
		if c := a.ConsentedAt.Compare(b.ConsentedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	grants := make([]Grant, len(rows))
	for i, g := range rows {
		grants[i] = Grant{Scopes: slices.Clone(g.Scopes), ConsentedAt: g.ConsentedAt, Revoked: g.Revoked}
	}
	return grants
}

func (s *Server) inspect(p *playlist) Playlist {
	owner := s.members[p.Owner]
	return Playlist{
		ID:            p.ID,
		Owner:         p.Owner,
		Name:          p.Name,
		Description:   p.Description,
		Collaborative: p.Collaborative,
		SnapshotID:    p.snapshot(p.Version),
		Total:         len(p.items),
		Followed:      owner != nil && slices.Contains(owner.Library, p.ID),
	}
}
