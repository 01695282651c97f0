package bench_test

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

var (
	table = flag.String("table", "", "measure everything and write the table into this file")
	users = flag.Int("users", 10_000, "how many users the Monday has")
)

//go:embed performance.md
var prose string

// TestTable measures every row and writes internal/docs/performance.md, or
// wherever it is told to.
func TestTable(t *testing.T) {
	if *table == "" {
		return // make bench asks for it
	}
	var b strings.Builder
	_, _ = b.WriteString("| what | measured | goal |\n|---|---|---|\n")
	for _, row := range exact() {
		_, _ = fmt.Fprintf(&b, "| %s | %s | %s |\n", row.name, row.measure(t), row.goal)
	}
	for _, r := range documentRows() {
		_, _ = fmt.Fprintf(&b, "| documents of a week, %s | %s | %s |\n", r.name, r.measure(t), r.goal)
	}
	for i, got := range bigMondays(t, *users, mondays()) {
		m := mondays()[i]
		_, _ = fmt.Fprintf(&b, "| a Monday of %d users, %s | %.2f of the floor (%s), %.1f %% refused, at most %d deliveries of a message, %d dead letters | %s |\n",
			got.users, m.name, got.ofFloor(), got.took.Round(time.Second), got.share(), got.most, got.dead, m.goal)
	}
	text := strings.Replace(prose, "TABLE\n", b.String(), 1)
	text = strings.Replace(text, "MACHINE", fmt.Sprintf("%s, %d cores", runtime.GOARCH, runtime.NumCPU()), 1)
	if err := os.WriteFile(*table, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
