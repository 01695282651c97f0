package acceptance_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/weeklyarchive/weeklyarchive/internal/acceptance/chromium"
)

// countLooks counts what the page asks for by itself. It is there before the
// page's own script.
const countLooks = `window.looks = 0;
window.fetch = ((real) => (to, how) => { if (to === "/account/look") { window.looks++; } return real(to, how); })(window.fetch);`

// Whoever goes to Spotify while a run is watched, and comes back before it is over,
// has the songs looked for when it is; once, and not where they never left.
func TestComingBackWhileARunIsWatched(t *testing.T) {
	t.Parallel()
	browser := chromium.New(t)
	site, standin := startLocal(t, t.TempDir(), "development")
	slow(t, standin)
	for name, test := range map[string]struct {
		account, events string
		want            int
	}{
		"left_and_came_back": {"demo1", `window.dispatchEvent(new Event("blur")); window.dispatchEvent(new Event("focus"))`, 1},
		"came_back_twice":    {"demo2", `for (const type of ["blur", "focus", "blur", "focus"]) { window.dispatchEvent(new Event(type)); }`, 1},
		"never_left":         {"demo3", `window.dispatchEvent(new Event("focus"))`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			tab, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
			defer cancel()
			if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithTimeout(tab, time.Minute)
			defer stop()
			if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: countLooks}); err != nil {
				t.Fatal(err)
			}
			if err := chromedp.Do(ctx, chromedp.Navigate(site+"/connect"), click(`input[value="`+test.account+`"]`),
				click(`button[value="agree"]`), chromedp.WaitVisible(chromedp.CSS("#week[data-watched]"))); err != nil {
				t.Fatalf("watching the first run: %v", err)
			}
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](test.events+"; true")); err != nil {
				t.Fatal(err)
			}
			watched := run[bool](ctx, t, `"watched" in document.getElementById("week").dataset`)
			if looks := run[float64](ctx, t, `window.looks`); !watched || looks != 0 {
				t.Fatalf("got %.0f looks while the run is watched (%t), want none yet", looks, watched)
			}
			if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS("#week[data-look]:not([data-watched])"))); err != nil {
				t.Fatalf("seeing the end of the run: %v", err)
			}
			const settle = 2500 * time.Millisecond // the page asks again a second after it could not
			for deadline := time.Now().Add(settle); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
				if run[float64](ctx, t, `window.looks`) > float64(test.want) {
					break
				}
			}
			if got := run[float64](ctx, t, `window.looks`); got != float64(test.want) {
				t.Errorf("got %.0f looks, want %d", got, test.want)
			}
		})
	}
}

// slow lets a run take some seconds.
func slow(t *testing.T, standin string) {
	t.Helper()
	tellStandin(t, standin+"/faults", `{"match":"GET /v1/me/playlists","kind":"delay","delay":700000000,"times":-1}`)
}
