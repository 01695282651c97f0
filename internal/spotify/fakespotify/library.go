package fakespotify

import (
	"net/http"
	"slices"
	"strings"
)

const maxLibraryURIs = 40

// libraryKinds are the kinds of URIs that can be saved or followed.
var libraryKinds = []string{"track", "album", "episode", "show", "audiobook", "user", "playlist"}

// libraryURIs reads the parameter uris; it reports what is wrong with it.
func (c *call) libraryURIs(kinds []string) ([]string, answer, bool) {
	uris := strings.Split(c.query.Get("uris"), ",")
	switch {
	case c.query.Get("uris") == "":
		return nil, badRequest("Missing required parameter: uris"), true
	case len(uris) > maxLibraryURIs:
		return nil, badRequest("Too many uris: the maximum is 40"), true
	}
	for _, uri := range uris {
		parts := strings.Split(uri, ":")
		valid := len(parts) == 3 && parts[0] == "spotify" && slices.Contains(kinds, parts[1]) &&
			(validID(parts[2]) || (parts[1] == "user" && parts[2] != ""))
		if !valid {
			return nil, badRequest("Invalid uri: " + uri), true
		}
	}
	return uris, answer{}, false
}

// getLibraryContains says for every URI whether it is saved or followed.
func (s *Server) getLibraryContains(c *call) answer {
	uris, a, bad := c.libraryURIs(append([]string{"artist"}, libraryKinds...))
	if bad {
		return a
	}
	contained := make([]bool, len(uris))
	for i, uri := range uris {
		id, isPlaylist := strings.CutPrefix(uri, playlistPrefix)
		contained[i] = slices.Contains(c.who.Saved, uri) || (isPlaylist && slices.Contains(c.who.Library, id))
	}
	return ok(contained)
}

// putLibrary saves and follows; an own playlist that was removed comes back.
func (s *Server) putLibrary(c *call) answer {
	uris, a, bad := c.libraryURIs(libraryKinds)
	if bad {
		return a
	}
	for _, uri := range uris {
		if id, isPlaylist := strings.CutPrefix(uri, playlistPrefix); isPlaylist && s.playlist(id, c.now) == nil {
			return notFound()
		}
	}
	for _, uri := range uris {
		if id, isPlaylist := strings.CutPrefix(uri, playlistPrefix); isPlaylist {
			s.follow(c.who, id)
		} else if !slices.Contains(c.who.Saved, uri) {
			c.who.Saved = append(c.who.Saved, uri)
		}
	}
	s.saveMember(c.who)
	return answer{status: http.StatusOK}
}

// deleteLibrary removes and unfollows. A playlist stays there by its id.
func (s *Server) deleteLibrary(c *call) answer {
	uris, a, bad := c.libraryURIs(libraryKinds)
	if bad {
		return a
	}
	for _, uri := range uris {
		if id, isPlaylist := strings.CutPrefix(uri, playlistPrefix); isPlaylist {
			s.unfollow(c.who, id)
		}
		c.who.Saved = slices.DeleteFunc(c.who.Saved, func(saved string) bool { return saved == uri })
	}
	s.saveMember(c.who)
	return answer{status: http.StatusOK}
}

// putFollowers is the old way to follow a playlist.
func (s *Server) putFollowers(c *call) answer {
	var body struct {
		Public *bool `json:"public"`
	}
	if a, bad := s.decode(c, &body, "public"); bad {
		return a
	}
	if s.playlist(c.id, c.now) == nil {
		return notFound()
	}
	s.follow(c.who, c.id)
	return answer{status: http.StatusOK}
}

// deleteFollowers is the old way to unfollow a playlist.
func (s *Server) deleteFollowers(c *call) answer {
	if s.playlist(c.id, c.now) == nil {
		return notFound()
	}
	s.unfollow(c.who, c.id)
	return answer{status: http.StatusOK}
}

// getFollowersContains says whether the user follows the playlist.
func (s *Server) getFollowersContains(c *call) answer {
	if ids := c.query.Get("ids"); ids != "" && ids != c.who.ID {
		return badRequest("Only the current user can be asked for")
	}
	return ok([]bool{slices.Contains(c.who.Library, c.id)})
}

func (s *Server) follow(m *member, id string) {
	if !slices.Contains(m.Library, id) {
		m.Library = slices.Insert(m.Library, 0, id)
		s.saveMember(m)
	}
}

func (s *Server) unfollow(m *member, id string) {
	m.Library = slices.DeleteFunc(m.Library, func(other string) bool { return other == id })
	s.saveMember(m)
}
