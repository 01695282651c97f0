package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// realSpotify returns the settings for an app of one's own; what it takes for
// Spotify is on this machine, too.
func realSpotify(t *testing.T) []string {
	t.Helper()
	spotify := fakespotify.Start(t, fakespotify.Config{Mode: fakespotify.Extended})
	return []string{
		"SPOTIFY_CLIENT_ID=" + fakespotify.DemoClientID, "SPOTIFY_CLIENT_SECRET=" + fakespotify.DemoClientSecret().Reveal(),
		"SPOTIFY_ACCOUNTS_URL=" + spotify.URL, "SPOTIFY_API_URL=" + spotify.URL + "/v1",
	}
}

var operatorLine = regexp.MustCompile(`(?m)^  Operator +(\S+)$`)

// With the real Spotify, nobody gets to the operator's page without the token:
// not through a proxy that says nothing of itself, as nginx's plainest
// proxy_pass does, and not on this machine.
func TestOperatorsPageNeedsTheToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startService(t, dir, realSpotify(t)...)
	link := submatch(operatorLine, s.greeting)
	if !strings.HasPrefix(link, s.site+"/local?token=") {
		t.Fatalf("got the link %q in the greeting, want one to %s/local", link, s.site)
	}
	if len(s.token) < 26 || strings.Contains(s.greeting, s.token) || strings.Contains(s.log.String(), s.token) {
		t.Errorf("got a token of %d characters, want a long one that is printed nowhere:\n%s", len(s.token), s.greeting)
	}
	info, err := os.Stat(filepath.Join(dir, tokenFile))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("got mode %o for the token file, want 600", got)
	}

	proxied := plainProxy(t, s.site)
	stranger := newPerson(t, proxied)
	for _, site := range []string{proxied, s.site} {
		stranger.refused(t, site+"/local")
		stranger.refused(t, site+"/local/status")
		if err := tryPost(t.Context(), site+"/local/weekly", "", new(any)); err == nil || !strings.Contains(err.Error(), "status 401") {
			t.Errorf("%s/local/weekly: got %v, want status 401", site, err)
		}
	}

	operator := newPerson(t, proxied)
	if page, at := operator.open(t, strings.Replace(link, s.site, proxied, 1)); at.String() != proxied+"/local" || !strings.Contains(page, "Run the week") {
		t.Errorf("the link led to %s:\n%s", at, page)
	}
	operator.submit(t, proxied+"/local/weekly", nil)
	stranger.refused(t, link)
	if !s.status(t).LastWeekly.After(time.Now().Add(-time.Hour)) {
		t.Error("the operator's weekly run was not sent")
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}

	token := s.token
	s = startService(t, dir, realSpotify(t)...)
	if s.token != token || submatch(operatorLine, s.greeting) == link {
		t.Error("after a restart: got another token or the same link")
	}
}

func TestOperatorTokenOfTheSettings(t *testing.T) {
	t.Parallel()
	const token = "token-of-the-settings"
	for name, environ := range map[string][]string{"with_spotify": realSpotify(t), "with_the_stand_in": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := startService(t, dir, append(environ, "OPERATOR_TOKEN="+token)...)
			newPerson(t, s.site).refused(t, s.site+"/local")
			if page, _ := newPerson(t, s.site).open(t, submatch(operatorLine, s.greeting)); !strings.Contains(page, "Run the week") {
				t.Error("the link does not open the page")
			}
			if strings.Contains(s.greeting, token) {
				t.Errorf("the greeting shows the token:\n%s", s.greeting)
			}
			s.token = token
			s.status(t)
			for path := range contents(t, dir) {
				if filepath.Base(path) == tokenFile {
					t.Error("a token file was made")
				}
			}
		})
	}
}

// plainProxy passes requests on and says nothing of itself: no header, and its
// target's host instead of the one that was asked for.
func plainProxy(t *testing.T, to string) string {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	t.Cleanup(server.Close)
	return server.URL
}

// A header of 16 kB is enough for everybody.
func TestHeadersHaveALimit(t *testing.T) {
	t.Parallel()
	s := startService(t, t.TempDir())
	for size, want := range map[int]int{15 << 10: http.StatusOK, 17 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.site+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Padding", strings.Repeat("x", size))
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
		if response.StatusCode != want {
			t.Errorf("headers of %d bytes: got status %d, want %d", size, response.StatusCode, want)
		}
	}
}

// More connections than the limit wait, and are served when others have ended.
func TestConnectionsHaveALimit(t *testing.T) {
	t.Parallel()
	s := startService(t, t.TempDir())
	var open []net.Conn
	dial := func() net.Conn {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.site, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	for range maxConnections {
		open = append(open, dial())
	}
	late := dial()
	if _, err := io.WriteString(late, "GET /healthz HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answered := func(within time.Duration) error {
		if err := late.SetReadDeadline(time.Now().Add(within)); err != nil {
			return err
		}
		_, err := late.Read(make([]byte, 1))
		return err
	}
	if err := answered(200 * time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("beyond the limit: got %v, want no answer yet", err)
	}
	for _, c := range open {
		_ = c.Close()
	}
	if err := answered(patience); err != nil {
		t.Errorf("after the others have ended: got %v, want an answer", err)
	}
}

// A database that is gone is told, not replaced: its key file shows that there
// was one.
func TestLostDatabaseIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startService(t, dir)
	newPerson(t, s.site).connect(t, "demo1")
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	database, key := filepath.Join(dir, standinDir, databaseFile), filepath.Join(dir, standinDir, keyFile)
	if err := os.Rename(database, database+".backup"); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := run(ctx, nil, []string{"PORT=0", "DATA_DIR=" + dir}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), database+" is missing") || !strings.Contains(err.Error(), key) {
		t.Fatalf("got error %v, want it to name the database that is missing and the key file", err)
	}
	if after := contents(t, dir); len(after) != len(before) {
		t.Errorf("got %d files, want the %d of before", len(after), len(before))
	}
	if err := os.WriteFile(database, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(ctx, nil, []string{"PORT=0", "DATA_DIR=" + dir}, io.Discard, io.Discard); err == nil {
		t.Error("an empty one: got no error")
	}
	for _, args := range [][]string{{"users", "list"}, {"backup"}, {"doctor"}} {
		if code, out, said := command(t, dir, nil, args...); code == operate.ExitOK {
			t.Errorf("%v of an empty one: got exit code %d: %s%s", args, code, out, said)
		}
	}

	if err := os.Rename(database+".backup", database); err != nil {
		t.Fatal(err)
	}
	s = startService(t, dir)
	s.only(t)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(database), os.Remove(key)); err != nil {
		t.Fatal(err)
	}
	if got := len(startService(t, dir).status(t).Users); got != 0 {
		t.Errorf("started over: got %d users, want none", got)
	}
}

// The database comes before the key: a first start that was cut off between the
// two, or that failed at the database, leaves no key that would tell of a lost one.
func TestFirstStartThatWasCutOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := filepath.Join(dir, standinDir, databaseFile)
	if err := os.MkdirAll(filepath.Dir(database), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(database, []byte(strings.Repeat("no database\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), nil, []string{"PORT=0", "DATA_DIR=" + dir}, io.Discard, io.Discard); err == nil {
		t.Fatal("got no error for a file that is no database")
	}
	if err := os.Remove(database); err != nil {
		t.Fatal(err)
	}
	startService(t, dir).status(t)
}
