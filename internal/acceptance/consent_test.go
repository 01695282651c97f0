package acceptance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/acceptance/chromium"
)

// A clock that moves by 175, 181 and 400 days shows the right page and the
// right description, and asks Spotify nothing after the end. The person looks
// in every four weeks, or they would have to sign in again.
func TestConsentOverTheMonthsInABrowser(t *testing.T) {
	t.Parallel()
	browser := chromium.New(t)
	site, standin := startLocal(t, t.TempDir(), "extended")
	p := newPerson(t, browser, site, standin, "demo1")
	p.sees("/account", "saved")
	archive := p.playlist("Weekly Archive")
	describes := func(pattern string) bool {
		return regexp.MustCompile(pattern).MatchString(get(t, standin+"/playlists/"+archive))
	}
	forward := func(days ...int) {
		t.Helper()
		for _, n := range days {
			advance(t, standin, n)
			p.sees("/account", ".")
		}
	}

	forward(28, 28, 28, 28, 28)
	p.week(false)
	if describes("Reconnect by") {
		t.Error("the archive's description has a reminder 40 days before the end, want none")
	}
	forward(28, 7)
	p.week(false)
	p.sees("/account", `(?i)ends|reconnect`)
	if !describes(`Reconnect by \d+ \w+ 20\d\d on the computer on which Weekly Archive runs: http://127`) {
		t.Error("the archive's description has no reminder after 175 days")
	}

	forward(6)
	p.week(false)
	p.sees("/account", `(?i)reconnect`)
	before := requests(t, standin)
	songs := len(p.songs("Weekly Archive"))
	forward(27, 28, 28, 28, 28, 28, 28, 24)
	p.week(false)
	p.week(true)
	if after := requests(t, standin); after != before {
		t.Errorf("got %d requests to Spotify after the end, want none", after-before)
	}

	p.connect()
	p.week(true)
	if got := len(p.songs("Weekly Archive")); got <= songs {
		t.Errorf("got %d songs after reconnecting, want more than %d in the same archive", got, songs)
	}
	if describes("Reconnect by") {
		t.Error("the archive's description still has the reminder after reconnecting")
	}
}

func advance(t *testing.T, standin string, days int) {
	t.Helper()
	tellStandin(t, standin+"/time", fmt.Sprintf(`{"advance":"%dh"}`, 24*days))
}

// tellStandin sends the stand-in's control page an order.
func tellStandin(t *testing.T, address, order string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(order))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		t.Fatalf("%s: got status %d, want it done", order, answer.StatusCode)
	}
}

// requests counts what Spotify was asked so far.
func requests(t *testing.T, standin string) int {
	t.Helper()
	var log struct {
		Requests []struct{ Route string }
	}
	if err := json.Unmarshal([]byte(get(t, standin+"/requests")), &log); err != nil {
		t.Fatal(err)
	}
	return len(log.Requests)
}
