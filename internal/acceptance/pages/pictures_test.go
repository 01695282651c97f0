package pages_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"

	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
)

var pictures = flag.String("pictures", "", "write the README's pictures into this folder")

// maxPictures is what the README's pictures may weigh together, in bytes.
const maxPictures = 120_000

// inREADME are the states that the README shows, and their files.
func inREADME() map[string]string {
	return map[string]string{"home": "start-page.webp", "account_in": "account-page.webp"}
}

// TestPictures takes the README's pictures anew, so that `make screenshots`
// works when it is needed, and looks after those that are there.
func TestPictures(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := tabs(t, 1)
	b, fresh, kept := <-all, 0, 0
	for _, page := range shown(t) {
		file := inREADME()[page.Name]
		if page.Language != first || file == "" {
			continue
		}
		picture := shootPhone(t, b, page)
		fresh += len(picture)
		if *pictures != "" {
			if err := os.WriteFile(filepath.Join(*pictures, file), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.Contains(string(readme), `src="internal/docs/`+file+`"`) {
			t.Errorf("README.md does not show internal/docs/%s", file)
		}
		there, err := os.ReadFile(filepath.Join(root, "internal/docs", file))
		if err != nil {
			t.Errorf("%v: `make screenshots` writes it", err)
		}
		kept += len(there)
	}
	for what, size := range map[string]int{"taken now": fresh, "of internal/docs": kept} {
		if size < 10_000 || size > maxPictures {
			t.Errorf("the pictures %s have %d bytes together, want 10,000 to %d", what, size, maxPictures)
		}
	}
}

// shootPhone takes a picture of what a phone shows of a page at once, without
// the name of whom the test made up.
func shootPhone(t *testing.T, b *tab, shown pagetest.Page) []byte {
	t.Helper()
	b.view(t, window{width: 400, scale: 1.5, still: true})
	b.open(t, shown)
	quality := int64(80)
	return call(t, b, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatWebp, Quality: &quality,
		Clip: &page.Viewport{Width: 400, Height: 700, Scale: 1},
	}).Data
}
