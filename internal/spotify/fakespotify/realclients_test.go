package fakespotify_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// Many clients send the secret of the app in the form, not in a header.
func TestSecretInTheBody(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	with := func(form url.Values, id, password string) url.Values {
		form.Set("client_id", id)
		form.Set("client_secret", password)
		return form
	}
	password := fakespotify.DemoClientSecret().Reveal()
	tok := c.tokens(with(exchangeForm(c.consent("demo1", consentParams(allScopes))), fakespotify.DemoClientID, password), nil)
	c.tokens(with(refreshForm(tok.Refresh), fakespotify.DemoClientID, password), nil)
	for name, form := range map[string]url.Values{
		"wrong_secret": with(refreshForm(tok.Refresh), fakespotify.DemoClientID, "wrong"),
		"empty_secret": with(refreshForm(tok.Refresh), fakespotify.DemoClientID, ""),
		"wrong_id":     with(refreshForm(tok.Refresh), "wrong", password),
		"no_id":        with(refreshForm(tok.Refresh), "", password),
	} {
		r := c.form("/api/token", form, nil)
		if r.status != http.StatusBadRequest || !strings.Contains(string(r.body), "invalid_client") {
			t.Errorf("%s: got %d %s, want 400 invalid_client", name, r.status, r.body)
		}
	}
}

func TestWhatClientsSend(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	token := c.login("demo1", allScopes).Access
	me := c.want(http.StatusOK, http.MethodGet, "/v1/me", token, "")
	if got := c.want(http.StatusOK, http.MethodGet, "/v1/me/", token, ""); string(got.body) != string(me.body) {
		t.Errorf("/v1/me/: got %s, want %s", got.body, me.body)
	}
	id := c.create(token, "archive")
	uris := uriList("u", 3)
	bare, err := json.Marshal(uris)
	if err != nil {
		t.Fatal(err)
	}
	c.want(http.StatusCreated, http.MethodPost, "/v1/playlists/"+id+"/items", token, string(bare))
	if got := c.URIs(id); !slices.Equal(got, uris) {
		t.Errorf("got items %v, want %v", got, uris)
	}
	c.want(http.StatusBadRequest, http.MethodPost, "/v1/playlists/"+id+"/items", token, "[1]")
	c.want(http.StatusNoContent, http.MethodGet, "/v1/me/player/currently-playing", token, "")
	c.must(c.QueueDiscover("demo1"))
	playing := c.want(http.StatusOK, http.MethodGet, "/v1/me/player/currently-playing", token, "").object(t)
	state := c.want(http.StatusOK, http.MethodGet, "/v1/me/player", token, "").object(t)
	if playing["item"] == nil || playing["context"] == nil || playing["device"] != nil {
		t.Errorf("got %v, want item and context without a device", playing)
	}
	if state["device"] == nil || state["smart_shuffle"] != false || state["shuffle_state"] != false {
		t.Errorf("got %v, want a device and no shuffle", state)
	}
}

// GET /playlists/{id} carries the first 100 items of what the user may read.
func TestNestedItems(t *testing.T) {
	t.Parallel()
	for mode, names := range map[fakespotify.Mode][]string{
		fakespotify.Development: {"items"},
		fakespotify.Extended:    {"items", "tracks"},
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{Mode: mode})
			token, stranger := c.login("demo1", allScopes).Access, c.login("demo2", allScopes).Access
			id := c.create(token, "own")
			c.must(c.Fill("demo1", id, 130))
			playlist := c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id, token, "").object(t)
			for _, name := range []string{"items", "tracks"} {
				content, has := playlist[name].(map[string]any)
				if has != slices.Contains(names, name) {
					t.Errorf("got %s: %t, want %v only", name, has, names)
				}
				if !has {
					continue
				}
				next, _ := content["next"].(string)
				page := c.want(http.StatusOK, http.MethodGet, strings.TrimPrefix(next, "https://api.spotify.test"), token, "").page(t)
				items, _ := content["items"].([]any)
				if len(items) != 100 || content["total"] != 130. || len(page.Items) != 30 {
					t.Errorf("%s: got %d and %d of %v items, want 100 and 30 of 130", name, len(items), len(page.Items), content["total"])
				}
			}
			other := c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id, stranger, "").object(t)
			if got, want := other["items"] != nil, mode == fakespotify.Extended; got != want {
				t.Errorf("somebody else's playlist: got items %t, want %t", got, want)
			}
		})
	}
}

func TestLengthsTellSongsApart(t *testing.T) {
	t.Parallel()
	lengths := make(map[any]bool)
	for _, uri := range uriList("length", 26) {
		song := fakespotify.SongOf(uri)
		if other := fakespotify.SongOf("spotify:track:" + fakespotify.Relinked(song.ID)); other.Length != song.Length || other.ISRC != song.ISRC {
			t.Errorf("relinked: got %v %s, want %v %s", other.Length, other.ISRC, song.Length, song.ISRC)
		}
		lengths[song.Length] = true
	}
	if got := len(lengths); got != 26 {
		t.Errorf("got %d lengths of 26 songs", got)
	}
}
