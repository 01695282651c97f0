package fakespotify

import "net/http"

// getMe answers the profile. Country, product and e-mail address need scopes,
// and are gone in development mode.
func (s *Server) getMe(c *call) answer {
	me := publicUser(c.base, c.who.Account)
	if c.who.AccountID != "" {
		me["account_id"] = c.who.AccountID
	}
	if s.cfg.Mode == Development {
		return ok(me)
	}
	me["followers"] = object{"href": nil, "total": 0}
	if c.has(scopeUserPrivate) {
		me["country"] = "SE"
		me["product"] = "premium"
		me["explicit_content"] = object{"filter_enabled": false, "filter_locked": false}
	}
	if c.has(scopeUserEmail) {
		me["email"] = c.who.Key + "@example.invalid"
	}
	return ok(me)
}

// getUser answers another user's public profile.
func (s *Server) getUser(c *call) answer {
	m := s.memberByID(c.id)
	if m == nil {
		return apiError(http.StatusNotFound, "No such user")
	}
	user := publicUser(c.base, m.Account)
	user["followers"] = object{"href": nil, "total": 0}
	return ok(user)
}

func (s *Server) memberByID(id string) *member {
	for _, m := range s.members {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func publicUser(base string, a Account) object {
	user := userRef(base, a.ID)
	user["display_name"] = nil
	if a.DisplayName != "" {
		user["display_name"] = a.DisplayName
	}
	user["images"] = []any{}
	return user
}

// userRef is a user as playlists and their items name one.
func userRef(base, id string) object {
	return object{
		"external_urls": object{"spotify": openURL("user", id)},
		"href":          base + "/v1/users/" + id,
		"id":            id,
		"type":          "user",
		"uri":           "spotify:user:" + id,
	}
}

// ownerRef is the owner of a playlist: an account, or Spotify.
func (s *Server) ownerRef(base, owner string) object {
	m := s.members[owner]
	if m == nil {
		ref := userRef(base, owner)
		ref["display_name"] = "Spotify"
		return ref
	}
	ref := userRef(base, m.ID)
	ref["display_name"] = nil
	if m.DisplayName != "" {
		ref["display_name"] = m.DisplayName
	}
	return ref
}

func openURL(kind, id string) string { return "https://open.spotify.com/" + kind + "/" + id }
