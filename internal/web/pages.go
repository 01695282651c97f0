package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed templates/*.html static/*
var files embed.FS

// pages are the parsed templates and the files that they refer to.
type pages struct {
	byName  map[string]*template.Template
	assets  map[string][]byte
	version string // of the assets, for their addresses
}

func loadPages() (*pages, error) {
	layout, err := template.New("layout.html").Funcs(words()).ParseFS(files, "templates/layout.html")
	if err != nil {
		return nil, err
	}
	p := &pages{byName: map[string]*template.Template{}, assets: map[string][]byte{}}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		short := strings.TrimSuffix(strings.TrimPrefix(name, "templates/"), ".html")
		if short == "layout" {
			continue
		}
		page, err := layout.Clone()
		if err != nil {
			return nil, err
		}
		if p.byName[short], err = page.ParseFS(files, name); err != nil {
			return nil, err
		}
	}
	hash := sha256.New()
	for _, name := range []string{"style.css", "icon.svg"} {
		content, err := files.ReadFile("static/" + name)
		if err != nil {
			return nil, err
		}
		p.assets[name] = content
		_, _ = hash.Write(content)
	}
	p.version = hex.EncodeToString(hash.Sum(nil)[:6])
	return p, nil
}

// view is what the layout shows around every page.
type view struct {
	Title    string
	Version  string
	SignedIn bool
	Standin  string
	Operator string
	Contact  contact
	Refresh  int // seconds after which the page loads itself again; 0 for never
	Page     any
}

// contact is how to reach whoever runs this copy.
type contact struct{ Text, Link string }

func newContact(text string) contact {
	if text == "" || strings.Contains(text, "://") {
		return contact{Text: strings.TrimPrefix(text, "https://"), Link: text}
	}
	return contact{Text: text, Link: "mailto:" + text}
}

func (s *server) view(r *http.Request, title string, page any) view {
	return view{
		Title:    title,
		Version:  s.pages.version,
		SignedIn: s.hasSession(r),
		Standin:  s.Standin,
		Operator: s.Operator,
		Contact:  newContact(s.Contact),
		Page:     page,
	}
}

// render writes a page as a whole or not at all.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	var page bytes.Buffer
	if err := s.pages.byName[name].ExecuteTemplate(&page, "layout.html", v); err != nil {
		s.Log.ErrorContext(r.Context(), "page not rendered", "request_id", reference(r.Context()),
			"page", name, "error", err)
		http.Error(w, "Something went wrong on our side. Reference: "+reference(r.Context()), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	s.write(w, r, page.Bytes())
}

func (s *server) write(w http.ResponseWriter, r *http.Request, body []byte) {
	if _, err := w.Write(body); err != nil {
		s.Log.DebugContext(r.Context(), "answer not delivered", "request_id", reference(r.Context()), "error", err)
	}
}

// home is the start page.
func (s *server) home(w http.ResponseWriter, r *http.Request) error {
	s.render(w, r, http.StatusOK, "home", s.view(r, "", nil))
	return nil
}

// static serves a page that is the same for everybody.
func (s *server) static(name, title string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		s.render(w, r, http.StatusOK, name, s.view(r, title, nil))
		return nil
	}
}

// asset serves an embedded file. Its address carries the version, so it may
// be kept for good.
func (s *server) asset(name, contentType string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-cache")
		if r.URL.Query().Get("v") == s.pages.version {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		w.Header().Set("Content-Type", contentType)
		s.write(w, r, s.pages.assets[name])
		return nil
	}
}

// words are the functions of the templates.
func words() template.FuncMap {
	return template.FuncMap{"date": date, "moment": moment, "machine": machine, "count": count}
}

// count returns "1 song", "2 songs" or "1,560 songs"; n is below a million.
func count(n int, one, many string) string {
	switch {
	case n == 1:
		return "1 " + one
	case n >= 1000:
		return fmt.Sprintf("%d,%03d %s", n/1000, n%1000, many)
	default:
		return fmt.Sprintf("%d %s", n, many)
	}
}
