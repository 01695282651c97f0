package spotify

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

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
		checkItems(t, page, offset)
	})
}

func FuzzNestedItems(f *testing.F) {
	for _, seed := range []string{
		`{"id":"a","items":{"total":2,"items":[{"item":{"id":"b"}},null]}}`,
		`{"id":"a","items":{"total":3},"tracks":{"total":3,"items":[{"track":{"id":"b","is_local":true}}]}}`,
		`{"id":"a","items":{"total":0,"items":[{"item":{"id":"b"}}]}}`,
		`{"id":"b","items":[]}`, `{"id":"a","items":{"total":7,"items":[]}}`, `{"id":"a"}`, `null`,
	} {
		f.Add([]byte(seed), 0)
	}
	f.Fuzz(func(t *testing.T, body []byte, offset int) {
		offset = clampOffset(offset)
		page, err := decodeNested(body, "a")
		if err != nil {
			return
		}
		checkItems(t, page, 0)
		if end := len(page.Items); page.Next != 0 && page.Next != end || (page.Next == 0) != (end == page.Total) {
			t.Errorf("got next %d after %d of %d", page.Next, end, page.Total)
		}
		all := len(page.Items)
		rest, err := from(page, offset)
		if err == nil && len(rest.Items) != max(all-offset, 0) {
			t.Errorf("got %d items of %d from %d on", len(rest.Items), all, offset)
		}
	})
}

func FuzzContext(f *testing.F) {
	for _, seed := range []string{
		`{"uri":"spotify:playlist:a"}`, `{"uri":"spotify:user:b:playlist:a"}`, `{"href":"https://x/v1/playlists/a?b=c"}`,
		`{"external_urls":{"spotify":"https://x/playlist/a"}}`, `null`, `{"uri":"spotify:station:playlist:a"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var c contextJSON
		if json.Unmarshal(body, &c) != nil {
			return
		}
		uri := c.name()
		if uri != "" && !strings.HasPrefix(uri, spotifyURI) {
			t.Errorf("got the context %q", uri)
		}
		if id, ok := strings.CutPrefix(uri, playlistURI); ok && !validID(id) {
			t.Errorf("got the playlist %q", id)
		}
	})
}

func FuzzISRC(f *testing.F) {
	for _, seed := range []string{"USABC2600001", "us-abc-26-00001", "XX0000000000", " ", "ßß"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code := isrc(text)
		if code != "" && (!isrcForm.MatchString(code) || placeholder(code)) {
			t.Errorf("got %q of %q", code, text)
		}
		if again := isrc(code); again != code {
			t.Errorf("got %q, and %q of that", code, again)
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
		page, err := decodePlaylists(body, offset, webapi.PageSize)
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

func checkItems(t *testing.T, page webapi.ItemPage, offset int) {
	t.Helper()
	if len(page.Items) > max(page.Total-offset, 0) {
		t.Errorf("got %d items at %d of %d", len(page.Items), offset, page.Total)
	}
	for _, item := range page.Items {
		if item.Usable != validID(item.Track.ID) {
			t.Errorf("got usable %v with the id %q", item.Usable, item.Track.ID)
		}
	}
}

// clampOffset keeps to what Spotify can hold.
func clampOffset(offset int) int { return min(max(offset, 0), 100_000) }

func checkNext(t *testing.T, offset, next, total int) {
	t.Helper()
	if total < 0 {
		t.Errorf("got the total %d", total)
	}
	if next != 0 && (next <= offset || next > offset+webapi.PageSize || next >= total) {
		t.Errorf("got next %d after %d", next, offset)
	}
}
