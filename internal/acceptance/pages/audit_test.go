//go:build audit

package pages_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/acceptance/chromium"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
)

// least is what Lighthouse has to give, of one.
const least = 0.95

// TestLighthouse has the pages that people open audited as a phone and as a
// computer see them. It is not part of `make test`: how quick a page is depends on
// what else the machine does.
func TestLighthouse(t *testing.T) {
	folder := modules(t)
	reports := filepath.Join(root, ".cache", "pages", "lighthouse")
	if err := os.MkdirAll(reports, 0o700); err != nil {
		t.Fatal(err)
	}
	browser := chromium.Path()
	if browser == "" {
		archivetest.Lacks(t, "no Chromium")
	}
	audited := 0
	for _, page := range shown(t) {
		if page.Language != first || !slices.Contains([]string{"home", "account_in", "settings_discover"}, page.Name) {
			continue
		}
		audited++
		for name, preset := range map[string][]string{"phone": nil, "computer": {"--preset=desktop"}} {
			t.Run(page.Name+"_"+name, func(t *testing.T) {
				report := filepath.Join(reports, page.Name+"_"+name) // no dot: Lighthouse cuts off what it takes for an extension
				audit := exec.CommandContext(t.Context(), filepath.Join(folder, "node_modules", ".bin", "lighthouse"),
					append(preset, page.Address, "--extra-headers="+fmt.Sprintf("{%q:%q}", pagetest.Asks, page.State()), "--quiet", "--output=json", "--output=html", "--output-path="+report,
						"--chrome-path="+browser, "--chrome-flags=--headless=new --no-sandbox")...)
				audit.Env = append(os.Environ(), "CHROME_PATH="+browser)
				if out, err := audit.CombinedOutput(); err != nil {
					t.Fatalf("lighthouse: %v\n%s", err, out)
				}
				grade(t, report+".report.json")
			})
		}
	}
	if audited < 2 {
		t.Errorf("got %d pages, want landing and account", audited)
	}
}

func grade(t *testing.T, report string) {
	t.Helper()
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var found struct {
		Categories map[string]struct {
			Score     float64
			AuditRefs []struct {
				ID     string
				Weight float64
			}
		}
		Audits map[string]struct {
			Title string
			Score *float64
		}
	}
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	for _, category := range []string{"performance", "accessibility", "best-practices", "seo"} {
		got, ok := found.Categories[category]
		t.Logf("%s: %.0f", category, 100*got.Score)
		if ok && got.Score >= least {
			continue
		}
		t.Errorf("%s: got %.2f, want at least %.2f", category, got.Score, least)
		for _, ref := range got.AuditRefs {
			if a := found.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 1 {
				t.Errorf("  %s (%.2f): %s", ref.ID, *a.Score, a.Title)
			}
		}
	}
}
