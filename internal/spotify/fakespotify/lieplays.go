package fakespotify

import (
	"strings"
	"time"
)

// listedPlays returns the plays that the call sees, newest first.
func (c *call) listedPlays(plays []play) []play {
	f, late := c.lie(LiePlaysLate)
	var listed []play
	for _, p := range plays {
		due := p.Listed
		if late && len(listed) > 0 && due.Before(p.At.Add(f.Delay)) {
			due = p.At.Add(f.Delay)
		}
		if !due.After(c.now) {
			listed = append(listed, p)
		}
	}
	return listed
}

// PlayOffline notes a play as Play does, of a device that tells Spotify of it
// only at the time listed.
func (s *Server) PlayOffline(account, contextURI, trackURI string, at, listed time.Time) error {
	return s.act(account, "playing a track offline", func(m *member) error {
		return s.playTrack(m, play{URI: trackURI, Context: contextURI, At: at.UTC(), Listed: listed.UTC()})
	})
}

// setContexts calls change for every context that is a playlist, with its id
// and its owner's.
func (s *Server) setContexts(c *call, body object, change func(context object, id, owner string)) {
	walk(body, func(o object) {
		context, isObject := o["context"].(object)
		uri, _ := context["uri"].(string)
		id, isPlaylist := strings.CutPrefix(uri, playlistPrefix)
		if !isObject || !isPlaylist {
			return
		}
		owner := spotifyOwner
		if p := s.playlist(id, c.now); p != nil {
			owner, _ = s.ownerRef(c.base, p.Owner)["id"].(string)
		}
		change(context, id, owner)
	})
}

func contextUser(s *Server, c *call, _ Fault, body object) answer {
	s.setContexts(c, body, func(context object, id, owner string) {
		context["uri"] = "spotify:user:" + owner + ":playlist:" + id
		context["href"] = c.base + "/v1/users/" + owner + "/playlists/" + id
		context["external_urls"] = object{"spotify": openURL("user", owner+"/playlist/"+id)}
	})
	return answer{}
}

func contextHref(s *Server, c *call, _ Fault, body object) answer {
	s.setContexts(c, body, func(context object, _, _ string) {
		context["uri"], context["external_urls"] = nil, object{}
	})
	return answer{}
}

func contextURL(s *Server, c *call, _ Fault, body object) answer {
	s.setContexts(c, body, func(context object, _, _ string) {
		context["uri"], context["href"] = nil, nil
	})
	return answer{}
}

func contextNull(_ *Server, _ *call, _ Fault, body object) answer {
	walk(body, func(o object) {
		if _, has := o["context"]; has {
			o["context"] = nil
		}
	})
	return answer{}
}

func privateSession(_ *Server, _ *call, _ Fault, body object) answer {
	if _, isList := body["items"].([]any); isList {
		body["items"], body["total"], body["next"], body["cursors"] = []any{}, 0, nil, nil
	}
	if device, isObject := body["device"].(object); isObject {
		device["is_private_session"] = true
	}
	return answer{}
}

func shuffle(_ *Server, _ *call, _ Fault, body object) answer {
	body["shuffle_state"] = true
	return answer{}
}

func smartShuffle(_ *Server, _ *call, _ Fault, body object) answer {
	body["shuffle_state"], body["smart_shuffle"] = true, true
	return answer{}
}
