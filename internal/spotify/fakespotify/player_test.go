package fakespotify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func TestRecentlyPlayed(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	token := c.login("demo1", allScopes).Access
	discover := "spotify:playlist:" + c.DiscoverID("demo1")
	start := c.Now()
	at := func(i int) time.Time { return start.Add(time.Duration(i) * time.Minute) }
	order := []int{0, 2, 1} // out of order, and then more than Spotify keeps
	for i := 3; i < 60; i++ {
		order = append(order, i)
	}
	for _, i := range order {
		context := discover
		if i%2 == 1 {
			context = ""
		}
		c.must(c.Play("demo1", context, "spotify:track:"+fakespotify.TrackID(fmt.Sprint(i)), at(i)))
	}
	type history struct {
		Next    *string
		Limit   int
		Total   int
		Cursors *struct{ After, Before string }
		Items   []struct {
			Track    struct{ ID string }
			PlayedAt time.Time `json:"played_at"`
			Context  *struct{ URI, Type string }
		}
	}
	read := func(query string) history {
		t.Helper()
		var h history
		r := c.want(http.StatusOK, http.MethodGet, "/v1/me/player/recently-played"+query, token, "")
		if err := json.Unmarshal(r.body, &h); err != nil {
			t.Fatal(err)
		}
		return h
	}
	plays := func(h history) []int {
		var got []int
		for _, it := range h.Items {
			got = append(got, int(it.PlayedAt.Sub(start)/time.Minute))
		}
		return got
	}
	down := func(from, to int) []int {
		var list []int
		for i := from; i >= to; i-- {
			list = append(list, i)
		}
		return list
	}
	cases := map[string]struct {
		query string
		want  []int
		next  bool
	}{
		"default":    {"", down(59, 40), true},
		"everything": {"?limit=50", down(59, 10), false},
		"after":      {fmt.Sprintf("?limit=50&after=%d", at(57).UnixMilli()), []int{59, 58}, false},
		"before":     {fmt.Sprintf("?limit=50&before=%d", at(12).UnixMilli()), []int{11, 10}, false},
		"after_all":  {fmt.Sprintf("?after=%d", at(59).UnixMilli()), nil, false},
	}
	for name, tc := range cases {
		h := read(tc.query)
		if got := plays(h); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
		if got := h.Next != nil; got != tc.next {
			t.Errorf("%s: got next %t, want %t", name, got, tc.next)
		}
		if len(tc.want) == 0 {
			continue
		}
		if got, want := h.Cursors.After, fmt.Sprint(at(tc.want[0]).UnixMilli()); got != want {
			t.Errorf("%s: got cursor %s, want %s", name, got, want)
		}
		if got, want := h.Cursors.Before, fmt.Sprint(at(tc.want[len(tc.want)-1]).UnixMilli()); got != want {
			t.Errorf("%s: got cursor %s, want %s", name, got, want)
		}
	}
	h := read("?limit=2")
	if h.Items[0].Context != nil || h.Items[1].Context == nil || h.Items[1].Context.URI != discover || h.Items[1].Context.Type != "playlist" {
		t.Errorf("got contexts %v and %v, want none and %s", h.Items[0].Context, h.Items[1].Context, discover)
	}
}

func TestPlayer(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	token := c.login("demo1", allScopes).Access
	c.want(http.StatusNoContent, http.MethodGet, "/v1/me/player", token, "")
	if got, want := string(c.want(http.StatusOK, http.MethodGet, "/v1/me/player/queue", token, "").body), `{"currently_playing":null,"queue":[]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	discover := "spotify:playlist:" + c.DiscoverID("demo1")
	u := uriList("x", 2)
	episode := "spotify:episode:" + fakespotify.TrackID("e")
	c.must(c.SetQueue("demo1", discover, u[0], u[1], episode))
	c.Advance(time.Minute)
	var state struct {
		Context    struct{ URI string }
		Item       struct{ URI string }
		ProgressMS int `json:"progress_ms"`
	}
	if err := json.Unmarshal(c.want(http.StatusOK, http.MethodGet, "/v1/me/player", token, "").body, &state); err != nil {
		t.Fatal(err)
	}
	if state.Context.URI != discover || state.Item.URI != u[0] || state.ProgressMS != 60_000 {
		t.Errorf("got %+v, want %s from %s, a minute in", state, u[0], discover)
	}
	var queue struct {
		Current struct{ URI string } `json:"currently_playing"`
		Queue   []struct{ URI, Type string }
	}
	if err := json.Unmarshal(c.want(http.StatusOK, http.MethodGet, "/v1/me/player/queue", token, "").body, &queue); err != nil {
		t.Fatal(err)
	}
	if queue.Current.URI != u[0] || len(queue.Queue) != 2 || queue.Queue[0].URI != u[1] || queue.Queue[1].Type != "episode" {
		t.Errorf("got %+v, want the track, then a track and an episode", queue)
	}
	c.must(c.SetQueue("demo1", "", ""))
	c.want(http.StatusNoContent, http.MethodGet, "/v1/me/player", token, "")
}

func TestListeningToDiscover(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Quirks: fakespotify.Quirks{Null: 3, Local: 3}})
	token := c.login("demo1", allScopes).Access
	c.must(c.PlayDiscover("demo1", 30))
	c.must(c.QueueDiscover("demo1"))
	var h struct {
		Items []struct {
			PlayedAt time.Time `json:"played_at"`
		}
	}
	if err := json.Unmarshal(c.want(http.StatusOK, http.MethodGet, "/v1/me/player/recently-played?limit=50", token, "").body, &h); err != nil {
		t.Fatal(err)
	}
	if len(h.Items) != 24 || !h.Items[0].PlayedAt.Equal(c.Now()) {
		t.Errorf("got %d plays, the last at %v; want 24, the last now", len(h.Items), h.Items[0].PlayedAt)
	}
	c.want(http.StatusOK, http.MethodGet, "/v1/me/player", token, "")
}
