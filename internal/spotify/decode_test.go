package spotify_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const (
	trackA = `{"id":"aaaaaaaaaaaaaaaaaaaaaa","type":"track","uri":"spotify:track:aaaaaaaaaaaaaaaaaaaaaa","is_local":false,"external_ids":{"isrc":"usabc2600001"}}`
	trackB = `{"id":"bbbbbbbbbbbbbbbbbbbbbb"}`
)

var (
	songA = ledger.Track{ID: "aaaaaaaaaaaaaaaaaaaaaa", ISRC: "USABC2600001"}
	songB = ledger.Track{ID: "bbbbbbbbbbbbbbbbbbbbbb"}
)

func TestItems(t *testing.T) {
	t.Parallel()
	added := time.Date(2026, 11, 15, 23, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		offset int
		body   string
		want   webapi.ItemPage
	}{
		"new_names": {
			0, `{"total":1,"next":null,"items":[{"added_at":"2026-11-15T23:00:00Z","is_local":false,"item":` + trackA + `}]}`,
			webapi.ItemPage{Total: 1, Items: []webapi.Item{{Track: songA, AddedAt: added, Usable: true}}},
		},
		"old_names": {
			0, `{"total":1,"tracks":[{"added_at":"2026-11-15T23:00:00Z","track":` + trackA + `}]}`,
			webapi.ItemPage{Total: 1, Items: []webapi.Item{{Track: songA, AddedAt: added, Usable: true}}},
		},
		"both_names": {
			0, `{"total":2,"items":[{"item":` + trackA + `,"track":` + trackB + `},{"item":null,"track":` + trackB + `}]}`,
			webapi.ItemPage{Total: 2, Items: []webapi.Item{{Track: songA, Usable: true}, {Track: songB, Usable: true}}},
		},
		"unusable": {
			0, `{"total":10,"items":[
				null,
				{},
				{"added_at":"2026-11-15T23:00:00Z","item":null},
				{"is_local":true,"item":` + trackA + `},
				{"item":{"id":null,"type":"track","uri":"spotify:local:a:b:c:1","is_local":true}},
				{"item":{"id":"cccccccccccccccccccccc","type":"track","is_local":true}},
				{"item":{"id":"cccccccccccccccccccccc","type":"episode"}},
				{"item":{"id":"cccccccccccccccccccccc","type":"track","uri":"spotify:episode:cccccccccccccccccccccc"}},
				{"item":{"id":"a,spotify:track:b","type":"track"}},
				{"item":{"id":null,"type":"track","external_ids":null}}]}`,
			webapi.ItemPage{Total: 10, Items: []webapi.Item{{}, {}, {AddedAt: added},
				{Other: "spotify:track:aaaaaaaaaaaaaaaaaaaaaa"}, {Other: "spotify:local:a:b:c:1"}, {}, {}, {Other: "spotify:episode:cccccccccccccccccccccc"}, {}, {}}},
		},
		"odd_dates": {
			0, `{"total":3,"items":[{"added_at":null,"item":` + trackB + `},{"added_at":"monday","item":` + trackB + `},{"added_at":"2026-11-16T00:00:00+01:00","item":` + trackB + `}]}`,
			webapi.ItemPage{Total: 3, Items: []webapi.Item{
				{Track: songB, Usable: true}, {Track: songB, Usable: true}, {Track: songB, AddedAt: added, Usable: true},
			}},
		},
		"empty":     {0, `{"total":0,"next":null,"items":[]}`, webapi.ItemPage{}},
		"more":      {50, `{"total":180,"next":"https://api.spotify.com/v1/playlists/x/items?offset=100&limit=50","items":[null]}`, webapi.ItemPage{Total: 180, Next: 100, Items: []webapi.Item{{}}}},
		"last_page": {150, `{"total":180,"next":null,"items":[]}`, webapi.ItemPage{Total: 180}},
		"full_page": {150, `{"total":200,"next":null,"items":[]}`, webapi.ItemPage{Total: 200}},
		"smaller_pages": {
			50, `{"total":180,"next":"https://api.spotify.com/v1/playlists/x/items?offset=70&limit=20","items":[null]}`,
			webapi.ItemPage{Total: 180, Next: 70, Items: []webapi.Item{{}}},
		},
		"next_without_offset": {50, `{"total":180,"next":"https://x/","items":[null]}`, webapi.ItemPage{Total: 180, Next: 100, Items: []webapi.Item{{}}}},
		"next_is_no_url":      {50, `{"total":180,"next":"\u0000:","items":[null]}`, webapi.ItemPage{Total: 180, Next: 100, Items: []webapi.Item{{}}}},
		"next_goes_back":      {50, `{"total":180,"next":"?offset=50","items":[null]}`, webapi.ItemPage{Total: 180, Next: 100, Items: []webapi.Item{{}}}},
		"next_skips":          {50, `{"total":180,"next":"?offset=150","items":[null]}`, webapi.ItemPage{Total: 180, Next: 100, Items: []webapi.Item{{}}}},
		"next_is_missing":     {50, `{"total":180,"items":[null]}`, webapi.ItemPage{Total: 180, Next: 100, Items: []webapi.Item{{}}}},
		"next_beyond_total": {
			150, `{"total":180,"next":"?offset=200","items":[null]}`,
			webapi.ItemPage{Total: 180, Items: []webapi.Item{{}}},
		},
		"next_within_the_page": {
			50, `{"total":180,"next":"?offset=51","items":[null,null]}`,
			webapi.ItemPage{Total: 180, Next: 100, Items: []webapi.Item{{}, {}}},
		},
		"next_though_nothing_came": {50, `{"total":180,"next":"?offset=100","items":[]}`, webapi.ItemPage{Total: 180}},
		"nothing_of_seven":         {0, `{"total":7,"next":null,"items":[]}`, webapi.ItemPage{Total: 7}},
		"across_the_end": {
			50, `{"total":51,"next":"?offset=100","items":[{"item":` + trackA + `},{"item":` + trackB + `}]}`,
			webapi.ItemPage{Total: 51, Items: []webapi.Item{{Track: songA, Usable: true}}},
		},
		"across_the_end_at_once": {
			0, `{"total":2,"items":[{"item":` + trackA + `},{"item":` + trackB + `},{"item":` + trackA + `},null]}`,
			webapi.ItemPage{Total: 2, Items: []webapi.Item{{Track: songA, Usable: true}, {Track: songB, Usable: true}}},
		},
		"at_the_end":     {50, `{"total":50,"next":"?offset=100","items":[{"item":` + trackA + `}]}`, webapi.ItemPage{Total: 50, Items: []webapi.Item{}}},
		"beyond_the_end": {50, `{"total":7,"next":"?offset=100","items":[{"item":` + trackA + `}]}`, webapi.ItemPage{Total: 7, Items: []webapi.Item{}}},
		"next_for_ever":  {200, `{"total":180,"next":"?offset=250","items":[]}`, webapi.ItemPage{Total: 180}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, &script{steps: []step{{status: 200, body: tt.body}}})
			got, err := client.Library(tokens).Items(t.Context(), playlistID, tt.offset)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("wrong page (-got +want):\n%s", diff)
			}
		})
	}
}

func TestPlaylists(t *testing.T) {
	t.Parallel()
	body := `{"total":12,"next":null,"items":[
		null,
		{"id":"new","name":"New &amp; old","description":"It&#x27;s &lt;mine&gt; &amp; yours","owner":{"id":"me"},"snapshot_id":"s","items":{"href":"x","total":3},"tracks":{"total":10}},
		{"id":"old","name":"Old","description":null,"owner":{"id":"spotify"},"tracks":{"total":30}},
		{"id":"bare","name":"Bare","owner":null,"items":null,"tracks":null},
		{"id":null}]}`
	want := webapi.PlaylistPage{
		Playlists: []webapi.Playlist{
			{ID: "new", Name: "New &amp; old", Description: "It's <mine> & yours", OwnerID: "me", Snapshot: "s", Total: 3, Offset: 1},
			{ID: "old", Name: "Old", OwnerID: "spotify", Total: 30, Offset: 2},
			{ID: "bare", Name: "Bare", Total: archive.UnknownTotal, Offset: 3},
		},
		Nulls: 2, Total: 12,
	}
	client := newClient(t, &script{steps: []step{{status: 200, body: body}}})
	got, err := client.Library(tokens).Playlists(t.Context(), 0, webapi.PageSize)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("wrong page (-got +want):\n%s", diff)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	body := `{"id":"p","name":"n","description":"a &amp; b","owner":{"id":"me"},"public":true,"snapshot_id":"s","items":{"total":0,"items":[]}}`
	client := newClient(t, &script{steps: []step{{status: 201, body: body}}})
	got, err := client.Library(tokens).Create(t.Context(), "n", "a & b")
	if err != nil {
		t.Fatal(err)
	}
	want := webapi.Playlist{ID: "p", Name: "n", Description: "a & b", OwnerID: "me", Snapshot: "s"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("wrong playlist (-got +want):\n%s", diff)
	}
}

func TestInLibrary(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{"[true]": true, "[false]": false} {
		client := newClient(t, &script{steps: []step{{status: 200, body: body}}})
		got, err := client.Library(tokens).InLibrary(t.Context(), playlistID)
		if err != nil || got != want {
			t.Errorf("for %s got %v, %v, want %v", body, got, err, want)
		}
	}
	for _, body := range []string{"[]", "[null]", "[true,false]", "true"} {
		client := newClient(t, &script{steps: []step{{status: 200, body: body}}})
		_, err := client.Library(tokens).InLibrary(t.Context(), playlistID)
		checkError(t, err, fault.ErrUnavailable)
	}
}

func TestRecentlyPlayed(t *testing.T) {
	t.Parallel()
	body := `{"items":[
		{"track":` + trackB + `,"played_at":"2026-11-16T10:05:00.589Z","context":null},
		null,
		{"track":null,"played_at":"2026-11-16T10:03:00Z","context":{"uri":"spotify:album:x"}},
		{"track":` + trackB + `,"played_at":null},
		{"track":` + trackA + `,"played_at":"2026-11-16T10:00:00Z","context":{"type":"playlist","uri":"spotify:playlist:x"}}]}`
	ten := time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC)
	want := []webapi.Play{
		{Track: songB, Usable: true},
		{Track: songA, PlayedAt: ten, Context: "spotify:playlist:x", Usable: true},
		{PlayedAt: ten.Add(3 * time.Minute), Context: "spotify:album:x"},
		{Track: songB, PlayedAt: ten.Add(5*time.Minute + 589*time.Millisecond), Usable: true},
	}
	client := newClient(t, &script{steps: []step{{status: 200, body: body}}})
	got, err := client.Library(tokens).RecentlyPlayed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("wrong plays (-got +want):\n%s", diff)
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want webapi.Profile
	}{
		"full":          {`{"account_id":"acc","id":"me","display_name":"Me"}`, webapi.Profile{AccountID: "acc", ID: "me", DisplayName: "Me"}},
		"no_account_id": {`{"id":"me","display_name":null}`, webapi.Profile{ID: "me"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, &script{steps: []step{{status: 200, body: tt.body}}})
			got, err := client.Profile(t.Context(), secret.New(canaryAccess))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("wrong profile (-got +want):\n%s", diff)
			}
		})
	}
}
