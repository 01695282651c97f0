package web

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// lookAgain is how old the last run is before a page that is opened looks by
// itself.
const lookAgain = 10 * time.Second

// cardView is the one card of the account page: a sentence about this week,
// and the one thing to do next. Sentences are lines, which the page says in the
// visitor's language.
type cardView struct {
	State      state
	Monday     time.Time // of the week that the card is about
	Tiles      []bool    // one for each song of a Discover Weekly: whether it is in; none where that says nothing
	Sentence   []words.Line
	Progress   words.Line   // of a run that only looks; usually none
	Result     []words.Line // of the last run, where the sentence does not tell it
	At         time.Time    // of the last run; zero before the first
	Next       time.Time    // when the next week begins; zero: that is not the point
	Missed     time.Time    // the Monday of last week, if the person missed it
	Waiting    int
	WaitingFor words.Line // takes Waiting

	Main       button // the next thing to do; empty: nothing
	Also       button // what may be done beside it
	Steps      bool   // how Discover Weekly is copied
	InboxSoon  bool   // the inbox is made in the next run
	Listens    bool   // what the person plays is archived
	Heard      time.Time
	PutOff     time.Time // when a look at what the person plays was put off; zero: not today, or one came since
	Candidates []candidateView
	Archive    playlistView // without a link: there is none yet
	Remind     *remindView  // nil: the person is not asked

	Reload  bool   // loading the page again may show more
	Watched bool   // a run is about to change the card
	Look    bool   // the page looks for songs by itself when it is seen again
	LookAt  string // "once": as soon as it is opened, too
}

// button leads somewhere, or posts a form without fields.
type button struct {
	Label      words.Line
	Link, Post string
	Main       bool // the next thing to do
}

// candidateView is a playlist that may be the user's Discover Weekly.
type candidateView struct {
	ID, Link string
	Given    string // its name in Spotify; may be empty
}

func (s *server) card(account usecase.Account, now situation) cardView {
	u, week := now.user, now.week()
	stands := now.standing()
	v := cardView{
		State:      now.state(),
		Monday:     week.Edition.Monday(),
		Sentence:   now.sentence(),
		At:         u.Last.At,
		Waiting:    account.Waiting,
		WaitingFor: words.Say("account.waiting." + cmp.Or(now.until(), now.nextRun())),
		InboxSoon:  now.readsInbox() && u.Inbox.PlaylistID == "" && now.until() == "",
		Listens:    u.Listens() && (stands == standsWell || stands == standsPartly),
		Heard:      u.Listening.Cursor,
		PutOff:     now.putOff(),
		Watched:    now.watched(),
	}
	if archives := s.archives(u); len(archives) > 0 {
		v.Archive = archives[0]
	}
	switch stands {
	case standsTurn, standsPartly, standsIn:
		v.Tiles = tiles(week)
		v.Result, v.Missed = now.result(), now.missed()
		v.Steps = now.theirs() && stands != standsIn && u.Choice != archive.ChoicePaste
		v.Look = v.Steps && v.State.Run
	case standsNeeds:
		v.Candidates = s.candidates(u)
	case standsApp:
		if !u.Unrun() && u.Last.Kind != outcome.Paused {
			v.Result = now.result()
		}
	}
	if stands == standsIn {
		v.Next = week.Until
	}
	if now.looking() {
		v.Progress = now.progress()
	}
	v.Reload = v.Watched || u.Unrun() && now.until() == ""
	if now.now.Sub(u.Last.At) > lookAgain {
		v.LookAt = "once"
	}
	v.Main, v.Also = s.buttons(now, v)
	v.Main.Main = true
	return v
}

func tiles(week calendar.Week) []bool {
	if week.State == calendar.WeekIn && week.Songs == 0 {
		return nil // archived by a program that did not count them
	}
	list := make([]bool, calendar.DiscoverSongs)
	for i := range min(week.Songs, calendar.DiscoverSongs) {
		list[i] = true
	}
	return list
}

// buttons says what to do next. What is in the way goes before the week.
func (s *server) buttons(now situation, v cardView) (next, also button) {
	run := button{Label: words.Say("account.run"), Post: "/account/run"}
	if !v.State.Run {
		run = button{}
	}
	open := button{Label: v.Archive.Name, Link: v.Archive.Link}
	switch stands := now.standing(); {
	case now.until() == "reconnect", stands == standsNeeds && now.lacksScope():
		return button{Label: words.Say("action.reconnect"), Link: reconnectLink(now.user, now.banner())}, button{}
	case stands == standsStopped:
		return button{Label: words.Say("account.resume"), Post: "/account/resume"}, button{}
	case stands == standsNeeds && len(v.Candidates) > 0:
		return button{}, run
	case stands == standsNeeds:
		return button{Label: words.Say("action.choose_source"), Link: "/account/settings#source"}, run
	case v.State.RunMain && now.user.Last.Kind == outcome.GrantRefused && !now.user.Unrun():
		return run, button{Label: words.Say("action.reconnect"), Link: reconnectLink(now.user, now.banner())}
	case v.State.RunMain:
		return run, button{}
	case v.Steps:
		if v.State.Run {
			run.Label = words.Say("account.copied")
		}
		return button{Label: words.Say("action.open_discover"), Link: s.discoverLink(now.user)}, run
	case stands == standsTurn && now.user.Choice == archive.ChoicePaste:
		return button{Label: words.Say("paste.title"), Link: "/account/paste"}, button{}
	case stands == standsIn:
		return open, button{}
	case stands == standsPartly, stands == standsWell:
		return open, run
	default:
		return button{}, run
	}
}

// discoverLink opens the person's Discover Weekly where it is known, and
// Spotify's search for its name otherwise, in the language of its playlists.
func (s *server) discoverLink(u archive.User) string {
	if id := u.DiscoverWeekly(); id != "" {
		return s.playlist(id)
	}
	language, _ := s.Words.Language(u.Language)
	return s.SearchURL + url.PathEscape(language.Text(words.Say("discover.name")))
}

func (s *server) candidates(u archive.User) []candidateView {
	views := make([]candidateView, 0, len(u.Discover.Candidates))
	for _, c := range u.Discover.Candidates {
		views = append(views, candidateView{ID: c.PlaylistID, Link: s.playlist(c.PlaylistID), Given: shortened(c.Name)})
	}
	return views
}

// archives returns the archives that grow, or did: first the one into which this week's
// songs go, then the one archive, then years, newest first.
func (s *server) archives(u archive.User) []playlistView {
	var archives []playlistView
	now := u.Shape.ArchiveKey(u.WeekOf(s.Clock()))
	rank := func(key string) int { return slices.Index([]string{archive.MainArchive, now}, key) }
	keys := slices.SortedFunc(maps.Keys(u.Archives), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), cmp.Compare(b, a))
	})
	for _, key := range keys {
		target := u.Archives[key]
		if target.PlaylistID == "" || archive.IsCopyKey(key) {
			continue
		}
		view := playlistView{Link: s.playlist(target.PlaylistID), Total: target.Total, Whole: target.Part <= 1, Name: words.Say("account.open.year", key)}
		if key == archive.MainArchive {
			view.Name = words.Say("account.open.main")
		}
		archives = append(archives, view)
	}
	if len(archives) > 1 {
		archives[0].Whole = false
	}
	return archives
}

// copiesShown is how many archives of single weeks a page shows.
const copiesShown = 12

// copies returns the archives of single weeks before an edition, or the newest.
func (s *server) copies(u archive.User, before calendar.Edition) copiesView {
	page := copiesView{Later: before != ""}
	var last calendar.Edition
	for _, key := range slices.Backward(slices.Sorted(maps.Keys(u.Archives))) {
		edition, target := calendar.Edition(key), u.Archives[key]
		if target.PlaylistID == "" || !archive.IsCopyKey(key) {
			continue
		}
		page.All++
		switch {
		case before != "" && edition >= before:
		case len(page.List) == copiesShown:
			page.Older = last
		default:
			page.List = append(page.List, playlistView{
				Link: s.playlist(target.PlaylistID), Total: target.Total, Name: words.Say("account.week", edition.Monday()),
			})
			last = edition
		}
	}
	return page
}
