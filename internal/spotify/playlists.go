package spotify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf16"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// Spotify documents no limits. Longer texts, and line breaks, have been
// answered with 500
// (https://github.com/metabrainz/troi-recommendation-playground/pull/155).
const (
	maxName        = 100
	maxDescription = 300
)

type playlistJSON struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	SnapshotID  string `json:"snapshot_id"`
	Owner       struct {
		ID string `json:"id"`
	} `json:"owner"`
	Items  *itemsRef `json:"items"`
	Tracks *itemsRef `json:"tracks"` // the name of items until 2026
}

type itemsRef struct {
	Total total `json:"total"`
}

func (p playlistJSON) playlist() webapi.Playlist {
	playlist := webapi.Playlist{
		ID:          p.ID,
		Name:        p.Name,
		Description: html.UnescapeString(p.Description),
		OwnerID:     p.Owner.ID,
		Snapshot:    p.SnapshotID,
		Total:       archive.UnknownTotal,
	}
	for _, ref := range []*itemsRef{p.Items, p.Tracks} {
		if ref != nil && ref.Total.told {
			playlist.Total = ref.Total.number
			break
		}
	}
	return playlist
}

// Playlists reads a page of GET /me/playlists.
func (l *library) Playlists(ctx context.Context, offset, limit int) (webapi.PlaylistPage, error) {
	r, ans, err := l.call(ctx, reading("/me/playlists"), "/me/playlists?"+page(offset, limit).Encode(), nil)
	if err != nil {
		return webapi.PlaylistPage{}, err
	}
	playlists, err := decodePlaylists(ans.body, offset, limit)
	if err != nil {
		return webapi.PlaylistPage{}, r.unclear(err)
	}
	return playlists, nil
}

func decodePlaylists(body []byte, offset, limit int) (webapi.PlaylistPage, error) {
	var p struct {
		Items []*playlistJSON `json:"items"`
		Total total           `json:"total"`
		Next  string          `json:"next"`
	}
	if decode(body, &p) != nil || p.Items == nil {
		return webapi.PlaylistPage{}, errShape
	}
	total, told := p.Total.of(offset, len(p.Items), p.Next)
	if !told {
		return webapi.PlaylistPage{}, errShape
	}
	result := webapi.PlaylistPage{Total: total, Next: nextOffset(offset, limit, len(p.Items), total, p.Next)}
	for i, entry := range p.Items {
		if entry == nil || entry.ID == "" {
			result.Nulls++
			continue
		}
		playlist := entry.playlist()
		playlist.Offset = offset + i
		result.Playlists = append(result.Playlists, playlist)
	}
	return result, nil
}

// Create makes a playlist with POST /me/playlists. It asks for a private one,
// which Spotify has been seen to ignore.
func (l *library) Create(ctx context.Context, name, description string) (webapi.Playlist, error) {
	name, description = oneLine(name), oneLine(description)
	if name == "" {
		return webapi.Playlist{}, fmt.Errorf("creating a playlist without a name: %w", fault.ErrRejected)
	}
	if err := errors.Join(fits("name", name, maxName), fits("description", description, maxDescription)); err != nil {
		return webapi.Playlist{}, fmt.Errorf("creating a playlist: %w", err)
	}
	r, ans, err := l.call(ctx, writing(http.MethodPost, "/me/playlists"), "/me/playlists", struct {
		Name        string `json:"name"`
		Description string `json:"description,omitempty"`
		Public      bool   `json:"public"`
	}{Name: name, Description: description})
	if err != nil {
		return webapi.Playlist{}, err
	}
	var p playlistJSON
	if decode(ans.body, &p) != nil || !validID(p.ID) {
		return webapi.Playlist{}, r.unclear(errShape)
	}
	return p.playlist(), nil
}

// playlistFields keeps the songs out of the answer.
const playlistFields = "id,name,description,snapshot_id,owner(id),items(total),tracks(total)"

// Playlist reads GET /playlists/{id}.
func (l *library) Playlist(ctx context.Context, playlistID string) (webapi.Playlist, error) {
	if !validID(playlistID) {
		return webapi.Playlist{}, fmt.Errorf("reading a playlist without a valid id: %w", fault.ErrNotReadable)
	}
	query := url.Values{"fields": {playlistFields}}
	r, ans, err := l.call(ctx, reading("/playlists/{id}"), "/playlists/"+playlistID+"?"+query.Encode(), nil)
	if err != nil {
		return webapi.Playlist{}, err
	}
	var p playlistJSON
	if decode(ans.body, &p) != nil || p.ID != playlistID {
		return webapi.Playlist{}, r.unclear(errShape)
	}
	return p.playlist(), nil
}

// Describe sets the description with PUT /playlists/{id}.
func (l *library) Describe(ctx context.Context, playlistID, description string) error {
	if !validID(playlistID) {
		return fmt.Errorf("describing a playlist without a valid id: %w", fault.ErrNotWritable)
	}
	description = oneLine(description)
	if err := fits("description", description, maxDescription); err != nil {
		return fmt.Errorf("describing a playlist: %w", err)
	}
	e := writing(http.MethodPut, "/playlists/{id}")
	e.repeatable, e.lost = true, fault.ErrUnavailable
	_, _, err := l.call(ctx, e, "/playlists/"+playlistID, struct {
		Description string `json:"description"`
	}{description})
	return err
}

// InLibrary asks GET /me/library/contains.
func (l *library) InLibrary(ctx context.Context, playlistID string) (bool, error) {
	if !validID(playlistID) {
		return false, fmt.Errorf("looking for a playlist without a valid id: %w", fault.ErrNotReadable)
	}
	query := url.Values{"uris": {"spotify:playlist:" + playlistID}}
	r, ans, err := l.call(ctx, reading("/me/library/contains"), "/me/library/contains?"+query.Encode(), nil)
	if err != nil {
		return false, err
	}
	var contains []*bool
	if json.Unmarshal(ans.body, &contains) != nil || len(contains) != 1 || contains[0] == nil {
		return false, r.unclear(errShape)
	}
	return *contains[0], nil
}

// oneLine turns line breaks and other runs of white space into one space.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// fits counts as Java does, which is never less than a person counts.
func fits(what, text string, limit int) error {
	if n := len(utf16.Encode([]rune(text))); n > limit {
		return fmt.Errorf("%s of %d characters, %d fit: %w", what, n, limit, fault.ErrRejected)
	}
	return nil
}
