package acceptance_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/weeklyarchive/weeklyarchive/internal/acceptance/chromium"
)

// person is somebody with a demo account and a browser of their own.
type person struct {
	t       *testing.T
	tab     context.Context
	site    string
	standin string
	account string
	want    []string // the songs that their way could see, in order
}

func newPerson(t *testing.T, browser context.Context, site, standin, account string) *person {
	t.Helper()
	tab, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	// The tab lives as long as the context of its first action.
	if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("opening a tab for %s: %v", account, err)
	}
	p := &person{t: t, tab: tab, site: site, standin: standin, account: account}
	p.connect()
	return p
}

// connect gives the app the consent, for the first time or anew.
func (p *person) connect() {
	p.t.Helper()
	p.do(chromedp.Navigate(p.site+"/connect"), click(`input[value="`+p.account+`"]`), click(`button[value="agree"]`),
		chromedp.WaitVisible(chromedp.CSS("#week")))
}

func (p *person) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%s: %v", p.account, err)
	}
}

// sees waits until a page shows a text.
func (p *person) sees(path, pattern string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, 30*time.Second)
	defer cancel()
	waitForText(ctx, p.t, p.site+path, pattern)
}

// choose picks a source on the account page, and agrees again where Spotify
// asks for more.
func (p *person) choose(source string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.site+"/account/settings"), click("#source-"+source))
	press(p.t, p.tab, `form[action="/account/source"] button`)
	if source == "listening" {
		p.do(click(`input[value="`+p.account+`"]`), click(`button[value="agree"]`))
	}
	p.do(chromedp.WaitVisible(chromedp.CSS("#week")))
}

// act presses a button of the account's on the stand-in's page.
func (p *person) act(playlist, action string) {
	p.t.Helper()
	form := `#` + p.account + ` form:has(button[value="` + action + `"])`
	if playlist != "" {
		form += `:has(input[name="playlist"][value="` + playlist + `"])`
	}
	p.do(chromedp.Navigate(p.standin), click(form+` button[value="`+action+`"]`), chromedp.WaitVisible(chromedp.CSS(".done")))
}

var (
	listedPlaylist = regexp.MustCompile(`<a href="/standin/playlists/([0-9A-Za-z]+)">([^<]+)</a>`)
	listedURI      = regexp.MustCompile(`class="uri">(spotify:track:[0-9A-Za-z]+)<`)
	accountSection = regexp.MustCompile(`(?s)<section id="([a-z0-9]+)">(.*?)</section>`)
)

// playlist finds one of the account's playlists by its name; the first one,
// Discover Weekly, for an empty name.
func (p *person) playlist(name string) string {
	p.t.Helper()
	for _, section := range accountSection.FindAllStringSubmatch(get(p.t, p.standin), -1) {
		if section[1] != p.account {
			continue
		}
		for _, m := range listedPlaylist.FindAllStringSubmatch(section[2], -1) {
			if name == "" || m[2] == name {
				return m[1]
			}
		}
	}
	return ""
}

// songs lists a playlist's URIs in order.
func (p *person) songs(name string) []string {
	p.t.Helper()
	id := p.playlist(name)
	if id == "" {
		return nil
	}
	var uris []string
	for _, m := range listedURI.FindAllStringSubmatch(get(p.t, p.standin+"/playlists/"+id), -1) {
		uris = append(uris, m[1])
	}
	return uris
}

// week has the operator move to the next Monday and run the week.
func (p *person) week(next bool) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.site + "/local"))
	if next {
		p.do(click(`form[action="/local/next-monday"] button`), untilSaid("It is Monday"))
	}
	p.do(click(`form[action^="/local/weekly"] button`), untilSaid("The weekly run was sent"))
	p.sees("/local", "Nothing waits.")
}

// On an app made today, four people end their fourth week with exactly what
// their way could see.
func TestFourWaysInABrowser(t *testing.T) {
	t.Parallel()
	browser := chromium.New(t)
	site, standin := startLocal(t, t.TempDir(), "development")
	inbox := newPerson(t, browser, site, standin, "demo1")
	listening := newPerson(t, browser, site, standin, "demo2")
	paste := newPerson(t, browser, site, standin, "demo5")
	auto := newPerson(t, browser, site, standin, "demo4")
	inbox.sees("/account", "(?i)discover weekly")
	inbox.choose("inbox")
	listening.choose("listening")
	paste.choose("paste")
	inbox.week(true)
	auto.sees("/account", "Weekly Archive inbox")

	for week := range 4 {
		for _, p := range []*person{inbox, auto} {
			p.act(p.playlist("Weekly Archive inbox"), "copy")
			p.want = append(p.want, p.songs("")...)
		}
		listening.act("", "play")
		listening.want = append(listening.want, listening.songs("")[:5]...)
		listening.do(chromedp.Navigate(site + "/account"))
		press(t, listening.tab, `form[action="/account/run"] button`)
		listening.sees("/local", "Nothing waits.")

		links := paste.songs("")[:20]
		paste.want = append(paste.want, links...)
		paste.do(chromedp.Navigate(site+"/account/paste"),
			chromedp.SendKeys(chromedp.CSS(`textarea[name="links"]`), strings.Join(links, " ")),
			click(`form[action="/account/paste"] button`),
			untilSaid("20 songs understood"))
		inbox.week(false)
		if week < 3 {
			inbox.week(true)
		}
	}
	for _, p := range []*person{inbox, listening, paste, auto} {
		if got := p.songs("Weekly Archive"); !slices.Equal(got, p.want) {
			t.Errorf("%s: got %d songs in the archive, want the %d that they could see, once each and in order", p.account, len(got), len(p.want))
		}
		p.sees("/account", `(?i)saved|nothing new|20\d\d`)
	}
}

// With access to Discover Weekly, the same four have all 120.
func TestFourWeeksOfDiscoverInABrowser(t *testing.T) {
	t.Parallel()
	browser := chromium.New(t)
	site, standin := startLocal(t, t.TempDir(), "extended")
	var people []*person
	for _, account := range []string{"demo1", "demo2", "demo4", "demo5"} {
		people = append(people, newPerson(t, browser, site, standin, account))
	}
	people[0].week(true)
	for _, p := range people {
		p.choose("discover")
		p.want = p.songs("Weekly Archive") // the week of the sign-up
	}
	for range 4 {
		people[0].week(true)
		for _, p := range people {
			p.want = append(p.want, p.songs("")...)
		}
	}
	for _, p := range people {
		if got := p.songs("Weekly Archive"); len(got) < 120 || !slices.Equal(got, p.want) {
			t.Errorf("%s: got %d songs in the archive, want %d, all of four weeks and those of before", p.account, len(got), len(p.want))
		}
	}
}
