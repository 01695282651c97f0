package fakespotify

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

const maxControlBody = 1 << 16

// newHandler serves Spotify's two hosts, and the control page under /standin.
// Browsers of other sites cannot post to the pages.
func (s *Server) newHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /standin", s.controlPage)
	mux.HandleFunc("GET /standin/style.css", stylesheet)
	mux.HandleFunc("GET /standin/playlists/{id}", s.playlistPage)
	mux.HandleFunc("GET /standin/search/{name}", s.search)
	mux.HandleFunc("POST /standin/actions", s.postAction)
	mux.HandleFunc("GET /standin/time", s.getTime)
	mux.HandleFunc("POST /standin/time", s.postTime)
	mux.HandleFunc("GET /standin/faults", s.getFaults)
	mux.HandleFunc("POST /standin/faults", s.postFault)
	mux.HandleFunc("DELETE /standin/faults", s.deleteFaults)
	mux.HandleFunc("GET /standin/lies", getLies)
	mux.HandleFunc("GET /standin/requests", s.getRequests)
	mux.HandleFunc("DELETE /standin/requests", s.deleteRequests)
	control := http.NewCrossOriginProtection().Handler(mux)
	api := http.HandlerFunc(s.serveAPI)
	guarded := http.NewCrossOriginProtection().Handler(api)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/standin" || strings.HasPrefix(r.URL.Path, "/standin/"):
			control.ServeHTTP(w, r)
		case r.URL.Path == "/" && r.Method == http.MethodGet:
			http.Redirect(w, r, "/standin", http.StatusSeeOther)
		case r.URL.Path == "/authorize":
			guarded.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
}

// getTime answers {"now": …}.
func (s *Server) getTime(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]time.Time{"now": s.Now()})
}

// postTime moves the time forward: {"advance": "168h"} or {"next_monday": true}.
func (s *Server) postTime(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Advance    string `json:"advance"`
		NextMonday bool   `json:"next_monday"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	var d time.Duration
	if body.Advance != "" {
		var err error
		if d, err = time.ParseDuration(body.Advance); err != nil || d < 0 {
			refuse(w, "advance is no duration such as 168h")
			return
		}
	}
	now := s.Advance(d)
	if body.NextMonday {
		now = s.NextMonday()
	}
	writeJSON(w, http.StatusOK, map[string]time.Time{"now": now})
}

// getFaults answers the faults that wait, in order.
func (s *Server) getFaults(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string][]Fault{"faults": append([]Fault{}, s.Faults()...)})
}

// getLies answers the lies that a fault can be, with what each does.
func getLies(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string][]Lie{"lies": Lies()})
}

// postFault adds a Fault. Its delay may be text, too, such as "40s".
func (s *Server) postFault(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Fault
		Delay jsonDuration `json:"delay"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	body.Fault.Delay = time.Duration(body.Delay)
	if err := s.Fault(body.Fault); err != nil {
		refuse(w, err.Error())
		return
	}
	s.getFaults(w, r)
}

func (s *Server) deleteFaults(w http.ResponseWriter, r *http.Request) {
	if err := s.ClearFaults(); err != nil {
		refuse(w, err.Error())
		return
	}
	s.getFaults(w, r)
}

// getRequests answers the requests so far and the problems with them.
func (s *Server) getRequests(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, object{
		"requests": append([]Request{}, s.Requests()...),
		"problems": append([]string{}, s.Problems()...),
	})
}

func (s *Server) deleteRequests(w http.ResponseWriter, r *http.Request) {
	s.ResetRequests()
	s.getRequests(w, r)
}

func readJSON(w http.ResponseWriter, r *http.Request, target any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControlBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		refuse(w, "the body is not the expected JSON: "+err.Error())
		return false
	}
	if _, err := decoder.Token(); err != io.EOF {
		refuse(w, "the body goes on after the JSON")
		return false
	}
	return true
}

// jsonDuration is a duration as text, or in nanoseconds.
type jsonDuration time.Duration

// UnmarshalJSON implements json.Unmarshaler.
func (d *jsonDuration) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return json.Unmarshal(data, (*time.Duration)(d))
	}
	parsed, err := time.ParseDuration(text)
	*d = jsonDuration(parsed)
	return err
}

func refuse(w http.ResponseWriter, message string) {
	writeJSON(w, http.StatusBadRequest, map[string]string{"error": message})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	a := answer{status: status, json: body}
	a.write(w)
}
