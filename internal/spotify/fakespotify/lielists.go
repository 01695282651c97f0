package fakespotify

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// listsIn returns the paging objects of a body: the body itself, or what a
// playlist carries as items and tracks.
func listsIn(body object) []object {
	if _, isList := body["items"].([]any); isList {
		return []object{body}
	}
	var lists []object
	for _, name := range []string{"items", "tracks"} {
		if list, isObject := body[name].(object); isObject {
			if _, isList := list["items"].([]any); isList {
				lists = append(lists, list)
			}
		}
	}
	return lists
}

func emptyList(_ *Server, _ *call, f Fault, body object) answer {
	for _, list := range listsIn(body) {
		list["items"], list["total"], list["next"] = []any{}, f.Count, nil
	}
	return answer{}
}

func shortPage(_ *Server, _ *call, f Fault, body object) answer {
	for _, list := range listsIn(body) {
		items := list["items"].([]any)
		left := f.Count
		if left == 0 {
			left = (len(items) + 1) / 2
		}
		list["items"] = items[:max(0, len(items)-left)]
	}
	return answer{}
}

func slippedPage(s *Server, c *call, _ Fault, body object) answer {
	items, isList := body["items"].([]any)
	offset, _ := c.intParam("offset", 0)
	if !isList || len(items) == 0 || offset == 0 {
		return answer{}
	}
	if before := s.reread(c, offset-1, 1); len(before) == 1 {
		items[0] = before[0]
	}
	return answer{}
}

func doubledEntry(_ *Server, _ *call, f Fault, body object) answer {
	for _, list := range listsIn(body) {
		items := list["items"].([]any)
		at := f.Count
		if at < 0 {
			at += len(items)
		}
		if at < 0 || at >= len(items) || len(items) < 2 {
			continue
		}
		neighbour := at - 1
		if at == 0 {
			neighbour = 1
		}
		items[at] = items[neighbour]
	}
	return answer{}
}

// beyond reports whether the call asks for a page at or beyond the end. The
// first page never is.
func (c *call) beyond(body object) (total int, beyond bool) {
	number, isNumber := body["total"].(json.Number)
	n, err := number.Int64()
	if !isNumber || err != nil {
		return 0, false
	}
	offset, _ := c.intParam("offset", 0)
	return int(n), offset > 0 && offset >= int(n)
}

func endFails(_ *Server, c *call, f Fault, body object) answer {
	if _, beyond := c.beyond(body); !beyond {
		return answer{}
	}
	return refuseStatus(f, c.rt)
}

func endRepeats(s *Server, c *call, _ Fault, body object) answer {
	total, beyond := c.beyond(body)
	if !beyond {
		return answer{}
	}
	limit, _ := c.intParam("limit", defaultLimit)
	body["items"] = s.reread(c, max(0, total-limit), limit)
	return answer{}
}

func endless(_ *Server, c *call, _ Fault, body object) answer {
	if _, isList := body["items"].([]any); !isList {
		return answer{}
	}
	offset, _ := c.intParam("offset", 0)
	limit, _ := c.intParam("limit", defaultLimit)
	body["next"] = c.base + c.r.URL.Path + "?" + c.withWindow(offset+limit, limit).Encode()
	return answer{}
}

// reread returns the entries of another page of what the call reads.
func (s *Server) reread(c *call, offset, limit int) []any {
	other := *c
	other.query = c.withWindow(offset, limit)
	a := other.rt.serve(&other)
	encoded, err := a.bytes()
	if err != nil || a.status != http.StatusOK {
		return nil
	}
	tree, err := decodeTree(encoded)
	if err != nil {
		return nil
	}
	body, _ := tree.(object)
	items, _ := body["items"].([]any)
	return items
}

// withWindow returns the parameters of the call with another page.
func (c *call) withWindow(offset, limit int) url.Values {
	query := maps.Clone(c.query)
	query.Set("offset", strconv.Itoa(offset))
	query.Set("limit", strconv.Itoa(limit))
	return query
}

// discoverListing says how the call sees Spotify's own playlists listed.
func (c *call) discoverListing(configured DiscoverListing) DiscoverListing {
	if _, lies := c.lie(LieSpotifyNull); lies {
		return DiscoverNull
	}
	if _, lies := c.lie(LieSpotifyMissing); lies {
		return DiscoverMissing
	}
	return configured
}

// listedIDs returns the library as the call sees it.
func (s *Server) listedIDs(c *call, m *member) []string {
	ids := slices.Clone(m.Library)
	if f, late := c.lie(LieNewListedLate); late {
		ids = slices.DeleteFunc(ids, func(id string) bool {
			p := s.playlists[id]
			return p != nil && p.Made.Add(f.Delay).After(c.now)
		})
	}
	f, lies := c.lie(LieFriendDiscover)
	if !lies {
		return ids
	}
	friends := s.befriend(cmp.Or(f.Text, "friend of "+m.Key))
	switch {
	case slices.Contains(ids, friends):
		return ids
	case f.Count > 0:
		return append(ids, friends)
	default:
		return slices.Insert(ids, 0, friends)
	}
}

// befriend returns the id of somebody's Discover Weekly, an account or not.
func (s *Server) befriend(key string) string {
	id := discoverID(key)
	if s.discovers[id] == nil {
		s.discovers[id] = &member{Account: Account{Key: key, ID: key}}
	}
	return id
}
