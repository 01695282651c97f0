package fakespotify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// recordingTB is a test that may fail without failing this one.
type recordingTB struct {
	*testing.T
	errors []string
}

func (r *recordingTB) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func get(t *testing.T, target string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp, errors.Join(err, resp.Body.Close())
}

func TestStart(t *testing.T) {
	t.Parallel()
	tb := &recordingTB{T: t}
	s := fakespotify.Start(tb, fakespotify.Config{})
	if resp, err := get(t, s.URL+"/v1/me"); err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("got %v, %v; want status 401", resp, err)
	}
	if err := s.Fault(fakespotify.Fault{Match: "*", Kind: fakespotify.FaultDrop}); err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, s.URL+"/v1/me"); err == nil {
		// net/http repeats a GET on a reused connection that was dropped.
		if got := s.Requests(); len(got) < 2 || got[1].Status != 0 {
			t.Errorf("got no dropped request in %v", got)
		}
	}
	if resp, err := get(t, s.URL+"/v1/none"); err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("got %v, %v; want status 404", resp, err)
	}
	want := []string{"Spotify stand-in: unknown route GET /v1/none"}
	if diff := cmp.Diff(want, tb.errors); diff != "" {
		t.Errorf("errors differ (-want +got):\n%s", diff)
	}
}

// TestVirtualTime runs in a bubble whose clock stands still while anything but
// Sleep is at work.
func TestVirtualTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, fakespotify.Config{Clock: time.Now})
		token := c.login("demo1", allScopes).Access
		for range 2 {
			c.must(c.Fault(fakespotify.Fault{Match: "GET /v1/me", Kind: fakespotify.FaultDelay, Delay: time.Minute}))
		}
		start := time.Now()
		c.want(http.StatusOK, http.MethodGet, "/v1/me", token, "")
		if got := time.Since(start); got != 2*time.Minute {
			t.Errorf("took %v, want 2m", got)
		}
		c.must(c.Fault(fakespotify.Fault{Match: "GET /v1/me", Kind: fakespotify.FaultDelay, Delay: time.Hour}))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start = time.Now()
		_, err := c.try(c.request(http.MethodGet, "/v1/me", token, "").WithContext(ctx))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("got %v after %v, want the deadline after 10s", err, time.Since(start))
		}
	})
}

func TestRoundTripper(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Strict: ignore})
	token := c.login("demo1", allScopes).Access
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := len(c.Requests())
	if _, err := c.try(c.request(http.MethodGet, "/v1/me", token, "").WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want it cancelled", err)
	}
	if got := len(c.Requests()); got != before {
		t.Error("a cancelled request was served")
	}
	web := &http.Client{Transport: c.RoundTripper()}
	req := c.request(http.MethodGet, "/v1/me", token, "")
	resp, err := web.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(body, []byte(`"href":"https://api.spotify.test/v1/users/standindemo1"`)) {
		t.Errorf("got %s, want links to the host of the request", body)
	}
	c.want(http.StatusRequestEntityTooLarge, http.MethodPost, "/v1/me/playlists", token, strings.Repeat("x", 1<<20+1))
	c.want(http.StatusBadRequest, http.MethodGet, "/v1/me?%zz", token, "")
}

// TestSeedRepeats finds the same tokens and ids under the same seed, and
// others under another.
func TestSeedRepeats(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) string {
		c := newClient(t, fakespotify.Config{Seed: seed})
		tok := c.login("demo1", allScopes)
		return tok.Access + tok.Refresh + c.create(tok.Access, "archive")
	}
	first, again := run(7), run(7)
	if first != again {
		t.Error("the same seed gives different runs")
	}
	if run(7) == run(8) {
		t.Error("different seeds give the same run")
	}
}
