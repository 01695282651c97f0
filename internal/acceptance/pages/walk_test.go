package pages_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
)

var screenshots = flag.String("screenshots", "", "take a picture of every page in every state into this folder, and look no further")

// first is the language in which a page is looked at in every way that does
// not differ from one language to the next.
const first = "en"

// TestPages looks at every page in every state and language.
func TestPages(t *testing.T) {
	t.Parallel()
	pages := shown(t)
	free := tabs(t, 2)
	for _, page := range pages {
		t.Run(page.Name+"."+page.Language, func(t *testing.T) {
			t.Parallel()
			b := <-free
			defer func() { free <- b }()
			b.view(t, window{width: 360})
			b.open(t, page)
			if *screenshots != "" {
				shoot(t, b, page)
				return
			}
			looks(t, b)
			if page.Language == first {
				walks(t, b)
				zooms(t, b)
				b.view(t, window{width: 360, still: true})
				none(t, "where motion is not welcome", ask[[]string](t, b, "moving()"))
				b.view(t, window{width: 1280, media: "print"})
				none(t, "on paper", ask[[]string](t, b, "print()"))
				withoutScript(t, b, page)
			}
			none(t, "the browser complains", b.heard())
		})
	}
}

// looks looks at a page as people do: on a phone and on a computer, by day and by
// night. At night only colours differ, and those of a page's parts that do not
// show are nobody's: axe goes through all of its rules once for each set of
// parts that show.
func looks(t *testing.T, b *tab) {
	t.Helper()
	for _, w := range windows() {
		b.view(t, w)
		none(t, w.String(), ask[[]string](t, b, "look()"))
	}
}

// windows are a phone and a computer, by day and by night.
func windows() []window {
	return []window{{width: 360}, {width: 360, scheme: dark}, {width: 1280}, {width: 1280, scheme: dark}}
}

// shoot takes pictures of a page, and asks nothing of it.
func shoot(t *testing.T, b *tab, page pagetest.Page) {
	t.Helper()
	for _, w := range windows() {
		name := w.String()
		w.still = true // nothing is half way to its place
		b.view(t, w)
		file := filepath.Join(*screenshots, fmt.Sprintf("%s.%s.%s.jpg", page.Name, page.Language, name))
		if err := os.WriteFile(file, b.picture(t), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// walks goes through the page by keyboard, in the colours that somebody who
// cannot see well has set.
func walks(t *testing.T, b *tab) {
	t.Helper()
	b.view(t, window{width: 1280, forced: true})
	none(t, "forced colours", ask[[]string](t, b, "edges()"))
	ask[any](t, b, "openAll()")
	b.press(t, ask[int](t, b, "watchFocus()"))
	none(t, "by keyboard", ask[[]string](t, b, "walked()"))
}

// zooms reads the page in twice the size, and on a very small screen (Web
// Content Accessibility Guidelines 1.4.4 and 1.4.10), with all of it open.
func zooms(t *testing.T, b *tab) {
	t.Helper()
	for _, w := range []window{{width: 640, scale: 2}, {width: 320}} {
		b.view(t, w)
		for _, check := range []string{"overflow()", "cut()"} {
			none(t, w.String(), ask[[]string](t, b, check))
		}
	}
}

func withoutScript(t *testing.T, b *tab, page pagetest.Page) {
	t.Helper()
	call(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	defer call(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
	complaints := b.heard()
	b.view(t, window{width: 360})
	b.open(t, page)
	for _, check := range []string{"withoutScript()", "overflow()"} {
		none(t, "without JavaScript", ask[[]string](t, b, check))
	}
	none(t, "the browser complains", complaints)
}

func none(t *testing.T, where string, faults []string) {
	t.Helper()
	for _, fault := range faults {
		t.Errorf("%s: %s", where, fault)
	}
}
