package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// What a week may cost at Spotify, at any size of the archive.
const (
	tokenBudget = 1
	apiBudget   = 3
)

// archiveSizes are one week, a year, and almost a full playlist.
func archiveSizes() []int { return []int{30, 1560, 9900} }

func TestSteadyStateWeekStaysInItsBudget(t *testing.T) {
	t.Parallel()
	for _, songs := range archiveSizes() {
		t.Run(fmt.Sprint(songs, "_songs"), func(t *testing.T) {
			t.Parallel()
			s := steadyState(t, songs)
			token, api := s.measureWeek(t)
			if token > tokenBudget || api > apiBudget {
				t.Errorf("got %d token and %d Web API requests, want at most %d and %d", token, api, tokenBudget, apiBudget)
			}
			if token == 0 || api == 0 {
				t.Errorf("got %d token and %d Web API requests: nothing was measured", token, api)
			}
		})
	}
}

func BenchmarkSteadyStateWeek(b *testing.B) {
	for _, songs := range archiveSizes() {
		b.Run(fmt.Sprint(songs, "_songs"), func(b *testing.B) {
			s := steadyState(b, songs)
			var token, api int
			weeks := 0
			for b.Loop() {
				t, a := s.measureWeek(b)
				token, api = token+t, api+a
				weeks++
			}
			b.ReportMetric(float64(token)/float64(weeks), "token_requests/week")
			b.ReportMetric(float64(api)/float64(weeks), "api_requests/week")
		})
	}
}

// steadyState returns a service with one user whose archive holds so many
// songs, and who has seen a week since.
func steadyState(tb testing.TB, songs int) *service {
	tb.Helper()
	const week = 30
	dir := tb.TempDir()
	s := startService(tb, dir)
	newPerson(tb, s.site).connect(tb, "demo1")
	s.week(tb)
	if songs == week {
		return s
	}
	if err := s.stop(); err != nil {
		tb.Fatal(err)
	}
	world := openWorld(tb, dir)
	if err := world.Fill("demo1", archiveOf(tb, world, "demo1").ID, songs-2*week); err != nil {
		tb.Fatal(err)
	}
	if err := world.Close(); err != nil {
		tb.Fatal(err)
	}
	s = startService(tb, dir)
	s.nextMonday(tb)
	s.week(tb)
	if got := archived(s.only(tb)); got != 2*week {
		tb.Fatalf("got %d songs archived, want %d", got, 2*week)
	}
	return s
}

// measureWeek runs one more week and counts its requests.
func (s *service) measureWeek(tb testing.TB) (token, api int) {
	tb.Helper()
	before := len(s.requests(tb))
	s.nextMonday(tb)
	if got := s.week(tb).Outcomes[outcome.Saved]; got != 1 {
		tb.Fatalf("got %d users with songs saved, want 1\n%s", got, s.log)
	}
	for _, r := range s.requests(tb)[before:] {
		if strings.HasPrefix(r.Route, "/v1/") {
			api++
		} else {
			token++
		}
	}
	return token, api
}

func (s *service) requests(tb testing.TB) []fakespotify.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, s.spotify+"/standin/requests", nil)
	if err != nil {
		tb.Fatal(err)
	}
	var answer struct {
		Requests []fakespotify.Request `json:"requests"`
		Problems []string              `json:"problems"`
	}
	if err := ask(r, &answer); err != nil {
		tb.Fatal(err)
	}
	for _, problem := range answer.Problems {
		tb.Errorf("Spotify stand-in: %s", problem)
	}
	return answer.Requests
}

// openWorld opens the stand-in's world of a service that is not running.
func openWorld(tb testing.TB, dir string) *fakespotify.Server {
	tb.Helper()
	world, err := fakespotify.New(fakespotify.Config{
		Mode: fakespotify.Extended, StateFile: filepath.Join(dir, standinDir, standinState),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return world
}

// archiveOf returns the one playlist that the account owns.
func archiveOf(tb testing.TB, world *fakespotify.Server, account string) fakespotify.Playlist {
	tb.Helper()
	var own []fakespotify.Playlist
	for _, p := range world.Playlists(account) {
		if p.Owner == account {
			own = append(own, p)
		}
	}
	if len(own) != 1 {
		tb.Fatalf("account %s owns %d playlists, want its archive alone: %+v", account, len(own), own)
	}
	return own[0]
}
