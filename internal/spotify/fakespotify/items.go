package fakespotify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const maxURIs = 100

// getItems answers a page of a playlist's items.
func (s *Server) getItems(c *call) answer {
	filter, a, bad := s.fields(c)
	if bad {
		return a
	}
	limitMax := maxLimit
	if c.rt.old {
		limitMax = maxOldLimit
	}
	w, a, bad := c.window(limitMax)
	if bad {
		return a
	}
	p, a, bad := s.readable(c)
	switch {
	case bad:
		return a
	case !s.mayReadItems(c.who, p):
		return forbidden()
	default:
		return ok(filter.keep(s.itemsPage(c, p, w)))
	}
}

// postItems adds items, at the end or at a position.
func (s *Server) postItems(c *call) answer {
	var body struct {
		URIs     []string `json:"uris"`
		Position *int     `json:"position"`
	}
	if list := bytes.TrimSpace(c.body); bytes.HasPrefix(list, []byte("[")) {
		// For years clients sent the URIs as a bare array.
		c.body = slices.Concat([]byte(`{"uris":`), list, []byte("}"))
	}
	if a, bad := s.decode(c, &body, "uris", "position"); bad {
		return a
	}
	if c.query.Has("uris") { // then the list of the body is ignored
		body.URIs = strings.Split(c.query.Get("uris"), ",")
	}
	if c.query.Has("position") {
		position, valid := c.intParam("position", 0)
		if !valid {
			return badRequest("Invalid position")
		}
		body.Position = &position
	}
	p, a, bad := s.writable(c)
	if bad {
		return a
	}
	if a, bad := checkURIs(body.URIs); bad {
		return a
	}
	at := len(p.items)
	if body.Position != nil {
		at = *body.Position
	}
	switch {
	case at < 0 || at > len(p.items):
		return badRequest("Index out of bounds.")
	case len(p.items)+len(body.URIs) > s.cfg.ItemLimit:
		return apiError(s.cfg.ItemLimitStatus, "Playlist size limit reached")
	}
	if f, late := c.lie(LieAppendLate); late {
		s.appendLater(lateAppend{Playlist: p.ID, Account: c.who.Key, URIs: body.URIs, Position: body.Position, Due: c.now.Add(f.Delay)})
		return created(object{"snapshot_id": p.snapshot(p.Version + 1)})
	}
	s.touch(p)
	s.spliceItems(p, at, 0, s.newItems(c.who.Key, body.URIs))
	return created(object{"snapshot_id": p.snapshot(p.Version)})
}

// putItems replaces all items, or moves a range of them.
func (s *Server) putItems(c *call) answer {
	var body struct {
		URIs         *[]string `json:"uris"`
		RangeStart   *int      `json:"range_start"`
		InsertBefore *int      `json:"insert_before"`
		RangeLength  *int      `json:"range_length"`
		SnapshotID   *string   `json:"snapshot_id"`
	}
	if a, bad := s.decode(c, &body, "uris", "range_start", "insert_before", "range_length", "snapshot_id"); bad {
		return a
	}
	if c.query.Has("uris") {
		uris := slices.DeleteFunc(strings.Split(c.query.Get("uris"), ","), func(u string) bool { return u == "" })
		body.URIs = &uris
	}
	p, a, bad := s.writable(c)
	if bad {
		return a
	}
	moves := body.RangeStart != nil || body.InsertBefore != nil
	switch {
	case moves == (body.URIs != nil):
		return badRequest("Give either uris or range_start and insert_before")
	case moves && (body.RangeStart == nil || body.InsertBefore == nil):
		return badRequest("Missing range_start or insert_before")
	case body.SnapshotID != nil && !p.hasSnapshot(*body.SnapshotID):
		return badRequest("Invalid snapshot id")
	case moves:
		length := 1
		if body.RangeLength != nil {
			length = *body.RangeLength
		}
		if !s.reorder(p, *body.RangeStart, length, *body.InsertBefore) {
			return badRequest("Index out of bounds.")
		}
	default:
		if len(*body.URIs) > 0 {
			if a, bad := checkURIs(*body.URIs); bad {
				return a
			}
		}
		s.touch(p)
		s.spliceItems(p, 0, len(p.items), s.newItems(c.who.Key, *body.URIs))
	}
	return ok(object{"snapshot_id": p.snapshot(p.Version)})
}

// deleteItems removes every occurrence of the items.
func (s *Server) deleteItems(c *call) answer {
	type uriObject struct {
		URI string `json:"uri"`
	}
	var body struct {
		Items      []uriObject `json:"items"`
		Tracks     []uriObject `json:"tracks"`
		SnapshotID *string     `json:"snapshot_id"`
	}
	name := "items"
	if c.rt.old {
		name = "tracks"
	}
	if a, bad := s.decode(c, &body, name, "snapshot_id"); bad {
		return a
	}
	list := body.Items
	if c.rt.old {
		list = body.Tracks
	}
	s.checkURIObjects(c, name)
	p, a, bad := s.writable(c)
	if bad {
		return a
	}
	uris := make([]string, len(list))
	for i, o := range list {
		uris[i] = o.URI
	}
	if a, bad := checkURIs(uris); bad {
		return a
	}
	if body.SnapshotID != nil && !p.hasSnapshot(*body.SnapshotID) {
		return badRequest("Invalid snapshot id")
	}
	if !slices.ContainsFunc(p.items, func(it item) bool { return slices.Contains(uris, it.URI) }) {
		return badRequest("Could not remove tracks, please check parameters.")
	}
	s.touch(p)
	s.removeItems(p, func(it item) bool { return slices.Contains(uris, it.URI) })
	return ok(object{"snapshot_id": p.snapshot(p.Version)})
}

// checkURIObjects looks for unknown fields in the objects of a list.
func (s *Server) checkURIObjects(c *call, name string) {
	var body map[string]json.RawMessage
	var objects []map[string]json.RawMessage
	if json.Unmarshal(c.body, &body) != nil || json.Unmarshal(body[name], &objects) != nil {
		return
	}
	for _, o := range objects {
		for field := range o {
			if field != "uri" {
				s.problem(fmt.Sprintf("unknown field %q in %q of %s %s", field, name, c.rt.method, c.rt.pattern))
			}
		}
	}
}

// reorder moves a range of items before another item, as a person does by
// dragging. It reports whether the range is within the playlist.
func (s *Server) reorder(p *playlist, start, length, before int) bool {
	n := len(p.items)
	if start < 0 || length < 1 || start+length > n || before < 0 || before > n {
		return false
	}
	s.touch(p)
	moved := slices.Clone(p.items[start : start+length])
	if before > start {
		before = max(start, before-length)
	}
	s.spliceItems(p, start, length, nil)
	s.spliceItems(p, before, 0, moved)
	return true
}

// removeItems removes the items that gone reports, in one change.
func (s *Server) removeItems(p *playlist, gone func(item) bool) {
	for i := len(p.items) - 1; i >= 0; i-- {
		if gone(p.items[i]) {
			s.spliceItems(p, i, 1, nil)
		}
	}
}

func (s *Server) newItems(account string, uris []string) []item {
	items := make([]item, len(uris))
	for i, uri := range uris {
		items[i] = item{URI: uri, AddedAt: s.now(), AddedBy: account}
	}
	return items
}

// checkURIs refuses what cannot be in a request to change items.
func checkURIs(uris []string) (answer, bool) {
	switch {
	case len(uris) == 0:
		return badRequest("No uris provided"), true
	case len(uris) > maxURIs:
		return badRequest("You can add a maximum of 100 tracks per request."), true
	}
	for _, uri := range uris {
		id, isTrack := strings.CutPrefix(uri, trackPrefix)
		if !isTrack {
			id = strings.TrimPrefix(uri, episodePrefix)
		}
		if id == uri || !validID(id) {
			return badRequest("Invalid track uri: " + uri), true
		}
	}
	return answer{}, false
}

// fields parses the filter of the call.
func (s *Server) fields(c *call) (*fieldSet, answer, bool) {
	filter, err := parseFields(c.query.Get("fields"))
	if err != nil {
		return nil, badRequest("Invalid field filter"), true
	}
	filter.names(func(name string) {
		if !slices.Contains(knownFields, name) {
			s.problem(fmt.Sprintf("unknown field %q in the filter of %s %s", name, c.rt.method, c.rt.pattern))
		}
	})
	return filter, answer{}, false
}

// knownFields are the names that a filter can have.
var knownFields = strings.Fields(`added_at added_by album album_type artists audio_preview_url available_markets
collaborative copyrights description disc_number display_name duration_ms ean explicit external_ids external_urls
followers height href html_description id images is_externally_hosted is_local is_playable isrc item items languages
limit linked_from media_type name next offset owner popularity preview_url previous public publisher reason
release_date release_date_precision restrictions resume_point show snapshot_id spotify total total_episodes
total_tracks track track_number tracks type upc uri url width`)
