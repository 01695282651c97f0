package links_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

func open(base, key string) *links.Links {
	return &links.Links{Base: base, Key: func(context.Context) (secret.Text, error) { return secret.New(key), nil }}
}

const (
	base = "https://archive.example"
	key  = "a key of sixteen bytes and more"
)

func token(t *testing.T, l *links.Links, purpose links.Purpose, u archive.User) string {
	t.Helper()
	text, err := l.Token(t.Context(), purpose, u)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A link opens one thing for one person, as long as they did not renew it.
func TestLinksAreOfOnePersonAndPurpose(t *testing.T) {
	t.Parallel()
	l, ada, bob := open(base, key), archivetest.NewUser(t, "ada"), archivetest.NewUser(t, "bob")
	good := token(t, l, links.Calendar, ada)
	renewed, again := ada, ada
	renewed.Messages.Calendar++
	again.CreatedAt = ada.CreatedAt.Add(time.Hour)
	reconnected := ada
	reconnected.Grant.AuthorizedAt = ada.Grant.AuthorizedAt.Add(time.Hour)
	for name, c := range map[string]struct {
		l       *links.Links
		purpose links.Purpose
		user    archive.User
		token   string
		want    bool
	}{
		"as_it_is":                    {l, links.Calendar, ada, good, true},
		"another_person":              {l, links.Calendar, bob, good, false},
		"another_purpose":             {l, links.Stop, ada, good, false},
		"renewed":                     {l, links.Calendar, renewed, good, false},
		"left_and_came_back":          {l, links.Calendar, again, good, false},
		"another_key":                 {open(base, "another key, of sixteen bytes"), links.Calendar, ada, good, false},
		"cut":                         {l, links.Calendar, ada, good[:len(good)-1], false},
		"longer":                      {l, links.Calendar, ada, good + "a", false},
		"the_signature_of_another":    {l, links.Calendar, ada, string(ada.ID) + token(t, l, links.Calendar, bob)[26:], false},
		"nothing":                     {l, links.Calendar, ada, "", false},
		"in_capitals":                 {l, links.Calendar, ada, strings.ToUpper(good), false},
		"leaving":                     {l, links.Leave, ada, token(t, l, links.Leave, ada), true},
		"leaving_ends_with_a_consent": {l, links.Leave, reconnected, token(t, l, links.Leave, ada), false},
		"stopping_survives_renewal":   {l, links.Stop, renewed, token(t, l, links.Stop, ada), true},
	} {
		got, err := c.l.Valid(t.Context(), c.purpose, c.user, c.token)
		if err != nil || got != c.want {
			t.Errorf("%s: got %t (error %v), want %t", name, got, err, c.want)
		}
	}
	if got, ok := links.UserOf(good); !ok || got != ada.ID {
		t.Errorf("got user %q, want %q", got, ada.ID)
	}
	for _, odd := range []string{"", "-", "x", "x-y", strings.Repeat("a", 26), strings.Repeat("1", 26) + "-x"} {
		if _, ok := links.UserOf(odd); ok {
			t.Errorf("%q: got a user", odd)
		}
	}
}

func TestWhereMessagesLead(t *testing.T) {
	t.Parallel()
	known := archivetest.FullUser(t, "ada")
	fresh := archivetest.NewUser(t, "bob")
	played, yearly := archivetest.NewUser(t, "cleo"), archivetest.NewUser(t, "dora")
	played.Listening.Of = "37i9dQZEVXcPlayed00000"
	yearly.Shape, yearly.Archives = archive.ShapeYearly, map[string]archive.ArchivePlaylist{"2026": {PlaylistID: "yearFixture00000000000"}}
	for name, c := range map[string]struct {
		base string
		user archive.User
		kind notice.Kind
		want string
	}{
		"to_the_list":                      {base, known, notice.Turn, "https://open.spotify.com/playlist/37i9dQZEVXcFixture0000"},
		"to_the_search":                    {base, fresh, notice.Last, "https://open.spotify.com/search/Discover%20Weekly"},
		"to_the_list_that_was_played":      {base, played, notice.Turn, "https://open.spotify.com/playlist/37i9dQZEVXcPlayed00000"},
		"to_the_archive_of_the_year":       {base, yearly, notice.Kept, "https://open.spotify.com/playlist/yearFixture00000000000"},
		"to_the_archive":                   {base, known, notice.Kept, "https://open.spotify.com/playlist/mainFixture00000000000"},
		"to_the_account":                   {base, known, notice.Ends, base + "/account"},
		"kept_without_archive":             {base, fresh, notice.Kept, base + "/account"},
		"nothing_leads_to_a_local_service": {"http://127.0.0.1:8080", fresh, notice.Reconnect, "https://open.spotify.com/search/Discover%20Weekly"},
	} {
		if got := open(c.base, key).Notice(c.user, notice.Notice{Kind: c.kind, Edition: archivetest.Week}); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// Locally, no link leads home: a phone would ask itself.
func TestLocallyThereAreNoLinks(t *testing.T) {
	t.Parallel()
	u := archivetest.NewUser(t, "ada")
	for base, want := range map[string]bool{
		base: true, "http://127.0.0.1:8080": false, "http://[::1]:8080": false, "https://127.0.0.1": false, "https://127.1.2.3:8443": false,
		"https://localhost": false, "https://LocalHost.:8443": false, "https://desk.localhost": false, "https://[::1]": false,
		"https://[::ffff:127.0.0.1]": false, "https://0.0.0.0": false, "https://": false, "": false,
	} {
		l := open(base, key)
		away, err1 := l.Away(t.Context(), u)
		stop, err2 := l.Stop(t.Context(), u)
		calendar, err3 := l.CalendarURL(t.Context(), u)
		leave, err4 := l.Leave(t.Context(), u)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
		for _, link := range []string{away, stop, calendar, leave} {
			if (link != "") != want || want && !strings.HasPrefix(link, base+"/") {
				t.Errorf("%s: got link %q, want one: %t", base, link, want)
			}
		}
	}
}

func TestNoKeyNoLink(t *testing.T) {
	t.Parallel()
	u := archivetest.NewUser(t, "ada")
	if _, err := open(base, "short").Stop(t.Context(), u); err == nil {
		t.Error("got a link under a short key")
	}
	failing := &links.Links{Base: base, Key: func(context.Context) (secret.Text, error) { return secret.Text{}, errors.New("simulated") }}
	if _, err := failing.Valid(t.Context(), links.Stop, u, "x"); err == nil {
		t.Error("got no error without a key")
	}
}
