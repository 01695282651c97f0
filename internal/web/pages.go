package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

//go:embed templates/*.html static/*
var files embed.FS

// pages are the parsed templates of every language, and the files that they
// refer to.
type pages struct {
	byName  map[pageKey]*template.Template
	assets  map[string][]byte
	version string // of the assets, for their addresses
}

//go:generate go run ./artwork

// assetTypes are the files that pages refer to, with their types.
var assetTypes = map[string]string{
	"style.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	"push.js": "text/javascript; charset=utf-8", "sw.js": "text/javascript; charset=utf-8",
	"manifest.webmanifest": "application/manifest+json",
	"favicon.ico":          "image/vnd.microsoft.icon", "share.png": "image/png",
	"icon-180.png": "image/png", "icon-192.png": "image/png", "icon-512.png": "image/png",
}

// readAsset reads an embedded file. Those that are no text are kept as base64
// (see artwork).
func readAsset(name string) ([]byte, error) {
	if strings.HasPrefix(assetTypes[name], "image/") && name != "icon.svg" {
		text, err := files.ReadFile("static/" + name + ".base64")
		if err != nil {
			return nil, err
		}
		return io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(text)))
	}
	return files.ReadFile("static/" + name)
}

type pageKey struct{ language, page string }

// ourPages are parsed once in a process, for however many sites it serves.
var ourPages = sync.OnceValues(func() (*pages, error) { return loadPages(words.Ours()) })

func pagesOf(book *words.Book) (*pages, error) {
	if book == words.Ours() {
		return ourPages()
	}
	return loadPages(book)
}

func loadPages(book *words.Book) (*pages, error) {
	p := &pages{byName: map[pageKey]*template.Template{}, assets: map[string][]byte{}}
	for _, language := range book.Languages() {
		if err := p.load(language); err != nil {
			return nil, fmt.Errorf("in the language %s: %w", language.Tag(), err)
		}
	}
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(assetTypes)) {
		content, err := readAsset(name)
		if err != nil {
			return nil, err
		}
		p.assets[name] = content
		_, _ = hash.Write(content)
	}
	p.version = hex.EncodeToString(hash.Sum(nil)[:6])
	return p, nil
}

// shared are the templates that several pages use.
func shared() []string {
	return []string{"templates/layout.html", "templates/messages.html", "templates/scene.html", "templates/week.html", "templates/weeks.html"}
}

// load parses every page so that it speaks one language.
func (p *pages) load(language *words.Language) error {
	layout, err := template.New("layout.html").Funcs(language.Speech()).Funcs(tilePlaces).ParseFS(files, shared()...)
	if err != nil {
		return err
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return err
	}
	for _, name := range names {
		short := strings.TrimSuffix(strings.TrimPrefix(name, "templates/"), ".html")
		if slices.Contains(shared(), name) {
			continue
		}
		page, err := layout.Clone()
		if err != nil {
			return err
		}
		key := pageKey{language.Tag(), short}
		if p.byName[key], err = page.ParseFS(files, name); err != nil {
			return err
		}
	}
	return nil
}

// tilePlaces are the places of the tiles of a week, in two rows.
var tilePlaces = template.FuncMap{
	"tileX": func(i int) int { return 20 * (i % (calendar.DiscoverSongs / 2)) },
	"tileY": func(i int) int { return 20 * (i / (calendar.DiscoverSongs / 2)) },
}

// view is what the layout shows around every page.
type view struct {
	Title     words.Line // without a key: the start page
	State     words.Line // what the title begins with; usually nothing
	Language  *words.Language
	Languages []*words.Language
	Back      string // the page to come back to with another language
	Version   string
	SignedIn  bool
	Standin   string
	Operator  string
	Contact   contact
	Shared    string // the address of the page, if a link to it should show more than that
	Refresh   string // where and after how long a page without its script goes on; usually nowhere
	Secret    bool   // the page holds an address that opens something by itself
	Page      any
}

// contact is how to reach whoever runs this copy.
type contact struct{ Text, Link string }

func newContact(text string) contact {
	if text == "" || strings.Contains(text, "://") {
		return contact{Text: strings.TrimPrefix(text, "https://"), Link: text}
	}
	return contact{Text: text, Link: "mailto:" + text}
}

func (s *server) view(r *http.Request, title words.Line, page any) view {
	return view{
		Title:     title,
		Language:  s.language(r),
		Languages: s.Words.Languages(),
		Back:      s.backTo(r.URL.Path),
		Version:   s.pages.version,
		SignedIn:  s.hasSession(r),
		Standin:   s.Standin,
		Operator:  s.Operator,
		Contact:   newContact(s.Contact),
		Page:      page,
	}
}

// render writes a page as a whole or not at all.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	s.execute(w, r, status, name, "layout.html", v)
}

func (s *server) execute(w http.ResponseWriter, r *http.Request, status int, name, part string, v view) {
	var page bytes.Buffer
	template := s.pages.byName[pageKey{v.Language.Tag(), name}]
	if err := template.ExecuteTemplate(&page, part, v); err != nil {
		s.Log.ErrorContext(r.Context(), "page not rendered", "request_id", reference(r.Context()),
			"page", name, "error", err)
		http.Error(w, v.Language.Text(words.Say("problem.plain", reference(r.Context()))), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", vary)
	if v.Secret {
		asItIs(w.Header())
	}
	w.WriteHeader(status)
	s.write(w, r, page.Bytes())
}

// renderPart writes one part of a page, for the page's own script.
func (s *server) renderPart(w http.ResponseWriter, r *http.Request, name, part string, v view) {
	s.execute(w, r, http.StatusOK, name, part, v)
}

func (s *server) write(w http.ResponseWriter, r *http.Request, body []byte) {
	if _, err := w.Write(body); err != nil {
		s.Log.DebugContext(r.Context(), "answer not delivered", "request_id", reference(r.Context()), "error", err)
	}
}

// static serves a page that is the same for everybody.
func (s *server) static(name, title string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		s.render(w, r, http.StatusOK, name, s.view(r, words.Say(title), nil))
		return nil
	}
}

// asset serves an embedded file. Its address carries the version, so it may
// be kept for good.
func (s *server) asset(name string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-cache")
		if r.URL.Query().Get("v") == s.pages.version {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		w.Header().Set("Content-Type", assetTypes[name])
		s.write(w, r, s.pages.assets[name])
		return nil
	}
}
