package pages_test

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/weeklyarchive/weeklyarchive/internal/acceptance/chromium"
	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
)

//go:embed checks.js
var checks string

// tab is a tab of the browser.
type tab struct {
	ctx     context.Context
	scripts string // what open puts into a page
	touches bool   // by finger

	mu         sync.Mutex
	complaints []string // of the browser, about the page
	address    string
}

// tabs opens n tabs in one browser.
func tabs(t *testing.T, n int) chan *tab {
	t.Helper()
	axe, err := os.ReadFile(filepath.Join(modules(t, "--omit=dev"), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	browser := chromium.New(t)
	all := make(chan *tab, n)
	for range n {
		one := &tab{scripts: string(axe) + "\n" + checks + "\n0"}
		ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(one.hear))
		t.Cleanup(cancel)
		if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
			t.Fatal(err)
		}
		one.ctx = ctx
		all <- one
	}
	return all
}

// hear notes what the browser says against a page: errors of scripts, what the
// page's policy blocked, what could not be loaded.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch event := event.(type) {
	case *log.EventEntryAdded:
		itself := event.Entry.Source == log.EntrySourceNetwork && event.Entry.URL == b.address // a 404 that is one
		if event.Entry.Level == log.EntryLevelError && !itself {
			b.complaints = append(b.complaints, event.Entry.Text+" "+event.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, event.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if event.Type == runtime.ConsoleAPICalledTypeError {
			b.complaints = append(b.complaints, fmt.Sprintf("console.error with %d arguments", len(event.Args)))
		}
	}
}

// heard returns the complaints since the page was opened.
func (b *tab) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.complaints
}

func (b *tab) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// call sends a command of the browser's protocol.
func call[P, R any](t *testing.T, b *tab, command cdp.Command[P, R], params P) R {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// open shows a page afresh.
func (b *tab) open(t *testing.T, shown pagetest.Page) {
	t.Helper()
	b.mu.Lock()
	b.complaints, b.address = nil, shown.Address
	b.mu.Unlock()
	which := network.Headers{pagetest.Asks: shown.State()}
	call(t, b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: which})
	b.do(t, chromedp.Navigate(shown.Address))
	b.do(t, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := chromedp.Evaluate[int](b.scripts)(ctx, target)
		return err
	}))
}

// ask calls a function of checks.js.
func ask[T any](t *testing.T, b *tab, question string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte]("checks."+question, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	var value T
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &value); err != nil {
			t.Fatalf("%s: %v in %s", question, err, answer)
		}
	}
	return value
}

const dark = "dark"

// window is how a page is looked at.
type window struct {
	width  int64
	scale  float64 // pixels of the screen to one of the page; 0: 1
	scheme string  // dark, or empty for light
	media  string  // "print", or empty
	forced bool    // colours
	still  bool    // motion is not welcome
}

func (w window) String() string {
	return strings.Join(strings.Fields(fmt.Sprintf("%dpx %s %s", w.width, cmp.Or(w.scheme, "light"), w.media)), ".")
}

// view looks at the page through another window.
func (b *tab) view(t *testing.T, w window) {
	t.Helper()
	b.touch(t, w.width < phones)
	metrics := emulation.SetDeviceMetricsOverrideParams{Width: w.width, Height: 800, DeviceScaleFactor: max(w.scale, 1)}
	call(t, b, emulation.SetDeviceMetricsOverride, metrics)
	media := emulation.SetEmulatedMediaParams{Media: w.media}
	for name, value := range map[string]string{
		"prefers-color-scheme":   cmp.Or(w.scheme, "light"),
		"forced-colors":          map[bool]string{true: "active", false: "none"}[w.forced],
		"prefers-reduced-motion": map[bool]string{true: "reduce", false: "no-preference"}[w.still],
	} {
		media.Features = append(media.Features, &emulation.MediaFeature{Name: name, Value: value})
	}
	call(t, b, emulation.SetEmulatedMedia, media)
}

// phones are narrower, and used with a finger.
const phones = 600

func (b *tab) touch(t *testing.T, is bool) {
	t.Helper()
	if b.touches == is {
		return
	}
	call(t, b, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: is})
	b.touches = is
}

// press presses the Tab key n times.
func (b *tab) press(t *testing.T, n int) {
	t.Helper()
	key := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Tab", Code: "Tab", WindowsVirtualKeyCode: 9}
	for range n {
		call(t, b, input.DispatchKeyEvent, key)
	}
}

// picture returns the whole page as it looks.
func (b *tab) picture(t *testing.T) []byte {
	t.Helper()
	whole, quality := true, int64(80)
	return call(t, b, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatJpeg, Quality: &quality, CaptureBeyondViewport: &whole, OptimizeForSpeed: &whole,
	}).Data
}
