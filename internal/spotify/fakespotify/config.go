package fakespotify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Mode is the quota mode of the app
// (https://developer.spotify.com/documentation/web-api/concepts/quota-modes).
type Mode string

// The quota modes.
const (
	Development Mode = "development" // a new app: allow-list, new endpoints only, no Discover Weekly
	Extended    Mode = "extended"    // an app whose access predates 2024-11-27: everything
)

// Generation says which names a playlist's content has in answers.
type Generation string

// The generations. The zero Generation is GenerationNew in development mode
// and GenerationBoth in extended mode. Endpoints that end in /tracks always
// send the old names.
const (
	GenerationBoth Generation = "both" // items and tracks, item and track
	GenerationNew  Generation = "new"  // items, item
	GenerationOld  Generation = "old"  // tracks, track
)

// DiscoverAccess says what Spotify answers for a Discover Weekly by its id.
type DiscoverAccess string

// The answers. The zero DiscoverAccess is DiscoverNotFound in development mode
// and DiscoverReadable in extended mode.
const (
	DiscoverReadable  DiscoverAccess = "readable"
	DiscoverNotFound  DiscoverAccess = "not_found" // 404
	DiscoverForbidden DiscoverAccess = "forbidden" // 403
	DiscoverMetadata  DiscoverAccess = "metadata"  // 200 without items, and 403 for the items
)

// DiscoverListing says how a followed Discover Weekly shows up in the list of
// the user's playlists.
type DiscoverListing string

// The listings. The zero DiscoverListing is DiscoverNull in development mode
// and DiscoverListed in extended mode.
const (
	DiscoverListed  DiscoverListing = "listed"
	DiscoverNull    DiscoverListing = "null"    // a null in its place
	DiscoverMissing DiscoverListing = "missing" // left out, and not counted
)

// An Account is a Spotify account that can consent.
type Account struct {
	Key          string        // names the account in this package, in state files and in logs
	ID           string        // Spotify's user id; Key if empty
	AccountID    string        // Spotify's account_id; left out of answers if empty
	DisplayName  string        // null in answers if empty
	UTCOffset    time.Duration // local time; Discover Weekly changes at local Monday 00:00
	DiscoverName string        // the localized name; "Discover Weekly" if empty
	NoDiscover   bool          // does not follow its Discover Weekly at first
}

// Quirks puts awkward items into every Discover Weekly, instead of ordinary
// songs. The counts together, Repeated and Relinked twice, must not exceed
// DiscoverSize.
type Quirks struct {
	Null     int // items that are null
	Local    int // local files
	Episodes int // podcast episodes
	Repeated int // songs of the week before
	Relinked int // songs of the week before, under another id with the same ISRC
}

// Config configures a Server. The zero Config is an app in development mode
// with the demo accounts and nothing on disk.
type Config struct {
	Mode         Mode        // Development if empty
	ClientID     string      // DemoClientID if empty
	ClientSecret secret.Text // DemoClientSecret() if empty
	RedirectURIs []string    // DemoRedirectURI if nil; a loopback URI without a port matches every port
	Accounts     []Account   // DemoAccounts() if nil
	Allowlist    []string    // account keys that may use the app in development mode; nil means all

	Clock     func() time.Time                           // time.Now if nil
	Sleep     func(ctx context.Context, d time.Duration) // waits for d or the end of ctx; a timer if nil
	Seed      uint64                                     // makes tokens and ids repeatable; 0 means crypto/rand
	StateFile string                                     // keeps the state across restarts; empty means memory only
	Strict    func(problem string)                       // is told of every unknown route, parameter and field
	Observe   func(r Request)                            // is told of every request when it is answered

	Rotate          bool            // a refresh answers a new refresh token and ends the old one
	Generation      Generation      // names of a playlist's content
	DiscoverAccess  DiscoverAccess  // answers for a Discover Weekly by id
	DiscoverListing DiscoverListing // how a Discover Weekly is listed
	Quirks          Quirks          // awkward items in every Discover Weekly
	ItemsLag        time.Duration   // for how long after a write reads show the old items
	SnapshotLag     time.Duration   // for how long after a write reads show the old snapshot id
	ItemLimit       int             // items that a playlist holds; 10,000 if 0
	ItemLimitStatus int             // answer to an add beyond ItemLimit; 403 if 0 (500 was seen too)
}

// The demo app, used where Config names none.
const (
	DemoClientID    = "5eed0000000000000000000000000001"
	DemoRedirectURI = "http://127.0.0.1/callback"
)

const defaultItemLimit = 10_000

// DemoClientSecret returns the client secret of the demo app. It protects
// nothing: the stand-in has no data of anybody.
func DemoClientSecret() secret.Text {
	sum := sha256.Sum256([]byte("demo app of the Spotify stand-in"))
	return secret.New(hex.EncodeToString(sum[:16]))
}

// DemoAccounts returns the accounts that a server has where Config names none.
// They live in time zones from UTC-11 to UTC+14.
func DemoAccounts() []Account {
	names := []struct {
		discover string
		offset   time.Duration
	}{
		{"Discover Weekly", 0},
		{"Dein Mix der Woche", time.Hour},
		{"Découvertes de la semaine", 14 * time.Hour},
		{"Haftalık Keşifler", -11 * time.Hour},
		{"每週新發現", 8 * time.Hour},
		{"Descobertas da Semana", -3 * time.Hour},
	}
	accounts := make([]Account, len(names))
	for i, n := range names {
		key := fmt.Sprintf("demo%d", i+1)
		accounts[i] = Account{
			Key:          key,
			ID:           "standin" + key,
			AccountID:    hashID("account", key),
			DisplayName:  fmt.Sprintf("Demo account %d", i+1),
			UTCOffset:    n.offset,
			DiscoverName: n.discover,
		}
	}
	return accounts
}

func (c Config) withDefaults() Config {
	if c.Mode == "" {
		c.Mode = Development
	}
	if c.ClientID == "" {
		c.ClientID = DemoClientID
	}
	if c.ClientSecret.IsZero() {
		c.ClientSecret = DemoClientSecret()
	}
	if c.RedirectURIs == nil {
		c.RedirectURIs = []string{DemoRedirectURI}
	}
	if c.Accounts == nil {
		c.Accounts = DemoAccounts()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Generation == "" {
		c.Generation = GenerationBoth
		if c.Mode == Development {
			c.Generation = GenerationNew
		}
	}
	if c.DiscoverAccess == "" {
		c.DiscoverAccess = DiscoverReadable
		if c.Mode == Development {
			c.DiscoverAccess = DiscoverNotFound
		}
	}
	if c.DiscoverListing == "" {
		c.DiscoverListing = DiscoverListed
		if c.Mode == Development {
			c.DiscoverListing = DiscoverNull
		}
	}
	if c.ItemLimit == 0 {
		c.ItemLimit = defaultItemLimit
	}
	if c.ItemLimitStatus == 0 {
		c.ItemLimitStatus = http.StatusForbidden
	}
	return c
}

func (c Config) validate() error {
	var problems []error
	if c.Mode != Development && c.Mode != Extended {
		problems = append(problems, fmt.Errorf("mode %q is neither development nor extended", c.Mode))
	}
	for _, uri := range c.RedirectURIs {
		if err := validRedirect(uri); err != nil {
			problems = append(problems, err)
		}
	}
	keys := map[string]bool{spotifyOwner: true}
	for _, a := range c.Accounts {
		if a.Key == "" || keys[a.Key] {
			problems = append(problems, fmt.Errorf("account key %q is empty or taken", a.Key))
		}
		keys[a.Key] = true
	}
	for _, key := range c.Allowlist {
		if !keys[key] {
			problems = append(problems, fmt.Errorf("allow-list names the unknown account %q", key))
		}
	}
	q := c.Quirks
	if min(q.Null, q.Local, q.Episodes, q.Repeated, q.Relinked) < 0 ||
		q.Null+q.Local+q.Episodes+2*(q.Repeated+q.Relinked) > DiscoverSize {
		problems = append(problems, fmt.Errorf("quirks do not fit into %d items", DiscoverSize))
	}
	return errors.Join(problems...)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
