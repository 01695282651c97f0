package spotify_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

var sentinels = []error{
	fault.ErrInvalidGrant, fault.ErrInvalidClient, fault.ErrUnauthorized, fault.ErrNotAllowed,
	fault.ErrPremiumLapsed, fault.ErrScope, fault.ErrNotReadable, fault.ErrNotWritable, fault.ErrRejected,
	fault.ErrUnavailable, fault.ErrUnknownEffect,
}

// checkError wants exactly one sentinel and no canary.
func checkError(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, s := range sentinels {
		if errors.Is(s, want) {
			continue
		}
		if errors.Is(got, s) {
			t.Errorf("got %v, which is also %v", got, s)
		}
	}
	checkCanaries(t, got)
}

func checkCanaries(t *testing.T, got error) {
	t.Helper()
	if got == nil {
		return
	}
	text := got.Error()
	for _, canary := range []string{"canary", playlistID, "?", "%", "spotify.com"} {
		if strings.Contains(text, canary) {
			t.Errorf("got %q, which shows %q", text, canary)
		}
	}
}

func webError(message string) string {
	return `{"error":{"status":403,"message":"` + message + ` ` + canaryBody + `"}}`
}

// TestAnswers goes through facts.md 3.3, 3.4 and 4: what each call makes of an
// answer.
func TestAnswers(t *testing.T) {
	t.Parallel()
	oauth := []string{"exchange", "refresh"}
	blind := []string{"append", "create"}
	bare := merge(each(oauth, fault.ErrUnavailable), each([]string{"profile"}, fault.ErrNotAllowed),
		each([]string{"append", "create", "describe"}, fault.ErrNotWritable))

	tests := map[string]struct {
		step  step
		want  error            // of every call that is not named below
		other map[string]error // by the name of a call
	}{
		"400": {
			step:  step{status: 400, body: webError("Invalid id")},
			want:  fault.ErrRejected,
			other: each(oauth, fault.ErrUnavailable),
		},
		"401": {
			step:  step{status: 401, body: webError("The access token expired")},
			want:  fault.ErrUnauthorized,
			other: each(oauth, fault.ErrUnavailable),
		},
		"403_bare": {
			step: step{status: 403, body: `{"error":{"status":403,"message":"Forbidden"}}`},
			want: fault.ErrNotReadable, other: bare,
		},
		"403_empty": {
			step: step{status: 403},
			want: fault.ErrNotReadable, other: bare,
		},
		"403_of_somebody_between": {
			step: step{status: 403, body: "<html>Host not registered. Premium of the app owner. " + strings.Repeat(canaryBody, 100)},
			want: fault.ErrNotReadable, other: bare,
		},
		"403_user_without_premium": {
			step: step{status: 403, body: webError("Player command failed: Premium required")},
			want: fault.ErrNotReadable, other: bare,
		},
		"404": {
			step:  step{status: 404, body: webError("Resource not found")},
			want:  fault.ErrNotReadable,
			other: merge(bare, each([]string{"profile"}, fault.ErrUnavailable)),
		},
		"404_that_names_a_reason": {
			step:  step{status: 404, body: webError("User not registered in the Developer Dashboard")},
			want:  fault.ErrNotReadable,
			other: merge(bare, each([]string{"profile"}, fault.ErrUnavailable)),
		},
		"410": {
			step:  step{status: 410, body: webError("Gone")},
			want:  fault.ErrNotReadable,
			other: merge(bare, each([]string{"profile"}, fault.ErrUnavailable)),
		},
		"408": {
			step: step{status: 408}, want: fault.ErrUnavailable,
			other: each(blind, fault.ErrUnknownEffect),
		},
		"400_that_is_not_spotify's": {
			step: step{status: 400, body: "<html>" + canaryBody},
			want: fault.ErrUnavailable,
		},
		"413": {
			step: step{status: 413, body: webError("Payload too large")},
			want: fault.ErrUnavailable,
		},
		"500": {
			step: step{status: 500, body: canaryBody}, want: fault.ErrUnavailable,
			other: each(blind, fault.ErrUnknownEffect),
		},
		"502": {
			step: step{status: 502, body: canaryBody}, want: fault.ErrUnavailable,
			other: each(blind, fault.ErrUnknownEffect),
		},
		"503": {
			step: step{status: 503, body: canaryBody}, want: fault.ErrUnavailable,
			other: each(blind, fault.ErrUnknownEffect),
		},
		"503_that_says_invalid_grant": {
			step: step{status: 503, body: `{"error":"invalid_grant"}`}, want: fault.ErrUnavailable,
			other: each(blind, fault.ErrUnknownEffect),
		},
		"redirect": {
			step:  step{status: 302, header: http.Header{"Location": {"https://elsewhere.example/"}}},
			want:  fault.ErrUnavailable,
			other: each(blind, fault.ErrUnknownEffect),
		},
		"cut_off": {
			step: step{status: 200, body: `{"items":[` + canaryBody, cut: true}, want: fault.ErrUnavailable,
			other: each(blind, fault.ErrUnknownEffect),
		},
		"garbage": {
			step: step{status: 200, body: "<html>" + canaryBody}, want: fault.ErrUnavailable,
			other: merge(each([]string{"describe"}, nil), each(blind, fault.ErrUnknownEffect)),
		},
		"empty": {
			step: step{status: 200}, want: fault.ErrUnavailable,
			other: merge(each([]string{"describe"}, nil), each(blind, fault.ErrUnknownEffect)),
		},
		"null": {
			step: step{status: 200, body: "null"}, want: fault.ErrUnavailable,
			other: merge(each([]string{"describe", "queue"}, nil),
				each(blind, fault.ErrUnknownEffect), each([]string{"items"}, fault.ErrNotReadable)),
		},
		"object_without_items": {
			step: step{status: 200, body: `{"total":30,"name":"` + canaryBody + `"}`}, want: fault.ErrUnavailable,
			other: merge(each([]string{"describe", "queue"}, nil),
				each(blind, fault.ErrUnknownEffect), each([]string{"items"}, fault.ErrNotReadable)),
		},
		"error_with_200": {
			step:  step{status: 200, body: `{"error":{"status":500,"message":"Server error"}}`},
			want:  fault.ErrUnavailable,
			other: merge(each([]string{"describe", "queue"}, nil), each(blind, fault.ErrUnknownEffect)),
		},
		"too_long": {
			step: step{status: 200, body: `{"total":1,"items":[` + strings.Repeat(" ", 1<<20) + `]}`},
			want: fault.ErrUnavailable, other: each(blind, fault.ErrUnknownEffect),
		},
		"too_long_and_refused": {
			step: step{status: 400, body: strings.Repeat(canaryBody, 1<<20)},
			want: fault.ErrUnavailable,
		},
		"invalid_grant": {
			step:  step{status: 400, body: `{"error":"invalid_grant","error_description":"` + canaryBody + `"}`},
			want:  fault.ErrRejected,
			other: each(oauth, fault.ErrInvalidGrant),
		},
		"invalid_client": {
			step:  step{status: 400, body: `{"error":"invalid_client","error_description":"Invalid client secret"}`},
			want:  fault.ErrRejected,
			other: each(oauth, fault.ErrInvalidClient),
		},
		"invalid_client_as_401": {
			step:  step{status: 401, body: `{"error":"invalid_client"}`},
			want:  fault.ErrUnauthorized,
			other: each(oauth, fault.ErrInvalidClient),
		},
		"invalid_grant_in_the_other_form": {
			step:  step{status: 400, body: `{"error":{"status":400,"message":"invalid_grant"}}`},
			want:  fault.ErrRejected,
			other: each(oauth, fault.ErrInvalidGrant),
		},
		"invalid_grant_only_described": {
			step:  step{status: 400, body: `{"error":"server_error","error_description":"invalid_grant"}`},
			want:  fault.ErrRejected,
			other: each(oauth, fault.ErrUnavailable),
		},
		"unsupported_grant_type": {
			step:  step{status: 400, body: `{"error":"unsupported_grant_type"}`},
			want:  fault.ErrRejected,
			other: each(oauth, fault.ErrUnavailable),
		},
	}
	for name, tt := range tests {
		for _, call := range allCalls {
			t.Run(name+"/"+call, func(t *testing.T) {
				t.Parallel()
				want := tt.want
				if other, ok := tt.other[call]; ok {
					want = other
				}
				synctest.Test(t, func(t *testing.T) {
					err := calls(newClient(t, &script{steps: []step{tt.step}}))[call](t.Context())
					if want == nil {
						if err != nil {
							t.Errorf("got %v, want no error", err)
						}
						return
					}
					checkError(t, err, want)
				})
			})
		}
	}
}

var allCalls = []string{
	"exchange", "refresh", "profile", "playlists", "items", "create", "append", "describe",
	"playlist", "contains", "recently_played", "queue",
}

func TestEveryCallIsTested(t *testing.T) {
	t.Parallel()
	for name := range calls(newClient(t, &script{})) {
		if !slices.Contains(allCalls, name) {
			t.Errorf("call %s is in no table", name)
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	for _, call := range allCalls {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			s := &script{steps: []step{{status: 200}}}
			err := calls(newClient(t, s))[call](ctx)
			checkError(t, err, fault.ErrUnavailable)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want it to be context.Canceled too", err)
			}
			if got := len(s.requests()); got != 0 {
				t.Errorf("got %d requests, want 0", got)
			}
		})
	}
}

func each(names []string, err error) map[string]error {
	m := make(map[string]error, len(names))
	for _, name := range names {
		m[name] = err
	}
	return m
}

func merge(all ...map[string]error) map[string]error {
	m := map[string]error{}
	for _, one := range all {
		for name, err := range one {
			m[name] = err
		}
	}
	return m
}
