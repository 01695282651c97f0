package probe

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// plays asks for the recent plays and counts the forms of their contexts.
func (p *prober) plays(ctx context.Context) error {
	r := request{
		question: "whether plays tell their context", route: "/me/player/recently-played",
		path: "/me/player/recently-played", query: url.Values{"limit": {strconv.Itoa(pageSize)}},
	}
	return p.ask(ctx, r, func(a *Answer, status int, body any, _ http.Header) {
		if status != http.StatusOK {
			return
		}
		plays := list(body, "items")
		a.count("plays", len(plays))
		for _, form := range []string{"none", "playlist", "playlist of a user", "address only", "something else"} {
			a.count("context: "+form, 0)
		}
		fromDiscover := 0
		for _, play := range plays {
			form, id := contextForm(object(play, "context"))
			a.Counts["context: "+form]++
			if p.discoverID != "" && id == p.discoverID {
				fromDiscover++
			}
		}
		a.count("plays from Discover Weekly", fromDiscover)
	})
}

// contextForm names the form of a context, and the playlist in it.
func contextForm(context map[string]any) (form, id string) {
	uri, href := text(context, "uri"), text(context, "href")
	id = uri[strings.LastIndex(uri, ":")+1:]
	switch {
	case context == nil:
		return "none", ""
	case strings.HasPrefix(uri, "spotify:playlist:"):
		return "playlist", id
	case strings.HasPrefix(uri, "spotify:user:") && strings.Contains(uri, ":playlist:"):
		return "playlist of a user", id
	case uri == "" && href != "":
		return "address only", href[strings.LastIndex(href, "/")+1:]
	default:
		return "something else", ""
	}
}

// player asks what plays and what comes next.
func (p *prober) player(ctx context.Context) error {
	queue := request{question: "how much of the queue shows", route: "/me/player/queue", path: "/me/player/queue"}
	err := p.ask(ctx, queue, func(a *Answer, status int, body any, _ http.Header) {
		if status == http.StatusOK {
			a.count("songs in the queue", len(list(body, "queue")))
			a.tell("something plays", object(body, "currently_playing") != nil)
		}
	})
	if err != nil {
		return err
	}
	player := request{question: "what the player tells", route: "/me/player", path: "/me/player"}
	return p.ask(ctx, player, func(a *Answer, status int, body any, _ http.Header) {
		if status != http.StatusOK {
			return
		}
		_, smart := object(body)["smart_shuffle"]
		a.tell("it tells whether Smart Shuffle is on", smart)
		form, id := contextForm(object(body, "context"))
		a.tell("it names a playlist", strings.HasPrefix(form, "playlist"))
		a.tell("Discover Weekly plays", p.discoverID != "" && id == p.discoverID)
	})
}

// conditional asks once more for what did not change.
func (p *prober) conditional(ctx context.Context) error {
	if p.archiveID == "" {
		return nil
	}
	tag := ""
	r := request{
		question: "whether answers have an ETag", route: "/playlists/{archive}/items",
		path: "/playlists/" + p.archiveID + "/items", query: paging(0, 1),
	}
	err := p.ask(ctx, r, func(a *Answer, _ int, _ any, header http.Header) {
		tag = header.Get("ETag")
		a.tell("it has an ETag", tag != "")
		a.Shape = nil
	})
	if err != nil || tag == "" {
		return err
	}
	r.question, r.header = "whether an unchanged list is not sent again", http.Header{"If-None-Match": {tag}}
	return p.ask(ctx, r, func(a *Answer, status int, _ any, _ http.Header) {
		a.tell("it is not sent again", status == http.StatusNotModified)
		a.Shape = nil
	})
}
