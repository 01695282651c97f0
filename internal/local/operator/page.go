package operator

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/web"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

//go:embed templates/*.html operator.css
var files embed.FS

// loadPages parses every page in every language. The templates are embedded
// and the words were checked when they were loaded, so a fault is ours, and the
// first test meets it.
func loadPages(book *words.Book) map[string]*template.Template {
	pages := map[string]*template.Template{}
	for _, language := range book.Languages() {
		layout := template.Must(template.New("layout.html").Funcs(language.Speech()).
			ParseFS(files, "templates/layout.html", "templates/people.html"))
		for _, name := range []string{"overview", "person", "signin", "problem"} {
			page := template.Must(layout.Clone())
			pages[language.Tag()+" "+name] = template.Must(page.ParseFS(files, "templates/"+name+".html"))
		}
	}
	return pages
}

// frame is what the layout shows around every page.
type frame struct {
	State     words.Line // what the title begins with; without a key: nothing
	Title     words.Line
	Home      bool // a link leads back to the page of everything
	Language  *words.Language
	Languages []*words.Language
	Page      any
}

func (s *server) frame(r *http.Request, page any) frame {
	return frame{
		Title: words.Say("operator.title"), Language: web.Language(s.Words, r), Languages: s.Words.Languages(), Page: page,
	}
}

func (s *server) render(w http.ResponseWriter, r *http.Request, status int, name string, f frame) {
	var page bytes.Buffer
	if err := s.pages[f.Language.Tag()+" "+name].ExecuteTemplate(&page, "layout.html", f); err != nil {
		s.Log.ErrorContext(r.Context(), "page not rendered", "page", name, "error", err)
		http.Error(w, f.Language.Text(words.Say("operator.error.page")), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	w.WriteHeader(status)
	s.write(w, r, page.Bytes())
}

// done says what the button did that led back to the page; nothing for any
// other word.
func done(word string) words.Line {
	switch word {
	case "weekly", "nobody", "run", "paused", "resumed", "removed", "letter", "unpaused", "backup", "notified", "monday":
		return words.Say("operator.done." + word)
	default:
		return words.Line{}
	}
}

func (s *server) page(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	p, err := s.look(r.Context(), query)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "status not read", "error", err)
		s.refuse(w, r, http.StatusInternalServerError, words.Say("operator.error.database"))
		return
	}
	if query.Has("user") && len(p.people) == 1 {
		f := s.frame(r, s.onePerson(p, done(query.Get("done"))))
		f.Home = true
		s.render(w, r, http.StatusOK, "person", f)
		return
	}
	view := s.overview(p)
	view.Done, view.Part = done(query.Get("done")), query.Has("after") || query.Has("user")
	f := s.frame(r, view)
	f.State = view.State
	s.render(w, r, http.StatusOK, "overview", f)
}

func (s *server) stylesheet(w http.ResponseWriter, r *http.Request) {
	text, _ := files.ReadFile("operator.css") // is embedded
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	s.write(w, r, text)
}

// refuse says to a browser on a page, and to everybody else in JSON, what is in
// the way.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, status int, line words.Line) {
	if fromPage(r) {
		s.render(w, r, status, "problem", s.frame(r, line))
		return
	}
	english, _ := s.Words.Language(words.Fallback)
	s.writeJSON(w, r, status, map[string]string{"error": english.Text(line)})
}

// fromPage reports whether a browser shows the answer.
func fromPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

func (s *server) writeJSON(w http.ResponseWriter, r *http.Request, status int, body any) {
	text, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		s.Log.ErrorContext(r.Context(), "answer not encoded", "error", err)
		http.Error(w, fmt.Sprintf("%s\n", http.StatusText(http.StatusInternalServerError)), http.StatusInternalServerError)
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
