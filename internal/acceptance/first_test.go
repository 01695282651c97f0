package acceptance_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/weeklyarchive/weeklyarchive/internal/acceptance/chromium"
)

// A new person with an app of today, on a phone: from the link that they were
// sent to thirty songs in the archive, with at most six taps on our pages. What
// they tap at Spotify is Spotify's.
func TestFirstFiveMinutesOnAPhone(t *testing.T) {
	t.Parallel()
	browser := chromium.New(t)
	site, standin := startLocal(t, t.TempDir(), "development")
	ctx, cancel := context.WithTimeout(browser, 2*time.Minute)
	defer cancel()
	must := func(what string, actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, actions...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	taps := 0
	tap := func(selector string) {
		t.Helper()
		taps++
		press(t, ctx, selector)
	}

	must("opening the link", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch), chromedp.Navigate(site))
	tap(".hero .button.main")
	tap(`.choice .button.main`)
	must("agreeing at Spotify", click(`input[name="account"]`), click(`button[value="agree"]`))
	must("seeing what to do", chromedp.WaitVisible(chromedp.CSS("#week[data-look] .steps")))
	lowest, err := chromedp.Run(ctx, chromedp.Evaluate[float64](
		`Math.max(...[...document.querySelectorAll("#week .button.main, #week .by-finger li")].map((e) => e.getBoundingClientRect().bottom + scrollY))`))
	if err != nil || lowest > 600+standinNotice(ctx, t) {
		t.Errorf("what to do ends at %.0f pixels (%v), want it within the first 600", lowest, err)
	}
	tap("#week .button.main")
	must("copying in Spotify", click(`button[value="copy"]`), untilSaid("is copied."))
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`history.go(-2), true`)); err != nil {
		t.Fatalf("coming back: %v", err)
	}
	must("seeing them arrive", untilSaid("30 of 30 songs of this week are in your archive."))
	if taps > 6 {
		t.Errorf("got %d taps of ours, want at most 6", taps)
	}
	title, err := chromedp.Run(ctx, chromedp.Title())
	if want := "In · Your archive · Weekly Archive for Spotify"; err != nil || title != want {
		t.Errorf("got the title %q (%v), want %q", title, err, want)
	}
	waitForText(ctx, t, standin, `Weekly Archive\s+30 items`)
}

// standinNotice is how many pixels the notice takes that is there only with a
// stand-in.
func standinNotice(ctx context.Context, t *testing.T) float64 {
	t.Helper()
	height, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`document.querySelector("main").getBoundingClientRect().top + scrollY - document.querySelector("header").getBoundingClientRect().bottom - scrollY`))
	if err != nil {
		t.Fatal(err)
	}
	return height
}
