package spotify

import (
	"context"
	"fmt"
	"net/http"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// Append adds songs with POST /playlists/{id}/items. An answer that names no
// snapshot id is none of Spotify's, whatever its status: a page of somebody
// between, or an error that came with 200.
func (l *library) Append(ctx context.Context, playlistID string, tracks []ledger.Track) (snapshot string, err error) {
	if !validID(playlistID) {
		return "", fmt.Errorf("appending to a playlist without a valid id: %w", fault.ErrNotWritable)
	}
	if len(tracks) == 0 || len(tracks) > webapi.MaxAppend {
		return "", fmt.Errorf("appending %d songs, 1 to %d fit: %w", len(tracks), webapi.MaxAppend, fault.ErrRejected)
	}
	uris := make([]string, len(tracks))
	for i, t := range tracks {
		if !validID(t.ID) {
			return "", fmt.Errorf("appending a song without a valid id: %w", fault.ErrRejected)
		}
		uris[i] = t.URI()
	}
	e := writing(http.MethodPost, "/playlists/{id}/items")
	r, ans, err := l.call(ctx, e, "/playlists/"+playlistID+"/items", struct {
		URIs []string `json:"uris"`
	}{uris})
	if err != nil {
		return "", err
	}
	var p struct {
		SnapshotID string `json:"snapshot_id"`
	}
	if decode(ans.body, &p) != nil || p.SnapshotID == "" {
		return "", r.unclear(errShape)
	}
	return p.SnapshotID, nil
}
