package spotify_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

const (
	askQueue   = "GET /me/player/queue"
	askPlayer  = "GET /me/player"
	askCurrent = "GET /me/player/currently-playing"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	const x = "spotify:playlist:x"
	ok := func(body string) step { return step{status: 200, body: body} }
	queue := func(current string) step {
		return ok(`{"currently_playing":` + current + `,"queue":[` + trackB + `,null,{"id":"e","type":"episode"},` + trackA + `]}`)
	}
	player := func(item, more string) step {
		return ok(`{"item":` + item + `,"context":{"type":"playlist","uri":"` + x + `"}` + more + `}`)
	}
	tracks := []ledger.Track{songA, songB, songA}
	tests := map[string]struct {
		queue, player, current step // the zero step is not asked
		want                   webapi.Queue
	}{
		"playing":          {queue(trackA), player(trackA, ""), step{}, webapi.Queue{Context: x, Tracks: tracks}},
		"smart_shuffle":    {queue(trackA), player(trackA, `,"smart_shuffle":true`), step{}, webapi.Queue{Context: x, Tracks: tracks, SmartShuffle: true}},
		"no_smart_shuffle": {queue(trackA), player(trackA, `,"smart_shuffle":null`), step{}, webapi.Queue{Context: x, Tracks: tracks}},
		"went_on":          {queue(trackA), player(trackB, ""), step{}, webapi.Queue{Tracks: tracks}},
		"advertisement":    {queue(trackA), player("null", ""), step{}, webapi.Queue{Tracks: tracks}},
		"no_context":       {queue(trackA), ok(`{"item":` + trackA + `,"context":null}`), step{}, webapi.Queue{Tracks: tracks}},
		"context_as_href": {
			queue(trackA), ok(`{"item":` + trackA + `,"context":{"uri":null,"href":"https://api.spotify.com/v1/playlists/x"}}`), step{},
			webapi.Queue{Context: x, Tracks: tracks},
		},
		"stopped":                {queue(trackA), step{status: 204}, step{}, webapi.Queue{}},
		"local_file":             {queue(`{"id":null,"is_local":true}`), player(`{"id":null,"is_local":true}`, ""), step{}, webapi.Queue{}},
		"nothing":                {step{status: 204}, step{status: 204}, step{}, webapi.Queue{}},
		"nothing_as_200":         {ok(`{"currently_playing":null,"queue":[]}`), ok("null"), step{}, webapi.Queue{}},
		"player_knows_more":      {queue("null"), player(trackA, ""), step{}, webapi.Queue{Context: x, Tracks: tracks}},
		"player_knows_all":       {step{status: 204}, player(trackA, ""), step{}, webapi.Queue{Context: x, Tracks: tracks[:1]}},
		"player_forbidden":       {queue(trackA), step{status: 403}, player(trackA, ""), webapi.Queue{Context: x, Tracks: tracks[:1]}},
		"player_not_found":       {queue(trackA), step{status: 404}, player(trackA, `,"smart_shuffle":false`), webapi.Queue{Context: x, Tracks: tracks}},
		"player_down":            {queue(trackA), step{status: 503}, player(trackA, ""), webapi.Queue{Context: x, Tracks: tracks[:1]}},
		"player_garbled":         {queue(trackA), ok("<html>"), player(trackA, ""), webapi.Queue{Context: x, Tracks: tracks[:1]}},
		"player_down_and_silent": {queue(trackA), step{status: 500}, step{status: 204}, webapi.Queue{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRouter(t, map[string][]step{askQueue: {tt.queue}, askPlayer: {tt.player}})
			want := []string{askQueue, askPlayer}
			if tt.current.status != 0 {
				r.scripts[askCurrent] = &script{steps: []step{tt.current}}
				want = append(want, askCurrent)
			}
			got, err := newClient(t, r).Library(tokens).Queue(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("wrong queue (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(r.asked(), want); diff != "" {
				t.Errorf("wrong requests (-got +want):\n%s", diff)
			}
			if got, want := r.query(askPlayer), "?additional_types=track,episode"; got != want {
				t.Errorf("got the query %s, want %s", got, want)
			}
		})
	}
}

func TestQueueFails(t *testing.T) {
	t.Parallel()
	playing := step{status: 200, body: `{"currently_playing":` + trackA + `}`}
	tests := map[string]struct {
		routes map[string][]step
		want   error
		asked  int
	}{
		"queue_forbidden":    {map[string][]step{askQueue: {{status: 403}}}, fault.ErrNotReadable, 1},
		"queue_down":         {map[string][]step{askQueue: {{status: 503}}}, fault.ErrUnavailable, 1},
		"both_fail":          {map[string][]step{askQueue: {playing}, askPlayer: {{status: 403}}, askCurrent: {{status: 503}}}, fault.ErrNotReadable, 3},
		"both_down":          {map[string][]step{askQueue: {playing}, askPlayer: {{status: 503}}, askCurrent: {{status: 404}}}, fault.ErrUnavailable, 3},
		"player_lacks_scope": {map[string][]step{askQueue: {playing}, askPlayer: {{status: 401, body: webError("Permissions missing")}}}, fault.ErrScope, 2},
		"player_no_answer":   {map[string][]step{askQueue: {playing}, askPlayer: {{err: errReset}}}, fault.ErrUnavailable, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRouter(t, tt.routes)
			_, err := newClient(t, r).Library(tokens).Queue(t.Context())
			checkError(t, err, tt.want)
			if got := len(r.asked()); got != tt.asked {
				t.Errorf("got %d requests, want %d", got, tt.asked)
			}
		})
	}
}
