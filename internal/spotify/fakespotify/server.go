package fakespotify

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"sync"
)

// A Server is a Spotify stand-in. Its methods are safe for concurrent use.
type Server struct {
	// URL is the base address where Start listens; empty after New.
	URL string

	cfg       Config
	random    io.Reader
	routes    []route
	handler   http.Handler
	discovers map[string]*member // by Discover Weekly id

	mu               sync.Mutex
	world            world
	members          map[string]*member // by account key
	grants           map[string]*grant
	codes            map[string]*code   // by hash
	access           map[string]*access // by hash
	playlists        map[string]*playlist
	requests         []Request
	problems         []string
	spotifySnapshots int

	pending change // of the request under way
	seq     uint64
	broken  error // why nothing can be saved any more
	disk    *disk
}

// New returns a server with the state of Config.StateFile, if there is one.
// Close it to release the file.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("configuring the Spotify stand-in: %w", err)
	}
	s := &Server{
		cfg:       cfg,
		discovers: make(map[string]*member),
		members:   make(map[string]*member),
		grants:    make(map[string]*grant),
		codes:     make(map[string]*code),
		access:    make(map[string]*access),
		playlists: make(map[string]*playlist),
	}
	for _, a := range cfg.Accounts {
		if a.ID == "" {
			a.ID = a.Key
		}
		m := &member{Account: a}
		if !a.NoDiscover {
			m.Library = []string{discoverID(a.Key)}
		}
		s.members[a.Key] = m
		s.discovers[discoverID(a.Key)] = m
	}
	s.routes = s.routeTable()
	s.handler = s.newHandler()
	if cfg.StateFile != "" {
		if err := s.restore(cfg.StateFile); err != nil {
			return nil, err
		}
	}
	s.random = rand.Reader
	if cfg.Seed != 0 {
		// A restored server must not repeat the tokens of its first life.
		var seed [32]byte
		binary.LittleEndian.PutUint64(seed[:], cfg.Seed)
		binary.LittleEndian.PutUint64(seed[8:], s.seq)
		s.random = mathrand.NewChaCha8(seed)
	}
	return s, nil
}

// Handler serves the accounts service, the Web API and the control page. It
// panics with http.ErrAbortHandler where a fault drops the connection.
func (s *Server) Handler() http.Handler { return s.handler }

// Close writes the whole state and releases the state file.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.disk == nil {
		return nil
	}
	d := s.disk
	s.disk = nil
	var err error
	if s.broken == nil {
		err = d.compact(s.snapshot())
	}
	if closeErr := d.journal.Close(); err == nil {
		err = closeErr
	}
	return err
}

// Accounts returns the accounts of the configuration.
func (s *Server) Accounts() []Account { return slices.Clone(s.cfg.Accounts) }

// Problems returns every unknown route, parameter and field so far.
func (s *Server) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// problem records a misuse of the API and tells Config.Strict of it.
func (s *Server) problem(text string) {
	const keep = 1000
	if len(s.problems) < keep {
		s.problems = append(s.problems, text)
	}
	if s.cfg.Strict != nil {
		s.cfg.Strict(text)
	}
}

// allowed reports whether the account may use the app.
func (s *Server) allowed(account string) bool {
	if s.cfg.Mode == Extended {
		return true
	}
	list := s.world.Allowed
	if list == nil {
		list = s.cfg.Allowlist
	}
	return list == nil || slices.Contains(list, account)
}

// token returns a new secret: a prefix and 256 random bits in base64.
func (s *Server) token(prefix string) string {
	return prefix + base64.RawURLEncoding.EncodeToString(s.randomBytes(32))
}

func (s *Server) newPlaylistID() string {
	for {
		id := hashID("playlist", string(s.randomBytes(16)))
		if s.playlists[id] == nil && s.discovers[id] == nil {
			return id
		}
	}
}

func (s *Server) randomBytes(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.random, b); err != nil {
		panic("the source of randomness is broken: " + err.Error()) // neither source can fail
	}
	return b
}
