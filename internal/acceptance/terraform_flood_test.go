package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A flood is visitors of the home page, 1,000 a second for a day, as the
// defaults let it in.
const (
	floodRequests  = 1000.0 * 86400
	floodInstances = 2.0                      // signup_max_instances
	floodKept      = 1.0 / 100                // of the lines, see logging.tf
	floodLineKiB   = 1.25                     // Cloud Run's line and ours
	floodReads     = floodInstances * 24 * 60 // of the last weekly run, see functions/signup
	floodPageKiB   = 10.0                     // the page in its longest language, and its headers
	headersKiB     = 0.8
)

// floodTable says what a day of it costs, without what is free.
func floodTable() string {
	used := []struct {
		item  string
		units float64
	}{
		{"Cloud Run requests", floodRequests},
		{"Cloud Run CPU", floodInstances * 86400},
		{"Cloud Run memory", floodInstances * 86400 * memoryGiB},
		{"Firestore reads", floodReads},
		{"Data sent to Spotify and people", floodRequests * floodPageKiB / (1 << 20)},
		{"Cloud Logging", floodRequests * floodKept * floodLineKiB / (1 << 20)},
	}
	var b strings.Builder
	b.WriteString("| item | a day of 1,000 requests a second |\n|---|---:|\n")
	var total float64
	for _, u := range used {
		for _, p := range prices() {
			if p.item == u.item {
				cost := u.units / p.per * p.usd
				total += cost
				fmt.Fprintf(&b, "| %s | $%.2f |\n", u.item, cost)
			}
		}
	}
	fmt.Fprintf(&b, "| **sum** | **$%.2f** |\n", total)
	return b.String()
}

func TestTerraformFloodAssumesThePageAsItIs(t *testing.T) {
	t.Parallel()
	page, err := os.Stat(filepath.Join(repository, "internal/web/testdata/home.html"))
	if err != nil {
		t.Fatal(err)
	}
	if got := float64(page.Size())/1024 + headersKiB; got > floodPageKiB {
		t.Errorf("the home page has %.1f KiB with its headers, want at most the %.1f KiB that the README's sum assumes", got, floodPageKiB)
	}
	for _, block := range terraformBlocks(t) {
		if block.Type == "variable" && block.Labels[0] == "signup_max_instances" {
			if got, want := block.text("default"), fmt.Sprint(floodInstances); got != want {
				t.Errorf("signup_max_instances: got default %s, want the %s that the README's sum assumes", got, want)
			}
			return
		}
	}
	t.Error("no variable signup_max_instances")
}

// What is kept of Cloud Run's lines are the addresses of our pages.
func TestTerraformKeepsTheAddressesOfPages(t *testing.T) {
	t.Parallel()
	plain := plainAddress(t)
	source, err := os.ReadFile(filepath.Join(repository, "internal/web/web.go"))
	if err != nil {
		t.Fatal(err)
	}
	pages := pagePattern.FindAllStringSubmatch(string(source), -1)
	if len(pages) < 10 {
		t.Fatalf("got %d pages in web.go, want all", len(pages))
	}
	for _, page := range pages {
		address := "https://weekly-archive-signup-1.europe-west1.run.app" + strings.TrimSuffix(page[1], "{$}")
		if strings.Contains(address, "{") {
			continue // part of it is made for one person
		}
		if !plain.MatchString(address) {
			t.Errorf("%s: its lines are dropped", page[1])
		}
		if plain.MatchString(address + "?code=AQD3x") {
			t.Errorf("%s: its lines are kept with a query", page[1])
		}
	}
}

var pagePattern = regexp.MustCompile(`handle\("[A-Z]+ (/[^"]*)"`)

// plainAddress is the expression that logging.tf keeps lines by.
func plainAddress(t *testing.T) *regexp.Regexp {
	t.Helper()
	for _, block := range terraformBlocks(t) {
		if block.Type == "locals" && block.file == "logging.tf" {
			return regexp.MustCompile(block.literal("plain_address"))
		}
	}
	t.Fatal("logging.tf has no plain_address")
	return nil
}
