package acceptance_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/weeklyarchive/weeklyarchive/internal/acceptance/chromium"
)

// The whole way of a newcomer, in a real browser: connect, 30 songs, next
// Monday, run, 60 songs, run again, still 60, disconnect, nothing left.
func TestNewcomerInABrowser(t *testing.T) {
	t.Parallel()
	browser := chromium.New(t)
	data := t.TempDir()
	site, standin := startLocal(t, data, "extended")

	ctx, cancel := context.WithTimeout(browser, 2*time.Minute)
	defer cancel()
	must := func(what string, actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, actions...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	// What the person sees and clicks, page by page.
	must("connecting",
		chromedp.Navigate(site),
		click(`a[href^="/connect"], form[action="/connect"] button`),
		click(`input[name="account"]`),
		click(`button[value="agree"]`),
		chromedp.WaitVisible(chromedp.CSS("#week")),
	)
	waitForText(ctx, t, site+"/account", "30 songs found, 30 new, saved")

	waitForText(ctx, t, standin, `Weekly Archive\s+30 items`)
	user := userID.FindString(get(t, site+"/local/status"))
	if user == "" || !stored(t, data, user) {
		t.Fatalf("got user id %q, want one that is in the database", user)
	}

	must("moving to next Monday and running the week",
		chromedp.Navigate(site+"/local"),
		click(`form[action="/local/next-monday"] button`),
		untilSaid("It is Monday"),
		click(`form[action^="/local/weekly"] button`),
		untilSaid("The weekly run was sent"),
	)
	waitForText(ctx, t, standin, `Weekly Archive\s+60 items`)

	must("running the week again",
		chromedp.Navigate(site+"/local"),
		click(`form[action^="/local/weekly"] button`),
		untilSaid("The weekly run was sent"),
	)
	waitForText(ctx, t, site+"/local", "Nothing waits.")
	waitForText(ctx, t, standin, `Weekly Archive\s+60 items`)

	must("disconnecting",
		chromedp.Navigate(site+"/account/settings"),
		click(`details:has(form[action="/disconnect"]) summary`),
		click(`form[action="/disconnect"] button`),
		untilSaid("You are disconnected"),
	)
	if status := get(t, site+"/local/status"); strings.Contains(status, user) {
		t.Errorf("got status %s, want nobody", status)
	}
	if stored(t, data, user) {
		t.Error("the user's id is still in a file of the data directory")
	}
}

var userID = regexp.MustCompile(`[a-z2-7]{26}`)

// stored reports whether any file of the data directory holds the text.
func stored(t *testing.T, data, text string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found = found || bytes.Contains(content, []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// click clicks an element once it shows.
func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector))
}

// press clicks an element once it shows, and waits for the page that it leads
// to, which may be the same one again.
func press(t *testing.T, tab context.Context, selector string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.dataset.left = "", true`)); err != nil {
		t.Fatalf("pressing %s: %v", selector, err)
	}
	err := chromedp.Do(ctx, click(selector), chromedp.WaitVisible(chromedp.CSS("html:not([data-left]) body")))
	if err != nil {
		t.Fatalf("pressing %s: %v", selector, err)
	}
}

// untilSaid waits until the page that a click leads to says something.
func untilSaid(text string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.Search(`//*[contains(text(), "` + text + `")]`))
}

// waitForText loads a page until its text matches, as a person would.
func waitForText(ctx context.Context, t *testing.T, address, pattern string) {
	t.Helper()
	want := regexp.MustCompile(pattern)
	text := ""
	err := ctx.Err()
	for err == nil {
		if err = chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
			break
		}
		shown, textErr := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
		if err = textErr; err == nil {
			text = shown
		}
		if want.MatchString(text) {
			return
		}
	}
	t.Fatalf("%s never showed %q: %v; at the end it showed:\n%s", address, pattern, err, text)
}
