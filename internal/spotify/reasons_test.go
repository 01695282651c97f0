package spotify_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// TestReasons gives every call every refusal that names its reason. It is
// believed at once: asking again, with another token or another way, is not.
func TestReasons(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want error
	}{
		"registered_2024":     {"Check settings on developer.spotify.com/dashboard, the user may not be registered.", fault.ErrNotAllowed},
		"registered_2026":     {"The user is not registered for this application.", fault.ErrNotAllowed},
		"dashboard":           {"User not registered in the Developer Dashboard", fault.ErrNotAllowed},
		"approved_2021":       {"User not approved for app", fault.ErrNotAllowed},
		"broken_over_lines":   {"user may not\r\n\t be  registered", fault.ErrNotAllowed},
		"not_yet":             {"This user isn't yet registered for this app", fault.ErrNotAllowed},
		"allowlist":           {"The account is not on the app's allowlist", fault.ErrNotAllowed},
		"allow_list_of_yours": {"User is not in your app's allow list.", fault.ErrNotAllowed},
		"whitelisted":         {"User not whitelisted", fault.ErrNotAllowed},
		"approved_for_this":   {"The user is not approved for this app", fault.ErrNotAllowed},
		"scopes_are_missing":  {"Required scopes are missing", fault.ErrScope},
		"oauth_scope":         {"Insufficient OAuth scope", fault.ErrScope},
		"requires_scope":      {"This request requires the scope user-read-recently-played", fault.ErrScope},
		"premium":             {"Active premium subscription required for the owner of the app. It can take a few hours.", fault.ErrPremiumLapsed},
		"premium_in_short":    {"The app's owner has no Premium", fault.ErrPremiumLapsed},
		"insufficient_scope":  {"Insufficient client scope", fault.ErrScope},
		"permissions":         {"Permissions missing", fault.ErrScope},
		"missing_scope":       {"Missing required scope: playlist-read-private", fault.ErrScope},
	}
	bodies := map[string]func(text string) string{
		"json":       func(text string) string { return fmt.Sprintf(`{"error":{"status":403,"message":%q}}`, text) },
		"plain":      func(text string) string { return text + "\n" },
		"upper_case": strings.ToUpper,
		"flat_json":  func(text string) string { return fmt.Sprintf(`{"error":%q}`, oneLine(text)) },
	}
	for name, tt := range tests {
		for form, body := range bodies {
			for _, status := range []int{http.StatusForbidden, http.StatusUnauthorized} {
				t.Run(fmt.Sprintf("%s/%s/%d", name, form, status), func(t *testing.T) {
					t.Parallel()
					for _, call := range webCalls {
						checkAtOnce(t, call, step{status: status, body: body(tt.text)}, tt.want)
					}
				})
			}
		}
	}
}

// webCalls is allCalls without the token endpoint, which speaks otherwise.
var webCalls = allCalls[2:]

func checkAtOnce(t *testing.T, call string, answer step, want error) {
	t.Helper()
	s := &script{steps: []step{answer}}
	client := newClient(t, s)
	library := client.Library(func(_ context.Context, renew bool) (secret.Text, error) {
		if renew {
			t.Errorf("%s wants another token", call)
		}
		return secret.New(canaryAccess), nil
	})
	checkError(t, callsOf(client, library)[call](t.Context()), want)
	if got := len(s.requests()); got != 1 {
		t.Errorf("%s: got %d requests, want 1", call, got)
	}
}

func TestReasonInTheHeader(t *testing.T) {
	t.Parallel()
	header := http.Header{"Www-Authenticate": {`Bearer realm="spotify", error="insufficient_scope"`}}
	for _, call := range webCalls {
		checkAtOnce(t, call, step{status: 401, header: header}, fault.ErrScope)
		checkAtOnce(t, call, step{status: 403, header: header}, fault.ErrScope)
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
