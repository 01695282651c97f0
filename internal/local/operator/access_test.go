package operator_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const (
	token = "operator-token-of-this-test"
	link  = "link-of-this-test"
)

// lock returns a page with a token, behind a public address.
func lock(f *world) http.Handler {
	config := f.config()
	config.Token, config.TokenFile, config.Link = secret.New(token), "operator-token", secret.New(link)
	config.BaseURL = "https://archive.example.com"
	return operator.New(config)
}

// visit asks as somebody does who comes from anywhere, with a browser.
func visit(h http.Handler, method, target string, edits ...func(*http.Request)) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = "203.0.113.9:50000"
	r.Header.Set("Accept", "text/html")
	for _, edit := range edits {
		edit(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func text(t *testing.T, answer *http.Response) string {
	t.Helper()
	var b strings.Builder
	if err := answer.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTokenOpensThePage(t *testing.T) {
	t.Parallel()
	const fromLAN, loopback = "http://192.168.1.5:8080", "http://127.0.0.1:8080"
	for name, tc := range map[string]struct {
		base string
		edit func(r *http.Request)
		want int
	}{
		"bearer_from_the_network": {fromLAN, with("Authorization", "Bearer "+token), http.StatusOK},
		"bearer_in_small_letters": {fromLAN, with("Authorization", "bearer "+token), http.StatusOK},
		"bearer_through_a_proxy": {loopback, func(r *http.Request) {
			with("X-Forwarded-For", "192.0.2.1")(r)
			with("Authorization", "Bearer "+token)(r)
		}, http.StatusOK},
		"nothing_from_the_network":  {fromLAN, func(*http.Request) {}, http.StatusUnauthorized},
		"nothing_from_this_machine": {loopback, func(r *http.Request) { r.RemoteAddr = "127.0.0.1:50000" }, http.StatusUnauthorized},
		"wrong_token":               {fromLAN, with("Authorization", "Bearer "+token+"x"), http.StatusUnauthorized},
		"empty_token":               {fromLAN, with("Authorization", "Bearer "), http.StatusUnauthorized},
		"link_as_token":             {fromLAN, with("Authorization", "Bearer "+link), http.StatusUnauthorized},
		"token_as_basic":            {fromLAN, func(r *http.Request) { r.SetBasicAuth("operator", token) }, http.StatusUnauthorized},
		"forged_cookie":             {fromLAN, with("Cookie", "weekly-archive-operator=99999999999.AAAA"), http.StatusUnauthorized},
		"token_as_cookie":           {fromLAN, with("Cookie", "weekly-archive-operator="+token), http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for method, path := range map[string]string{http.MethodGet: "/local/status", http.MethodPost: "/local/weekly"} {
				f := &world{}
				answer := visit(lock(f), method, tc.base+path, with("Accept", "*/*"), tc.edit)
				if answer.StatusCode != tc.want {
					t.Errorf("%s %s: got %d, want %d", method, path, answer.StatusCode, tc.want)
				}
				if acted := len(f.sent) > 0; acted != (tc.want == http.StatusOK && method == http.MethodPost) {
					t.Errorf("%s %s: got acted %v", method, path, acted)
				}
				body := text(t, answer)
				if tc.want != http.StatusOK && (!strings.Contains(body, `"error"`) || answer.Header.Get("WWW-Authenticate") != "Bearer") {
					t.Errorf("got %s, want it to say in JSON what is missing", body)
				}
				if strings.Contains(body, token) || strings.Contains(body, link) {
					t.Errorf("the answer shows a secret:\n%s", body)
				}
			}
		})
	}
}

// cookieOf returns the one cookie of an answer, as a request sends it back.
func cookieOf(t *testing.T, answer *http.Response) *http.Cookie {
	t.Helper()
	cookies := answer.Cookies()
	if len(cookies) != 1 {
		t.Fatalf("got %d cookies, want 1:\n%s", len(cookies), text(t, answer))
	}
	return cookies[0]
}

func carrying(c *http.Cookie) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value}) }
}

func TestLinkIsExchangedOnce(t *testing.T) {
	t.Parallel()
	const base = "https://archive.example.com"
	h := lock(&world{})
	address := operator.LinkURL(base, secret.New(link))
	if wrong := visit(h, http.MethodGet, operator.LinkURL(base, secret.New("guessed"))); wrong.StatusCode != http.StatusUnauthorized {
		t.Errorf("guessed link: got %d, want 401", wrong.StatusCode)
	}
	answer := visit(h, http.MethodGet, address)
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/local" {
		t.Errorf("got %d to %q, want 303 to /local", answer.StatusCode, answer.Header.Get("Location"))
	}
	cookie := cookieOf(t, answer)
	if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/local" {
		t.Errorf("got cookie %v, want it HttpOnly, Secure, SameSite=Strict and for /local", cookie)
	}
	if strings.Contains(cookie.Value, token) || strings.Contains(cookie.Value, link) {
		t.Error("the cookie holds a secret")
	}
	if page := visit(h, http.MethodGet, base+"/local", carrying(cookie)); page.StatusCode != http.StatusOK {
		t.Errorf("with the cookie: got %d, want 200", page.StatusCode)
	}
	again := visit(h, http.MethodGet, address)
	if again.StatusCode != http.StatusUnauthorized || len(again.Cookies()) > 0 || !strings.Contains(text(t, again), "works once") {
		t.Errorf("once more: got %d, want 401 and why", again.StatusCode)
	}
	if own := visit(h, http.MethodGet, address, carrying(cookie)); own.StatusCode != http.StatusSeeOther {
		t.Errorf("once more with the cookie: got %d, want the page", own.StatusCode)
	}
	if forged := visit(h, http.MethodPost, base+"/local/weekly", carrying(cookie), with("Sec-Fetch-Site", "cross-site")); forged.StatusCode != http.StatusForbidden {
		t.Errorf("another site's form: got %d, want 403", forged.StatusCode)
	}
}

func TestSignInForm(t *testing.T) {
	t.Parallel()
	form := func(value string) func(*http.Request) {
		return func(r *http.Request) {
			r.PostForm = url.Values{"token": {value}}
			r.Header.Set("Origin", "https://archive.example.com") // though a proxy has put another host into the request
		}
	}
	h := lock(&world{})
	const base = "http://127.0.0.1:8080"
	page := text(t, visit(h, http.MethodGet, base+"/local"))
	for _, want := range []string{"401", "link that the program printed", `action="/local/sign-in"`, `name="token"`, "<code>operator-token</code>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the sign-in page lacks %q:\n%s", want, page)
		}
	}
	for _, wrong := range []string{"", token + "x", link} {
		answer := visit(h, http.MethodPost, base+"/local/sign-in", form(wrong))
		if answer.StatusCode != http.StatusUnauthorized || len(answer.Cookies()) > 0 || !strings.Contains(text(t, answer), "not the operator token") {
			t.Errorf("token %q: got %d, want 401 and why", wrong, answer.StatusCode)
		}
	}
	answer := visit(h, http.MethodPost, base+"/local/sign-in", form(" "+token+"\n"))
	cookie := cookieOf(t, answer)
	if answer.StatusCode != http.StatusSeeOther || !cookie.Secure {
		t.Errorf("got %d and %v, want 303 and a Secure cookie behind an https address", answer.StatusCode, cookie)
	}
	if page := visit(h, http.MethodGet, base+"/local", carrying(cookie)); page.StatusCode != http.StatusOK {
		t.Errorf("with the cookie: got %d, want 200", page.StatusCode)
	}
	if lan := cookieOf(t, visit(h, http.MethodPost, "http://192.168.1.5:8080/local/sign-in", func(r *http.Request) {
		r.PostForm = url.Values{"token": {token}}
	})); lan.Secure {
		t.Error("over plain HTTP in the network: got a Secure cookie, which no browser sends back there")
	}
}

func TestCookieEnds(t *testing.T) {
	t.Parallel()
	now := archivetest.WeekTime()
	config := (&world{}).config()
	config.Token, config.Link = secret.New(token), secret.New(link)
	config.Clock = func() time.Time { return now }
	h := operator.New(config)
	const page = "http://127.0.0.1:8080/local"
	cookie := cookieOf(t, visit(h, http.MethodGet, page+"?token="+link))
	status := func(h http.Handler) int { return visit(h, http.MethodGet, page, carrying(cookie)).StatusCode }
	now = now.Add(30*24*time.Hour - time.Second)
	if got := status(h); got != http.StatusOK {
		t.Errorf("after almost 30 days: got %d, want 200", got)
	}
	config.Token = secret.New(token + "-changed")
	if got := status(operator.New(config)); got != http.StatusUnauthorized {
		t.Errorf("with another token: got %d, want 401", got)
	}
	now = now.Add(time.Second)
	if got := status(h); got != http.StatusUnauthorized {
		t.Errorf("after 30 days: got %d, want 401", got)
	}
}

func TestOpenToken(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "operator-token")
	first, err := operator.OpenToken(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Reveal()) < 26 {
		t.Errorf("got a token of %d characters, want at least 128 bits", len(first.Reveal()))
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := operator.OpenToken(path)
	if err != nil || !again.Equal(first) {
		t.Errorf("opened again: got another token or %v", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("got mode %o, want 600", got)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v, want the one file", entries, err)
	}
	for name, content := range map[string]string{"empty": "", "short": "hush-hush\n", "two_lines": "0123456789abcdef\n0123456789abcdef\n"} {
		bad := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(bad, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := operator.OpenToken(bad)
		if !errors.Is(err, operator.ErrToken) || !strings.Contains(err.Error(), bad) || content != "" && strings.Contains(err.Error(), strings.TrimSpace(content)) {
			t.Errorf("%s: got error %v, want one that names the file and does not show it", name, err)
		}
		if got, err := os.ReadFile(bad); err != nil || string(got) != content {
			t.Errorf("%s: the file was changed", name)
		}
	}
}
