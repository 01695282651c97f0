package spotify_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func TestConsent(t *testing.T) {
	t.Parallel()
	for name, public := range map[string]bool{"confidential": false, "public": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFlow(t, registered(fakespotify.Config{}), public)
			ctx := t.Context()
			verifier := pkce.NewVerifier()
			ask := f.client.AuthorizeURL("s", pkce.Challenge(verifier), webapi.Scopes(false), false)

			if got, want := f.consent(t, ask, "cancel").Get("error"), "access_denied"; got != want {
				t.Errorf("after cancel got the error %q, want %q", got, want)
			}
			_, err := f.client.Exchange(ctx, secret.New("no-such-code"), verifier)
			checkError(t, err, fault.ErrInvalidGrant)
			code := secret.New(f.consent(t, ask, "agree").Get("code"))
			_, err = f.client.Exchange(ctx, code, pkce.NewVerifier())
			checkError(t, err, fault.ErrInvalidGrant)

			code = secret.New(f.consent(t, ask, "agree").Get("code"))
			token, err := f.client.Exchange(ctx, code, verifier)
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.client.Exchange(ctx, code, verifier)
			checkError(t, err, fault.ErrInvalidGrant)
			if token.Refresh.IsZero() || token.ExpiresIn != time.Hour {
				t.Errorf("got a token for %s, refresh token missing: %v", token.ExpiresIn, token.Refresh.IsZero())
			}
			profile, err := f.client.Profile(ctx, token.Access)
			if err != nil {
				t.Fatal(err)
			}
			demo := f.server.Accounts()[0]
			want := webapi.Profile{AccountID: demo.AccountID, ID: demo.ID, DisplayName: demo.DisplayName}
			if diff := cmp.Diff(profile, want); diff != "" {
				t.Errorf("wrong profile (-got +want):\n%s", diff)
			}
		})
	}
}

func TestRefreshRotation(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rotate, public, rotates bool
	}{
		"confidential":          {false, false, false},
		"confidential_rotating": {true, false, true},
		"public":                {false, true, false},
		"public_rotating":       {true, true, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFlow(t, registered(fakespotify.Config{Rotate: tt.rotate}), tt.public)
			ctx := t.Context()
			first := f.connect(t).Refresh
			token, err := f.client.Refresh(ctx, first)
			if err != nil {
				t.Fatal(err)
			}
			if got := !token.Refresh.IsZero(); got != tt.rotates {
				t.Fatalf("got a new refresh token: %v, want %v", got, tt.rotates)
			}
			_, err = f.client.Refresh(ctx, first)
			if !tt.rotates && err != nil {
				t.Errorf("got %v for the old token, want it to last", err)
			}
			if tt.rotates {
				checkError(t, err, fault.ErrInvalidGrant)
			}
			if err := f.server.RevokeApp(account); err != nil {
				t.Fatal(err)
			}
			newest := first
			if tt.rotates {
				newest = token.Refresh
			}
			_, err = f.client.Refresh(ctx, newest)
			checkError(t, err, fault.ErrInvalidGrant)
		})
	}
}

// TestWeek walks through what a run does, in both quota modes and generations
// of field names.
func TestWeek(t *testing.T) {
	t.Parallel()
	quirks := fakespotify.Quirks{Null: 2, Local: 2, Episodes: 2}
	for _, mode := range []fakespotify.Mode{fakespotify.Development, fakespotify.Extended} {
		for _, generation := range []fakespotify.Generation{
			fakespotify.GenerationNew, fakespotify.GenerationOld, fakespotify.GenerationBoth,
		} {
			t.Run(string(mode)+"/"+string(generation), func(t *testing.T) {
				t.Parallel()
				f := newFlow(t, registered(fakespotify.Config{Mode: mode, Generation: generation, Quirks: quirks}), false)
				ctx := t.Context()
				library := f.library(t, f.connect(t))
				discover := f.server.DiscoverID(account)

				before, err := library.Playlists(ctx, 0, webapi.PageSize)
				if err != nil {
					t.Fatal(err)
				}
				source := discover
				_, err = library.Items(ctx, discover, 0)
				if mode == fakespotify.Development {
					checkNotReadable(t, err)
					if before.Nulls != 1 {
						t.Errorf("got %d nulls in the list, want 1", before.Nulls)
					}
					if source, err = f.server.CreatePlaylist(account, "Inbox"); err != nil {
						t.Fatal(err)
					}
					if err := f.server.CopyDiscover(account, source); err != nil {
						t.Fatal(err)
					}
				} else if err != nil {
					t.Fatal(err)
				}

				page, err := library.Items(ctx, source, 0)
				if err != nil {
					t.Fatal(err)
				}
				var tracks []ledger.Track
				for _, item := range page.Items {
					if item.AddedAt.IsZero() {
						t.Error("got an item without a date")
					}
					if item.Usable {
						tracks = append(tracks, item.Track)
					}
				}
				checkSongs(t, tracks, f.server.Discover(account, f.server.Now()))

				made, err := library.Create(ctx, "Archive", "Kept <here> & now")
				if err != nil {
					t.Fatal(err)
				}
				if snapshot, err := library.Append(ctx, made.ID, tracks); err != nil || snapshot == "" {
					t.Fatalf("got snapshot %q, %v", snapshot, err)
				}
				if err := library.Describe(ctx, made.ID, "It's <done>"); err != nil {
					t.Fatal(err)
				}
				after, err := library.Playlists(ctx, 0, webapi.PageSize)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range after.Playlists {
					if p.ID == made.ID && (p.Total != len(tracks) || p.Description != "It's <done>" || p.OwnerID != f.server.Accounts()[0].ID) {
						t.Errorf("got the archive %+v", p)
					}
				}
				if got, err := library.InLibrary(ctx, made.ID); err != nil || !got {
					t.Errorf("got %v, %v, want the archive in the library", got, err)
				}
				if err := f.server.Unfollow(account, made.ID); err != nil {
					t.Fatal(err)
				}
				if got, err := library.InLibrary(ctx, made.ID); err != nil || got {
					t.Errorf("got %v, %v, want the archive out of the library", got, err)
				}
			})
		}
	}
}

func checkNotReadable(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, fault.ErrNotReadable) {
		t.Errorf("got %v, want %v", err, fault.ErrNotReadable)
	}
}

// checkSongs wants the real songs of a Discover Weekly, in order.
func checkSongs(t *testing.T, got []ledger.Track, discover []fakespotify.Song) {
	t.Helper()
	var gotIDs, want []string
	for _, track := range got {
		gotIDs = append(gotIDs, track.ID)
		if track.ISRC == "" {
			t.Errorf("got the song %s without an ISRC", track.ID)
		}
	}
	for _, song := range discover {
		if id, ok := strings.CutPrefix(song.URI, "spotify:track:"); ok {
			want = append(want, id)
		}
	}
	if diff := cmp.Diff(gotIDs, want); diff != "" {
		t.Errorf("wrong songs (-got +want):\n%s", diff)
	}
}

// TestPaging reads a long archive with as few requests as there are pages.
func TestPaging(t *testing.T) {
	t.Parallel()
	const size = 230
	f := newFlow(t, registered(fakespotify.Config{}), false)
	library := f.library(t, f.connect(t))
	id, err := f.server.CreatePlaylist(account, "Long")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.server.Fill(account, id, size); err != nil {
		t.Fatal(err)
	}
	f.server.ResetRequests()
	var got []string
	for offset := 0; ; {
		page, err := library.Items(t.Context(), id, offset)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			got = append(got, item.Track.URI())
		}
		if offset = page.Next; offset == 0 {
			break
		}
	}
	if diff := cmp.Diff(got, f.server.URIs(id)); diff != "" {
		t.Errorf("wrong songs (-got +want):\n%s", diff)
	}
	if got, want := len(f.server.Requests()), 5; got != want {
		t.Errorf("got %d requests, want %d", got, want)
	}
}

func TestListening(t *testing.T) {
	t.Parallel()
	f := newFlow(t, registered(fakespotify.Config{}), false)
	library := f.library(t, f.connect(t))
	discover := "spotify:playlist:" + f.server.DiscoverID(account)
	if queue, err := library.Queue(t.Context()); err != nil || len(queue.Tracks) > 0 || queue.Context != "" {
		t.Errorf("of a silent player got %+v, %v", queue, err)
	}
	if err := f.server.PlayDiscover(account, 5); err != nil {
		t.Fatal(err)
	}
	plays, err := library.RecentlyPlayed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(plays) != 5 {
		t.Errorf("got %d plays, want 5", len(plays))
	}
	for i, play := range plays {
		if !play.Usable || play.Context != discover {
			t.Errorf("got the play %+v", play)
		}
		if i > 0 && play.PlayedAt.Before(plays[i-1].PlayedAt) {
			t.Errorf("got play %d before the one before it", i)
		}
	}
	if err := f.server.QueueDiscover(account); err != nil {
		t.Fatal(err)
	}
	queue, err := library.Queue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if queue.Context != discover || len(queue.Tracks) == 0 {
		t.Errorf("got the queue %+v", queue)
	}
}
