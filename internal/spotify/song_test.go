package spotify_test

import (
	"fmt"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

func TestISRC(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"USABC2600001":       "USABC2600001",
		"usabc2600001":       "USABC2600001",
		"US-ABC-26-00001":    "USABC2600001",
		"GB-1A2-99 12345\n":  "GB1A29912345",
		"US‐ABC–26—00001":    "USABC2600001", // not the hyphen of ASCII
		"US\u00a0ABC2600001": "USABC2600001",
		"":                   "",
		"-":                  "",
		"x":                  "",
		"USABC260001":        "", // 11 characters
		"USABC26000012":      "", // 13
		"U1ABC2600001":       "", // country
		"USABC26O0001":       "", // the letter O
		"US_ABC_26_00001":    "",
		"ÜSABC2600001":       "",
		"000000000000":       "",
		"AAAAAAAAAAAA":       "",
		"USABC0000000":       "",
		"USABC2600000":       "",
		"XX0000000000":       "",
		"XXABC2600001":       "",
		"ZZZZZ9999999":       "",
	} {
		body := fmt.Sprintf(`{"total":1,"items":[{"item":{"id":"a","external_ids":{"isrc":%q}}}]}`, text)
		page, err := newClient(t, &script{steps: []step{{status: 200, body: body}}}).Library(tokens).Items(t.Context(), playlistID, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := page.Items[0].Track.ISRC; got != want || !page.Items[0].Usable {
			t.Errorf("for %q got %q, want %q", text, got, want)
		}
	}
}

func TestLength(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"215000": 215000, "0": 0, "null": 0, "-1": 0} {
		body := `{"total":1,"items":[{"item":{"id":"a","duration_ms":` + text + `}}]}`
		page, err := newClient(t, &script{steps: []step{{status: 200, body: body}}}).Library(tokens).Items(t.Context(), playlistID, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := page.Items[0].Track; got != (ledger.Track{ID: "a", Length: want}) {
			t.Errorf("for %s got %+v, want %d ms", text, got, want)
		}
	}
}

// TestContexts reads a play from every form of context that was met.
func TestContexts(t *testing.T) {
	t.Parallel()
	const id, want = "37i9dQZEVXcAAAAAAAAAAA", "spotify:playlist:37i9dQZEVXcAAAAAAAAAAA"
	for context, want := range map[string]string{
		`{"uri":"spotify:playlist:` + id + `"}`:                                                         want,
		`{"uri":"spotify:user:spotify:playlist:` + id + `"}`:                                            want,
		`{"uri":"spotify:user:a%20b.c:playlist:` + id + `","href":null,"external_urls":null}`:           want,
		`{"href":"https://api.spotify.com/v1/playlists/` + id + `"}`:                                    want,
		`{"uri":null,"href":"https://api.spotify.com/v1/playlists/` + id + `?locale=*&market=DE"}`:      want,
		`{"uri":"","href":"https://api.spotify.com/v1/users/spotify/playlists/` + id + `/"}`:            want,
		`{"href":null,"external_urls":{"spotify":"https://open.spotify.com/playlist/` + id + `?si=a"}}`: want,
		`{"external_urls":{"spotify":"https://open.spotify.com/intl-de/playlist/` + id + `"}}`:          want,
		`{"external_urls":{"spotify":"https://open.spotify.com/user/spotify/playlist/` + id + `"}}`:     want,
		`{"href":"https://api.spotify.com/v1/albums/a","external_urls":{"spotify":null}}`:               "spotify:album:a",

		`null`: "",
		`{}`:   "",
		`{"uri":null,"href":null,"external_urls":{}}`:                                                   "",
		`{"uri":"spotify:album:` + id + `"}`:                                                            "spotify:album:" + id,
		`{"uri":"spotify:station:playlist:` + id + `"}`:                                                 "spotify:station:playlist:" + id,
		`{"uri":"spotify:station:playlist:` + id + `","href":"https://x.example/playlists/` + id + `"}`: "spotify:station:playlist:" + id,
		`{"uri":"spotify:user:spotify:collection"}`:                                                     "spotify:user:spotify:collection",
		`{"uri":"spotify:user:spotify:playlist:"}`:                                                      "",
		`{"uri":"spotify:playlist:a/b"}`:                                                                "",
		`{"uri":"other:playlist:` + id + `"}`:                                                           "",
		`{"href":"https://api.spotify.com/v1/playlists/"}`:                                              "",
		`{"href":"https://api.spotify.com/v1/playlists/` + id + `/items"}`:                              want,
		`{"href":"https://api.spotify.com/v1/playlists/` + id + `/tracks?offset=0"}`:                    want,
		`"spotify:playlist:` + id + `"`:                                                                 want,
		`{"uri":"spotify:playlist:` + id + `?si=a"}`:                                                    want,
		`{"uri":" https://open.spotify.com/intl-de/playlist/` + id + `?si=a"}`:                          want,
		`{"uri":"https://open.spotify.com/album/a"}`:                                                    "spotify:album:a",
		`7`:                               "",
		`{"href":"playlists/` + id + `"}`: "",
		`{"href":"https://api.spotify.com/v1/me/tracks"}`:                   "",
		`{"uri":"spotify:album"}`:                                           "",
		`{"external_urls":{"spotify":"https://open.spotify.com/artist/a"}}`: "spotify:artist:a",
		`{"href":"%"}`: "",
	} {
		body := `{"items":[{"played_at":"2026-11-16T10:00:00Z","context":` + context + `}]}`
		plays, err := newClient(t, &script{steps: []step{{status: 200, body: body}}}).Library(tokens).RecentlyPlayed(t.Context())
		if err != nil || len(plays) != 1 {
			t.Fatalf("for %s got %d plays, %v", context, len(plays), err)
		}
		if got := plays[0].Context; got != want {
			t.Errorf("for %s got %q, want %q", context, got, want)
		}
	}
}
