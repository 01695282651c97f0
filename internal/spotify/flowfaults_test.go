package spotify_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// TestFaults asks for each fault of the stand-in that concerns the client.
func TestFaults(t *testing.T) {
	t.Parallel()
	const items, appends = "GET /v1/playlists/{id}/items", "POST /v1/playlists/{id}/items"
	tests := map[string]struct {
		fault    fakespotify.Fault
		call     string
		want     error // nil means none
		requests int
		added    int // songs that are in the playlist afterwards
	}{
		"read_dropped":         {fakespotify.Fault{Match: items, Kind: fakespotify.FaultDrop}, "items", nil, 2, 0},
		"read_503":             {fakespotify.Fault{Match: items, Kind: fakespotify.FaultStatus, Status: 503}, "items", nil, 2, 0},
		"read_500":             {fakespotify.Fault{Match: items, Kind: fakespotify.FaultStatus, Status: 500}, "items", nil, 2, 0}, // with the nested items
		"read_garbage":         {fakespotify.Fault{Match: items, Kind: fakespotify.FaultGarbage}, "items", nil, 2, 0},
		"read_oversized":       {fakespotify.Fault{Match: items, Kind: fakespotify.FaultOversized}, "items", fault.ErrUnavailable, 1, 0},
		"read_unauthorized":    {fakespotify.Fault{Match: items, Kind: fakespotify.FaultUnauthorized}, "items", nil, 3, 0}, // with a refresh
		"read_limited":         {fakespotify.Fault{Match: items, Kind: fakespotify.FaultRateLimit, RetryAfter: 3}, "items", nil, 2, 0},
		"append_dropped":       {fakespotify.Fault{Match: appends, Kind: fakespotify.FaultDrop}, "append", fault.ErrUnknownEffect, 1, 0},
		"append_then_dropped":  {fakespotify.Fault{Match: appends, Kind: fakespotify.FaultDrop, AfterEffect: true}, "append", fault.ErrUnknownEffect, 1, 1},
		"append_then_500":      {fakespotify.Fault{Match: appends, Kind: fakespotify.FaultStatus, Status: 500, AfterEffect: true}, "append", fault.ErrUnknownEffect, 1, 1},
		"append_502":           {fakespotify.Fault{Match: appends, Kind: fakespotify.FaultStatus, Status: 502}, "append", fault.ErrUnknownEffect, 1, 0},
		"append_garbage":       {fakespotify.Fault{Match: appends, Kind: fakespotify.FaultGarbage}, "append", fault.ErrUnknownEffect, 1, 1},
		"append_unauthorized":  {fakespotify.Fault{Match: appends, Kind: fakespotify.FaultUnauthorized}, "append", nil, 3, 1},
		"append_limited":       {fakespotify.Fault{Match: appends, Kind: fakespotify.FaultRateLimit, RetryAfter: 1}, "append", nil, 2, 1},
		"create_garbage":       {fakespotify.Fault{Match: "POST /v1/me/playlists", Kind: fakespotify.FaultGarbage}, "create", fault.ErrUnknownEffect, 1, 0},
		"refresh_refused":      {fakespotify.Fault{Match: "POST /api/token", Kind: fakespotify.FaultInvalidGrant}, "refresh", fault.ErrInvalidGrant, 1, 0},
		"refresh_503":          {fakespotify.Fault{Match: "POST /api/token", Kind: fakespotify.FaultStatus, Status: 503}, "refresh", fault.ErrUnavailable, 1, 0},
		"refresh_then_dropped": {fakespotify.Fault{Match: "POST /api/token", Kind: fakespotify.FaultDrop, AfterEffect: true}, "refresh", fault.ErrUnavailable, 1, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFlow(t, registered(fakespotify.Config{}), false)
			token := f.connect(t)
			library := f.library(t, token)
			id, err := f.server.CreatePlaylist(account, "Archive")
			if err != nil {
				t.Fatal(err)
			}
			f.server.ResetRequests()
			if err := f.server.Fault(tt.fault); err != nil {
				t.Fatal(err)
			}
			song := ledger.Track{ID: fakespotify.TrackID("a")}
			call := map[string]func() error{
				"items":   func() error { _, err := library.Items(t.Context(), id, 0); return err },
				"append":  func() error { _, err := library.Append(t.Context(), id, []ledger.Track{song}); return err },
				"create":  func() error { _, err := library.Create(t.Context(), "n", "d"); return err },
				"refresh": func() error { _, err := f.client.Refresh(t.Context(), token.Refresh); return err },
			}[tt.call]
			err = call()
			if tt.want == nil && err != nil {
				t.Errorf("got %v, want no error", err)
			}
			if tt.want != nil {
				checkError(t, err, tt.want)
			}
			if got := len(f.server.Requests()); got != tt.requests {
				t.Errorf("got %d requests, want %d", got, tt.requests)
			}
			if got := len(f.server.URIs(id)); got != tt.added {
				t.Errorf("got %d songs in the playlist, want %d", got, tt.added)
			}
		})
	}
}

func TestQuotaOfTheStandIn(t *testing.T) {
	t.Parallel()
	f := newFlow(t, registered(fakespotify.Config{Clock: func() time.Time {
		return time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC)
	}}), false)
	library := f.library(t, f.connect(t))
	if err := f.server.Fault(fakespotify.Fault{Match: "GET *", Kind: fakespotify.FaultQuota, RetryAfter: 86207}); err != nil {
		t.Fatal(err)
	}
	_, err := library.Playlists(t.Context(), 0, webapi.PageSize)
	var paused *fault.PausedError
	if !errors.As(err, &paused) {
		t.Fatalf("got %v, want a PausedError", err)
	}
	want := fault.PausedError{Until: f.server.Now().Add(86207 * time.Second), Reason: app.PauseQuota}
	if diff := cmp.Diff(*paused, want); diff != "" {
		t.Errorf("wrong pause (-got +want):\n%s", diff)
	}
}

// TestRefusedAccounts checks the two reasons for which an app works for nobody
// or not for somebody.
func TestRefusedAccounts(t *testing.T) {
	t.Parallel()
	f := newFlow(t, registered(fakespotify.Config{}), false)
	token := f.connect(t)
	library := f.library(t, token)
	if err := f.server.SetPremium(false); err != nil {
		t.Fatal(err)
	}
	_, err := library.Playlists(t.Context(), 0, webapi.PageSize)
	checkError(t, err, fault.ErrPremiumLapsed)
	if err := f.server.SetPremium(true); err != nil {
		t.Fatal(err)
	}
	if err := f.server.Disallow(account); err != nil {
		t.Fatal(err)
	}
	_, err = f.client.Profile(t.Context(), token.Access)
	checkError(t, err, fault.ErrNotAllowed)
	_, err = library.Playlists(t.Context(), 0, webapi.PageSize)
	checkError(t, err, fault.ErrNotAllowed)
	if err := f.server.Allow(account); err != nil {
		t.Fatal(err)
	}
	if _, err = library.Playlists(t.Context(), 0, webapi.PageSize); err != nil {
		t.Errorf("got %v for an account that is allowed again", err)
	}
}

// TestExpiredToken lets an access token expire: the library renews it once.
func TestExpiredToken(t *testing.T) {
	t.Parallel()
	f := newFlow(t, registered(fakespotify.Config{Rotate: true}), false)
	token := f.connect(t)
	library := f.library(t, token)
	f.server.Advance(2 * time.Hour)
	f.server.ResetRequests()
	if _, err := library.Playlists(t.Context(), 0, webapi.PageSize); err != nil {
		t.Fatal(err)
	}
	if got, want := len(f.server.Requests()), 3; got != want {
		t.Errorf("got %d requests, want %d", got, want)
	}
	if _, err := f.client.Profile(t.Context(), token.Access); !errors.Is(err, fault.ErrUnauthorized) {
		t.Errorf("got %v for the expired token, want %v", err, fault.ErrUnauthorized)
	}
	f.server.Advance(200 * 24 * time.Hour)
	_, err := library.Playlists(t.Context(), 0, webapi.PageSize)
	checkError(t, err, fault.ErrInvalidGrant)
}
