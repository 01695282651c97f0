package fakespotify

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Spotify answers descriptions with these characters as entities.
var descriptionEscaper = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;", "/", "&#x2F;")

// playlist returns the playlist with that id, a Discover Weekly included, or
// nil.
func (s *Server) playlist(id string, now time.Time) *playlist {
	if p := s.playlists[id]; p != nil {
		return p
	}
	return s.discoverPlaylist(id, now)
}

// mayChange reports whether the account may write to the playlist.
func mayChange(m *member, p *playlist) bool {
	return p.Owner == m.Key || (p.Collaborative && slices.Contains(m.Library, p.ID))
}

// mayReadItems reports whether the app sees the playlist's items: in
// development mode only those that the user owns or collaborates on.
func (s *Server) mayReadItems(m *member, p *playlist) bool {
	if p.Owner == spotifyOwner {
		return s.cfg.DiscoverAccess == DiscoverReadable
	}
	return s.cfg.Mode == Extended || mayChange(m, p)
}

// readable returns the playlist of the call, or why the app does not get it.
func (s *Server) readable(c *call) (*playlist, answer, bool) {
	p := s.playlist(c.id, c.now)
	switch {
	case p == nil:
		return nil, notFound(), true
	case p.Owner == spotifyOwner && s.cfg.DiscoverAccess == DiscoverNotFound:
		return nil, notFound(), true
	case p.Owner == spotifyOwner && s.cfg.DiscoverAccess == DiscoverForbidden:
		return nil, forbidden(), true
	default:
		return p, answer{}, false
	}
}

// items returns the items that the call sees.
func (c *call) items(p *playlist, lag time.Duration) []item {
	version, items := p.seen(c.now, lag, c.stale)
	c.lagged = c.lagged || version != p.Version
	return items
}

// snapshot returns the snapshot id that the call sees.
func (c *call) snapshot(p *playlist, lag time.Duration) string {
	version, _ := p.seen(c.now, lag, c.stale)
	c.lagged = c.lagged || version != p.Version
	return p.snapshot(version)
}

// playlistView is what lists and the playlist itself have in common. The
// content is its total, or the first page of its items.
func (s *Server) playlistView(c *call, p *playlist, content any) object {
	view := object{
		"collaborative": p.Collaborative,
		"description":   descriptionEscaper.Replace(p.Description),
		"external_urls": object{"spotify": openURL("playlist", p.ID)},
		"href":          c.base + "/v1/playlists/" + p.ID,
		"id":            p.ID,
		"images":        []any{},
		"name":          p.Name,
		"owner":         s.ownerRef(c.base, p.Owner),
		"public":        p.Public,
		"snapshot_id":   c.snapshot(p, s.cfg.SnapshotLag),
		"type":          "playlist",
		"uri":           playlistPrefix + p.ID,
	}
	if content != nil && s.cfg.Generation != GenerationOld {
		view["items"] = content
	}
	if content != nil && s.cfg.Generation != GenerationNew {
		view["tracks"] = content
	}
	return view
}

// simplifiedView is a playlist in a list.
func (s *Server) simplifiedView(c *call, p *playlist) object {
	return s.playlistView(c, p, object{
		"href":  itemsURL(c.base, p.ID, s.cfg.Generation),
		"total": len(c.items(p, s.cfg.ItemsLag)),
	})
}

// fullView is a playlist on its own, with its first page of items if the app
// may see them.
func (s *Server) fullView(c *call, p *playlist) object {
	var content any
	if s.mayReadItems(c.who, p) {
		content = s.itemsPage(c, p, window{limit: nestedItems})
	}
	view := s.playlistView(c, p, content)
	view["followers"] = object{"href": nil, "total": 0}
	return view
}

func itemsURL(base, id string, generation Generation) string {
	return base + itemsPath(id, generation == GenerationOld)
}

func itemsPath(id string, old bool) string {
	if old {
		return fmt.Sprintf("/v1/playlists/%s/tracks", id)
	}
	return fmt.Sprintf("/v1/playlists/%s/items", id)
}

// itemsPage is a page of the playlist's items.
func (s *Server) itemsPage(c *call, p *playlist, w window) object {
	items := c.items(p, s.cfg.ItemsLag)
	from, to := w.bounds(len(items))
	views := make([]any, 0, to-from)
	for _, it := range items[from:to] {
		views = append(views, s.itemView(c, it))
	}
	old := c.rt.old || s.cfg.Generation == GenerationOld
	return c.page(itemsPath(p.ID, old), w, len(items), views)
}

func (s *Server) itemView(c *call, it item) object {
	song := it.song()
	by := ""
	if m := s.members[it.AddedBy]; m != nil {
		by = m.ID
	}
	content := s.songView(c, song)
	view := object{
		"added_at": it.AddedAt.UTC().Format(time.RFC3339),
		"added_by": userRef(c.base, by),
		"is_local": strings.HasPrefix(it.URI, localPrefix),
	}
	if s.cfg.Generation != GenerationOld && (!c.rt.old || s.cfg.Generation == GenerationBoth) {
		view["item"] = content
	}
	if s.cfg.Generation != GenerationNew || c.rt.old {
		view["track"] = content
	}
	return view
}
