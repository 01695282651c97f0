package usecase_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
)

const (
	trackA = "11dFghVXANMlKmJXsNCbNl"
	trackB = "6rqhFgbbKwnb9MLmUQDhG6"
)

func TestParseTrackLinks(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		text string
		ids  []string
		odd  []usecase.OddPiece
	}{
		"empty":                    {"", nil, nil},
		"link":                     {"https://open.spotify.com/track/" + trackA, []string{trackA}, nil},
		"tail":                     {"https://open.spotify.com/track/" + trackA + "?si=0123456789abcdef", []string{trackA}, nil},
		"language":                 {"https://open.spotify.com/intl-de/track/" + trackA + "?si=x", []string{trackA}, nil},
		"uri":                      {"spotify:track:" + trackA, []string{trackA}, nil},
		"without_scheme":           {"open.spotify.com/track/" + trackA, []string{trackA}, nil},
		"embedded":                 {"<iframe src=\"https://open.spotify.com/embed/track/" + trackA + "?theme=0\">", []string{trackA}, nil},
		"of_the_old_player":        {"https://play.spotify.com/track/" + trackA, []string{trackA}, nil},
		"of_the_app":               {"spotify://track/" + trackA, []string{trackA}, nil},
		"shown_in_its_album":       {"https://open.spotify.com/album/" + trackB + "?highlight=spotify%3Atrack%3A" + trackA, []string{trackA}, nil},
		"within_another_link":      {"https://example.com/?to=https%3A%2F%2Fopen.spotify.com%2Ftrack%2F" + trackA + "%3Fsi", []string{trackA}, []usecase.OddPiece{{Line: 1, Text: "https://example.com/?to=", Why: usecase.OddElsewhere}}},
		"html":                     {`<li><a href="https://open.spotify.com/track/` + trackA + `">A song</a></li>`, []string{trackA}, nil},
		"markdown":                 {"[A song](https://open.spotify.com/track/" + trackA + ")", []string{trackA}, nil},
		"capitals":                 {"HTTPS://OPEN.SPOTIFY.COM/TRACK/" + trackA, []string{trackA}, nil},
		"lines":                    {"spotify:track:" + trackA + "\r\nspotify:track:" + trackB, []string{trackA, trackB}, nil},
		"heap":                     {"spotify:track:" + trackA + "https://open.spotify.com/track/" + trackB, []string{trackA, trackB}, nil},
		"commas":                   {"spotify:track:" + trackA + ",spotify:track:" + trackB, []string{trackA, trackB}, nil},
		"in_other_text":            {"look: (https://open.spotify.com/track/" + trackA + ") nice", []string{trackA}, nil},
		"twice":                    {"spotify:track:" + trackA + " spotify:track:" + trackA, []string{trackA}, nil},
		"album_is_odd":             {"https://open.spotify.com/album/" + trackA, nil, []usecase.OddPiece{{Line: 1, Text: "https://open.spotify.com/album/" + trackA, Why: usecase.OddAlbum}}},
		"short_id_is_odd":          {"spotify:track:abc", nil, []usecase.OddPiece{{Line: 1, Text: "spotify:track:abc", Why: usecase.OddBroken}}},
		"long_id_is_odd":           {"spotify:track:" + trackA + "9", nil, []usecase.OddPiece{{Line: 1, Text: "spotify:track:" + trackA + "9", Why: usecase.OddBroken}}},
		"plain_words":              {"some words of a person", nil, []usecase.OddPiece{{Line: 1, Text: "some words of a person", Why: usecase.OddWords}}},
		"words_around_a_link":      {"some words spotify:track:" + trackA, []string{trackA}, nil},
		"an_odd_one_beside_a_song": {"\nspotify:track:" + trackA + " spotify:album:" + trackB, []string{trackA}, []usecase.OddPiece{{Line: 2, Text: "spotify:album:" + trackB, Why: usecase.OddAlbum}}},
		"a_table": {
			"Track URI,Track Name,Artist URI(s),Album URI,Album Image URL\n" +
				"spotify:track:" + trackA + ",A Song,spotify:artist:" + trackB + ",spotify:album:" + trackB + ",https://i.scdn.co/image/x\n" +
				"spotify:local:A:B:C:200,Mine,,,\n",
			[]string{trackA}, []usecase.OddPiece{{Line: 3, Text: "spotify:local:A:B:C:200,Mine,,,", Why: usecase.OddLocal}},
		},
		"a_row_without_a_song": {
			"Track URI,Track Name\nspotify:track:" + trackA + ",A Song\n,Another\n,,\n\n",
			[]string{trackA}, []usecase.OddPiece{{Line: 3, Text: ",Another", Why: usecase.OddWords}},
		},
		"words_with_commas": {
			"spotify:track:" + trackA + "\nSong, by somebody",
			[]string{trackA}, []usecase.OddPiece{{Line: 2, Text: "Song, by somebody", Why: usecase.OddWords}},
		},
		"a_table_without_links": {
			"Title;Artist\nA Song;Somebody\n",
			nil, []usecase.OddPiece{{Line: 1, Text: "Title;Artist", Why: usecase.OddWords}, {Line: 2, Text: "A Song;Somebody", Why: usecase.OddWords}},
		},
		"artist":       {"https://open.spotify.com/intl-de/artist/" + trackA, nil, []usecase.OddPiece{{Line: 1, Text: "https://open.spotify.com/intl-de/artist/" + trackA, Why: usecase.OddArtist}}},
		"playlist":     {"spotify:playlist:" + trackA, nil, []usecase.OddPiece{{Line: 1, Text: "spotify:playlist:" + trackA, Why: usecase.OddPlaylist}}},
		"podcast":      {"https://open.spotify.com/episode/" + trackA, nil, []usecase.OddPiece{{Line: 1, Text: "https://open.spotify.com/episode/" + trackA, Why: usecase.OddEpisode}}},
		"short_link":   {"https://spotify.link/abc", nil, []usecase.OddPiece{{Line: 1, Text: "https://spotify.link/abc", Why: usecase.OddShort}}},
		"bare_id":      {trackA, nil, []usecase.OddPiece{{Line: 1, Text: trackA, Why: usecase.OddID}}},
		"another_site": {"https://example.com/x", nil, []usecase.OddPiece{{Line: 1, Text: "https://example.com/x", Why: usecase.OddElsewhere}}},
		"broken_utf8":  {"spotify:\xff", nil, []usecase.OddPiece{{Line: 1, Text: "spotify:?", Why: usecase.OddBroken}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids, odd, of := usecase.ParseTrackLinks(row.text)
			if !slices.Equal(ids, row.ids) || !slices.Equal(odd, row.odd) || of != len(row.odd) {
				t.Errorf("got %q and odd %+v, want %q and odd %+v", ids, odd, row.ids, row.odd)
			}
		})
	}
}

// However much looks like a link, the first twenty are told for what they are, and all are counted.
func TestPiecesWithoutEnd(t *testing.T) {
	t.Parallel()
	const pieces = 2_000
	for _, text := range []string{
		strings.Repeat("spotify:track:", pieces), strings.Repeat("https://x/ ", pieces), strings.Repeat("spotify.album: ", pieces),
		strings.Repeat("spotify:album:x\n", pieces), strings.Repeat(trackA+"\n", pieces), strings.Repeat("junk\n", pieces),
		strings.Repeat("junk, and more\n", pieces),
	} {
		ids, odd, of := usecase.ParseTrackLinks(text)
		if len(ids) != 0 || len(odd) != 20 || of != pieces {
			t.Errorf("%.20q: got %d songs and %d pieces of %d, want none, and 20 of %d", text, len(ids), len(odd), of, pieces)
		}
	}
}

func TestParsePlaylistLink(t *testing.T) {
	t.Parallel()
	const id = "37i9dQZEVXcBWKkqzRzenz"
	for text, want := range map[string]string{
		"https://open.spotify.com/playlist/" + id + "?si=1":    id,
		"https://open.spotify.com/intl-pt-BR/playlist/" + id:   id,
		"spotify:playlist:" + id:                               id,
		"  " + id + "\n":                                       id,
		"https://open.spotify.com/track/" + id:                 "",
		"javascript:alert(1)":                                  "",
		"spotify:playlist:" + strings.Repeat("a", 23):          "",
		"https://evil.example/?q=spotify:playlist:" + id + "&": id,
	} {
		if got, ok := usecase.ParsePlaylistLink(text); got != want || ok != (want != "") {
			t.Errorf("%q: got %q and %t, want %q", text, got, ok, want)
		}
	}
}

func FuzzParseTrackLinks(f *testing.F) {
	f.Add("https://open.spotify.com/intl-de/track/" + trackA + "?si=x spotify:track:" + trackB)
	f.Add("spotify:track:\xff\x00 😀")
	f.Fuzz(func(t *testing.T, text string) {
		ids, odd, of := usecase.ParseTrackLinks(text)
		for _, id := range ids {
			if len(id) != 22 || !strings.Contains(text, id) {
				t.Errorf("got id %q, which is not 22 characters of the text", id)
			}
		}
		if len(odd) > 20 || len(odd) > of {
			t.Errorf("got %d odd pieces of %d, want at most 20", len(odd), of)
		}
		for _, piece := range odd {
			if n := len([]rune(piece.Text)); n > 80 || !slices.Contains(usecase.OddReasons(), piece.Why) {
				t.Errorf("got an odd piece of %d characters for %q, want at most 80 and a reason", n, piece.Why)
			}
		}
	})
}

func FuzzParsePlaylistLink(f *testing.F) {
	f.Add("https://open.spotify.com/playlist/37i9dQZEVXcBWKkqzRzenz?si=1")
	f.Fuzz(func(t *testing.T, text string) {
		if id, ok := usecase.ParsePlaylistLink(text); ok && (len(id) != 22 || !strings.Contains(text, id)) {
			t.Errorf("got id %q of %q", id, text)
		}
	})
}
