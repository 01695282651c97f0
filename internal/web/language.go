package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const (
	// languageCookie holds the tag of a language that the visitor chose. It is
	// not sealed: whoever changes it reads another language.
	languageCookie = "weekly_archive_language"

	// languageLife is how long a choice of language is remembered.
	languageLife = 365 * 24 * time.Hour

	// vary says what a page depends on besides its address, which is told to
	// caches that do not heed no-store.
	vary = "Accept-Encoding, Accept-Language, Cookie"
)

func (s *server) language(r *http.Request) *words.Language { return Language(s.Words, r) }

// Language is the one that the visitor chose on these pages, or else the one
// that suits what their browser asks for.
func Language(book *words.Book, r *http.Request) *words.Language {
	for _, name := range []string{hostPrefix + languageCookie, languageCookie} {
		if c, err := r.Cookie(name); err == nil {
			if chosen, ok := book.Language(c.Value); ok {
				return chosen
			}
		}
	}
	return book.Match(r.Header.Get("Accept-Language"))
}

// chooseLanguage remembers a language in this browser, and for what we write
// into Spotify for whoever is signed in.
func (s *server) chooseLanguage(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	chosen, ok := s.Words.Language(r.PostFormValue("language"))
	if !ok {
		return errBadChoice
	}
	s.setCookie(w, languageCookie, chosen.Tag(), languageLife)
	if user, err := s.signedIn(w, r); err == nil {
		if err := s.Accounts.SetLanguage(r.Context(), user.ID, chosen.Tag()); err != nil {
			s.Log.WarnContext(r.Context(), "language not stored", "request_id", reference(r.Context()),
				"user_id", user.ID, "error", err)
		}
	}
	s.redirect(w, r, s.backTo(r.URL.Query().Get("back")))
	return nil
}

// backTo returns the path if it is a page that anybody may be sent to, and the
// start page otherwise.
func (s *server) backTo(path string) string {
	if slices.Contains([]string{"/account", "/account/history", "/account/settings", "/account/paste", "/account/playlists", "/start", "/privacy", "/terms", "/disconnected", "/signedout"}, path) ||
		slices.Contains(s.Neighbours, path) {
		return path
	}
	return "/"
}
