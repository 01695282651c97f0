package fakespotify_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// liar is a stand-in of an old app with an account that has a playlist of 120
// songs, its Discover Weekly, and a player on it.
type liar struct {
	*client
	kind   fakespotify.FaultKind
	honest bool // tells no lies, to see that the checks notice
	failed []string
	grant  tokens
	long   string // id of the playlist
	weekly string // id of the Discover Weekly
}

// TestLies shows every lie at the wire, switched on over HTTP. Each is tried
// twice: the checks must fail without the lie.
func TestLies(t *testing.T) {
	t.Parallel()
	shown := make(map[fakespotify.FaultKind]func(w *liar))
	for _, group := range []map[fakespotify.FaultKind]func(w *liar){liesOfLists, liesOfRoutes, liesOfSongs, liesOfPlays, liesOfWrites} {
		for kind, show := range group {
			shown[kind] = show
		}
	}
	for _, lie := range fakespotify.Lies() {
		t.Run(string(lie.Kind), func(t *testing.T) {
			t.Parallel()
			show := shown[lie.Kind]
			if show == nil {
				t.Fatal("nothing shows this lie")
			}
			w := newLiar(t, lie.Kind, false)
			show(w)
			for _, failure := range w.failed {
				t.Error(failure)
			}
			w = newLiar(t, lie.Kind, true)
			if show(w); len(w.failed) == 0 {
				t.Error("got no failure without the lie")
			}
		})
	}
	if got, want := len(shown), len(fakespotify.Lies()); got != want {
		t.Errorf("got %d lies shown, want %d", got, want)
	}
}

func newLiar(t *testing.T, kind fakespotify.FaultKind, honest bool) *liar {
	t.Helper()
	c := newClient(t, fakespotify.Config{Mode: fakespotify.Extended})
	w := &liar{client: c, kind: kind, honest: honest, grant: c.login("demo1", allScopes), weekly: c.DiscoverID("demo1")}
	w.long = c.create(w.grant.Access, "long")
	c.must(c.Fill("demo1", w.long, 120))
	c.must(c.PlayDiscover("demo1", 3))
	c.must(c.QueueDiscover("demo1"))
	c.Advance(time.Minute)
	return w
}

// tell switches the lie on over HTTP, for every request, with further fields.
func (w *liar) tell(fields string) {
	w.t.Helper()
	if w.honest {
		return
	}
	body := fmt.Sprintf(`{"kind":%q,"times":-1%s}`, w.kind, fields)
	w.want(http.StatusOK, http.MethodPost, "/standin/faults", "", body)
}

func (w *liar) check(good bool, format string, args ...any) {
	if !good {
		w.failed = append(w.failed, fmt.Sprintf(format, args...))
	}
}

// get returns the values at a path of an answer, "*" meaning all elements.
func (w *liar) get(target, path string) []string {
	w.t.Helper()
	var body any
	r := w.api(http.MethodGet, target, w.grant.Access, "")
	if json.Unmarshal(r.body, &body) != nil {
		return []string{fmt.Sprint(r.status, " ", string(r.body))}
	}
	nodes := []any{body}
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		var next []any
		for _, node := range nodes {
			switch n := node.(type) {
			case map[string]any:
				if member, has := n[segment]; has {
					next = append(next, member)
				}
			case []any:
				for i, element := range n {
					if segment == "*" || segment == fmt.Sprint(i) {
						next = append(next, element)
					}
				}
			}
		}
		nodes = next
	}
	values := make([]string, len(nodes))
	for i, node := range nodes {
		encoded, err := json.Marshal(node)
		if err != nil {
			w.t.Fatal(err)
		}
		values[i] = string(bytes.Trim(encoded, `"`))
	}
	return values
}

// shows expects the values at a path of an answer.
func (w *liar) shows(target, path string, want ...string) {
	w.t.Helper()
	got := w.get(target, path)
	w.check(slices.Equal(got, want), "%s: got %s = %v, want %v", target, path, got, want)
}

// answers expects a status, and an answer that has the text.
func (w *liar) answers(status int, target, text string) {
	w.t.Helper()
	r := w.api(http.MethodGet, target, w.grant.Access, "")
	w.check(r.status == status && strings.Contains(string(r.body), text),
		"%s: got %d %s, want %d and %q", target, r.status, r.body, status, text)
}

func (w *liar) items(id, query string) string { return "/v1/playlists/" + id + "/items" + query }

// ids are the ids of songs of the long playlist, by position.
func (w *liar) ids(from, to int) []string {
	var ids []string
	for _, song := range w.Items(w.long)[from:to] {
		ids = append(ids, song.ID)
	}
	return ids
}

const (
	myPlaylists = "/v1/me/playlists"
	itemIDs     = "/items/*/item/id"
	itemDates   = "/items/*/added_at"
	recent      = "/v1/me/player/recently-played"
	player      = "/v1/me/player"
	playing     = "/v1/me/player/currently-playing"
)

var liesOfLists = map[fakespotify.FaultKind]func(w *liar){
	fakespotify.LieEmptyList: func(w *liar) {
		w.tell(`,"count":7`)
		w.shows(myPlaylists, "/items", "[]")
		w.shows(myPlaylists, "/total", "7")
	},
	fakespotify.LieShortPage: func(w *liar) {
		w.tell(`,"count":2`)
		w.shows(w.items(w.long, "?limit=5"), itemIDs, w.ids(0, 3)...)
		w.shows(w.items(w.long, "?limit=5"), "/total", "120")
	},
	fakespotify.LieSlippedPage: func(w *liar) {
		w.tell("")
		w.shows(w.items(w.long, "?limit=3"), itemIDs, w.ids(0, 3)...)
		w.shows(w.items(w.long, "?limit=3&offset=3"), itemIDs, append(w.ids(2, 3), w.ids(4, 6)...)...)
		w.shows(w.items(w.long, "?limit=3&offset=3"), "/total", "120")
	},
	fakespotify.LieDoubledEntry: func(w *liar) {
		w.tell(`,"count":-1`)
		w.shows(myPlaylists, "/items/*/id", w.long, w.long) // and the Discover Weekly is nowhere
		w.shows(myPlaylists, "/total", "2")
	},
	fakespotify.LieNewListedLate: func(w *liar) {
		w.tell(`,"delay":"30s"`)
		id := w.create(w.grant.Access, "new")
		w.shows(myPlaylists, "/items/*/id", w.long, w.weekly)
		w.shows(myPlaylists, "/total", "2")
		w.Advance(29 * time.Second)
		w.shows(myPlaylists, "/items/*/id", w.long, w.weekly)
		w.Advance(time.Second)
		w.shows(myPlaylists, "/items/*/id", id, w.long, w.weekly)
	},
	fakespotify.LieFriendDiscover: func(w *liar) {
		w.tell("")
		ids := w.get(myPlaylists, "/items/*/id")
		friend := ids[0]
		w.check(len(ids) == 3 && strings.HasPrefix(friend, "37i9dQZEVXc") && friend != w.weekly, "got %v, want a friend's Discover Weekly on top", ids)
		w.shows(myPlaylists, "/total", "3")
		w.shows(myPlaylists, "/items/0/owner/id", "spotify")
		w.check(!slices.Equal(w.get(w.items(friend, ""), itemIDs), w.get(w.items(w.weekly, ""), itemIDs)), "got the same songs, want others")
		w.shows(w.items(friend, ""), "/total", "30")
	},
	fakespotify.LieSpotifyNull: func(w *liar) {
		w.tell("")
		w.shows(myPlaylists, "/items/1", "null")
		w.shows(myPlaylists, "/total", "2")
	},
	fakespotify.LieSpotifyMissing: func(w *liar) {
		w.tell("")
		w.shows(myPlaylists, "/items/*/id", w.long)
		w.shows(myPlaylists, "/total", "1")
	},
	fakespotify.LieEndFails: func(w *liar) {
		w.tell(`,"status":502`)
		w.answers(502, w.items(w.long, "?offset=120"), "Bad Gateway")
		w.answers(502, w.items(w.long, "?offset=170"), "Bad Gateway")
		w.answers(200, w.items(w.long, "?offset=119"), `"total":120`)
		empty := w.create(w.grant.Access, "empty")
		w.answers(200, w.items(empty, ""), `"total":0`)
	},
	fakespotify.LieEndRepeats: func(w *liar) {
		w.tell("")
		w.shows(w.items(w.long, "?offset=120&limit=2"), itemIDs, w.ids(118, 120)...)
		w.shows(w.items(w.long, "?offset=119&limit=2"), itemIDs, w.ids(119, 120)...)
	},
	fakespotify.LieEndless: func(w *liar) {
		w.tell("")
		target := w.items(w.long, "?limit=50&offset=100")
		w.shows(target, "/next", "https://api.spotify.test"+w.items(w.long, `?limit=50\u0026offset=150`))
		w.shows(w.items(w.long, "?limit=50&offset=150"), "/items", "[]")
		w.check(len(w.get(w.items(w.long, "?offset=900"), "/next")[0]) > 10, "got no next page far beyond the end")
	},
}

var liesOfRoutes = map[fakespotify.FaultKind]func(w *liar){
	fakespotify.LieItemsRefused: func(w *liar) {
		w.tell(`,"status":404,"playlist":"` + w.long + `"`)
		w.answers(404, w.items(w.long, ""), "not found")
		w.answers(404, "/v1/playlists/"+w.long+"/tracks", "not found")
		w.answers(200, w.items(w.weekly, ""), "items")
		w.shows("/v1/playlists/"+w.long, "/items/items/*/item/id", w.ids(0, 100)...)
		w.shows("/v1/playlists/"+w.long, "/tracks/items/*/track/id", w.ids(0, 100)...)
		w.shows("/v1/playlists/"+w.long, "/items/total", "120")
		next := w.get("/v1/playlists/"+w.long, "/items/next")[0]
		w.check(strings.HasSuffix(next, w.items(w.long, `?limit=50\u0026offset=100`)), "got next %s", next)
	},
	fakespotify.LieNewItemsRefused: func(w *liar) {
		w.tell("")
		w.answers(403, w.items(w.weekly, ""), "Forbidden")
		w.answers(200, "/v1/playlists/"+w.weekly+"/tracks", "items")
		w.answers(200, w.items(w.long, ""), "items")
	},
	fakespotify.LieContainsRefused: func(w *liar) {
		w.tell("")
		w.answers(403, "/v1/me/library/contains?uris=spotify:playlist:"+w.long, "Forbidden")
		w.answers(200, myPlaylists, "items")
	},
	fakespotify.LieContainsNothing: func(w *liar) {
		w.tell("")
		w.answers(200, "/v1/me/library/contains?uris=spotify:playlist:"+w.long, "[false]")
	},
	fakespotify.LiePermissions: func(w *liar) {
		w.tell("")
		w.answers(401, recent, `"message":"Permissions missing"`)
		w.answers(401, playing, `"message":"Permissions missing"`)
		w.answers(200, myPlaylists, "items")
	},
	fakespotify.LiePermissionNamed: func(w *liar) {
		w.tell("")
		w.answers(401, recent, "Permissions missing: user-read-recently-played")
		w.answers(401, player, "Permissions missing: user-read-playback-state")
	},
	fakespotify.LieUnlistedMaybe:     unlisted("Check settings on developer.spotify.com/dashboard, the user may not be registered."),
	fakespotify.LieUnlistedApproved:  unlisted("User not approved for app"),
	fakespotify.LieUnlistedApp:       unlisted("The user is not registered for this application. Please check your settings on https://developer.spotify.com/dashboard."),
	fakespotify.LieUnlistedDashboard: unlisted("User not registered in the Developer Dashboard"),
}

// unlisted expects the words on any route of the Web API, as JSON and as plain
// text, and no effect.
func unlisted(words string) func(w *liar) {
	return func(w *liar) {
		w.tell("")
		w.answers(403, "/v1/me", `{"error":{"message":"`+words+`","status":403}}`)
		r := w.api(http.MethodPost, w.items(w.long, ""), w.grant.Access, addBody(w.t, uriList("x", 1)))
		w.check(r.status == 403 && len(w.URIs(w.long)) == 120, "got status %d and %d items, want 403 and no effect", r.status, len(w.URIs(w.long)))
		w.tokens(refreshForm(w.grant.Refresh), basic)
		w.must(w.ClearFaults())
		w.tell(`,"text":"plain","match":"GET /v1/me"`)
		r = w.api(http.MethodGet, "/v1/me", w.grant.Access, "")
		w.check(string(r.body) == words && strings.HasPrefix(r.header.Get("Content-Type"), "text/plain"), "got %s, want plain %s", r.body, words)
		w.answers(200, myPlaylists, "items")
	}
}

var liesOfWrites = map[fakespotify.FaultKind]func(w *liar){
	fakespotify.LieAppendLate: func(w *liar) {
		w.tell("")
		if !w.honest {
			w.must(w.Fault(fakespotify.Fault{Match: addRoute, Kind: fakespotify.FaultDrop, AfterEffect: true, Skip: 1}))
		}
		r := w.api(http.MethodPost, w.items(w.long, ""), w.grant.Access, addBody(w.t, uriList("x", 1)))
		w.check(r.status == 201, "got status %d, want 201", r.status)
		_, err := w.try(w.request(http.MethodPost, w.items(w.long, ""), w.grant.Access, addBody(w.t, uriList("y", 1))))
		w.check(err != nil, "got an answer, want it cut off")
		w.Advance(39 * time.Second)
		w.shows(w.items(w.long, "?limit=1"), "/total", "120")
		w.Advance(time.Second)
		w.shows(w.items(w.long, "?offset=120"), "/items/*/item/uri", uriList("x", 1)[0], uriList("y", 1)[0])
	},
	fakespotify.LieAppendLost: func(w *liar) {
		w.tell("")
		_, err := w.try(w.request(http.MethodPost, w.items(w.long, ""), w.grant.Access, addBody(w.t, uriList("x", 1))))
		w.check(err != nil, "got an answer, want it lost")
		w.shows(w.items(w.long, "?limit=1"), "/total", "121")
	},
	fakespotify.LieRotated: func(w *liar) {
		w.tell("")
		next := w.tokens(refreshForm(w.grant.Refresh), basic)
		w.check(next.Refresh != "", "got no new refresh token")
		w.check(w.form("/api/token", refreshForm(w.grant.Refresh), basic).status == 400, "the old refresh token works still")
	},
	fakespotify.LieScopeDropped: func(w *liar) {
		w.tell(`,"text":"user-read-recently-played"`)
		w.answers(200, recent, "items")
		next := w.tokens(refreshForm(w.grant.Refresh), basic)
		w.check(!strings.Contains(next.Scope, "user-read-recently-played"), "got scopes %s", next.Scope)
		w.grant = next
		w.answers(403, recent, "Insufficient client scope")
		w.answers(200, myPlaylists, "items")
	},
	fakespotify.LieSilentConsent: func(w *liar) {
		w.tell("")
		r := w.api(http.MethodGet, "/authorize?"+consentParams(allScopes).Encode(), "", "")
		w.check(r.status == 303 && strings.Contains(r.header.Get("Location"), "code="), "got status %d, want a redirect with a code", r.status)
		params := consentParams(allScopes)
		params.Set("show_dialog", "true")
		w.check(w.api(http.MethodGet, "/authorize?"+params.Encode(), "", "").status == 200, "got no consent page with show_dialog")
	},
}
