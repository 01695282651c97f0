package fakespotify

import (
	"maps"
	"net/url"
	"strconv"
	"strings"
)

const (
	defaultLimit = 20
	maxLimit     = 50
	maxOldLimit  = 100 // of the endpoints that end in /tracks
	nestedItems  = 100 // inside GET /v1/playlists/{id}
	maxOffset    = 100_000
)

// window is the part of a list that a request asks for.
type window struct {
	limit, offset int
}

// window reads limit and offset; it reports what is wrong with them.
func (c *call) window(limitMax int) (window, answer, bool) {
	limit, okLimit := c.intParam("limit", defaultLimit)
	offset, okOffset := c.intParam("offset", 0)
	switch {
	case !okLimit || limit < 1 || limit > limitMax:
		return window{}, badRequest("Invalid limit"), true
	case !okOffset || offset < 0 || offset > maxOffset:
		return window{}, badRequest("Invalid offset"), true
	default:
		return window{limit: limit, offset: offset}, answer{}, false
	}
}

func (c *call) intParam(name string, missing int) (int, bool) {
	if !c.query.Has(name) {
		return missing, true
	}
	n, err := strconv.Atoi(c.query.Get(name))
	return n, err == nil
}

// bounds returns the part as indices of a list of that length.
func (w window) bounds(total int) (from, to int) {
	from = min(w.offset, total)
	return from, min(from+w.limit, total)
}

// page returns a paging object around the items of the window. Other
// parameters of the request stay in its links.
func (c *call) page(path string, w window, total int, items []any) object {
	linkLimit := w.limit
	if !strings.HasSuffix(path, "/tracks") {
		linkLimit = min(linkLimit, maxLimit) // the first page inside a playlist is longer
	}
	link := func(offset, limit int) string {
		query := maps.Clone(c.query)
		if query == nil {
			query = make(url.Values)
		}
		query.Set("offset", strconv.Itoa(offset))
		query.Set("limit", strconv.Itoa(limit))
		return c.base + path + "?" + query.Encode()
	}
	var next, previous any
	if w.offset+w.limit < total {
		next = link(w.offset+w.limit, linkLimit)
	}
	if w.offset > 0 {
		previous = link(max(0, w.offset-w.limit), linkLimit)
	}
	return object{
		"href":     link(w.offset, linkLimit),
		"items":    items,
		"limit":    w.limit,
		"next":     next,
		"offset":   w.offset,
		"previous": previous,
		"total":    total,
	}
}
