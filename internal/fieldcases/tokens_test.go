package fieldcases

import (
	"fmt"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// tokenCases: what the token endpoint has to say, in every form.
func tokenCases() []fieldCase {
	var rows []fieldCase
	says := func(status int, body any) func(x *exchange) (*http.Response, error) {
		return func(x *exchange) (*http.Response, error) { return x.answer(status, body) }
	}
	for name, tell := range map[string]func(x *exchange) (*http.Response, error){
		"invalid_grant_as_401":           says(401, object{"error": "invalid_grant"}),
		"invalid_grant_as_403":           says(403, object{"error": "invalid_grant"}),
		"invalid_grant_as_500":           says(500, object{"error": "invalid_grant"}),
		"invalid_grant_as_200":           says(200, object{"error": "invalid_grant"}),
		"invalid_grant_as_an_object":     says(400, object{"error": object{"status": 400, "message": "invalid_grant"}}),
		"invalid_client":                 says(400, object{"error": "invalid_client"}),
		"invalid_request":                says(400, object{"error": "invalid_request", "error_description": "refresh_token must be supplied"}),
		"invalid_scope":                  says(400, object{"error": "invalid_scope"}),
		"unsupported_grant_type":         says(400, object{"error": "unsupported_grant_type"}),
		"temporarily_unavailable":        says(400, object{"error": "temporarily_unavailable"}),
		"an_unknown_error":               says(400, object{"error": "we_had_a_bad_day"}),
		"a_list_of_errors":               says(400, []any{object{"error": "invalid_grant"}}),
		"a_bare_400":                     says(400, ""),
		"a_page_of_html_as_403":          says(403, "<!doctype html><p>Access denied"),
		"a_token_of_type_bearer":         rewriting(func(_ *exchange, body object) { body["token_type"] = "bearer" }),
		"a_token_of_fewer_scopes":        rewriting(func(_ *exchange, body object) { body["scope"] = "playlist-read-private" }),
		"an_empty_token":                 rewriting(func(_ *exchange, body object) { body["access_token"] = "" }),
		"an_empty_refresh_token":         rewriting(func(_ *exchange, body object) { body["refresh_token"] = "" }),
		"a_token_that_lasts_for_no_time": rewriting(func(_ *exchange, body object) { body["expires_in"] = 0 }),
	} {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("a_day_of_%s_for_a_refresh", name),
			report: []string{tokensRotate, "https://github.com/barmiro/SYSH/issues/8"},
			met:    "All day long, the token endpoint answers so.",
			right:  "Nobody is told that songs were refused or that their consent is over; the week is saved when it is over.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "POST /api/token", tell: tell})
				w.pass(26 * time.Hour)
				p.wantNotTold("did not take the songs", "our side", "has ended", "asked us to wait")
				if got := p.user().Status; got != archive.StatusActive {
					w.errorf("got the status %q, want active", got)
				}
				w.honest()
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
			},
		})
	}
	sortRows(rows)
	return rows
}

// waitCases: Retry-After in every form.
func waitCases() []fieldCase {
	var rows []fieldCase
	for name, value := range map[string]string{
		"negative": "-5", "a_fraction": "3.7", "empty": "", "a_list": "5, 10", "zero": "0", "an_exponent": "1e3", "in_milliseconds": "86400000",
		"of_thirty_digits": "999999999999999999999999999999", "a_word": "soon", "a_date_in_the_past": "Wed, 21 Oct 2015 07:28:00 GMT",
		"a_date_in_2099": "Wed, 21 Oct 2099 07:28:00 GMT", "a_date_of_rfc_850": "Sunday, 06-Nov-94 08:49:37 GMT",
	} {
		for times, often := range map[int]string{1: "once", 0: "all_day"} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("retry_after_is_%s_%s", name, often),
				report: []string{longPauses, "https://github.com/spotDL/spotify-downloader/issues/2585"},
				met:    "A 429 says in an odd way how long to wait.",
				right:  "It is waited for, two days at most, without a storm of requests; then the week is saved.",
				mode:   extended,
				run: func(w *world) {
					p := w.join(archive.ChoiceAuto)
					w.until(start.Add(week - time.Hour))
					w.lie(lie{match: "GET *", times: times, tell: pausing(value)})
					before := w.proxy.requests
					w.pass(day)
					w.wantRequests(before, 4*101)
					w.honest()
					w.pass(3 * day)
					p.wantOnly(p.shown(2))
				},
			})
		}
	}
	sortRows(rows)
	return rows
}
