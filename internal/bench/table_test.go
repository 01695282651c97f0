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
	table       = flag.String("table", "", "measure everything and write the table into this file")
	users       = flag.Int("users", 10_000, "how many users a Monday and a lock-out have")
	lockedUsers = flag.Int("locked", 0, "also a lock-out of so many users")
)

//go:embed performance.md
var prose string

// book collects the rows of the table, and says on the way how far it is.
type book struct {
	rows  strings.Builder
	began time.Time
}

func (b *book) row(name, measured, goal string) {
	_, _ = fmt.Fprintf(&b.rows, "| %s | %s | %s |\n", name, measured, goal)
	_, _ = fmt.Fprintf(os.Stderr, "%4.0fs  %s: %s\n", time.Since(b.began).Seconds(), name, measured)
}

// TestTable measures every row and writes internal/docs/performance.md, or
// wherever it is told to.
func TestTable(t *testing.T) {
	if *table == "" {
		return // make bench asks for it
	}
	b := &book{began: time.Now()}
	b.rows.WriteString("| what | measured | goal |\n|---|---|---|\n")
	b.exact(t)
	b.desk(t)
	b.mondays(t)
	b.lockOuts(t)
	text := strings.Replace(prose, "TABLE\n", b.rows.String(), 1)
	text = strings.Replace(text, "MACHINE", fmt.Sprintf("%s, %d cores", runtime.GOARCH, runtime.NumCPU()), 1)
	text = strings.Replace(text, "TIME", fmt.Sprintf("%s (%s of CPU)", time.Since(b.began).Round(time.Second), cpuTime().Round(time.Second)), 1)
	if err := os.WriteFile(*table, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// exact writes what is the same on every machine.
func (b *book) exact(t *testing.T) {
	for _, r := range exact() {
		b.row(r.name, r.measure(t).String(), r.goal)
	}
	for _, songs := range []int{60, 7800} {
		b.row(fmt.Sprintf("documents of a week, Discover Weekly, archive of %d songs", songs), documentsOfAWeek(t, songs).String(),
			"3 reads and one per further page of `seen`, 5 writes, one call per write set")
	}
	for _, y := range ways()[1:] {
		c := y.count(t, sizes()[1])
		b.row("documents of a week, "+y.title, fmt.Sprintf("%d reads, %d writes, runs: %d", c.Reads, c.Writes, c.Runs), "-")
	}
}

// desk writes what one process with its database on disk costs.
func (b *book) desk(t *testing.T) {
	for _, of := range []struct{ songs, people int }{{30, 60}, {1560, 30}, {7800, 10}} {
		run, database := ownCPU(t, of.people, of.songs)
		b.row(fmt.Sprintf("own CPU of a run, SQLite, archive of %d songs", of.songs),
			fmt.Sprintf("%.1f ms, of which the database %.1f", ms(run), ms(database)), "under 2.5 ms")
	}
	ratio, perUser := fanOutRatio(t, 20_000)
	b.row("fan-out of 20,000 users at the desk, against a bare loop", fmt.Sprintf("%.2f of its speed, %s a user", ratio, perUser), "0.95")
	for _, n := range []int{10_000, 100_000} {
		b.row(fmt.Sprintf("memory of a fan-out of %d users at the desk", n),
			fmt.Sprintf("%.1f MB above what the process held", float64(fanOutMemory(t, n))/1e6), "flat")
	}
	began := cpuTime()
	drainDesk(t, 200_000)
	b.row("desk queue, 200,000 jobs that do nothing", fmt.Sprintf("%.1f s of CPU", (cpuTime()-began).Seconds()), "under 1 s")
}

func (b *book) mondays(t *testing.T) {
	for i, got := range bigMondays(t, *users, mondays()) {
		m := mondays()[i]
		b.row(fmt.Sprintf("a Monday of %d users, %s", got.users, m.name),
			fmt.Sprintf("%.2f of the floor (%s), %.1f %% refused, at most %d deliveries to a user, %d dead letters",
				got.ofFloor(), got.took.Round(time.Second), got.share(), got.most, got.dead), m.goal)
	}
}

func (b *book) lockOuts(t *testing.T) {
	for _, n := range []int{*users, *lockedUsers} {
		if n == 0 {
			continue
		}
		got := lockedOut(t, n)
		b.row(fmt.Sprintf("a lock-out of 20 hours, %d users, R = 1,000", n),
			fmt.Sprintf("%d of %d weeks in %s after its end, asked %d times in it, %.1f deliveries a user (at most %d), %d dead letters",
				got.saved, got.users, got.after.Round(time.Minute), got.asked, float64(got.deliveries)/float64(n), got.most, got.dead),
			fmt.Sprintf("all within %s, at most 4, none", (2*time.Hour+got.floor*13/10).Round(time.Minute)))
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
