package fakespotify

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxPlaylists   = 11_000 // per user, says Spotify's reference
	maxName        = 100    // characters; the limits are what clients found out
	maxDescription = 300
)

// getMyPlaylists lists own and followed playlists.
func (s *Server) getMyPlaylists(c *call) answer { return s.listPlaylists(c, c.who, "/v1/me/playlists") }

// getUserPlaylists lists a user's playlists.
func (s *Server) getUserPlaylists(c *call) answer {
	m := s.memberByID(c.id)
	if m == nil {
		return notFound()
	}
	return s.listPlaylists(c, m, "/v1/users/"+c.id+"/playlists")
}

func (s *Server) listPlaylists(c *call, m *member, path string) answer {
	w, a, bad := c.window(maxLimit)
	if bad {
		return a
	}
	listing := c.discoverListing(s.cfg.DiscoverListing)
	var listed []*playlist // nil stands for null
	for _, id := range s.listedIDs(c, m) {
		p := s.playlist(id, c.now)
		switch {
		case p == nil, p.Collaborative && !c.has(scopeReadCollaborative):
		case p.Owner == spotifyOwner && listing == DiscoverMissing:
		case c.nulls, p.Owner == spotifyOwner && listing == DiscoverNull:
			listed = append(listed, nil)
		default:
			listed = append(listed, p)
		}
	}
	from, to := w.bounds(len(listed))
	views := make([]any, 0, to-from)
	for _, p := range listed[from:to] {
		if p == nil {
			views = append(views, nil)
			continue
		}
		views = append(views, s.simplifiedView(c, p))
	}
	return ok(c.page(path, w, len(listed), views))
}

// playlistDetails is the body that creates or changes a playlist.
type playlistDetails struct {
	Name          *string         `json:"name"`
	Description   *string         `json:"description"`
	Public        json.RawMessage `json:"public"` // true, false or null; Spotify ignores it
	Collaborative *bool           `json:"collaborative"`
}

func (s *Server) details(c *call) (playlistDetails, answer, bool) {
	var d playlistDetails
	if a, bad := s.decode(c, &d, "name", "description", "public", "collaborative"); bad {
		return d, a, true
	}
	switch {
	case d.Public != nil && !slices.Contains([]string{"true", "false", "null"}, string(d.Public)):
		return d, badRequest("Error parsing JSON."), true
	case d.Name != nil && *d.Name == "":
		return d, badRequest("Missing required field: name"), true
	case d.Description != nil && strings.ContainsAny(*d.Description, "\r\n"):
		return d, badRequest("Invalid description"), true
	case d.Name != nil && utf8.RuneCountInString(*d.Name) > maxName,
		d.Description != nil && utf8.RuneCountInString(*d.Description) > maxDescription:
		return d, apiError(http.StatusInternalServerError, "Internal server error"), true
	}
	return d, answer{}, false
}

// postPlaylist makes a playlist, on top of the user's list. Asked for a
// private one, Spotify makes a public one all the same.
func (s *Server) postPlaylist(c *call) answer {
	d, a, bad := s.details(c)
	switch {
	case bad:
		return a
	case d.Name == nil:
		return badRequest("Missing required field: name")
	case len(c.who.Library) >= maxPlaylists:
		return forbidden()
	}
	p := s.addPlaylist(c.who, *d.Name)
	d.apply(p)
	s.savePlaylist(p)
	created := created(s.fullView(c, p))
	created.header = http.Header{"Location": {c.base + "/v1/playlists/" + p.ID}}
	return created
}

func (s *Server) addPlaylist(m *member, name string) *playlist {
	p := &playlist{ID: s.newPlaylistID(), Owner: m.Key, Name: name, Public: true, Version: 1, Made: s.now()}
	s.playlists[p.ID] = p
	m.Library = slices.Insert(m.Library, 0, p.ID)
	s.savePlaylist(p)
	s.saveMember(m)
	return p
}

// postUserPlaylist is the old way to make a playlist, for oneself only.
func (s *Server) postUserPlaylist(c *call) answer {
	if c.id != c.who.ID {
		return apiError(http.StatusForbidden, "You cannot create a playlist for another user")
	}
	return s.postPlaylist(c)
}

func (d playlistDetails) apply(p *playlist) {
	if d.Name != nil {
		p.Name = *d.Name
	}
	if d.Description != nil {
		p.Description = *d.Description
	}
	if d.Collaborative != nil {
		p.Collaborative = *d.Collaborative
	}
}

// getPlaylist answers a playlist, followed or not.
func (s *Server) getPlaylist(c *call) answer {
	filter, a, bad := s.fields(c)
	if bad {
		return a
	}
	p, a, bad := s.readable(c)
	if bad {
		return a
	}
	return ok(filter.keep(s.fullView(c, p)))
}

// putPlaylist changes name, description and collaboration.
func (s *Server) putPlaylist(c *call) answer {
	p, a, bad := s.writable(c)
	if bad {
		return a
	}
	d, a, bad := s.details(c)
	if bad {
		return a
	}
	s.touch(p)
	d.apply(p)
	s.savePlaylist(p)
	return answer{status: http.StatusOK}
}

// writable returns the playlist of the call, or why the user cannot write to it.
func (s *Server) writable(c *call) (*playlist, answer, bool) {
	p, a, bad := s.readable(c)
	switch {
	case bad:
		return nil, a, true
	case p.Owner == spotifyOwner || !mayChange(c.who, p):
		return nil, forbidden(), true
	default:
		return p, answer{}, false
	}
}
