package fieldcases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	friendsList  = "https://github.com/rawnaldclark/Stash/issues/354"
	friendsList2 = "https://github.com/music-assistant/support/issues/2861"
	friend       = "demo2"
)

// named sets the names of the own Discover Weekly and of the friend's.
func named(own, friends string) func(cfg *fakespotify.Config) {
	return func(cfg *fakespotify.Config) {
		cfg.Accounts = fakespotify.DemoAccounts()
		cfg.Accounts[0].DiscoverName, cfg.Accounts[1].DiscoverName = own, friends
	}
}

// whoseCases: of two Discover Weekly, none is chosen silently.
func whoseCases() []fieldCase {
	var rows []fieldCase
	const english, german = "Discover Weekly", "Dein Mix der Woche"
	for _, names := range [][2]string{{english, english}, {english, german}, {german, english}} {
		for _, order := range []string{"first", "last"} {
			rows = append(rows, fieldCase{
				name: fmt.Sprintf("friends_list_%s_own_%s_friends_%s", order,
					strings.ToLower(strings.Fields(names[0])[0]), strings.ToLower(strings.Fields(names[1])[0])),
				report: []string{friendsList, friendsList2},
				met:    "A library holds one's own Discover Weekly and that of a friend.",
				right:  "The person is asked and shown both; neither is saved before, what they pasted is; then the one they chose.",
				mode:   extended,
				config: named(names[0], names[1]),
				run: func(w *world) {
					own, friends := w.spotify.DiscoverID(demo), w.spotify.DiscoverID(friend)
					w.must(w.spotify.Follow(demo, friends))
					if order == "last" {
						w.must(w.spotify.Unfollow(demo, own))
						w.must(w.spotify.Follow(demo, own))
					}
					p := w.join(archive.ChoiceAuto)
					pasted := songs("pasted", 3)
					p.paste(pasted...)
					w.pass(day)
					p.wantOnly(pasted)
					p.wantCandidates(own, friends)
					w.must(w.machine.accounts.SetDiscover(w.t.Context(), p.id, "spotify:playlist:"+own))
					w.pass(week)
					p.wantOnly(slices.Concat(pasted, p.shown(2)))
				},
			})
		}
	}
	return append(rows, moreWhoseCases()...)
}

func moreWhoseCases() []fieldCase {
	return []fieldCase{
		{
			name:   "friends_list_is_followed_later",
			report: []string{friendsList, friendsList2},
			met:    "A friend's Discover Weekly turns up in the library of somebody whose own is known.",
			right:  "The friend's is not saved, and of the own one nothing is lost, however late the person answers.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.must(w.spotify.Follow(demo, w.spotify.DiscoverID(friend)))
				w.pass(2*week + time.Hour)
				w.must(w.machine.accounts.SetDiscover(w.t.Context(), p.id, "spotify:playlist:"+p.discoverID()))
				w.pass(day)
				p.wantOnly(p.shown(3))
			},
		},
		{
			name:   "own_list_fails_while_a_friends_is_followed",
			report: []string{friendsList, oneEndpointDown},
			met:    "One's own list answers 404 for a day, and a friend's is in the library.",
			right:  "The friend's is not taken for it.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.must(w.spotify.Follow(demo, w.spotify.DiscoverID(friend)))
				w.until(start.Add(week - time.Hour))
				broken := w.lie(lie{match: "GET /playlists/*/items", where: of(p.discoverID), tell: failing(404)})
				w.lie(lie{match: "GET /playlists/*/tracks", where: of(p.discoverID), tell: failing(404)})
				w.pass(20 * time.Hour)
				broken.times = 1
				w.honest()
				w.pass(3 * day)
				w.must(w.machine.accounts.SetDiscover(w.t.Context(), p.id, "spotify:playlist:"+p.discoverID()))
				w.pass(day)
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "chosen_list_fails_while_a_friends_is_followed",
			report: []string{friendsList, oneEndpointDown},
			met:    "One's own list, which the person has chosen, answers 404 for a day, and a friend's is in the library.",
			right:  "The friend's is not taken for it.",
			mode:   extended,
			run: func(w *world) {
				w.must(w.spotify.Follow(demo, w.spotify.DiscoverID(friend)))
				p := w.join(archive.ChoiceAuto)
				w.must(w.machine.accounts.SetDiscover(w.t.Context(), p.id, "spotify:playlist:"+p.discoverID()))
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.discoverID), tell: failing(404)})
				w.lie(lie{match: "GET /playlists/*/tracks", where: of(p.discoverID), tell: failing(404)})
				w.pass(20 * time.Hour)
				w.honest()
				w.pass(3 * day)
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "friends_list_shows_and_the_own_one_is_left_out_at_sign_up",
			report: []string{friendsList, borderSlip},
			met:    "A library holds one's own Discover Weekly and that of a friend; an entry of the list comes twice, and the own one not at all.",
			right:  "The list counts more than it shows, so the friend's is not taken for the own one.",
			mode:   extended,
			run: func(w *world) {
				w.must(w.spotify.Follow(demo, w.spotify.DiscoverID(friend)))
				slips := w.lie(lie{match: "GET /me/playlists", tell: hiding(fixed(w.spotify.DiscoverID(demo)), twice)})
				p := w.join(archive.ChoiceAuto)
				w.pass(20 * time.Hour)
				slips.times = 1
				w.pass(day)
				p.wantNone("songs of a list that nobody has chosen", p.archived())
				p.wantCandidates(p.discoverID(), w.spotify.DiscoverID(friend))
				w.must(w.machine.accounts.SetDiscover(w.t.Context(), p.id, "spotify:playlist:"+p.discoverID()))
				w.pass(day)
				p.wantOnly(p.shown(1))
			},
		},
		{
			name:   "own_copy_is_named_discover_weekly",
			report: []string{friendsList, "https://github.com/Chimildic/goofy/issues/261"},
			met:    "A playlist of one's own has the name of Discover Weekly.",
			right:  "It is not taken for it.",
			mode:   extended,
			run: func(w *world) {
				id, err := w.spotify.CreatePlaylist(demo, "Discover Weekly")
				w.must(err)
				w.must(w.spotify.Fill(demo, id, 20))
				p := w.join(archive.ChoiceAuto)
				w.pass(week + time.Hour)
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "two_inboxes_of_ours",
			report: []string{friendsList, emptyLibrary},
			met:    "A library holds two playlists that carry the inbox's marker.",
			right:  "The songs of neither are lost: the person is asked, or both are read.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceInbox)
				first, _ := w.spotify.Playlist(p.inbox())
				second, err := w.spotify.CreatePlaylist(demo, first.Name)
				w.must(err)
				w.must(w.spotify.Rename(demo, second, first.Name, first.Description))
				p.put(first.ID, songs("first", 3)...)
				p.put(second, songs("second", 3)...)
				w.pass(3 * day)
				p.wantSaved(songs("first", 3))
			},
		},
	}
}

// wantCandidates checks between which lists the person is asked to choose.
func (p *person) wantCandidates(want ...string) {
	var got []string
	for _, c := range p.user().Discover.Candidates {
		got = append(got, c.PlaylistID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.w.errorf("the person is asked to choose between %q, want %q", got, want)
	}
	p.wantOutcome(outcome.Choose, outcome.Saved)
}
