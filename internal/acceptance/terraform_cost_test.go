package acceptance_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var updateTerraformReadme = flag.Bool("update-terraform-readme", false, "rewrite the tables in terraform/README.md")

// A price is Google's list price of one item in US dollars and what is free of
// it in a month. This is the only place that holds prices.
type price struct {
	item  string
	unit  string
	per   float64 // how many units the price is for
	usd   float64
	free  float64 // units a month
	usage func(users float64, w week) float64
}

// week is what one user takes in a week, of the service's own count
// (internal/bench), for somebody who has what people usually have.
type week struct{ Runs, Requests, Reads, Writes float64 }

// weeksCounted reads them, by the way that the user chose.
func weeksCounted(t *testing.T) map[string]week {
	t.Helper()
	content, err := os.ReadFile("../bench/counts.json")
	if err != nil {
		t.Fatal(err)
	}
	var sizes map[string]map[string]week
	if err := json.Unmarshal(content, &sizes); err != nil {
		t.Fatal(err)
	}
	counted := sizes["normal"]
	for _, w := range waysCosted {
		if counted[w.name].Reads == 0 {
			t.Fatalf("counts.json does not tell of %q", w.name)
		}
	}
	return counted
}

// waysCosted are the ways of the estimate; the first is the one of the table.
var waysCosted = []struct{ name, title string }{
	{"discover", "of Discover Weekly"},
	{"inbox_copied", "who copy into an inbox"},
	{"listening_silent", "who chose listening and play nothing"},
	{"listening_music", "who play Discover Weekly for four hours a day"},
}

// What the estimate assumes of a month; all per user unless it says otherwise.
const (
	days             = 365.25 / 12
	weeks            = days / 7
	again            = 0.5                     // runs beside those that are counted: every second week is tried a second time
	runSeconds       = 2.0                     // of an instance; no two runs share one, which is on the safe side
	visits           = 2.0                     // to the account page
	visitRequests    = 5.0                     //
	visitReads       = 56.0                    // documents; four, and one for each entry of a year of history
	requestSeconds   = 0.2                     //
	memoryGiB        = 0.25                    // of an instance
	againReads       = 4.0                     // documents of such a run, with the one that fan-out reads
	againWrites      = 5.0                     // documents
	requestsAgain    = 4.0                     // to Spotify
	fanOuts          = 25*days + weeks         // of the whole service: hourly, the daily sweep, weekly
	fanOutWrites     = 3.0                     // documents: when it was, the day and the week
	fanOutReads      = 3.0                     // documents beside the users: when the last one was, twice, and an empty answer
	documentKiB      = 300.0                   // after two years: seen songs, entries, their indexes
	messageKiB       = 2.0                     // published and pushed, the least that is charged each
	spotifyKiB       = 2.0                     // sent to Spotify in a request; receiving is free
	logKiB           = 6.0                     // lines of a run: ours, the request's, the audit log's
	instanceCycles   = 60.0                    // starts of instances of the service in a small month, each reads the secret
	probes           = 3 * 4 * 24 * days       // of the uptime check, from three places
	keyVersions      = 3.0                     // in use at a time, with a rotation every 90 days
	metricConditions = 2.0                     // alerts that watch a metric
	metricPoints     = (2*60 + 12) * 24 * days // one is looked at twice a minute, the other every five
	imagesGiB        = 0.4                     // three functions, two images each
	buildMinutes     = 3 * 4.0                 // one deployment
	listPricesSeen   = "22 November 2026"
)

func prices() []price {
	return []price{
		{"Cloud Run requests", "request", 1e6, 0.40, 2e6, func(u float64, w week) float64 { return u*(w.runs()+visits*visitRequests) + probes + fanOuts }},
		{"Cloud Run CPU", "vCPU second", 1, 0.000024, 180e3, cpuSeconds},
		{"Cloud Run memory", "GiB second", 1, 0.0000025, 360e3, func(u float64, w week) float64 { return cpuSeconds(u, w) * memoryGiB }},
		{"Firestore reads", "document", 100e3, 0.03, 50e3 * days, func(u float64, w week) float64 {
			return u*(weeks*(w.Reads+again*againReads)+visits*visitReads) + fanOuts*fanOutReads + probes
		}},
		{"Firestore writes", "document", 100e3, 0.09, 20e3 * days, func(u float64, w week) float64 { return u*weeks*(w.Writes+again*againWrites) + fanOuts*fanOutWrites }},
		{"Firestore deletes by age", "document", 100e3, 0.01, 0, func(u float64, _ week) float64 { return u * weeks }},
		{"Firestore storage", "GiB", 1, 0.15, 1, func(u float64, _ week) float64 { return u * documentKiB / (1 << 20) }},
		{"Pub/Sub", "GiB", 1024, 40, 10, func(u float64, w week) float64 { return u * w.runs() * messageKiB / (1 << 20) }},
		{"Cloud KMS key versions", "version", 1, 0.06, 0, func(float64, week) float64 { return keyVersions }},
		{"Cloud KMS operations", "operation", 10e3, 0.03, 0, func(u float64, w week) float64 { return u * w.runs() * 2 }},
		{"Secret Manager versions", "version", 1, 0.06, 6, func(float64, week) float64 { return 1 }},
		{"Secret Manager accesses", "operation", 10e3, 0.03, 10e3, func(u float64, w week) float64 { return instanceCycles + u*w.runs()/100 }},
		{"Cloud Scheduler jobs", "job", 1, 0.10, 3, func(float64, week) float64 { return 3 }},
		{"Data sent to Spotify and people", "GiB", 1, 0.12, 1, func(u float64, w week) float64 { return u * (w.requests()*spotifyKiB + visits*20) / (1 << 20) }},
		{"Cloud Logging", "GiB", 1, 0.50, 50, func(u float64, w week) float64 { return u * w.runs() * logKiB / (1 << 20) }},
		{"Alerts on metrics, conditions", "condition", 1, 0.10, 0, func(float64, week) float64 { return metricConditions }},
		{"Alerts on metrics, points", "point", 1e6, 0.35, 0, func(float64, week) float64 { return metricPoints }},
		{"Uptime check", "execution", 1e3, 0.30, 1e6, func(float64, week) float64 { return probes }},
		{"Artifact Registry", "GiB", 1, 0.10, 0.5, func(float64, week) float64 { return imagesGiB }},
		{"Cloud Build", "minute", 1, 0.006, 2500, func(float64, week) float64 { return buildMinutes }},
	}
}

func (w week) runs() float64     { return weeks * (w.Runs + again) }
func (w week) requests() float64 { return weeks * (w.Requests + w.Runs + again*requestsAgain) }

func cpuSeconds(users float64, w week) float64 {
	return users*(w.runs()*runSeconds+visits*visitRequests*requestSeconds) + probes*requestSeconds + fanOuts + w.runs()*users/300
}

// cost returns dollars of a month.
func (p price) cost(users float64, w week) float64 {
	return math.Max(0, p.usage(users, w)-p.free) / p.per * p.usd
}

func costOfMonth(users float64, w week) (total float64) {
	for _, p := range prices() {
		total += p.cost(users, w)
	}
	return total
}

var userCounts = []float64{1, 5, 1000, 100e3}

func priceTable() string {
	var b strings.Builder
	b.WriteString("| item | list price | free a month |\n|---|---|---|\n")
	for _, p := range prices() {
		per := p.unit
		if p.per > 1 {
			per = count(p.per) + " " + p.unit + "s"
		}
		if p.per == 1024 && p.unit == "GiB" {
			per = "TiB"
		}
		free := "-"
		if p.free > 0 {
			free = count(p.free)
		}
		fmt.Fprintf(&b, "| %s | $%s per %s | %s |\n", p.item, trimZeros(p.usd), per, free)
	}
	return b.String()
}

func costTable(counted map[string]week) string {
	discover := counted[waysCosted[0].name]
	var b strings.Builder
	b.WriteString("| item | 1 user | 5 users | 1,000 users | 100,000 users |\n|---|---:|---:|---:|---:|\n")
	for _, p := range prices() {
		fmt.Fprintf(&b, "| %s |", p.item)
		for _, users := range userCounts {
			switch cost := p.cost(users, discover); {
			case cost == 0:
				b.WriteString(" free |")
			case cost < 0.005:
				b.WriteString(" < $0.01 |")
			default:
				fmt.Fprintf(&b, " $%.2f |", cost)
			}
		}
		b.WriteString("\n")
	}
	for i, w := range waysCosted {
		mark := ""
		if i == 0 {
			mark = "**"
		}
		fmt.Fprintf(&b, "| %sa month, all users %s%s |", mark, w.title, mark)
		for _, users := range userCounts {
			fmt.Fprintf(&b, " %s$%.2f%s |", mark, costOfMonth(users, counted[w.name]), mark)
		}
		b.WriteString("\n")
	}
	b.WriteString("| **a year, all users of Discover Weekly** |")
	for _, users := range userCounts {
		fmt.Fprintf(&b, " **$%.2f** |", 12*costOfMonth(users, discover))
	}
	b.WriteString("\n")
	return b.String()
}

func trimZeros(v float64) string {
	text := strings.TrimRight(fmt.Sprintf("%.7f", v), "0")
	if whole, fraction, _ := strings.Cut(text, "."); len(fraction) < 2 {
		return whole + "." + fraction + strings.Repeat("0", 2-len(fraction))
	}
	return text
}

// count writes a number with commas, to three digits after that.
func count(v float64) string {
	if v != math.Trunc(v) && v < 1000 {
		return fmt.Sprintf("%g", v)
	}
	digits := fmt.Sprintf("%.0f", v)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func variableTable(t *testing.T, file string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| variable | type | default | |\n|---|---|---|---|\n")
	for _, block := range terraformBlocks(t) {
		if block.Type != "variable" || block.file != file {
			continue
		}
		fallback := "**to be set**"
		if text := block.text("default"); text != "" {
			fallback = "`" + text + "`"
		}
		kind, _, _ := strings.Cut(block.text("type"), "(")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", block.Labels[0], kind, fallback, block.literal("description"))
	}
	return b.String()
}

func outputTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| output | |\n|---|---|\n")
	for _, block := range terraformBlocks(t) {
		if block.Type == "output" && block.file == "outputs.tf" {
			fmt.Fprintf(&b, "| `%s` | %s |\n", block.Labels[0], block.literal("description"))
		}
	}
	return b.String()
}

// The README's tables are made of the code and of the prices above. Run the
// test with -update-terraform-readme after a change.
func TestTerraformReadmeTablesEqualTheCode(t *testing.T) {
	t.Parallel()
	const readme = terraformRoot + "/README.md"
	content, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	want := string(content)
	for _, table := range []struct{ name, text string }{
		{"variables", variableTable(t, "variables.tf")},
		{"outputs", outputTable(t)},
		{"prices", "Google's list prices in US dollars as of " + listPricesSeen + ", region us-west1 (Oregon).\n\n" + priceTable()},
		{"cost", costTable(weeksCounted(t))},
		{"flood", floodTable()},
	} {
		begin, end := "<!-- begin "+table.name+" -->\n", "<!-- end "+table.name+" -->"
		before, rest, found := strings.Cut(want, begin)
		_, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("README.md has no place for the table of %s (%q … %q)", table.name, begin, end)
		}
		want = before + begin + "\n" + table.text + "\n" + end + after
	}
	if *updateTerraformReadme {
		if err := os.WriteFile(readme, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(content)); diff != "" {
		t.Errorf("tables in README.md differ from the code (-want +got); run with -update-terraform-readme:\n%s", diff)
	}
}

// The service has to cost a handful of users no more than a coffee a year.
func TestTerraformCostsFiveUsersACoffeeAYear(t *testing.T) {
	t.Parallel()
	const coffee = 6.0 // dollars
	for name, w := range weeksCounted(t) {
		if year := 12 * costOfMonth(5, w); year > coffee {
			t.Errorf("five users (%s) cost $%.2f a year, want at most $%.2f", name, year, coffee)
		}
	}
}
