package fakespotify

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// controlData is what pages/control.html shows.
type controlData struct {
	Now      time.Time
	Mode     Mode
	Done     string // what was just done for all of them
	Accounts []controlAccount
	Requests int
	Problems []string
	Faults   []Fault // that wait for a request
	Lies     []Lie
}

type controlAccount struct {
	Key, Name string
	Done      string // what was just done for this account
	Refused   bool
	Discover  Playlist
	Follows   bool
	Own       []Playlist
	Removed   []Playlist
	Consents  int
}

// controlPage is for people: it does what they would do in Spotify's app.
func (s *Server) controlPage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	done := doneWords[query.Get("done")]
	data := controlData{
		Now:      s.Now(),
		Mode:     s.cfg.Mode,
		Requests: len(s.Requests()),
		Problems: s.Problems(),
		Faults:   s.Faults(),
		Lies:     Lies(),
	}
	if query.Get("account") == "" {
		data.Done = done
	}
	for _, a := range s.cfg.Accounts {
		view := s.controlAccount(a)
		if query.Get("account") == a.Key {
			view.Done = done
		}
		data.Accounts = append(data.Accounts, view)
	}
	p := page(http.StatusOK, "control.html", data)
	p.write(w)
}

func (s *Server) controlAccount(a Account) controlAccount {
	view := controlAccount{Key: a.Key, Name: nameOf(a)}
	view.Discover, _ = s.Playlist(discoverID(a.Key))
	for _, g := range s.Grants(a.Key) {
		if !g.Revoked {
			view.Consents++
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	view.Refused = !s.allowed(a.Key)
	view.Follows = slices.Contains(s.members[a.Key].Library, view.Discover.ID)
	for _, p := range s.playlists {
		switch {
		case p.Owner != a.Key:
		case s.inspect(p).Followed:
			view.Own = append(view.Own, s.inspect(p))
		default:
			view.Removed = append(view.Removed, s.inspect(p))
		}
	}
	byName := func(a, b Playlist) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) }
	slices.SortFunc(view.Own, byName)
	slices.SortFunc(view.Removed, byName)
	return view
}

// playlistPage shows a playlist as Spotify's app would.
func (s *Server) playlistPage(w http.ResponseWriter, r *http.Request) {
	p, known := s.Playlist(r.PathValue("id"))
	if !known {
		a := page(http.StatusNotFound, "error.html", "There is no such playlist.")
		a.write(w)
		return
	}
	view := playlistData{Playlist: p, Items: s.Items(p.ID)}
	for _, a := range s.cfg.Accounts {
		if p.Owner == a.Key {
			view.Owner = a.Key
		}
		if p.ID == discoverID(a.Key) {
			view.Account, view.Into = a.Key, s.controlAccount(a).Own
		}
	}
	a := page(http.StatusOK, "playlist.html", view)
	a.write(w)
}

// playlistData is what pages/playlist.html shows. A Discover Weekly can be
// copied into the playlists of whose it is, and songs be taken out of a playlist
// of somebody's own.
type playlistData struct {
	Playlist Playlist
	Items    []Song
	Owner    string
	Account  string
	Into     []Playlist
}

// search finds the Discover Weekly of whoever is logged in, whatever it is
// called: the one thing that anybody looks for here.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	here := s.loggedIn(r)
	if here == nil {
		http.Redirect(w, r, "/standin", http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, "/standin/playlists/"+discoverID(here.Key), http.StatusSeeOther)
}

var doneWords = map[string]string{
	"copy":     "This week's Discover Weekly is copied.",
	"create":   "The playlist is there.",
	"play":     "Played.",
	"unfollow": "Removed from the list.",
	"follow":   "Back in the list.",
	"revoke":   "The app has no access any more.",
	"monday":   "It is Monday.",
	"later":    "20 days have passed.",
	"queue":    "Discover Weekly is playing.",
	"remove":   "The song is taken out.",
	"lie":      "Spotify lies.",
	"honest":   "Spotify tells the truth.",
}

var errUnknownAction = errors.New("no such action")

// postAction does what a button of the control page says.
func (s *Server) postAction(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxControlBody)
	if err := r.ParseForm(); err != nil {
		a := errorPage("The form cannot be read.")
		a.write(w)
		return
	}
	action := r.PostForm.Get("action")
	if err := s.do(action, r.PostForm); err != nil {
		a := errorPage(err.Error())
		a.write(w)
		return
	}
	query := url.Values{"done": {action}}
	account := r.PostForm.Get("account")
	if account != "" {
		query.Set("account", account)
	}
	http.Redirect(w, r, "/standin?"+query.Encode()+"#"+url.PathEscape(account), http.StatusSeeOther)
}

func (s *Server) do(action string, form url.Values) error {
	account, playlistID := form.Get("account"), form.Get("playlist")
	switch action {
	case "copy":
		return s.CopyDiscover(account, playlistID)
	case "create":
		_, err := s.CreatePlaylist(account, "My playlist")
		return err
	case "play":
		count, err := strconv.Atoi(form.Get("count"))
		if err != nil || count < 1 || count > DiscoverSize {
			return fmt.Errorf("play between 1 and %d songs", DiscoverSize)
		}
		return s.PlayDiscover(account, count)
	case "queue":
		return s.QueueDiscover(account)
	case "unfollow":
		return s.Unfollow(account, playlistID)
	case "follow":
		return s.Follow(account, playlistID)
	case "remove":
		at, err := strconv.Atoi(form.Get("at"))
		if err != nil {
			return errors.New("no such song")
		}
		return s.RemoveItem(account, playlistID, at)
	case "revoke":
		return s.RevokeApp(account)
	case "monday":
		s.NextMonday()
		return nil
	case "later":
		s.Advance(20 * 24 * time.Hour)
		return nil
	case "lie":
		return s.Fault(Fault{Kind: FaultKind(form.Get("kind")), Account: form.Get("of"), Times: -1})
	case "honest":
		return s.ClearFaults()
	default:
		return errUnknownAction
	}
}

func stylesheet(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pageFiles, "pages/style.css")
}
