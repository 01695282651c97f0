package remote_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/local/remote"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// page is an operator's page that notes what it is asked.
type page struct {
	asked  []string
	status int // of every answer
	body   string
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked = append(p.asked, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Authorization"))
	w.WriteHeader(p.status)
	_, _ = w.Write([]byte(p.body))
}

func open(t *testing.T, p *page) *remote.Service {
	t.Helper()
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return &remote.Service{Address: remote.Address{Pages: server.URL}, Token: secret.New("hush")}
}

func TestServiceIsAskedWithTheToken(t *testing.T) {
	t.Parallel()
	letters, err := json.Marshal(operator.Status{DeadLetters: []operator.DeadLetter{
		{ID: "2", Kind: app.RunWeekly}, {ID: "1", User: archive.UserID("u"), Attempts: 20, Reason: "spotify is unavailable"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	p := &page{status: http.StatusOK, body: string(letters)}
	s := open(t, p)
	id := archivetest.NewUser(t, "ada").ID
	weekly := archive.FanOutJob{Run: app.Run{Kind: app.RunWeekly, At: time.Now()}}
	got, err := s.List(t.Context())
	if err := errors.Join(err, s.EnqueueArchive(t.Context(), archive.ArchiveJob{User: id}), s.EnqueueFanOut(t.Context(), weekly),
		s.Retry(t.Context(), "1", "2"), s.Drop(t.Context(), "a/b")); err != nil {
		t.Fatal(err)
	}
	want := []operate.DeadLetter{
		{ID: "1", Queue: operate.QueueArchive, User: "u", Attempts: 20, Reason: "spotify is unavailable"},
		{ID: "2", Queue: operate.QueueWeekly, Kind: app.RunWeekly},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got dead letters %+v, want %+v, the oldest first", got, want)
	}
	asked := []string{
		"GET /local/status Bearer hush", "POST /local/run?user=" + string(id) + " Bearer hush", "POST /local/weekly Bearer hush",
		"POST /local/dead-letters/1/retry Bearer hush", "POST /local/dead-letters/2/retry Bearer hush", "POST /local/dead-letters/a%2Fb/drop Bearer hush",
	}
	if !slices.Equal(p.asked, asked) {
		t.Errorf("got requests\n%s\nwant\n%s", strings.Join(p.asked, "\n"), strings.Join(asked, "\n"))
	}
	weekly.Prefix = "a"
	if err := s.EnqueueFanOut(t.Context(), weekly); err == nil {
		t.Error("a shard was sent as if it were everybody")
	}
}

// An id that a path takes for something else, as an unset variable of a script,
// is not asked for: it could mean all letters.
func TestIdsThatMeanSomethingElse(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", ".", ".."} {
		p := &page{status: http.StatusOK, body: "{}"}
		s := open(t, p)
		if err := errors.Join(s.Retry(t.Context(), id), s.Drop(t.Context(), id)); !errors.Is(err, fault.ErrNotFound) || len(p.asked) > 0 {
			t.Errorf("%q: got error %v after %q, want %v and nothing asked", id, err, p.asked, fault.ErrNotFound)
		}
	}
}

// What answers with another address is not followed there.
func TestRedirectsAreNotFollowedWithTheToken(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	s := &remote.Service{Address: remote.Address{Pages: server.URL}}
	if err := s.Retry(t.Context(), "1"); err == nil || asked != 1 {
		t.Errorf("got error %v after %d requests, want one after 1", err, asked)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		page page
		want error
		says string
	}{
		"absent":         {page{status: http.StatusNotFound, body: `{"error":"There is no such dead letter."}`}, fault.ErrNotFound, ""},
		"wrong_token":    {page{status: http.StatusUnauthorized, body: `{"error":"That is not the operator token."}`}, nil, "not the operator token"},
		"another_server": {page{status: http.StatusBadGateway, body: "<html>"}, nil, "status 502"},
		"no_status":      {page{status: http.StatusOK, body: "<html>"}, nil, "not this service"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, &row.page).List(t.Context())
			if err == nil || row.want != nil && !errors.Is(err, row.want) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got error %v, want %v %q", err, row.want, row.says)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("got %q, which shows the token", err)
			}
		})
	}
}

func TestNobodyIsThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "address")
	if err := remote.WriteAddress(path, remote.Address{Pages: "http://127.0.0.1:1", Base: "https://archive.example"}); err != nil {
		t.Fatal(err)
	}
	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, address := range map[string]remote.Address{
		"stopped":   remote.ReadAddress(path),
		"never_ran": remote.ReadAddress(path + "x"),
		"garbage":   remote.ReadAddress(garbage),
		"nonsense":  {Pages: "http://[::1"},
	} {
		s := &remote.Service{Address: address}
		if _, err := s.List(t.Context()); !errors.Is(err, operate.ErrNotRunning) || s.Running(t.Context()) {
			t.Errorf("%s: got error %v, want %v", name, err, operate.ErrNotRunning)
		}
	}
}
