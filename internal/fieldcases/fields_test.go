package fieldcases

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// left stands for a field that is left out.
type left struct{}

// oddValues are what a field may hold instead of what it should.
var oddValues = []any{left{}, nil, "", "soon", 0, -1, 179_999.6, 1 << 40, true, object{"value": 1}, []any{}}

// setting puts a value into every place that a path names: "items.*.added_at",
// in which song stands for both names of it.
func setting(path string, value any) func(x *exchange) (*http.Response, error) {
	return rewriting(func(_ *exchange, body object) { set(body, strings.Split(path, "."), value) })
}

func set(at any, path []string, value any) {
	if all, ok := at.([]any); ok && path[0] == "*" {
		for i := range all {
			if len(path) == 1 {
				all[i] = value
			} else {
				set(all[i], path[1:], value)
			}
		}
		return
	}
	o, ok := at.(object)
	if !ok {
		return
	}
	names := []string{path[0]}
	if path[0] == "song" {
		names = []string{"item", "track"}
	}
	for _, name := range names {
		_, there := o[name]
		switch {
		case !there:
		case len(path) > 1:
			set(o[name], path[1:], value)
		case value == left{}:
			delete(o, name)
		default:
			o[name] = value
		}
	}
}

// fieldOf is a field of a route's answer.
type fieldOf struct{ route, path string }

// spareFields are those that a run can do without.
var spareFields = []fieldOf{
	{"items", "next"}, {"items", "offset"}, {"items", "limit"}, {"items", "previous"}, {"items", "href"},
	{"items", "items.*.added_at"}, {"items", "items.*.added_by"}, {"items", "items.*.is_local"}, {"items", "items.*.song.duration_ms"},
	{"items", "items.*.song.external_ids"}, {"items", "items.*.song.external_ids.isrc"}, {"items", "items.*.song.is_local"},
	{"playlists", "next"}, {"playlists", "offset"}, {"playlists", "items.*.snapshot_id"}, {"playlists", "items.*.description"},
	{"playlists", "items.*.name"}, {"playlists", "items.*.owner.display_name"}, {"playlists", "items.*.collaborative"},
	{"playlists", "items.*.public"}, {"playlists", "items.*.images"}, {"playlists", "items.*.items.total"},
	{"plays", "next"}, {"plays", "cursors"}, {"plays", "total"}, {"plays", "items.*.track.duration_ms"}, {"plays", "items.*.track.external_ids"},
	{"plays", "items.*.context.type"}, {"plays", "items.*.context.href"}, {"plays", "items.*.context.external_urls"},
	{"append", "snapshot_id"}, {"token", "scope"}, {"token", "expires_in"}, {"token", "refresh_token"}, {"token", "token_type"},
}

// neededFields are those without which there is nothing to read.
var neededFields = []fieldOf{
	{"items", "items"}, {"items", "total"}, {"items", "items.*"}, {"items", "items.*.song"}, {"items", "items.*.song.id"},
	{"items", "items.*.song.uri"}, {"items", "items.*.song.type"}, {"nested", "items"}, {"nested", "id"},
	{"playlists", "items"}, {"playlists", "total"}, {"playlists", "items.*"}, {"playlists", "items.*.id"},
	{"playlists", "items.*.owner"}, {"playlists", "items.*.owner.id"},
	{"plays", "items"}, {"plays", "items.*"}, {"plays", "items.*.track"}, {"plays", "items.*.track.id"}, {"plays", "items.*.played_at"},
	{"plays", "items.*.context"}, {"queue", "queue"}, {"queue", "currently_playing"}, {"player", "context"}, {"player", "item"},
	{"token", "access_token"},
}

// everyWay is every route that shows what the key says.
var everyWay = map[string][]string{
	"items": {"GET /playlists/*/items", "GET /playlists/*/tracks"}, "nested": {"GET /playlists/*"},
	"playlists": {"GET /me/playlists"}, "append": {"POST /playlists/*/items"}, "token": {"POST /api/token"},
	"plays": {"GET /me/player/recently-played"}, "queue": {"GET /me/player/queue"}, "player": {"GET /me/player"},
}

// askedBy is in which life a route is asked.
func askedBy(route string) []fakespotify.Mode {
	switch route {
	case "plays", "queue", "player":
		return []fakespotify.Mode{development}
	case "append", "token":
		return []fakespotify.Mode{extended}
	default:
		return []fakespotify.Mode{extended, development}
	}
}

// fieldCases: one field of an answer is not what it should be.
func fieldCases() []fieldCase {
	var rows []fieldCase
	add := func(f fieldOf, right string, run func(w *world, mode fakespotify.Mode, lies func())) {
		for _, mode := range askedBy(f.route) {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("%s_of_%s_is_odd_%s", strings.NewReplacer("items.*", "entry", ".", "_").Replace(f.path), f.route, mode),
				report: []string{nullItems, nullPlaylists, nullPlaylists2},
				met:    "A field is missing, null, or of another type, in another way in each answer.",
				right:  right,
				mode:   mode,
				run: func(w *world) {
					run(w, mode, func() {
						if f.route == "nested" { // is asked where the items are refused
							w.lie(lie{match: "GET /playlists/*/items", tell: failing(403)})
						}
						for _, match := range everyWay[f.route] {
							w.lie(lie{match: match, tell: oddly(f.path)})
						}
					})
				},
			})
		}
	}
	for _, f := range spareFields {
		add(f, "Nobody needs it, so the rest of the answer is as good as ever: every week is saved.", ordinaryWeeks)
	}
	for _, f := range neededFields {
		add(f, "It may delay; a day later, every song that could be read in its week is in the archive once.",
			func(w *world, mode fakespotify.Mode, lies func()) { lives[mode](w, lies) })
	}
	sortRows(rows)
	return rows
}

// oddly puts another odd value into the field in each answer.
func oddly(path string) func(x *exchange) (*http.Response, error) {
	n := 0
	return func(x *exchange) (*http.Response, error) {
		n++
		return setting(path, oddValues[n%len(oddValues)])(x)
	}
}

// ordinaryWeeks are three weeks in which nothing else is wrong.
func ordinaryWeeks(w *world, mode fakespotify.Mode, lies func()) {
	w.listens = mode == development
	live, join := (*person).threeWeeks, w.joinWithInbox
	if w.listens {
		live, join = (*person).threeWeeksToday, func() *person { return w.join(archive.ChoiceAuto) }
	}
	p := join()
	lies()
	before := w.proxy.requests
	p.wantSaved(live(p, ""))
	p.wantArchives(1)
	w.wantRequests(before, 3*7*101)
}
