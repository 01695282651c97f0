package fieldcases

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing/iotest"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// oddBodies are what a request may be answered with instead of what it asks for.
var oddBodies = map[string]func(x *exchange) (*http.Response, error){
	"an_empty_body":      saying(""),
	"null":               saying("null"),
	"an_empty_list":      saying("[]"),
	"an_empty_object":    saying("{}"),
	"a_word":             saying(`"ok"`),
	"a_page_of_html":     saying("<!doctype html><title>Spotify</title><p>We will be back soon."),
	"half_an_object":     saying(`{"items":[{"added_at":"2026-11-`),
	"two_objects":        saying(`{"items":[],"total":0}{"items":[],"total":0}`),
	"an_error_with_200":  saying(object{"error": object{"status": 500, "message": "Server error"}}),
	"an_error_as_text":   saying(object{"error": "server_error"}),
	"two_megabytes":      saying(`{"items":[` + strings.Repeat("null,", 1<<19) + `null],"total":5}`),
	"a_201_of_nothing":   status(http.StatusCreated),
	"a_202_of_nothing":   status(http.StatusAccepted),
	"a_204":              status(http.StatusNoContent),
	"a_301":              moved(http.StatusMovedPermanently),
	"a_307":              moved(http.StatusTemporaryRedirect),
	"a_304":              status(http.StatusNotModified),
	"a_409":              refusing(http.StatusConflict, "Conflict"),
	"a_413":              refusing(http.StatusRequestEntityTooLarge, "Payload too large"),
	"a_451":              refusing(451, "Unavailable for legal reasons"),
	"a_599":              status(599),
	"a_time_out":         func(*exchange) (*http.Response, error) { return nil, os.ErrDeadlineExceeded },
	"a_reset_connection": func(*exchange) (*http.Response, error) { return nil, syscall.ECONNRESET },
	"half_a_body":        broken(syscall.ECONNRESET),
	"a_body_cut_off":     broken(io.ErrUnexpectedEOF),
	"a_body_too_slow":    broken(os.ErrDeadlineExceeded),
}

func status(code int) func(x *exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) { return x.answer(code, "") }
}

// moved points to somewhere else.
func moved(code int) func(x *exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) {
		resp, err := x.answer(code, "")
		resp.Header.Set("Location", "https://elsewhere.test"+x.req.URL.Path)
		return resp, err
	}
}

// broken lets the request have its effect, and breaks off in the middle of the
// answer.
func broken(with error) func(x *exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) {
		resp, err := x.pass()
		if err != nil {
			return resp, err
		}
		whole, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), iotest.ErrReader(with)))
		return resp, err
	}
}

// oddBodyCases: a route that answers what is no answer all day on a Monday.
func oddBodyCases() []fieldCase {
	var rows []fieldCase
	add := func(name string, mode fakespotify.Mode, match string, tell func(x *exchange) (*http.Response, error)) {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("a_day_of_%s_%s", name, mode),
			report: []string{oneEndpointDown, recentlyPlayedDown},
			met:    fmt.Sprintf("All day long, %s is answered with what is no answer.", match),
			right:  "It may delay; when it is over, every song that could be read in its week is in the archive once.",
			mode:   mode,
			run:    func(w *world) { lives[mode](w, func() { w.lie(lie{match: match, tell: tell}) }) },
		})
	}
	for body, tell := range oddBodies {
		for route, match := range map[string]string{
			"every_read": "GET *", "an_append": "POST /playlists/*/items", "a_token": "POST /api/token",
		} {
			add(body+"_for_"+route, extended, match, tell)
		}
	}
	all := slices.Sorted(maps.Keys(oddBodies))
	for _, route := range []string{
		"/me/playlists", "/playlists/*/items", "/me/player/recently-played", "/me/player/queue", "/me/player",
	} {
		n := 0
		add("every_odd_body_for_"+strings.Trim(nameless.ReplaceAllString(route, "_"), "_"), development, "GET "+route,
			func(x *exchange) (*http.Response, error) {
				n++
				return oddBodies[all[n%len(all)]](x)
			})
	}
	sortRows(rows)
	return rows
}

var nameless = regexp.MustCompile(`[^a-z]+`)
