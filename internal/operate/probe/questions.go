package probe

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

const (
	pageSize = 50
	maxPages = 4 // of the list of playlists

	// Spotify's own lists belong to this account, and the ids of all Discover
	// Weekly that were published begin so.
	spotifyOwner   = "spotify"
	discoverPrefix = "37i9dQZEVXc"
)

func paging(offset, limit int) url.Values {
	return url.Values{"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(limit)}}
}

func (p *prober) profile(ctx context.Context) error {
	r := request{question: "which fields a profile has", route: "/me", path: "/me"}
	return p.ask(ctx, r, func(a *Answer, _ int, body any, _ http.Header) {
		a.tell("it has an account_id", text(body, "account_id") != "")
	})
}

// playlists reads the list as a run does, and looks for Discover Weekly.
func (p *prober) playlists(ctx context.Context) error {
	p.discoverID = p.User.Discover.PlaylistID
	p.archiveID = p.User.Archives[archive.MainArchive].PlaylistID
	for page := range maxPages {
		offset := page * pageSize
		r := request{
			question: "how the list of playlists shows Discover Weekly", route: "/me/playlists",
			path: "/me/playlists", query: paging(offset, pageSize),
		}
		last := true
		err := p.ask(ctx, r, func(a *Answer, _ int, body any, _ http.Header) {
			p.total = number(body, "total")
			p.lookAtPlaylists(a, list(body, "items"))
			last = text(body, "next") == ""
		})
		if err != nil || last {
			return err
		}
	}
	return nil
}

func (p *prober) lookAtPlaylists(a *Answer, items []any) {
	ids := map[string]bool{}
	nulls, ofSpotify, discover := 0, 0, 0
	for _, item := range items {
		if item == nil {
			nulls++
			continue
		}
		id := text(item, "id")
		ids[id] = true
		if text(object(item, "owner"), "id") != spotifyOwner {
			continue
		}
		ofSpotify++
		if strings.HasPrefix(id, discoverPrefix) {
			discover++
			if p.discoverID == "" {
				p.discoverID = id
			}
		}
	}
	a.count("entries", len(items))
	a.count("entries that are null", nulls)
	a.count("different ids", len(ids))
	a.count("of Spotify's own", ofSpotify)
	a.count("that look like Discover Weekly", discover)
	a.tell("the archive shows", ids[p.archiveID])
}

// discover asks for Discover Weekly on each route, and twice for its snapshot.
func (p *prober) discover(ctx context.Context) error {
	if p.discoverID == "" {
		p.report.Answers = append(p.report.Answers, Answer{Question: "what Discover Weekly answers", No: []string{"its id is known: paste its link on the account page, then ask again"}})
		return nil
	}
	playlist := "/playlists/" + p.discoverID
	snapshot := ""
	for _, question := range []string{"what Discover Weekly answers", "whether its snapshot id changes with every request"} {
		err := p.ask(ctx, request{question: question, route: "/playlists/{discover}", path: playlist}, func(a *Answer, status int, body any, _ http.Header) {
			if status != http.StatusOK {
				return
			}
			now := text(body, "snapshot_id")
			if snapshot != "" {
				a.tell("the snapshot id is the same", snapshot == now)
			}
			snapshot = now
			a.tell("it holds items", len(list(object(body, "items"), "items")) > 0 || len(list(object(body, "tracks"), "items")) > 0)
			a.tell("its owner is Spotify", text(object(body, "owner"), "id") == spotifyOwner)
		})
		if err != nil {
			return err
		}
	}
	for _, route := range []string{"/items", "/tracks"} {
		r := request{
			question: "what the songs of Discover Weekly answer", route: "/playlists/{discover}" + route,
			path: playlist + route, query: paging(0, pageSize),
		}
		if err := p.ask(ctx, r, func(a *Answer, _ int, body any, _ http.Header) { lookAtItems(a, list(body, "items")) }); err != nil {
			return err
		}
	}
	return nil
}

// lookAtItems tells of the songs of a list what runs rely on.
func lookAtItems(a *Answer, items []any) {
	dates := map[string]bool{}
	nulls, undated, epoch, plain, isrc := 0, 0, 0, 0, 0
	for _, item := range items {
		song := object(item, "item")
		if song == nil {
			song = object(item, "track")
		}
		if song == nil {
			nulls++
		}
		if text(object(song, "external_ids"), "isrc") != "" {
			isrc++
		}
		switch at := text(item, "added_at"); {
		case at == "":
			undated++
		case strings.HasPrefix(at, "1970-"):
			epoch++
		default:
			plain++
			dates[at] = true
		}
	}
	a.count("items", len(items))
	a.count("items without a song", nulls)
	a.count("items without a date", undated)
	a.count("items of 1970", epoch)
	a.count("items with a date", plain)
	a.count("different dates", len(dates))
	a.count("songs with an ISRC", isrc)
}

// archive compares what a run has stored with what shows.
func (p *prober) archive(ctx context.Context) error {
	target := p.User.Archives[archive.MainArchive]
	if p.archiveID == "" {
		p.report.Answers = append(p.report.Answers, Answer{Question: "what the archive answers", No: []string{"there is one"}})
		return nil
	}
	first := ""
	for _, question := range []string{"what the archive answers, and whether its snapshot id is the one of our last append", "whether the snapshot id of the archive stays"} {
		r := request{question: question, route: "/playlists/{archive}", path: "/playlists/" + p.archiveID}
		err := p.ask(ctx, r, func(a *Answer, status int, body any, _ http.Header) {
			if status != http.StatusOK {
				return
			}
			snapshot := text(body, "snapshot_id")
			content := object(body, "items")
			if content == nil {
				content = object(body, "tracks")
			}
			p.items = number(content, "total")
			a.tell("the snapshot id is the one of our last append", snapshot == target.Snapshot)
			a.tell("the total is the one that we left", p.items == target.Total)
			public, _ := object(body)["public"].(bool)
			a.tell("it is marked public", public)
			if first != "" {
				a.tell("the snapshot id is the same", snapshot == first)
			}
			first = snapshot
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pastTheEnd asks for pages that the total says are empty.
func (p *prober) pastTheEnd(ctx context.Context) error {
	var pages []request
	if p.archiveID != "" {
		for question, offset := range map[string]int{"what the page at the total answers": p.items, "what a page far beyond the total answers": p.items + 2*pageSize} {
			pages = append(pages, request{
				question: question, route: "/playlists/{archive}/items", path: "/playlists/" + p.archiveID + "/items", query: paging(offset, pageSize),
			})
		}
	}
	pages = append(pages, request{
		question: "what a page beyond the list of playlists answers", route: "/me/playlists", path: "/me/playlists", query: paging(p.total+pageSize, pageSize),
	})
	slices.SortFunc(pages, func(a, b request) int { return strings.Compare(b.question, a.question) })
	for _, r := range pages {
		err := p.ask(ctx, r, func(a *Answer, _ int, body any, _ http.Header) {
			a.count("items", len(list(body, "items")))
			a.tell("it names a next page", text(body, "next") != "")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// contains asks whether the library holds each playlist that we know.
func (p *prober) contains(ctx context.Context) error {
	for _, known := range []struct{ what, id string }{
		{"archive", p.archiveID}, {"inbox", p.User.Inbox.PlaylistID}, {"discover", p.discoverID},
	} {
		if known.id == "" {
			continue
		}
		r := request{
			question: "whether the library may be asked for a playlist", route: "/me/library/contains?uris={" + known.what + "}",
			path: "/me/library/contains", query: url.Values{"uris": {"spotify:playlist:" + known.id}},
		}
		err := p.ask(ctx, r, func(a *Answer, status int, body any, _ http.Header) {
			if answers, _ := body.([]any); status == http.StatusOK && len(answers) == 1 {
				a.tell("the library holds it", answers[0] == true)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
