package spotify_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

const (
	askItems  = "GET /playlists/" + playlistID + "/items"
	askTracks = "GET /playlists/" + playlistID + "/tracks"
	askNested = "GET /playlists/" + playlistID
)

// song is the nth song of the playlists below.
func song(n int) string { return fmt.Sprintf("s%021d", n) }

// entries are the songs of a playlist from one to another.
func entries(name string, first, end int) string {
	var list []string
	for n := first; n < end; n++ {
		list = append(list, fmt.Sprintf(`{"added_at":"2026-11-15T23:00:00Z","%s":{"id":"%s"}}`, name, song(n)))
	}
	return "[" + strings.Join(list, ",") + "]"
}

func itemsPage(first, end, total int) step {
	return step{status: 200, body: fmt.Sprintf(`{"total":%d,"items":%s}`, total, entries("item", first, end))}
}

func nested(end, total int) step {
	return step{status: 200, body: fmt.Sprintf(`{"id":"%s","items":{"total":%d,"items":%s}}`, playlistID, total, entries("item", 0, end))}
}

// TestWays reads playlists whose routes fail each alone: everything that any
// of them shows is read, and nothing refused is asked again.
func TestWays(t *testing.T) {
	t.Parallel()
	forbidden := []step{{status: 403, body: webError("Forbidden")}}
	notFound := []step{{status: 404, body: webError("Resource not found")}}
	down := []step{{status: 500, body: canaryBody}}
	busy := []step{{status: 503}}
	without := []step{{status: 200, body: `{"id":"` + playlistID + `","total":30,"items":null}`}}
	tests := map[string]struct {
		routes map[string][]step
		pages  []int // offsets that are asked
		got    []int // items read, by page
		err    error // of the last page
		asked  []string
	}{
		"items": {
			map[string][]step{askItems: {itemsPage(0, 50, 70), itemsPage(50, 70, 70)}},
			[]int{0, 50}, []int{50, 20}, nil, []string{askItems, askItems},
		},
		"tracks_after_403": {
			map[string][]step{askItems: forbidden, askTracks: {itemsPage(0, 50, 70), itemsPage(50, 70, 70)}},
			[]int{0, 50}, []int{50, 20}, nil, []string{askItems, askTracks, askTracks},
		},
		"tracks_after_404": {
			map[string][]step{askItems: notFound, askTracks: {itemsPage(0, 30, 30)}},
			[]int{0}, []int{30}, nil, []string{askItems, askTracks},
		},
		"tracks_after_no_items": {
			map[string][]step{askItems: without, askTracks: {itemsPage(0, 30, 30)}},
			[]int{0}, []int{30}, nil, []string{askItems, askTracks},
		},
		"nested_after_two_refusals": {
			map[string][]step{askItems: forbidden, askTracks: forbidden, askNested: {nested(70, 70)}},
			[]int{0}, []int{70}, nil, []string{askItems, askTracks, askNested},
		},
		"nested_after_500": {
			map[string][]step{askItems: down, askNested: {nested(30, 30)}},
			[]int{0}, []int{30}, nil, []string{askItems, askNested},
		},
		"nested_after_503_twice": {
			map[string][]step{askItems: busy, askNested: {nested(30, 30)}},
			[]int{0}, []int{30}, nil, []string{askItems, askItems, askNested},
		},
		"nested_after_garbage": {
			map[string][]step{askItems: {{status: 200, body: "<html>"}}, askNested: {nested(30, 30)}},
			[]int{0}, []int{30}, nil, []string{askItems, askNested},
		},
		"nested_after_400": {
			map[string][]step{askItems: {{status: 400, body: webError("Invalid")}}, askNested: {nested(30, 30)}},
			[]int{0}, []int{30}, nil, []string{askItems, askNested},
		},
		"nested_after_403_and_500": {
			map[string][]step{askItems: forbidden, askTracks: down, askNested: {nested(30, 30)}},
			[]int{0}, []int{30}, nil, []string{askItems, askTracks, askNested},
		},
		"nested_by_their_old_name": {
			map[string][]step{
				askItems: forbidden, askTracks: forbidden,
				askNested: {{status: 200, body: `{"id":"` + playlistID + `","items":{"total":3},"tracks":{"total":2,"items":` + entries("track", 0, 2) + `}}`}},
			},
			[]int{0}, []int{2}, nil, []string{askItems, askTracks, askNested},
		},
		"nested_in_part": {
			map[string][]step{askItems: forbidden, askTracks: forbidden, askNested: {nested(100, 230)}},
			[]int{0, 100}, []int{100}, fault.ErrNotReadable, []string{askItems, askTracks, askNested},
		},
		"nested_in_small_part": {
			map[string][]step{askItems: forbidden, askTracks: forbidden, askNested: {nested(20, 30)}},
			[]int{0, 20}, []int{20}, fault.ErrNotReadable, []string{askItems, askTracks, askNested},
		},
		"nested_before_the_tail": {
			map[string][]step{askItems: forbidden, askTracks: forbidden, askNested: {nested(20, 30)}},
			[]int{25}, nil, fault.ErrNotReadable, []string{askItems, askTracks, askNested},
		},
		"nested_tail": {
			map[string][]step{askItems: forbidden, askTracks: forbidden, askNested: {nested(40, 40)}},
			[]int{30}, []int{10}, nil, []string{askItems, askTracks, askNested},
		},
		"nested_tail_beyond_the_end": {
			map[string][]step{askItems: forbidden, askTracks: forbidden, askNested: {nested(40, 40)}},
			[]int{60}, []int{0}, nil, []string{askItems, askTracks, askNested},
		},
		"nested_tail_that_is_not_shown": {
			map[string][]step{askItems: forbidden, askTracks: forbidden},
			[]int{100}, nil, fault.ErrNotReadable, []string{askItems, askTracks},
		},
		"first_page_in_trouble": {
			map[string][]step{askItems: {down[0], itemsPage(100, 130, 130)}, askNested: {nested(100, 130)}},
			[]int{0, 100}, []int{100, 30}, nil, []string{askItems, askNested, askItems},
		},
		"trouble_for_long": {
			map[string][]step{askItems: down, askNested: {nested(100, 130)}},
			[]int{0, 100}, []int{100}, fault.ErrNotReadable, []string{askItems, askNested, askItems},
		},
		"later_page_refused": {
			map[string][]step{askItems: {itemsPage(0, 50, 70), forbidden[0]}, askTracks: {itemsPage(50, 70, 70)}},
			[]int{0, 50}, []int{50, 20}, nil, []string{askItems, askItems, askTracks},
		},
		"later_page_in_trouble": {
			map[string][]step{askItems: {itemsPage(0, 50, 70), down[0]}, askNested: {nested(70, 70)}},
			[]int{0, 50}, []int{50, 20}, nil, []string{askItems, askItems, askNested},
		},
		"tail_in_trouble": {
			map[string][]step{askItems: down},
			[]int{150}, nil, fault.ErrUnavailable, []string{askItems},
		},
		"all_refused": {
			map[string][]step{askItems: forbidden, askTracks: forbidden, askNested: notFound},
			[]int{0, 0, 50}, nil, fault.ErrNotReadable, []string{askItems, askTracks, askNested},
		},
		"nothing_shown": {
			map[string][]step{askItems: without, askTracks: without, askNested: without},
			[]int{0, 0}, nil, fault.ErrNotReadable, []string{askItems, askTracks, askNested},
		},
		"nested_counted_and_not_shown": {
			map[string][]step{askItems: forbidden, askTracks: forbidden, askNested: {nested(0, 30)}},
			[]int{0, 0}, nil, fault.ErrNotReadable, []string{askItems, askTracks, askNested},
		},
		"nested_of_another": {
			map[string][]step{askItems: down, askNested: {{status: 200, body: `{"id":"other","items":{"total":1,"items":` + entries("item", 0, 1) + `}}`}}},
			[]int{0}, nil, fault.ErrUnavailable, []string{askItems, askNested},
		},
		"all_in_trouble": {
			map[string][]step{askItems: down, askNested: down},
			[]int{0, 0}, nil, fault.ErrUnavailable, []string{askItems, askNested, askItems, askNested},
		},
		"refused_before_trouble": {
			map[string][]step{askItems: forbidden, askTracks: down, askNested: down},
			[]int{0}, nil, fault.ErrNotReadable, []string{askItems, askTracks, askNested},
		},
		"trouble_before_refusal": {
			map[string][]step{askItems: down, askNested: forbidden},
			[]int{0}, nil, fault.ErrUnavailable, []string{askItems, askNested},
		},
		"no_answer": {
			map[string][]step{askItems: {{err: errReset}}},
			[]int{0}, nil, fault.ErrUnavailable, []string{askItems, askItems},
		},
		"unauthorized": {
			map[string][]step{askItems: {{status: 401}}},
			[]int{0}, nil, fault.ErrUnauthorized, []string{askItems, askItems, askItems},
		},
		"reason_from_the_second": {
			map[string][]step{askItems: forbidden, askTracks: {{status: 403, body: "User not approved for app"}}},
			[]int{0}, nil, fault.ErrNotAllowed, []string{askItems, askTracks},
		},
		"first_page_denies_its_total": {
			map[string][]step{askItems: {itemsPage(0, 30, 7)}, askNested: {nested(30, 30)}},
			[]int{0}, []int{30}, nil, []string{askItems, askNested},
		},
		"total_of_nothing_denied": {
			map[string][]step{askItems: {itemsPage(0, 30, 0)}, askNested: {nested(30, 0)}},
			[]int{0}, []int{30}, nil, []string{askItems, askNested},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRouter(t, tt.routes)
				library := newClient(t, r).Library(tokens)
				var got []int
				var last error
				for _, offset := range tt.pages {
					page, err := library.Items(t.Context(), playlistID, offset)
					if last = err; err != nil {
						continue
					}
					got = append(got, len(page.Items))
					checkPage(t, page, offset)
				}
				if diff := cmp.Diff(got, tt.got); diff != "" {
					t.Errorf("wrong pages (-got +want):\n%s", diff)
				}
				if tt.err == nil && last != nil {
					t.Errorf("got %v, want no error", last)
				}
				if tt.err != nil {
					checkError(t, last, tt.err)
				}
				if diff := cmp.Diff(r.asked(), tt.asked); diff != "" {
					t.Errorf("wrong requests (-got +want):\n%s", diff)
				}
			})
		})
	}
}

// checkPage wants the songs from the offset on, and Next to go on after them
// as long as there are more.
func checkPage(t *testing.T, page webapi.ItemPage, offset int) {
	t.Helper()
	for i, item := range page.Items {
		if want := song(offset + i); item.Track.ID != want || !item.Usable || item.AddedAt.IsZero() {
			t.Errorf("got item %d as %+v, want the song %s", offset+i, item, want)
		}
	}
	want := offset + len(page.Items)
	if want >= page.Total {
		want = 0
	}
	if page.Next != want && len(page.Items) > 0 {
		t.Errorf("got next %d of %d after %d, want %d", page.Next, page.Total, offset, want)
	}
}

// TestWaysOfSpotifysLists: an app that is refused one sees nothing inside it.
func TestWaysOfSpotifysLists(t *testing.T) {
	t.Parallel()
	const id = "37i9dQZEVXcAAAAAAAAAAA"
	const list = "GET /playlists/" + id
	shown := step{status: 200, body: `{"id":"` + id + `","items":{"total":1,"items":` + entries("item", 0, 1) + `}}`}
	for name, tt := range map[string]struct {
		status int
		want   error
		asked  []string
	}{
		"forbidden": {403, fault.ErrNotReadable, []string{list + "/items", list + "/tracks"}},
		"not_found": {404, fault.ErrNotReadable, []string{list + "/items", list + "/tracks"}},
		"failing":   {500, nil, []string{list + "/items", list}},
	} {
		refused := []step{{status: tt.status, body: webError("No")}}
		r := newRouter(t, map[string][]step{list + "/items": refused, list + "/tracks": refused, list: {shown}})
		page, err := newClient(t, r).Library(tokens).Items(t.Context(), id, 0)
		if tt.want != nil {
			checkError(t, err, tt.want)
		} else if err != nil || len(page.Items) != 1 {
			t.Errorf("%s: got %+v, %v", name, page, err)
		}
		if diff := cmp.Diff(r.asked(), tt.asked); diff != "" {
			t.Errorf("%s: wrong requests (-got +want):\n%s", name, diff)
		}
	}
}

// TestWaysAreOfOnePlaylist: what is refused for one is asked for another.
func TestWaysAreOfOnePlaylist(t *testing.T) {
	t.Parallel()
	forbidden := []step{{status: 403, body: webError("Forbidden")}}
	r := newRouter(t, map[string][]step{
		askItems: forbidden, askTracks: {itemsPage(0, 30, 30)},
		"GET /playlists/other/items": {itemsPage(0, 30, 30)},
	})
	client := newClient(t, r)
	for range 2 { // runs
		library := client.Library(tokens)
		for _, id := range []string{playlistID, "other"} {
			if _, err := library.Items(t.Context(), id, 0); err != nil {
				t.Error(err)
			}
		}
	}
	run := []string{askItems, askTracks, "GET /playlists/other/items"}
	if diff := cmp.Diff(r.asked(), append(run, run...)); diff != "" {
		t.Errorf("wrong requests (-got +want):\n%s", diff)
	}
}

// TestPageQueries: every way asks for the same things of a song.
func TestPageQueries(t *testing.T) {
	t.Parallel()
	r := newRouter(t, map[string][]step{
		askItems: {{status: 403}}, askTracks: {{status: 403}}, askNested: {nested(1, 1)},
	})
	if _, err := newClient(t, r).Library(tokens).Items(t.Context(), playlistID, 0); err != nil {
		t.Fatal(err)
	}
	const (
		entry   = "added_at,is_local,item(id,type,uri,is_local,duration_ms,external_ids(isrc)),track(id,type,uri,is_local,duration_ms,external_ids(isrc))"
		episode = "additional_types=track,episode"
		paged   = "?" + episode + "&fields=total,next,items(" + entry + ")&limit=50&offset=0"
	)
	for name, want := range map[string]string{
		askItems: paged, askTracks: paged,
		askNested: "?" + episode + "&fields=id,items(total,items(" + entry + ")),tracks(total,items(" + entry + "))",
	} {
		if got := r.query(name); got != want {
			t.Errorf("for %s got  %s\nwant %s", name, got, want)
		}
	}
}
