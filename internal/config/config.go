// Package config reads the environment of each program into a struct. The
// environment is an argument; nothing here reads the process's own. Every
// Load names all wrong variables at once, with the value that was found
// (unless it is a secret) and what is allowed.
package config

import (
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

	DailyRequests DailyRequests `env:"SPOTIFY_DAILY_REQUESTS"`
	Contact       string        `env:"CONTACT"`  // of whoever runs this copy, for the privacy page and for push services
	NtfyURL       string        `env:"NTFY_URL"` // an ntfy server that people may use beside ntfy.sh

	RepositoryURL string    `env:"REPOSITORY_URL"` // where this code is published; named to Spotify
	Version       string    `env:"VERSION"`        // of the source that was deployed, for people
	RunningSince  time.Time `env:"RUNNING_SINCE"`  // when the service was set up: no weekly run is missed before
}

// FanOut is the environment of the function that sends users out.
type FanOut struct {
	Environment       string `env:"ENVIRONMENT" envDefault:"local"`
	Project           string `env:"GOOGLE_CLOUD_PROJECT,required"`
	FirestoreDatabase string `env:"FIRESTORE_DATABASE" envDefault:"(default)"`
	ArchiveTopic      string `env:"ARCHIVE_TOPIC,required"`
	WeeklyTopic       string `env:"WEEKLY_TOPIC,required"`
	Version           string `env:"VERSION"`
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

	DailyRequests DailyRequests `env:"SPOTIFY_DAILY_REQUESTS"`
	Contact       string        `env:"CONTACT"`
	NtfyURL       string        `env:"NTFY_URL"`
	RepositoryURL string        `env:"REPOSITORY_URL"`
	Version       string        `env:"VERSION"`
}

// Local is the environment of the process that is everything in one.
type Local struct {
	Environment         string        `env:"ENVIRONMENT" envDefault:"local"`
	Addr                string        `env:"ADDR" envDefault:"127.0.0.1"` // IP address to bind to
	Port                int           `env:"PORT" envDefault:"8080"`      // 0 takes a free one
	PublicURL           string        `env:"BASE_URL"`                    // see BaseURL
	DataDir             string        `env:"DATA_DIR" envDefault:".data"`
	Contact             string        `env:"CONTACT"`           // of whoever runs this copy, for the privacy page and for push services
	NtfyURL             string        `env:"NTFY_URL"`          // an ntfy server that people may use beside ntfy.sh
	OperatorToken       secret.Text   `env:"OPERATOR_TOKEN"`    // opens the operator's page; empty: one is made
	NotifyURL           secret.Text   `env:"NOTIFY_URL"`        // where alerts go, separated by blanks; package alerts knows the forms
	HeartbeatURL        secret.Text   `env:"HEARTBEAT_URL"`     // called after each good weekly run
	SpotifyClientID     string        `env:"SPOTIFY_CLIENT_ID"` // empty: a stand-in
	SpotifyClientSecret secret.Text   `env:"SPOTIFY_CLIENT_SECRET"`
	SpotifyStandinURL   string        `env:"SPOTIFY_STANDIN_URL"` // of a stand-in that runs on its own; empty: the built-in one
	DailyRequests       DailyRequests `env:"SPOTIFY_DAILY_REQUESTS"`

	SpotifyAccountsURL string `env:"SPOTIFY_ACCOUNTS_URL"` // empty with a stand-in, unless a proxy is before it
	SpotifyAPIURL      string `env:"SPOTIFY_API_URL"`      // the same
	SpotifyMode        string `env:"SPOTIFY_MODE"`         // of the built-in stand-in; empty with any other
	RepositoryURL      string `env:"REPOSITORY_URL"`
	ReleasesURL        string `env:"RELEASES_URL"` // answers with the newest release; empty: nobody is asked
}

// LoadSignUp reads the variables that SignUp's tags name.
func LoadSignUp(environ map[string]string) (SignUp, error) { return load[SignUp](environ) }

// LoadFanOut reads the variables that FanOut's tags name.
func LoadFanOut(environ map[string]string) (FanOut, error) { return load[FanOut](environ) }

// LoadArchiveUser reads the variables that ArchiveUser's tags name.
func LoadArchiveUser(environ map[string]string) (ArchiveUser, error) {
	return load[ArchiveUser](environ)
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
