package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// wire sits before the stand-in and remembers every secret that passes.
type wire struct {
	next http.Handler

	mu      sync.Mutex
	secrets map[string]string // value to what it is
}

func (w *wire) note(what, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.secrets[value] == "" && value != "" {
		w.secrets[value] = what
	}
}

func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(rw, "unreadable", http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if form, err := url.ParseQuery(string(body)); err == nil {
		for _, name := range []string{"code", "code_verifier", "refresh_token", "state"} {
			w.note("sent "+name, form.Get(name))
		}
	}
	scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	w.note(scheme+" credentials", credentials)
	if _, password, ok := r.BasicAuth(); ok {
		w.note("client secret", password)
	}

	answer := httptest.NewRecorder()
	w.next.ServeHTTP(answer, r)
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if json.Unmarshal(answer.Body.Bytes(), &tokens) == nil {
		w.note("access token", tokens.Access)
		w.note("refresh token", tokens.Refresh)
	}
	if to, err := url.Parse(answer.Header().Get("Location")); err == nil {
		w.note("code", to.Query().Get("code"))
	}
	for name, values := range answer.Header() {
		rw.Header()[name] = values
	}
	rw.WriteHeader(answer.Code)
	_, _ = rw.Write(answer.Body.Bytes()) // a test's client reads it
}

// Nothing that could be used to get at an account is in a file or in the log,
// whatever Spotify answers. The stand-in's own files count too.
func TestNoSecretIsInFilesOrLogs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clientSecret := secret.New("c0ffee00c0ffee00c0ffee00c0ffee00")
	standin, err := fakespotify.New(fakespotify.Config{
		Mode: fakespotify.Extended, ClientSecret: clientSecret, Rotate: true,
		StateFile: filepath.Join(dir, "spotify-state"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = standin.Close() })
	w := &wire{next: standin.Handler(), secrets: map[string]string{}}
	spotify := httptest.NewServer(w)
	t.Cleanup(spotify.Close)

	s := startService(t, dir,
		"SPOTIFY_CLIENT_ID="+fakespotify.DemoClientID, "SPOTIFY_CLIENT_SECRET="+clientSecret.Reveal(),
		"SPOTIFY_ACCOUNTS_URL="+spotify.URL, "SPOTIFY_API_URL="+spotify.URL+"/v1")
	p := newPerson(t, s.site)
	for _, fault := range []fakespotify.Fault{
		{Match: "GET /v1/me/playlists", Kind: fakespotify.FaultUnauthorized},
		{Match: "POST /v1/playlists/{id}/items", Kind: fakespotify.FaultStatus, Status: http.StatusBadRequest},
	} {
		if err := standin.Fault(fault); err != nil {
			t.Fatal(err)
		}
	}
	p.connect(t, "demo1")
	s.week(t)
	for _, kind := range []fakespotify.FaultKind{fakespotify.FaultGarbage, fakespotify.FaultInvalidGrant} {
		if err := standin.Fault(fakespotify.Fault{Match: "POST /api/token", Kind: kind}); err != nil {
			t.Fatal(err)
		}
		p.submit(t, s.site+"/account/run", nil)
		for len(standin.Faults()) > 0 { // it is for the run, not for what comes next
			<-time.After(time.Millisecond)
		}
	}
	p.connect(t, "demo1")
	p.refused(t, s.site+"/callback?code=forged-code-of-nobody&state=forged-state-of-nobody")
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}

	site, err := url.Parse(s.site)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range p.client.Jar.Cookies(site) {
		w.note("cookie "+cookie.Name, cookie.Value)
	}
	w.note("forged code", "forged-code-of-nobody")
	places := contents(t, dir)
	places["the log"] = s.log.String()
	kinds := map[string]int{}
	for value, what := range w.secrets {
		kinds[what]++
		for place, content := range places {
			for _, form := range []string{value, base64.StdEncoding.EncodeToString([]byte(value)), url.QueryEscape(value)} {
				if strings.Contains(content, form) {
					t.Errorf("%s is in %s", what, place)
				}
			}
		}
	}
	for _, what := range []string{"client secret", "access token", "refresh token", "code", "sent code_verifier", "Basic credentials"} {
		if kinds[what] == 0 {
			t.Errorf("no %s passed by, so the search for it proves nothing: %v", what, kinds)
		}
	}
	if len(places) < 5 || !strings.Contains(places["the log"], "archived user") {
		t.Errorf("searched %d places only", len(places))
	}
}
