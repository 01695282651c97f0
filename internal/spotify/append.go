package spotify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Append adds songs with POST /playlists/{id}/items. Whatever a 2xx answer
// says in its body, the songs are in.
func (l *library) Append(ctx context.Context, playlistID string, tracks []archive.Track) (snapshot string, err error) {
	if !validID(playlistID) {
		return "", fmt.Errorf("appending to a playlist without a valid id: %w", archive.ErrNotWritable)
	}
	if len(tracks) == 0 || len(tracks) > archive.MaxAppend {
		return "", fmt.Errorf("appending %d songs, 1 to %d fit: %w", len(tracks), archive.MaxAppend, archive.ErrRejected)
	}
	uris := make([]string, len(tracks))
	for i, t := range tracks {
		if !validID(t.ID) {
			return "", fmt.Errorf("appending a song without a valid id: %w", archive.ErrRejected)
		}
		uris[i] = t.URI()
	}
	e := writing(http.MethodPost, "/playlists/{id}/items")
	_, ans, err := l.call(ctx, e, "/playlists/"+playlistID+"/items", struct {
		URIs []string `json:"uris"`
	}{uris})
	if err != nil {
		return "", err
	}
	var p struct {
		SnapshotID string `json:"snapshot_id"`
	}
	_ = json.Unmarshal(ans.body, &p) // leaves the id empty
	return p.SnapshotID, nil
}
