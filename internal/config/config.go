// Package config reads the environment of each program into a struct. The
// environment is an argument; nothing here reads the process's own. Every
// Load names all wrong variables at once, with the value that was found
// (unless it is a secret) and what is allowed.
package config

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// SignUp is the environment of the function that serves the pages.
type SignUp struct {
	Environment        string `env:"ENVIRONMENT" envDefault:"local"`            // label of logs and resources
	BaseURL            string `env:"BASE_URL,required"`                         // public address, no slash at the end
	Project            string `env:"GOOGLE_CLOUD_PROJECT,required"`             // project id
	FirestoreDatabase  string `env:"FIRESTORE_DATABASE" envDefault:"(default)"` // database id
	KMSKey             string `env:"KMS_KEY,required"`                          // projects/…/locations/…/keyRings/…/cryptoKeys/…
	ArchiveTopic       string `env:"ARCHIVE_TOPIC,required"`                    // topic id, or projects/…/topics/…
	SpotifyClientID    string `env:"SPOTIFY_CLIENT_ID,required"`                // as Spotify's dashboard shows it
	ClientSecretName   string `env:"SPOTIFY_CLIENT_SECRET_NAME,required"`       // projects/…/secrets/…/versions/…
	SpotifyAccountsURL string `env:"SPOTIFY_ACCOUNTS_URL" envDefault:"https://accounts.spotify.com"`
	SpotifyAPIURL      string `env:"SPOTIFY_API_URL" envDefault:"https://api.spotify.com/v1"`

	RepositoryURL string    `env:"REPOSITORY_URL"` // where this code is published; named to Spotify
	RunningSince  time.Time `env:"RUNNING_SINCE"`  // when the service was set up: no weekly run is missed before
}

// FanOut is the environment of the function that sends users out.
type FanOut struct {
	Environment       string `env:"ENVIRONMENT" envDefault:"local"`
	Project           string `env:"GOOGLE_CLOUD_PROJECT,required"`
	FirestoreDatabase string `env:"FIRESTORE_DATABASE" envDefault:"(default)"`
	ArchiveTopic      string `env:"ARCHIVE_TOPIC,required"`
	WeeklyTopic       string `env:"WEEKLY_TOPIC,required"`
}

// ArchiveUser is the environment of the function that runs one user.
type ArchiveUser struct {
	Environment        string `env:"ENVIRONMENT" envDefault:"local"`
	BaseURL            string `env:"BASE_URL,required"`
	Project            string `env:"GOOGLE_CLOUD_PROJECT,required"`
	FirestoreDatabase  string `env:"FIRESTORE_DATABASE" envDefault:"(default)"`
	KMSKey             string `env:"KMS_KEY,required"`
	SpotifyClientID    string `env:"SPOTIFY_CLIENT_ID,required"`
	ClientSecretName   string `env:"SPOTIFY_CLIENT_SECRET_NAME,required"`
	SpotifyAccountsURL string `env:"SPOTIFY_ACCOUNTS_URL" envDefault:"https://accounts.spotify.com"`
	SpotifyAPIURL      string `env:"SPOTIFY_API_URL" envDefault:"https://api.spotify.com/v1"`
	RepositoryURL      string `env:"REPOSITORY_URL"`
}

// Local is the environment of the process that is everything in one.
type Local struct {
	Environment         string      `env:"ENVIRONMENT" envDefault:"local"`
	Addr                string      `env:"ADDR" envDefault:"127.0.0.1"` // IP address to bind to
	Port                int         `env:"PORT" envDefault:"8080"`      // 0 takes a free one
	PublicURL           string      `env:"BASE_URL"`                    // see BaseURL
	DataDir             string      `env:"DATA_DIR" envDefault:".data"`
	SpotifyClientID     string      `env:"SPOTIFY_CLIENT_ID"` // empty: the built-in stand-in
	SpotifyClientSecret secret.Text `env:"SPOTIFY_CLIENT_SECRET"`
	SpotifyAccountsURL  string      `env:"SPOTIFY_ACCOUNTS_URL"` // empty with the stand-in
	SpotifyAPIURL       string      `env:"SPOTIFY_API_URL"`      // empty with the stand-in
	SpotifyMode         string      `env:"SPOTIFY_MODE"`         // of the stand-in; empty with Spotify
	RepositoryURL       string      `env:"REPOSITORY_URL"`
}

// The quota modes of the built-in stand-in.
const (
	ModeExtended    = "extended"
	ModeDevelopment = "development"
)

const (
	defaultAccountsURL = "https://accounts.spotify.com"
	defaultAPIURL      = "https://api.spotify.com/v1"
)

const maxPort = 65535

// LoadSignUp reads the variables that SignUp's tags name.
func LoadSignUp(environ map[string]string) (SignUp, error) { return load[SignUp](environ) }

// LoadFanOut reads the variables that FanOut's tags name.
func LoadFanOut(environ map[string]string) (FanOut, error) { return load[FanOut](environ) }

// LoadArchiveUser reads the variables that ArchiveUser's tags name.
func LoadArchiveUser(environ map[string]string) (ArchiveUser, error) {
	return load[ArchiveUser](environ)
}

// LoadLocal reads the variables that Local's tags name. Without a client id
// the built-in stand-in is Spotify, and settings that only make sense with the
// real one are wrong.
func LoadLocal(environ map[string]string) (Local, error) {
	c, err := load[Local](environ)
	problems := []error{err}
	if c.SpotifyClientID == "" {
		problems = append(problems, c.checkStandin())
		if c.SpotifyMode == "" {
			c.SpotifyMode = ModeExtended
		}
	} else {
		problems = append(problems, c.checkSpotify())
		if c.SpotifyAccountsURL == "" {
			c.SpotifyAccountsURL = defaultAccountsURL
		}
		if c.SpotifyAPIURL == "" {
			c.SpotifyAPIURL = defaultAPIURL
		}
	}
	ip := net.ParseIP(c.Addr)
	switch {
	case c.PublicURL != "" || ip == nil || ip.IsUnspecified() || isRedirectIP(ip):
	case ip.IsLoopback():
		problems = append(problems, problem("ADDR", fmt.Sprintf("got %q, want 127.0.0.1 (or ::1): Spotify takes no other loopback address as redirect address", c.Addr)))
	default:
		problems = append(problems, problem("BASE_URL", fmt.Sprintf("not set, but ADDR is %s: want the address at which browsers reach this machine", c.Addr)))
	}
	if err := errors.Join(problems...); err != nil {
		return Local{}, err
	}
	return c, nil
}

// Standin reports whether the built-in stand-in is Spotify.
func (c Local) Standin() bool { return c.SpotifyClientID == "" }

// BaseURL returns the public address for the port that was bound: BASE_URL if
// it is set, else the loopback address.
func (c Local) BaseURL(port int) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	host := c.Addr
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port))
}

func (c Local) checkStandin() error {
	var problems []error
	for name, set := range map[string]bool{
		"SPOTIFY_CLIENT_SECRET": !c.SpotifyClientSecret.IsZero(),
		"SPOTIFY_ACCOUNTS_URL":  c.SpotifyAccountsURL != "",
		"SPOTIFY_API_URL":       c.SpotifyAPIURL != "",
	} {
		if set {
			problems = append(problems, problem(name, "set, but SPOTIFY_CLIENT_ID is not: want both, or neither for the built-in stand-in"))
		}
	}
	if c.Port == maxPort {
		problems = append(problems, problem("PORT", fmt.Sprintf("got \"%d\", want a smaller one: the built-in stand-in takes the port after it", c.Port)))
	}
	return errors.Join(problems...)
}

func (c Local) checkSpotify() error {
	var problems []error
	if c.SpotifyClientSecret.IsZero() {
		problems = append(problems, problem("SPOTIFY_CLIENT_SECRET", "not set, but SPOTIFY_CLIENT_ID is: want both, or neither for the built-in stand-in"))
	}
	if c.SpotifyMode != "" {
		problems = append(problems, problem("SPOTIFY_MODE", "set together with SPOTIFY_CLIENT_ID: want it only for the built-in stand-in"))
	}
	return errors.Join(problems...)
}

// Environ turns pairs of the form "NAME=value" (os.Environ) into a map.
func Environ(pairs []string) map[string]string {
	environ := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		if name, value, ok := strings.Cut(pair, "="); ok {
			environ[name] = value
		}
	}
	return environ
}
