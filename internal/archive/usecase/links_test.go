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
		odd  []string
	}{
		"empty":           {"", nil, nil},
		"link":            {"https://open.spotify.com/track/" + trackA, []string{trackA}, nil},
		"tail":            {"https://open.spotify.com/track/" + trackA + "?si=0123456789abcdef", []string{trackA}, nil},
		"language":        {"https://open.spotify.com/intl-de/track/" + trackA + "?si=x", []string{trackA}, nil},
		"uri":             {"spotify:track:" + trackA, []string{trackA}, nil},
		"without_scheme":  {"open.spotify.com/track/" + trackA, []string{trackA}, nil},
		"lines":           {"spotify:track:" + trackA + "\r\nspotify:track:" + trackB, []string{trackA, trackB}, nil},
		"heap":            {"spotify:track:" + trackA + "https://open.spotify.com/track/" + trackB, []string{trackA, trackB}, nil},
		"commas":          {"spotify:track:" + trackA + ",spotify:track:" + trackB, []string{trackA, trackB}, nil},
		"in_other_text":   {"look: (https://open.spotify.com/track/" + trackA + ") nice", []string{trackA}, nil},
		"twice":           {"spotify:track:" + trackA + " spotify:track:" + trackA, []string{trackA}, nil},
		"album_is_odd":    {"https://open.spotify.com/album/" + trackA, nil, []string{"https://open.spotify.com/album/" + trackA}},
		"short_id_is_odd": {"spotify:track:abc", nil, []string{"spotify:track:abc"}},
		"long_id_is_odd":  {"spotify:track:" + trackA + "9", nil, []string{"spotify:track:" + trackA + "9"}},
		"plain_words":     {"some words of a person", nil, nil},
		"another_site":    {"https://example.com/x", nil, []string{"https://example.com/x"}},
		"broken_utf8":     {"spotify:\xff", nil, []string{"spotify:?"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids, odd := usecase.ParseTrackLinks(row.text)
			if !slices.Equal(ids, row.ids) || !slices.Equal(odd, row.odd) {
				t.Errorf("got %q and odd %q, want %q and odd %q", ids, odd, row.ids, row.odd)
			}
		})
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
		ids, odd := usecase.ParseTrackLinks(text)
		for _, id := range ids {
			if len(id) != 22 || !strings.Contains(text, id) {
				t.Errorf("got id %q, which is not 22 characters of the text", id)
			}
		}
		for _, piece := range odd {
			if len([]rune(piece)) > 80 {
				t.Errorf("got an odd piece of %d characters, want at most 80", len([]rune(piece)))
			}
		}
		if len(odd) > 20 {
			t.Errorf("got %d odd pieces, want at most 20", len(odd))
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
