package spotify

import "testing"

func FuzzItemsPage(f *testing.F) {
	for _, seed := range []string{
		`{"total":2,"next":"https://x/?offset=50","items":[{"added_at":"2026-11-15T23:00:00Z","item":{"id":"a","type":"track","external_ids":{"isrc":"x"}}},null]}`,
		`{"total":1,"tracks":[{"track":{"id":null,"is_local":true}}]}`,
		`{"total":1,"items":[{"item":{"id":"","type":"track"}}]}`,
		`{}`, `null`, `[`, `{"items":[]}`, `{"total":-1,"items":[]}`,
	} {
		f.Add([]byte(seed), 0)
	}
	f.Fuzz(func(t *testing.T, body []byte, offset int) {
		offset = clampOffset(offset)
		page, err := decodeItems(body, offset)
		if err != nil {
			return
		}
		checkNext(t, offset, page.Next, page.Total)
		for _, item := range page.Items {
			if item.Usable != validID(item.Track.ID) {
				t.Errorf("got usable %v with the id %q", item.Usable, item.Track.ID)
			}
		}
	})
}

func FuzzPlaylistsPage(f *testing.F) {
	for _, seed := range []string{
		`{"total":2,"next":null,"items":[null,{"id":"a","description":"&amp;","owner":{"id":"b"},"items":{"total":3}}]}`,
		`{"total":2,"items":[{"id":"a","tracks":{"total":-3},"owner":null}]}`,
		`{}`, `null`, `{"items":null}`,
	} {
		f.Add([]byte(seed), 0)
	}
	f.Fuzz(func(t *testing.T, body []byte, offset int) {
		offset = clampOffset(offset)
		page, err := decodePlaylists(body, offset)
		if err != nil {
			return
		}
		checkNext(t, offset, page.Next, page.Total)
		for _, p := range page.Playlists {
			if p.ID == "" || p.Total < -1 {
				t.Errorf("got the playlist %+v", p)
			}
		}
	})
}

func FuzzTokenAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"access_token":"a","scope":"one  two","expires_in":3600,"refresh_token":"r"}`,
		`{"access_token":"","expires_in":-1}`, `{"error":"invalid_grant"}`, `{"error":{"status":429}}`, `null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if oauthError(body) == nil {
			t.Error("got no error for an answer that was refused")
		}
		token, err := decodeToken(body)
		if err != nil {
			return
		}
		if token.Access.IsZero() || token.ExpiresIn <= 0 {
			t.Errorf("got an empty token or one for %s", token.ExpiresIn)
		}
	})
}

// clampOffset keeps to what Spotify can hold.
func clampOffset(offset int) int { return min(max(offset, 0), 100_000) }

func checkNext(t *testing.T, offset, next, total int) {
	t.Helper()
	if total < 0 {
		t.Errorf("got the total %d", total)
	}
	if next != 0 && (next <= offset || next > offset+pageSize) {
		t.Errorf("got next %d after %d", next, offset)
	}
}
