package spotify_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

func TestPlaylist(t *testing.T) {
	t.Parallel()
	const id = `{"id":"` + playlistID + `"`
	tests := map[string]struct {
		body string
		want webapi.Playlist
	}{
		"new_names": {
			id + `,"name":"A &amp; B","description":"It&#x27;s","snapshot_id":"s","owner":{"id":"me"},"items":{"total":3}}`,
			webapi.Playlist{ID: playlistID, Name: "A &amp; B", Description: "It's", OwnerID: "me", Snapshot: "s", Total: 3},
		},
		"old_names":  {id + `,"tracks":{"total":30}}`, webapi.Playlist{ID: playlistID, Total: 30}},
		"both_names": {id + `,"items":{"total":0},"tracks":{"total":30}}`, webapi.Playlist{ID: playlistID}},
		"nulls": {
			id + `,"name":null,"description":null,"snapshot_id":null,"owner":null,"items":null,"tracks":null}`,
			webapi.Playlist{ID: playlistID, Total: archive.UnknownTotal},
		},
		"negative_total": {id + `,"items":{"total":-1}}`, webapi.Playlist{ID: playlistID, Total: archive.UnknownTotal}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, &script{steps: []step{{status: 200, body: tt.body}}})
			got, err := client.Library(tokens).Playlist(t.Context(), playlistID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("wrong playlist (-got +want):\n%s", diff)
			}
		})
	}
}

// TestPlaylistOfAnother: what is told of another playlist is not believed.
func TestPlaylistOfAnother(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"id":"other","snapshot_id":"s","items":{"total":3}}`,
		`{"id":null,"items":{"total":3}}`,
		`{"items":{"total":3}}`,
	} {
		client := newClient(t, &script{steps: []step{{status: 200, body: body}}})
		_, err := client.Library(tokens).Playlist(t.Context(), playlistID)
		checkError(t, err, fault.ErrUnavailable)
	}
}

func TestAppendTellsTheSnapshot(t *testing.T) {
	t.Parallel()
	tell := func(body string) (string, error) {
		client := newClient(t, &script{steps: []step{{status: 201, body: body}}})
		return client.Library(tokens).Append(t.Context(), playlistID, songs(1))
	}
	if got, err := tell(`{"snapshot_id":"AAAAB"}`); err != nil || got != "AAAAB" {
		t.Errorf("got %q, %v, want AAAAB", got, err)
	}
	for _, body := range []string{`{"snapshot_id":null}`, `{}`, `{"snapshot_id":7}`, `{"snapshot_id":""}`, `<html>`, ``, `[]`, `{"error":{"status":500}}`} {
		_, err := tell(body)
		checkError(t, err, fault.ErrUnknownEffect)
	}
}

// TestEndOfTheList: a list of playlists ends at its total, too.
func TestEndOfTheList(t *testing.T) {
	t.Parallel()
	const one = `"items":[{"id":"a"}]`
	tests := map[string]struct {
		offset int
		body   string
		want   int
	}{
		"more":                     {0, `{"total":51,"next":"?offset=50",` + one + `}`, 50},
		"more_untold":              {0, `{"total":51,"next":null,` + one + `}`, 50},
		"next_for_ever":            {50, `{"total":51,"next":"?offset=100",` + one + `}`, 0},
		"next_though_nothing_came": {0, `{"total":51,"next":"?offset=50","items":[]}`, 0},
		"beyond_the_end":           {50, `{"total":7,"next":"?offset=100",` + one + `}`, 0},
		"nothing_of_seven":         {0, `{"total":7,"next":null,"items":[]}`, 0},
	}
	for name, tt := range tests {
		client := newClient(t, &script{steps: []step{{status: 200, body: tt.body}}})
		page, err := client.Library(tokens).Playlists(t.Context(), tt.offset, webapi.PageSize)
		if err != nil || page.Next != tt.want {
			t.Errorf("%s: got next %d, %v, want %d", name, page.Next, err, tt.want)
		}
	}
}
