package fieldcases

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// chosenPlaylist: people keep an archive of their own, by hand or by another
// program, and want that one to go on.
const chosenPlaylist = "https://github.com/mackorone/spotify-playlist-archive"

// ownArchiveCases: the archive is a playlist that the person made.
func ownArchiveCases() []fieldCase {
	return []fieldCase{
		{
			name:   "own_playlist_as_the_archive",
			report: []string{chosenPlaylist, topOfList},
			met:    "Somebody has kept their songs in a playlist of their own for years, sorts it, and goes on with it.",
			right:  "What is in it is known, new songs go to its end, and its name and description stay; gone, it is followed by one of ours.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceInbox)
				old := append(songs("years ago", 4), p.shows(w.now())[:2]...)
				own := p.goOnWith("My favourites", old)

				p.copyDiscover()
				p.runNow()
				w.pass(time.Hour)
				p.wantInOrder(own, append(slices.Clone(old), p.shows(start)[2:]...))

				w.must(w.spotify.Reorder(demo, own, 0, 10, 30))
				sorted := w.spotify.URIs(own)
				w.pass(week)
				p.copyDiscover()
				p.runNow()
				w.pass(time.Hour)
				p.wantInOrder(own, append(sorted, p.shows(start.Add(week))...))
				if list, _ := w.spotify.Playlist(own); list.Name != "My favourites" || list.Description != "" {
					w.errorf("got the name %q and the description %q, want those of its owner", list.Name, list.Description)
				}

				w.must(w.spotify.Unfollow(demo, own))
				w.pass(week)
				p.copyDiscover()
				w.pass(6 * day)
				p.wantSaved(p.shows(start.Add(2 * week)))
				if got := w.spotify.URIs(own); len(got) != len(sorted)+30 {
					w.errorf("the playlist that its owner removed has %d songs, want the %d that it had", len(got), len(sorted)+30)
				}
			},
		},
	}
}

// goOnWith names a playlist of the person's own as the archive, which has these
// songs.
func (p *person) goOnWith(name string, uris []string) string {
	ctx, accounts := p.w.t.Context(), p.w.machine.accounts
	own, err := p.w.spotify.CreatePlaylist(p.key, name)
	p.w.must(err)
	p.put(own, uris...)
	p.w.must(accounts.AskOwn(ctx, p.id))
	p.w.pass(time.Minute)
	p.w.must(accounts.GoOnWith(ctx, p.id, own))
	p.w.pass(time.Minute)
	return own
}

// wantInOrder expects exactly these songs in a playlist, in that order.
func (p *person) wantInOrder(id string, want []string) {
	if got := p.w.spotify.URIs(id); !slices.Equal(got, want) {
		p.w.errorf("%s: got %d songs in the playlist, want %d, in their order", p.w.now().Format(time.DateTime), len(got), len(want))
	}
}
