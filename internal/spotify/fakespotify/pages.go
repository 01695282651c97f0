package fakespotify

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
)

//go:embed pages
var pageFiles embed.FS

var pageTemplates = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// scopeWords says what a scope allows, in words for the consent page.
var scopeWords = map[string]string{
	scopeReadPrivate:              "See your private playlists",
	scopeReadCollaborative:        "See the playlists that you make with others",
	scopeModifyPublic:             "Make and change your public playlists",
	scopeModifyPrivate:            "Make and change your private playlists",
	scopeLibraryRead:              "See what you saved",
	scopeLibraryModify:            "Save and remove things for you",
	scopeFollowRead:               "See whom and what you follow",
	scopeFollowModify:             "Follow and unfollow for you",
	scopeRecentlyPlayed:           "See what you played recently",
	scopePlaybackState:            "See what is playing, and where",
	scopeCurrentlyPlaying:         "See what is playing, and what comes next",
	scopeUserPrivate:              "See your subscription",
	scopeUserEmail:                "See your e-mail address",
	"app-remote-control":          "Communicate with the app on your device",
	"streaming":                   "Play on your devices",
	"ugc-image-upload":            "Upload covers for you",
	"user-modify-playback-state":  "Control what is playing",
	"user-read-playback-position": "See your position in what you played",
	"user-top-read":               "See what you play most",
}

// consentData is what pages/consent.html shows.
type consentData struct {
	Mode     Mode
	App      string
	LoggedIn bool // there is one account, which is logged in
	Scopes   []string
	Accounts []consentAccount
	Hidden   []hiddenField
}

type consentAccount struct {
	Key, Name      string
	First, Refused bool
}

type hiddenField struct{ Name, Value string }

// consentPage shows what the app wants. here is who is logged in; nil for
// nobody.
func (s *Server) consentPage(c *call, con consent, here *member) answer {
	data := consentData{Mode: s.cfg.Mode, App: con.redirect.Host, LoggedIn: here != nil}
	for _, scope := range con.scopes {
		data.Scopes = append(data.Scopes, scopeWords[scope])
	}
	for _, a := range s.cfg.Accounts {
		if here == nil || here.Key == a.Key {
			data.Accounts = append(data.Accounts,
				consentAccount{Key: a.Key, Name: nameOf(a), First: len(data.Accounts) == 0, Refused: !s.allowed(a.Key)})
		}
	}
	for _, name := range authorizeParams {
		if c.query.Has(name) {
			data.Hidden = append(data.Hidden, hiddenField{name, c.query.Get(name)})
		}
	}
	a := page(http.StatusOK, "consent.html", data)
	// Browsers apply form-action to the redirect that answers the form, too.
	source := con.redirect.Scheme + ":"
	if con.redirect.Host != "" {
		source += "//" + con.redirect.Host
	}
	a.header.Set("Content-Security-Policy", pagePolicy("'self' "+source))
	return a
}

func nameOf(a Account) string {
	if a.DisplayName == "" {
		return a.Key
	}
	return a.DisplayName
}

// errorPage tells the person what Spotify tells no app.
func errorPage(message string) answer { return page(http.StatusBadRequest, "error.html", message) }

func page(status int, name string, data any) answer {
	var b bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&b, name, data); err != nil {
		return answer{status: http.StatusInternalServerError, raw: []byte("The stand-in's page is broken.")}
	}
	return answer{
		status: status,
		header: http.Header{
			"Content-Type":            {"text/html; charset=utf-8"},
			"Cache-Control":           {"no-store"},
			"Content-Security-Policy": {pagePolicy("'self'")},
			"Referrer-Policy":         {"same-origin"},
			"X-Content-Type-Options":  {"nosniff"},
		},
		raw: b.Bytes(),
	}
}

func pagePolicy(formAction string) string {
	return strings.Join([]string{
		"default-src 'none'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
		"form-action " + formAction,
	}, "; ")
}
