package web_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// What must never be on a page or in the log.
const (
	canaryKey     = "canary-session-key-0123456789"
	canaryAccess  = "canary-access-token"
	canaryRefresh = "canary-refresh-token"
	canaryCode    = "canary-code"
)

const consentPage = "https://accounts.example/authorize"

// fakeSpotify is a webapi.Authorizer whose consent page is the test.
type fakeSpotify struct {
	mu         sync.Mutex
	challenges map[string]string // code -> challenge it was issued for
	profile    webapi.Profile
	scopes     []string // nil: what the last AuthorizeURL asked for
	asked      []string
	ask        bool // what the last AuthorizeURL wanted
	exchange   error
	profileErr error
	exchanges  int
}

func (f *fakeSpotify) AuthorizeURL(state, challenge string, scopes []string, ask bool) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked, f.ask = slices.Clone(scopes), ask
	query := url.Values{"state": {state}, "code_challenge": {challenge}, "scope": {strings.Join(scopes, " ")}}
	return consentPage + "?" + query.Encode()
}

// agree is a person who agrees on the consent page.
func (f *fakeSpotify) agree(challenge string) (code string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	code = fmt.Sprintf("%s-%d", canaryCode, len(f.challenges))
	f.challenges[code] = challenge
	return code
}

func (f *fakeSpotify) Exchange(ctx context.Context, code, verifier secret.Text) (webapi.Token, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.exchanges++
	if err := ctx.Err(); err != nil {
		return webapi.Token{}, err
	}
	if f.exchange != nil {
		return webapi.Token{}, f.exchange
	}
	challenge, ok := f.challenges[code.Reveal()]
	sum := sha256.Sum256([]byte(verifier.Reveal()))
	if n := len(verifier.Reveal()); !ok || n < 43 || n > 128 || challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		return webapi.Token{}, fmt.Errorf("exchanging a code: %w", fault.ErrInvalidGrant)
	}
	delete(f.challenges, code.Reveal())
	scopes := f.scopes
	if scopes == nil {
		scopes = f.asked
	}
	return webapi.Token{
		Access: secret.New(canaryAccess), Refresh: secret.New(canaryRefresh), Scopes: scopes, ExpiresIn: time.Hour,
	}, nil
}

func (f *fakeSpotify) Profile(_ context.Context, access secret.Text) (webapi.Profile, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.profileErr != nil {
		return webapi.Profile{}, f.profileErr
	}
	if access.Reveal() != canaryAccess {
		return webapi.Profile{}, fault.ErrUnauthorized
	}
	return f.profile, nil
}

// site is the pages with everything around them in memory.
type site struct {
	handler http.Handler
	base    string
	spotify *fakeSpotify
	store   *archivetest.Store
	queue   *archivetest.Queue
	links   *links.Links
	log     *lockedBuffer
	pages   *lockedBuffer // every answer that a browser got
	accept  string        // the language that new browsers ask for

	mu  sync.Mutex
	now time.Time
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

const local = "http://127.0.0.1:8080"

func newSite(t *testing.T, edits ...func(*web.Config)) *site {
	t.Helper()
	s := &site{
		spotify: &fakeSpotify{
			challenges: map[string]string{},
			profile:    webapi.Profile{AccountID: "account-1", ID: "listener", DisplayName: "Listener <One>"},
		},
		queue: archivetest.NewQueue(),
		log:   &lockedBuffer{},
		pages: &lockedBuffer{},
		now:   archivetest.WeekTime(),
	}
	s.store = archivetest.NewStore(s.clock)
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	config := web.Config{
		BaseURL:    local,
		SessionKey: func(context.Context) (secret.Text, error) { return secret.New(canaryKey), nil },
		Authorizer: s.spotify,
		SignUp: &usecase.SignUp{
			Users: s.store, Sealer: archivetest.NewKeyRing(), Jobs: s.queue, Clock: s.clock, Log: log,
		},
		Accounts: &usecase.Accounts{Store: s.store, Jobs: s.queue, Clock: s.clock, Log: log},
		Messages: &web.Messages{
			Channels: &messaging.Channels{Users: s.store, Sealer: archivetest.NewKeyRing(), Jobs: s.queue, Clock: s.clock},
			Links: &links.Links{Base: local, SearchName: words.DiscoverName, Key: func(context.Context) (secret.Text, error) {
				return secret.New(canaryKey), nil
			}},
			PushKey: s.store.PushKey, NtfyServers: address.Servers(""),
		},
		Clock: s.clock,
		Log:   log,
	}
	for _, edit := range edits {
		edit(&config)
	}
	s.base = config.BaseURL
	if config.Messages != nil {
		config.Messages.Links.Base = config.BaseURL
		s.links = config.Messages.Links
	}
	handler, err := web.New(config)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	s.handler = handler
	return s
}

// user returns the one user of the site as stored.
func (s *site) user(t *testing.T) archive.User {
	t.Helper()
	u, err := s.store.User(t.Context(), archive.NewUserID(s.spotify.profile))
	if err != nil {
		t.Fatalf("User: %v", err)
	}
	return u
}

// edit changes the one user in the store.
func (s *site) edit(t *testing.T, change func(*archive.User)) {
	t.Helper()
	u := s.user(t)
	change(&u)
	if _, err := s.store.Put(t.Context(), u); err != nil {
		t.Fatalf("Put: %v", err)
	}
}

// browser keeps cookies and follows nothing by itself.
type browser struct {
	t       *testing.T
	site    *site
	cookies map[string]*http.Cookie
	header  http.Header // sent with every request
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	b := &browser{t: t, site: s, cookies: map[string]*http.Cookie{}, header: http.Header{}}
	if s.accept != "" {
		b.header.Set("Accept-Language", s.accept)
	}
	return b
}

type answer struct {
	*http.Response
	body string
}

func (a answer) location() string { return a.Header.Get("Location") }

func (b *browser) get(path string) answer { return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, form url.Values) answer {
	if form == nil {
		form = url.Values{}
	}
	return b.do(http.MethodPost, path, form)
}

func (b *browser) do(method, path string, form url.Values) answer {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(b.t.Context(), method, b.site.base+path, body)
	for name, values := range b.header {
		r.Header[name] = values
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	for _, c := range b.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	w := httptest.NewRecorder()
	b.site.handler.ServeHTTP(w, r)
	response := w.Result()
	response.Request = r
	for _, c := range response.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	text := w.Body.String()
	_, _ = b.site.pages.Write([]byte(text))
	for name, values := range response.Header {
		if name != "Set-Cookie" && !strings.HasPrefix(response.Header.Get("Location"), consentPage) {
			_, _ = fmt.Fprintln(b.site.pages, name, values)
		}
	}
	return answer{response, text}
}

// cookieNamed returns the name of the browser's cookie that contains part.
func (b *browser) cookieNamed(part string) string {
	for name := range b.cookies {
		if strings.Contains(name, part) {
			return name
		}
	}
	return ""
}

// begin goes to Spotify's consent page and returns what it was asked.
func (b *browser) begin(path string) (state, challenge string) {
	b.t.Helper()
	a := b.get(path)
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.location(), consentPage) {
		b.t.Fatalf("GET %s: got status %d to %q, want a redirect to the consent page", path, a.StatusCode, a.location())
	}
	to, err := url.Parse(a.location())
	if err != nil {
		b.t.Fatalf("parsing the consent page's address: %v", err)
	}
	return to.Query().Get("state"), to.Query().Get("code_challenge")
}

func callbackPath(state, code string) string {
	return "/callback?" + url.Values{"state": {state}, "code": {code}}.Encode()
}

// signIn connects by way of path, usually /connect.
func (b *browser) signIn(path string) {
	b.t.Helper()
	state, challenge := b.begin(path)
	a := b.get(callbackPath(state, b.site.spotify.agree(challenge)))
	if a.StatusCode != http.StatusSeeOther || a.location() != "/account" {
		b.t.Fatalf("callback: got status %d to %q, want 303 to /account; page: %s", a.StatusCode, a.location(), a.body)
	}
}

func wantStatus(t *testing.T, a answer, status int) {
	t.Helper()
	if a.StatusCode != status {
		t.Errorf("got status %d, want %d; page: %s", a.StatusCode, status, a.body)
	}
}

// timeTag is taken out where a sentence with a time in it is looked for.
var timeTag = regexp.MustCompile(`</?time[^>]*>`)

func wantText(t *testing.T, a answer, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) && !strings.Contains(timeTag.ReplaceAllString(a.body, ""), text) {
			t.Errorf("page lacks %q:\n%s", text, a.body)
		}
	}
}

func wantNoText(t *testing.T, a answer, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("page has %q:\n%s", text, a.body)
		}
	}
}

func wantLocation(t *testing.T, a answer, to string) {
	t.Helper()
	if a.StatusCode != http.StatusSeeOther || a.location() != to {
		t.Errorf("got status %d to %q, want 303 to %q; page: %s", a.StatusCode, a.location(), to, a.body)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}
