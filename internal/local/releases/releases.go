// Package releases finds out that a newer version is out. It asks an address
// that the operator has set, and tells it nothing but which version asks.
package releases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"golang.org/x/mod/semver"
)

const (
	everyDay  = 24 * time.Hour
	timeout   = 15 * time.Second
	maxAnswer = 1 << 20 // bytes; a release may list many files
)

// Release is a version that is out.
type Release struct {
	Version string `json:"version"`           // such as v1.2.3
	Page    string `json:"page_url,omitzero"` // https address of its page; empty if the feed names none
}

// Config configures a Watch. A field is required unless it says otherwise.
type Config struct {
	// URL answers a GET with the newest release as JSON with the fields
	// tag_name and html_url, as GitHub's and Forgejo's ".../releases/latest" do
	// (https://docs.github.com/rest/releases/releases#get-the-latest-release).
	URL string

	Version   string // of this program, such as v1.2.3
	Log       *slog.Logger
	Transport http.RoundTripper                                // http.DefaultTransport if nil
	Sleep     func(ctx context.Context, d time.Duration) error // waits for d or the end of ctx, whose error it returns; a timer if nil
}

// Watch knows the newest release. It is safe for concurrent use.
type Watch struct {
	Config
	client *http.Client

	mu     sync.Mutex
	newest Release
}

// New returns a Watch that knows nothing yet.
func New(config Config) *Watch {
	if config.Sleep == nil {
		config.Sleep = sleep
	}
	return &Watch{Config: config, client: &http.Client{Transport: config.Transport, Timeout: timeout}}
}

// Run asks at once and then every day, until ctx ends. A feed that does not
// answer is asked again the next day; what was known stays known.
func (w *Watch) Run(ctx context.Context) {
	for {
		if newest, err := w.ask(ctx); err != nil {
			w.Log.WarnContext(ctx, "the release feed was not read", "error", err)
		} else {
			w.note(ctx, newest)
		}
		if w.Sleep(ctx, everyDay) != nil {
			return
		}
	}
}

// between is how git describes what is newer than the release that it names.
var between = regexp.MustCompile(`-\d+-g[0-9a-f]+(?:-dirty)?$|-dirty$`)

// Newer returns the newest release if it is newer than this program. A program
// that is no release has no age, and nothing is newer.
func (w *Watch) Newer() (Release, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.newest, semver.IsValid(w.Version) && !between.MatchString(w.Version) && semver.Compare(w.newest.Version, w.Version) > 0
}

func (w *Watch) note(ctx context.Context, newest Release) {
	w.mu.Lock()
	fresh := newest != w.newest
	w.newest = newest
	w.mu.Unlock()
	if _, newer := w.Newer(); newer && fresh {
		w.Log.InfoContext(ctx, "a newer version is out", "newest", newest.Version, "running", w.Version)
	}
}

// ask reads the feed. Its errors hold no address: an operator may have put a
// token into it.
func (w *Watch) ask(ctx context.Context) (Release, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.URL, http.NoBody)
	if err != nil {
		return Release{}, errors.New("the address makes no request")
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "WeeklyArchive/"+w.Version)
	answer, err := w.client.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return Release{}, fmt.Errorf("no answer: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return Release{}, fmt.Errorf("status %d", answer.StatusCode)
	}
	var feed struct {
		TagName string `json:"tag_name"`
		HTMLURL string `json:"html_url"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&feed); err != nil {
		return Release{}, errors.New("the answer is no JSON object of a release")
	}
	if !semver.IsValid(feed.TagName) {
		return Release{}, errors.New("the answer's tag_name is no version such as v1.2.3")
	}
	if page, err := url.Parse(feed.HTMLURL); err != nil || page.Scheme != "https" || page.Host == "" {
		feed.HTMLURL = ""
	}
	return Release{Version: feed.TagName, Page: feed.HTMLURL}, nil
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
