package spotify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

var (
	_ webapi.Authorizer = (*Client)(nil)
	_ webapi.Spotify    = (*Client)(nil)
	_ webapi.Library    = (*library)(nil)
)

// Where Spotify is, and how long one attempt may take, unless Config says otherwise.
const (
	DefaultAccountsURL = "https://accounts.spotify.com"
	DefaultAPIURL      = "https://api.spotify.com/v1"
	DefaultTimeout     = 15 * time.Second
)

// Config configures a Client. ClientID is required.
type Config struct {
	ClientID string

	// ClientSecret is asked before every token request. Nil, or an empty
	// secret, is a public client, which proves itself by PKCE alone.
	ClientSecret func(ctx context.Context) (secret.Text, error)

	RedirectURI string // registered with the app; needed by AuthorizeURL and Exchange only
	AccountsURL string // DefaultAccountsURL if empty
	APIURL      string // DefaultAPIURL if empty

	Version string // of this program, for the User-Agent; "development" if empty
	Commit  string // of its source, likewise; optional

	// RepositoryURL is where this copy's code is published. Set, every request
	// names it, so that Spotify can see whose it is. Optional.
	RepositoryURL string

	// Traffic is where the app's processes keep the count of a day's requests
	// and the rate that Spotify takes. Nil: this one keeps them to itself.
	Traffic archive.AppTraffic

	// DailyRequests is how many requests to the Web API the app may make on a
	// day; 0: as many as it needs. Or webapi.AutoDailyRequests.
	DailyRequests int

	Log *slog.Logger // nothing is logged if nil

	Transport http.RoundTripper                                // http.DefaultTransport with pings over HTTP/2 if nil
	Clock     archive.Clock                                    // time.Now if nil
	Sleep     func(ctx context.Context, d time.Duration) error // waits for d or the end of ctx, whose error it returns; a timer if nil
	Timeout   time.Duration                                    // of one attempt, body included; DefaultTimeout if zero
}

// Client talks to Spotify on behalf of one app. It is safe for concurrent use.
type Client struct {
	clientID     string
	clientSecret func(ctx context.Context) (secret.Text, error)
	redirectURI  string
	accountsURL  string
	apiURL       string
	userAgent    string
	transport    http.RoundTripper
	clock        archive.Clock
	sleep        func(ctx context.Context, d time.Duration) error
	timeout      time.Duration

	api, accounts *pace
	meter         *meter
}

// userAgent is such as "WeeklyArchive/v1.2.3 (0123456789ab; +https://host/path)".
func userAgent(cfg Config) string {
	const shown = 12 // digits of the commit
	var notes []string
	if cfg.Commit != "" {
		notes = append(notes, cfg.Commit[:min(shown, len(cfg.Commit))])
	}
	if cfg.RepositoryURL != "" {
		notes = append(notes, "+"+cfg.RepositoryURL)
	}
	name := product + cmp.Or(cfg.Version, "development")
	if len(notes) == 0 {
		return name
	}
	return name + " (" + strings.Join(notes, "; ") + ")"
}

// New returns a Client. It names everything that is wrong with cfg.
func New(cfg Config) (*Client, error) {
	c := &Client{
		clientID:     cfg.ClientID,
		clientSecret: cfg.ClientSecret,
		redirectURI:  cfg.RedirectURI,
		userAgent:    userAgent(cfg),
		transport:    cfg.Transport,
		clock:        cfg.Clock,
		sleep:        cfg.Sleep,
		timeout:      cfg.Timeout,
	}
	var problems []error
	if c.clientID == "" {
		problems = append(problems, errors.New("client id is empty"))
	}
	var err error
	if c.accountsURL, err = baseURL(cfg.AccountsURL, DefaultAccountsURL); err != nil {
		problems = append(problems, fmt.Errorf("accounts URL: %w", err))
	}
	if c.apiURL, err = baseURL(cfg.APIURL, DefaultAPIURL); err != nil {
		problems = append(problems, fmt.Errorf("API URL: %w", err))
	}
	if c.timeout < 0 {
		problems = append(problems, fmt.Errorf("timeout %s is negative", c.timeout))
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("configuring the spotify client: %w", errors.Join(problems...))
	}
	if c.transport == nil {
		c.transport = defaultTransport()
	}
	if c.clock == nil {
		c.clock = time.Now
	}
	if c.sleep == nil {
		c.sleep = sleep
	}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c.api, c.accounts = newPace(c.clock, c.sleep), newPace(c.clock, c.sleep)
	c.meter = &meter{store: cfg.Traffic, cap: cfg.DailyRequests, clock: c.clock, log: log, pace: c.api}
	return c, nil
}

// Library returns the Web API on behalf of the user whose tokens these are.
func (c *Client) Library(tokens webapi.TokenSource) webapi.Library {
	return &library{client: c, tokens: tokens}
}

func baseURL(text, fallback string) (string, error) {
	if text == "" {
		text = fallback
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", errors.New("is no URL")
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", errors.New("is not of the form https://host/path")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("must not have a user, a query or a fragment")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
