package spotify_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
)

const emptyItems = `{"total":0,"next":null,"items":[]}`

func limited(retryAfter string) step {
	s := step{status: 429, body: `{"error":{"status":429,"message":"API rate limit exceeded"}}`, header: http.Header{}}
	if retryAfter != "" {
		s.header.Set("Retry-After", retryAfter)
	}
	return s
}

func quota(retryAfter string) step {
	s := limited(retryAfter)
	s.body = `{"error":{"status":429,"message":"Too many requests","reason":"QUOTA_EXCEEDED"}}`
	return s
}

var (
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errDial  = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
)

// TestPatience checks what each kind of request does inside a call, and when.
func TestPatience(t *testing.T) {
	t.Parallel()
	done, added := step{status: 200, body: emptyItems}, step{status: 201, body: `{"snapshot_id":"a"}`}
	token := step{status: 200, body: `{"access_token":"` + canaryAccess + `","expires_in":3600}`}
	reset := step{err: fmt.Errorf("%s: %w", canaryBody, errReset)}
	tests := map[string]struct {
		call  string
		steps []step
		want  error
		at    []time.Duration // when each request is sent
	}{
		"read_after_reset":           {"playlists", []step{reset, done}, nil, seconds(0, .5)},
		"read_after_two_resets":      {"playlists", []step{reset, reset, done}, fault.ErrUnavailable, seconds(0, .5)},
		"read_after_502":             {"playlists", []step{{status: 502}, done}, nil, seconds(0, .5)},
		"read_after_503":             {"playlists", []step{{status: 503}, done}, nil, seconds(0, .5)},
		"read_after_500":             {"playlists", []step{{status: 500}, done}, fault.ErrUnavailable, seconds(0)},
		"read_after_dial_error":      {"playlists", []step{{err: errDial}, done}, nil, seconds(0, .5)},
		"read_after_cut_off":         {"playlists", []step{{status: 200, body: "{", cut: true}, done}, nil, seconds(0, .5)},
		"read_too_slow":              {"playlists", []step{{delay: time.Hour}, done}, fault.ErrUnavailable, seconds(0)},
		"read_slow":                  {"playlists", []step{{status: 200, body: emptyItems, delay: 14 * time.Second}}, nil, seconds(0)},
		"describe_after_reset":       {"describe", []step{reset, done}, nil, seconds(0, .5)},
		"append_after_reset":         {"append", []step{reset, done}, fault.ErrUnknownEffect, seconds(0)},
		"append_after_502":           {"append", []step{{status: 502}, done}, fault.ErrUnknownEffect, seconds(0)},
		"append_too_slow":            {"append", []step{{delay: time.Hour}, done}, fault.ErrUnknownEffect, seconds(0)},
		"append_without_connection":  {"append", []step{{err: errDial}, done}, fault.ErrUnavailable, seconds(0)},
		"append_after_429":           {"append", []step{limited("2"), added}, nil, seconds(0, 2)},
		"append_after_401":           {"append", []step{{status: 401}, added}, nil, seconds(0, 0)},
		"append_reset_after_401":     {"append", []step{{status: 401}, reset, done}, fault.ErrUnknownEffect, seconds(0, 0)},
		"create_after_reset":         {"create", []step{reset, done}, fault.ErrUnknownEffect, seconds(0)},
		"create_without_connection":  {"create", []step{{err: errDial}, done}, fault.ErrUnavailable, seconds(0)},
		"refresh_after_reset":        {"refresh", []step{reset, token}, fault.ErrUnavailable, seconds(0)},
		"refresh_after_503":          {"refresh", []step{{status: 503}, token}, fault.ErrUnavailable, seconds(0)},
		"refresh_too_slow":           {"refresh", []step{{delay: time.Hour}, token}, fault.ErrUnavailable, seconds(0)},
		"refresh_after_429":          {"refresh", []step{limited("10"), token}, nil, seconds(0, 10)},
		"exchange_after_reset":       {"exchange", []step{reset, token}, fault.ErrUnavailable, seconds(0)},
		"expired":                    {"playlists", []step{{status: 401}, done}, nil, seconds(0, 0)},
		"spurious_401":               {"playlists", []step{{status: 401}, {status: 401}, done}, nil, seconds(0, 0, 1)},
		"refused_thrice":             {"playlists", []step{{status: 401}, {status: 401}, {status: 401}, done}, fault.ErrUnauthorized, seconds(0, 0, 1)},
		"profile_spurious_401":       {"profile", []step{{status: 401}, {status: 200, body: `{"id":"a"}`}}, nil, seconds(0, 1)},
		"profile_refused":            {"profile", []step{{status: 401}}, fault.ErrUnauthorized, seconds(0, 1)},
		"retry_after_zero_is_a_wait": {"playlists", []step{limited("0"), done}, nil, seconds(0, 1)},
		"three_waits":                {"playlists", []step{limited("2"), limited("3"), limited("4"), done}, nil, seconds(0, 2, 5, 9)},
		"waits_across_renewal":       {"playlists", []step{limited("2"), {status: 401}, limited("3"), done}, nil, seconds(0, 2, 2, 5)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				s := &script{steps: tt.steps}
				err := calls(newClient(t, s))[tt.call](t.Context())
				if tt.want == nil && err != nil {
					t.Errorf("got %v, want no error", err)
				}
				if tt.want != nil {
					checkError(t, err, tt.want)
				}
				var at []time.Duration
				for _, r := range s.requests() {
					at = append(at, r.at.Sub(start))
				}
				if diff := cmp.Diff(at, tt.at); diff != "" {
					t.Errorf("requests at the wrong times (-got +want):\n%s", diff)
				}
				if limit := 30 * time.Second; time.Since(start) > limit {
					t.Errorf("got %s, want at most %s", time.Since(start), limit)
				}
			})
		})
	}
}

// TestPaused checks what is left to the caller: every call says so alike.
func TestPaused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		steps    []step
		deadline time.Duration
		want     time.Duration // from the last request
		quota    bool
		requests int
	}{
		"longer_than_a_call":       {[]step{limited("11")}, 0, 11 * time.Second, false, 1},
		"a_day":                    {[]step{limited("86207")}, 0, 86207 * time.Second, false, 1},
		"absurd":                   {[]step{limited("99999999999999999999")}, 0, 48 * time.Hour, false, 1},
		"a_month":                  {[]step{limited("2592000")}, 0, 48 * time.Hour, false, 1},
		"no_header":                {[]step{limited("")}, 0, time.Minute, false, 1},
		"nonsense":                 {[]step{limited("soon")}, 0, time.Minute, false, 1},
		"negative":                 {[]step{limited("-5")}, 0, time.Minute, false, 1},
		"quota":                    {[]step{quota("86400")}, 0, 24 * time.Hour, true, 1},
		"quota_for_a_moment":       {[]step{quota("5")}, 0, 5 * time.Second, true, 1},
		"quota_without_header":     {[]step{quota("")}, 0, time.Hour, true, 1},
		"quota_for_no_time":        {[]step{quota("0")}, 0, time.Hour, true, 1},
		"date":                     {[]step{limited(httpDate(time.Hour))}, 0, time.Hour, false, 1},
		"date_in_the_past":         {[]step{limited(httpDate(-time.Hour))}, 0, time.Second, false, 4},
		"again_and_again":          {[]step{limited("1")}, 0, time.Second, false, 4},
		"more_than_20_seconds":     {[]step{limited("9")}, 0, 9 * time.Second, false, 3},
		"deadline_before_the_wait": {[]step{limited("5")}, 4 * time.Second, 5 * time.Second, false, 1},
	}
	for name, tt := range tests {
		for _, call := range allCalls {
			t.Run(name+"/"+call, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx := t.Context()
					if tt.deadline > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, tt.deadline)
						defer cancel()
					}
					s := &script{steps: tt.steps}
					err := calls(newClient(t, s))[call](ctx)
					var paused *fault.PausedError
					if !errors.As(err, &paused) {
						t.Fatalf("got %v, want a PausedError", err)
					}
					for _, sentinel := range sentinels {
						if errors.Is(err, sentinel) {
							t.Errorf("got %v, which is also %v", err, sentinel)
						}
					}
					checkCanaries(t, err)
					want := fault.PausedError{Until: time.Now().Add(tt.want), Reason: reason(tt.quota)}
					if diff := cmp.Diff(*paused, want); diff != "" {
						t.Errorf("wrong pause (-got +want):\n%s", diff)
					}
					if got := len(s.requests()); got != tt.requests {
						t.Errorf("got %d requests, want %d", got, tt.requests)
					}
				})
			})
		}
	}
}

func TestRenewal(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{{status: 401}, {status: 200, body: emptyItems}}}
	if err := calls(newClient(t, s))["items"](t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range s.requests() {
		got = append(got, r.header.Get("Authorization"))
	}
	if diff := cmp.Diff(got, []string{"Bearer " + canaryAccess, "Bearer " + canaryRenewed}); diff != "" {
		t.Errorf("wrong tokens (-got +want):\n%s", diff)
	}
}

// TestCancelledWhileWaiting checks that a wait ends with its context.
func TestCancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call string
		step step
		want error // nil is a PausedError
	}{
		"rate_limit":    {"items", limited("10"), nil},
		"repetition":    {"items", step{status: 503}, fault.ErrUnavailable},
		"unauthorized":  {"append", step{status: 401}, fault.ErrUnavailable},
		"answer":        {"items", step{delay: time.Hour}, fault.ErrUnavailable},
		"append_answer": {"append", step{delay: time.Hour}, fault.ErrUnknownEffect},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				start := time.Now()
				time.AfterFunc(100*time.Millisecond, cancel)
				err := calls(newClient(t, &script{steps: []step{tt.step}}))[tt.call](ctx)
				if got := time.Since(start); got != 100*time.Millisecond {
					t.Errorf("got %s, want to return when the context ends", got)
				}
				var paused *fault.PausedError
				if tt.want == nil && !errors.As(err, &paused) {
					t.Errorf("got %v, want a PausedError", err)
				}
				if tt.want != nil {
					checkError(t, err, tt.want)
				}
			})
		})
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, err := spotify.New(spotify.Config{
			ClientID: "app", Timeout: 3 * time.Second,
			Transport: &script{steps: []step{{delay: time.Hour}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		checkError(t, calls(client)["refresh"](t.Context()), fault.ErrUnavailable)
		if got, want := time.Since(start), 3*time.Second; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func seconds(all ...float64) []time.Duration {
	ds := make([]time.Duration, len(all))
	for i, s := range all {
		ds[i] = time.Duration(s * float64(time.Second))
	}
	return ds
}

// httpDate is relative to when synctest's clock starts.
func httpDate(d time.Duration) string {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Format(http.TimeFormat)
}

func reason(quota bool) app.PauseReason {
	if quota {
		return app.PauseQuota
	}
	return app.PauseRateLimit
}
