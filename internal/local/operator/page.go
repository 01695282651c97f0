package operator

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

//go:embed page.html
var pageText string

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"moment": func(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006, 15:04 UTC") },
		"date":   func(t time.Time) string { return t.UTC().Format("2 Jan 2006") },
		"words":  func(s any) string { return strings.ReplaceAll(fmt.Sprint(s), "_", " ") },
	}).Parse(pageText))
})

// doneWords say what the button did that led back to the page.
var doneWords = map[string]string{
	"weekly": "The weekly run was sent. Its outcomes are below.",
	"nobody": "The weekly run was sent. Nobody was due: this week is done.",
	"run":    "The run was sent. Its outcome is below in a moment.",
	"letter": "Done. What is left of the dead letters is below.",
	"monday": "It is Monday. Run the week to archive the new songs.",
}

func (s *server) page(w http.ResponseWriter, r *http.Request) {
	status, err := s.gather(r)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "status not read", "error", err)
		http.Error(w, "The database cannot be read; the log says why.", http.StatusInternalServerError)
		return
	}
	var page bytes.Buffer
	err = pageTemplate().Execute(&page, struct {
		Status
		Done       string
		NextMonday bool
		Token      bool
		Part       bool // not the first page of all users
	}{
		status, doneWords[r.URL.Query().Get("done")], s.NextMonday != nil, !s.Token.IsZero(),
		r.URL.Query().Has("after") || r.URL.Query().Has("user"),
	})
	if err != nil {
		s.Log.ErrorContext(r.Context(), "page not rendered", "error", err)
		http.Error(w, "The page cannot be shown; the log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	s.write(w, r, page.Bytes())
}

// answer leads a browser back to the page, and gives everybody else JSON.
func (s *server) answer(w http.ResponseWriter, r *http.Request, done string, body any) {
	if fromPage(r) {
		http.Redirect(w, r, Path+"?done="+url.QueryEscape(done), http.StatusSeeOther)
		return
	}
	s.writeJSON(w, r, http.StatusOK, body)
}

func (s *server) refuse(w http.ResponseWriter, r *http.Request, status int, sentence string) {
	if fromPage(r) {
		http.Error(w, sentence, status)
		return
	}
	s.writeJSON(w, r, status, map[string]string{"error": sentence})
}

// fromPage reports whether a browser shows the answer.
func fromPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

func (s *server) writeJSON(w http.ResponseWriter, r *http.Request, status int, body any) {
	text, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		s.Log.ErrorContext(r.Context(), "answer not encoded", "error", err)
		http.Error(w, "The answer cannot be written; the log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	s.write(w, r, append(text, '\n'))
}

func (s *server) write(w http.ResponseWriter, r *http.Request, body []byte) {
	if _, err := w.Write(body); err != nil {
		s.Log.DebugContext(r.Context(), "answer not delivered", "error", err)
	}
}
