package fakespotify_test

import (
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const itemISRCs = "/items/*/item/external_ids/isrc"

var liesOfSongs = map[fakespotify.FaultKind]func(w *liar){
	fakespotify.LieDatesNull: func(w *liar) {
		added := w.get(w.items(w.long, "?limit=3"), itemDates)
		w.tell("")
		w.shows(w.items(w.long, "?limit=3"), itemDates, "null", "null", "null")
		w.shows("/v1/playlists/"+w.long+"?fields=items(items(added_at))", "/items/items/0/added_at", "null")
		w.must(w.ClearFaults())
		w.tell(`,"count":1`)
		w.shows(w.items(w.long, "?limit=3"), itemDates, "null", added[1], added[2])
	},
	fakespotify.LieDates1970: func(w *liar) {
		w.tell("")
		w.shows(w.items(w.long, "?limit=2"), itemDates, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z")
	},
	fakespotify.LieDatesAhead: func(w *liar) {
		w.tell(`,"count":1`)
		w.shows(w.items(w.weekly, "?limit=2"), itemDates, "2036-11-18T12:01:00Z", "2026-11-16T00:00:00Z")
	},
	fakespotify.LieISRCShared: func(w *liar) {
		w.tell(`,"count":3`)
		target := w.items(w.weekly, "?limit=30")
		codes := w.get(target, itemISRCs)
		first := slices.Clone(codes)
		slices.Sort(codes)
		w.check(len(codes) == 30 && len(slices.Compact(codes)) == 3, "got %v, want 3 ISRCs of 30 songs", codes)
		w.shows(target, itemISRCs, first...)
		w.shows("/v1/tracks/"+w.get(target, itemIDs)[0], "/external_ids/isrc", first[0])
	},
	fakespotify.LieISRCHyphens: func(w *liar) {
		code := w.Items(w.long)[0].ISRC
		w.tell("")
		w.shows(w.items(w.long, "?limit=1"), itemISRCs, code[:2]+"-"+code[2:5]+"-"+code[5:7]+"-"+code[7:])
	},
	fakespotify.LieISRCLower: func(w *liar) {
		w.tell("")
		w.shows(w.items(w.long, "?limit=1"), itemISRCs, strings.ToLower(w.Items(w.long)[0].ISRC))
	},
	fakespotify.LieISRCPlaceholder: func(w *liar) {
		w.tell("")
		w.shows(w.items(w.long, "?limit=2"), itemISRCs, "000000000000", "000000000000")
		w.must(w.ClearFaults())
		w.tell(`,"text":"N/A"`)
		w.shows(w.items(w.long, "?limit=1"), itemISRCs, "N/A")
	},
	fakespotify.LieISRCMissing: func(w *liar) {
		w.tell("")
		w.shows(w.items(w.long, "?limit=2"), "/items/*/item/external_ids", "{}", "{}")
	},
	fakespotify.LieRelinked: func(w *liar) {
		target := w.items(w.long, "?limit=1")
		code, length := w.get(target, itemISRCs), w.get(target, "/items/*/item/duration_ms")
		other := fakespotify.Relinked(w.ids(0, 1)[0])
		w.tell("")
		w.shows(target, itemIDs, other)
		w.shows(target, "/items/*/item/uri", "spotify:track:"+other)
		w.shows(target, itemISRCs, code...)
		w.shows(target, "/items/*/item/duration_ms", length...)
	},
}

const playedAts, contexts = "/items/*/played_at", "/items/*/context"

var liesOfPlays = map[fakespotify.FaultKind]func(w *liar){
	fakespotify.LiePlaysLate: func(w *liar) {
		all := w.get(recent, playedAts)
		w.tell(`,"delay":"1h"`)
		w.shows(recent, playedAts, all[0])
		w.Advance(54 * time.Minute) // the middle one of three was played three minutes before the last
		w.shows(recent, playedAts, all[0], all[2])
		w.Advance(3 * time.Minute)
		w.shows(recent, playedAts, all...)
	},
	fakespotify.LieContextUser: func(w *liar) {
		w.tell("")
		for _, target := range []string{player, playing} {
			w.shows(target, "/context/uri", "spotify:user:spotify:playlist:"+w.weekly)
			w.shows(target, "/context/href", "https://api.spotify.test/v1/users/spotify/playlists/"+w.weekly)
		}
		w.shows(recent, contexts+"/uri", slices.Repeat([]string{"spotify:user:spotify:playlist:" + w.weekly}, 3)...)
		w.must(w.SetQueue("demo1", "spotify:playlist:"+w.long, w.URIs(w.long)[0]))
		w.shows(player, "/context/uri", "spotify:user:standindemo1:playlist:"+w.long)
	},
	fakespotify.LieContextHref: func(w *liar) {
		w.tell("")
		w.shows(player, "/context/uri", "null")
		w.shows(player, "/context/external_urls", "{}")
		w.shows(recent, contexts+"/href", slices.Repeat([]string{"https://api.spotify.test/v1/playlists/" + w.weekly}, 3)...)
		w.shows(recent, contexts+"/uri", "null", "null", "null")
	},
	fakespotify.LieContextURL: func(w *liar) {
		w.tell("")
		w.shows(player, "/context/uri", "null")
		w.shows(player, "/context/href", "null")
		w.shows(player, "/context/external_urls/spotify", "https://open.spotify.com/playlist/"+w.weekly)
	},
	fakespotify.LieContextNull: func(w *liar) {
		w.tell(`,"match":"GET /v1/me/player/recently-played"`)
		w.shows(recent, contexts, "null", "null", "null")
		w.shows(player, "/context/uri", "spotify:playlist:"+w.weekly)
	},
	fakespotify.LiePrivateSession: func(w *liar) {
		w.tell("")
		w.shows(recent, "/items", "[]")
		w.shows(player, "/device/is_private_session", "true")
	},
	fakespotify.LieQueueForeign: func(w *liar) {
		const queue = "/v1/me/player/queue"
		own := w.get(queue, "/queue/*/id")
		w.tell(`,"count":18`)
		mixed := w.get(queue, "/queue/*/id")
		w.check(len(mixed) == 20 && slices.Equal(mixed[:2], own[:2]), "got %v, want two of the list first", mixed)
		for _, id := range mixed[2:] {
			w.check(!slices.Contains(own, id), "got %s of the list, want another song", id)
		}
	},
	fakespotify.LieShuffle: func(w *liar) {
		w.tell("")
		w.shows(player, "/shuffle_state", "true")
		w.shows(player, "/smart_shuffle", "false")
	},
	fakespotify.LieSmartShuffle: func(w *liar) {
		w.tell("")
		w.shows(player, "/smart_shuffle", "true")
		w.shows(player, "/shuffle_state", "true")
	},
}
