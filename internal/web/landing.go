package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// landingView is what the start page and the question before the consent show.
type landingView struct {
	Copies bool // the week has to be copied, as far as anybody has found out
	Tried  bool // somebody has
	Begin  string
	// Addresses of the consent, by what the person wants.
	Copy, CopyAndPlay string
}

func (s *server) landingView(ctx context.Context) landingView {
	access := s.reach.of(ctx, s)
	v := landingView{
		Copies:      access != archive.AccessReadable,
		Tried:       access != archive.AccessUnknown,
		Begin:       wish{}.link(),
		Copy:        wish{copies: true}.link(),
		CopyAndPlay: wish{copies: true, player: true}.link(),
	}
	if v.Copies {
		v.Begin = "/start"
	}
	return v
}

// home is the start page. It is the one that people send each other, so it
// tells what a link to it should show.
func (s *server) home(w http.ResponseWriter, r *http.Request) error {
	if s.movedOn(w, r) {
		return nil
	}
	v := s.view(r, words.Line{}, s.landingView(r.Context()))
	v.Shared = s.base.String()
	s.render(w, r, http.StatusOK, "home", v)
	return nil
}

// start asks how the week should come, before the one consent that it takes.
// Where Discover Weekly can be read there is nothing to ask.
func (s *server) start(w http.ResponseWriter, r *http.Request) error {
	if s.movedOn(w, r) {
		return nil
	}
	page := s.landingView(r.Context())
	if !page.Copies {
		s.redirect(w, r, "/")
		return nil
	}
	s.render(w, r, http.StatusOK, "start", s.view(r, words.Say("start.title"), page))
	return nil
}

const (
	// reachKept is how long what is known of the app's reach is taken for true.
	// It changes once in the life of an installation.
	reachKept = time.Minute

	// reachTime is how long the start page waits to know.
	reachTime = 2 * time.Second
)

// reach remembers whether this app may read Discover Weekly.
type reach struct {
	mu     sync.Mutex
	access archive.Access
	asked  time.Time
}

func (k *reach) of(ctx context.Context, s *server) archive.Access {
	if s.Reach == nil {
		return archive.AccessUnknown
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := s.Clock(); k.asked.IsZero() || now.Sub(k.asked).Abs() >= reachKept {
		ctx, cancel := context.WithTimeout(ctx, reachTime)
		defer cancel()
		access, err := s.Reach(ctx)
		if err != nil {
			s.Log.WarnContext(ctx, "reach of the app not known", "request_id", reference(ctx), "error", err)
			return k.access
		}
		k.access, k.asked = access, now
	}
	return k.access
}

// robots keeps robots from beginning sign-ins. Account pages are answered with
// 401 to whoever is not signed in, which no search engine keeps.
func (s *server) robots(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	s.write(w, r, []byte("User-agent: *\nDisallow: /callback\nDisallow: /connect\nDisallow: /local\n"))
	return nil
}
