package spotify_test

import (
	"context"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// TestNotSent checks what is refused before anything is sent. A playlist whose
// id cannot be is not there; the songs for it are not at fault.
func TestNotSent(t *testing.T) {
	t.Parallel()
	tests := map[string]func(context.Context, webapi.Library) error{
		"too_many_songs": func(ctx context.Context, l webapi.Library) error {
			_, err := l.Append(ctx, playlistID, songs(webapi.MaxAppend+1))
			return err
		},
		"no_songs": func(ctx context.Context, l webapi.Library) error {
			_, err := l.Append(ctx, playlistID, nil)
			return err
		},
		"empty_song": func(ctx context.Context, l webapi.Library) error {
			_, err := l.Append(ctx, playlistID, make([]ledger.Track, 1))
			return err
		},
		"local_song": func(ctx context.Context, l webapi.Library) error {
			_, err := l.Append(ctx, playlistID, []ledger.Track{{ID: "a:b"}})
			return err
		},
		"id_of_append_to_a_path": func(ctx context.Context, l webapi.Library) error {
			_, err := l.Append(ctx, "../me", songs(1))
			return err
		},
		"id_of_items_of_a_path":  func(ctx context.Context, l webapi.Library) error { _, err := l.Items(ctx, "..", 0); return err },
		"id_of_items_of_nothing": func(ctx context.Context, l webapi.Library) error { _, err := l.Items(ctx, "", 0); return err },
		"id_of_describe_a_path":  func(ctx context.Context, l webapi.Library) error { return l.Describe(ctx, "a/b", "x") },
		"id_of_playlist_a_path":  func(ctx context.Context, l webapi.Library) error { _, err := l.Playlist(ctx, "a?b"); return err },
		"id_of_contains_two":     func(ctx context.Context, l webapi.Library) error { _, err := l.InLibrary(ctx, "a,b"); return err },
		"no_name":                func(ctx context.Context, l webapi.Library) error { _, err := l.Create(ctx, " \n", "x"); return err },
		"long_name": func(ctx context.Context, l webapi.Library) error {
			_, err := l.Create(ctx, strings.Repeat("n", 101), "")
			return err
		},
		"long_description": func(ctx context.Context, l webapi.Library) error {
			_, err := l.Create(ctx, "n", strings.Repeat("d", 301))
			return err
		},
		"describe_too_long": func(ctx context.Context, l webapi.Library) error {
			return l.Describe(ctx, playlistID, strings.Repeat("d", 301))
		},
		"describe_wide_text": func(ctx context.Context, l webapi.Library) error {
			return l.Describe(ctx, playlistID, strings.Repeat("𝄞", 151))
		},
	}
	for name, call := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{{status: 200}}}
			want := fault.ErrRejected
			switch {
			case strings.HasPrefix(name, "id_of_append"), strings.HasPrefix(name, "id_of_describe"):
				want = fault.ErrNotWritable
			case strings.HasPrefix(name, "id_"):
				want = fault.ErrNotReadable
			}
			checkError(t, call(t.Context(), newClient(t, s).Library(tokens)), want)
			if n := len(s.requests()); n != 0 {
				t.Errorf("got %d requests, want 0", n)
			}
		})
	}
}
