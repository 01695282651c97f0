package acceptance_test

import (
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
	usage func(users float64) float64
}

// What the estimate assumes of a month; all per user unless it says otherwise.
const (
	days             = 365.25 / 12
	weeks            = days / 7
	runs             = weeks * 1.5             // every week is tried once, every second one a second time
	runSeconds       = 2.0                     // of an instance; no two runs share one, which is on the safe side
	visits           = 2.0                     // to the account page
	visitRequests    = 5.0                     //
	visitReads       = 56.0                    // documents; four, and one for each entry of a year of history
	requestSeconds   = 0.2                     //
	memoryGiB        = 0.25                    // of an instance
	runReads         = 4.0                     // documents, besides the one that fan-out reads
	runWrites        = 5.0                     // documents
	fanOuts          = 25*days + weeks         // of the whole service: hourly, the daily sweep, weekly
	fanOutWrites     = 3.0                     // documents: the run, when it was, and the day
	fanOutReads      = 2.0                     // documents beside the users: when the last one was
	documentKiB      = 300.0                   // after two years: seen songs, entries, their indexes
	messageKiB       = 2.0                     // published and pushed, the least that is charged each
	spotifyKiB       = 8.0                     // sent to Spotify in a run; receiving is free
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
		{"Cloud Run requests", "request", 1e6, 0.40, 2e6, func(u float64) float64 { return u*(runs+visits*visitRequests) + probes + fanOuts }},
		{"Cloud Run CPU", "vCPU second", 1, 0.000024, 180e3, cpuSeconds},
		{"Cloud Run memory", "GiB second", 1, 0.0000025, 360e3, func(u float64) float64 { return cpuSeconds(u) * memoryGiB }},
		{"Firestore reads", "document", 100e3, 0.03, 50e3 * days, func(u float64) float64 { return u*(runs*(runReads+1)+visits*visitReads) + fanOuts*fanOutReads + probes }},
		{"Firestore writes", "document", 100e3, 0.09, 20e3 * days, func(u float64) float64 { return u*runs*runWrites + fanOuts*fanOutWrites }},
		{"Firestore deletes by age", "document", 100e3, 0.01, 0, func(u float64) float64 { return u * weeks }},
		{"Firestore storage", "GiB", 1, 0.15, 1, func(u float64) float64 { return u * documentKiB / (1 << 20) }},
		{"Pub/Sub", "GiB", 1024, 40, 10, func(u float64) float64 { return u * runs * messageKiB / (1 << 20) }},
		{"Cloud KMS key versions", "version", 1, 0.06, 0, func(float64) float64 { return keyVersions }},
		{"Cloud KMS operations", "operation", 10e3, 0.03, 0, func(u float64) float64 { return u * runs * 2 }},
		{"Secret Manager versions", "version", 1, 0.06, 6, func(float64) float64 { return 1 }},
		{"Secret Manager accesses", "operation", 10e3, 0.03, 10e3, func(u float64) float64 { return instanceCycles + u*runs/100 }},
		{"Cloud Scheduler jobs", "job", 1, 0.10, 3, func(float64) float64 { return 3 }},
		{"Data sent to Spotify and people", "GiB", 1, 0.12, 1, func(u float64) float64 { return u * (runs*spotifyKiB + visits*20) / (1 << 20) }},
		{"Cloud Logging", "GiB", 1, 0.50, 50, func(u float64) float64 { return u * runs * logKiB / (1 << 20) }},
		{"Alerts on metrics, conditions", "condition", 1, 0.10, 0, func(float64) float64 { return metricConditions }},
		{"Alerts on metrics, points", "point", 1e6, 0.35, 0, func(float64) float64 { return metricPoints }},
		{"Uptime check", "execution", 1e3, 0.30, 1e6, func(float64) float64 { return probes }},
		{"Artifact Registry", "GiB", 1, 0.10, 0.5, func(float64) float64 { return imagesGiB }},
		{"Cloud Build", "minute", 1, 0.006, 2500, func(float64) float64 { return buildMinutes }},
	}
}

func cpuSeconds(users float64) float64 {
	return users*(runs*runSeconds+visits*visitRequests*requestSeconds) + probes*requestSeconds + fanOuts + runs*users/300
}

// cost returns dollars of a month.
func (p price) cost(users float64) float64 {
	return math.Max(0, p.usage(users)-p.free) / p.per * p.usd
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

func costTable() string {
	var b strings.Builder
	b.WriteString("| item | 1 user | 5 users | 1,000 users | 100,000 users |\n|---|---:|---:|---:|---:|\n")
	totals := make([]float64, len(userCounts))
	for _, p := range prices() {
		fmt.Fprintf(&b, "| %s |", p.item)
		for i, users := range userCounts {
			cost := p.cost(users)
			totals[i] += cost
			switch {
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
	b.WriteString("| **a month** |")
	for _, total := range totals {
		fmt.Fprintf(&b, " **$%.2f** |", total)
	}
	b.WriteString("\n| **a year** |")
	for _, total := range totals {
		fmt.Fprintf(&b, " **$%.2f** |", total*12)
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
		{"cost", costTable()},
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
	var year float64
	for _, p := range prices() {
		year += 12 * p.cost(5)
	}
	if year > coffee {
		t.Errorf("five users cost $%.2f a year, want at most $%.2f", year, coffee)
	}
}
