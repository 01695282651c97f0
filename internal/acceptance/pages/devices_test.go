package pages_test

import (
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"

	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// named returns a page in a language.
func named(t *testing.T, name, language string) pagetest.Page {
	t.Helper()
	all := shown(t)
	i := slices.IndexFunc(all, func(p pagetest.Page) bool { return p.Name == name && p.Language == language })
	if i < 0 {
		t.Fatalf("there is no page %s in %s", name, language)
	}
	return all[i]
}

// TestTimesAreWrittenAsTheServerDoes looks at times from elsewhere: the script
// puts them into the reader's own zone, in the form of the page's language,
// whatever the browser's is.
func TestTimesAreWrittenAsTheServerDoes(t *testing.T) {
	t.Parallel()
	all := tabs(t, 1)
	b := <-all
	for _, zone := range []string{"Europe/Berlin", "America/St_Johns", "UTC"} {
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		call(t, b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
		for _, language := range words.Ours().Languages() {
			checked := map[string]int{}
			for _, name := range []string{"settings_denied", "account_discover"} {
				b.open(t, named(t, name, language.Tag()))
				for _, shown := range ask[[]struct {
					Form, Text string
					At         time.Time
				}](t, b, "times()") {
					checked[shown.Form]++
					if want := language.Text(words.Say("operator."+shown.Form, shown.At.In(place))); shown.Text != want {
						t.Errorf("%s in %s at %s: got %q, want %q", name, language.Tag(), zone, shown.Text, want)
					}
				}
			}
			if checked["moment"] == 0 || checked["date"] == 0 {
				t.Errorf("got %v times in %s, want some of each form", checked, language.Tag())
			}
		}
	}
}

// iPhone is what Safari on an iPhone calls itself, and what it lacks.
const (
	iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
	noPush = "delete window.PushManager"
)

// TestIPhone looks at what an iPhone is offered: its calendar first, and then a
// picture of the way to the home screen, from which alone it takes messages.
func TestIPhone(t *testing.T) {
	t.Parallel()
	all := tabs(t, 1)
	b := <-all
	call(t, b, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: iPhone})
	call(t, b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: noPush})
	for _, name := range []string{"account_asks_to_remind", "settings_messages_none"} {
		for _, language := range words.Ours().Languages() {
			b.view(t, window{width: 360})
			b.open(t, named(t, name, language.Tag()))
			if got := ask[[]string](t, b, `order("#push .button[href$='calendar.ics']", "#push svg.home-screen")`); len(got) > 0 {
				t.Errorf("%s in %s: %v", name, language.Tag(), got)
			}
			looks(t, b)
			if *screenshots != "" {
				shoot(t, b, pagetest.Page{Name: name + "_iphone", Language: language.Tag()})
			}
			none(t, "the browser complains", b.heard())
		}
	}
}
