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
	lockedUsers = flag.Int("locked", 0, "also a lock-out of so many users, which "+lockedFile+" keeps for later tables")
)

//go:embed performance.md
var prose string

// book collects the rows of the table, and which goals were missed, and says on
// the way how far it is.
type book struct {
	rows   strings.Builder
	missed []miss
	begun  time.Time
}

// shortfall is a goal that may be missed: what of, why, and what would be needed.
type shortfall struct{ what, why string }

// miss is one that was, and by how much in each row.
type miss struct {
	shortfall
	by []string
}

// row writes a row. By says, for each part of the goal that it misses, by how
// much; empty parts are reached.
func (b *book) row(name, measured, goal string, of shortfall, by ...string) {
	_, _ = fmt.Fprintf(&b.rows, "| %s | %s | %s |\n", name, measured, goal)
	_, _ = fmt.Fprintf(os.Stderr, "%4.0fs  %s: %s\n", time.Since(b.begun).Seconds(), name, measured)
	for _, much := range by {
		if much != "" {
			b.miss(of, fmt.Sprintf("%s (%s)", much, name))
		}
	}
}

func (b *book) miss(of shortfall, by string) {
	if n := len(b.missed); n > 0 && b.missed[n-1].shortfall == of {
		b.missed[n-1].by = append(b.missed[n-1].by, by)
		return
	}
	b.missed = append(b.missed, miss{of, []string{by}})
}

// over says by how much something is more than a goal allows; empty: it is not.
func over(got, most float64, format string) string {
	if got <= most {
		return ""
	}
	return fmt.Sprintf(format, got-most)
}

// misses is the text below the table.
func (b *book) misses() string {
	if len(b.missed) == 0 {
		return "Nothing: every goal of the table was reached.\n"
	}
	var text strings.Builder
	for _, m := range b.missed {
		text.WriteString(wrapped(fmt.Sprintf("- **%s**: by %s. %s", m.what, strings.Join(m.by, ", "), m.why)))
	}
	return text.String()
}

// wrapped breaks an item of a list into lines.
func wrapped(item string) string {
	const width, indent = 100, "  "
	var text strings.Builder
	line := ""
	for word := range strings.FieldsSeq(item) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			text.WriteString(line + "\n")
			line = indent + word
		default:
			line += " " + word
		}
	}
	return text.String() + line + "\n"
}

// maxTime is the goal of the table itself.
const maxTime = 10 * time.Minute

// TestTable measures every row and writes internal/docs/performance.md, or
// wherever it is told to.
func TestTable(t *testing.T) {
	if *table == "" {
		return // make bench asks for it
	}
	b := &book{begun: time.Now()}
	b.rows.WriteString("| what | measured | goal |\n|---|---|---|\n")
	b.exact(t)
	perUser := b.local(t)
	b.mondays(t)
	b.lockOuts(t)
	took := time.Since(b.begun)
	b.row("this table", fmt.Sprintf("%s, of which %s of CPU", took.Round(time.Second), cpuTime().Round(time.Second)),
		"under 10 minutes", ofTable, over(took.Minutes(), maxTime.Minutes(), "%.0f minutes"))
	b.lockOutOfMany(t)
	text := strings.NewReplacer(
		"TABLE\n", b.rows.String(),
		"MISSES\n", b.misses(),
		"MACHINE", fmt.Sprintf("%s, %d cores", runtime.GOARCH, runtime.NumCPU()),
		"USERTIME", perUser.Round(time.Microsecond).String(),
		"MILLIONTIME", (perUser * 1_000_000).Round(time.Second).String(),
	).Replace(prose)
	if err := os.WriteFile(*table, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// What is missed is told with its amount, once for each kind of goal.
func TestMissesAreTold(t *testing.T) {
	t.Parallel()
	b := &book{begun: time.Now()}
	if got := b.misses(); !strings.HasPrefix(got, "Nothing") {
		t.Errorf("without rows: got %q", got)
	}
	slow := shortfall{"Speed", "It is slow."}
	b.row("fast", "1 s", "2 s", slow, over(1, 2, "%.0f s"))
	b.row("slow", "3 s, 4 % lost", "2 s, none lost", slow, over(3, 2, "%.0f s"), over(4, 0, "%.0f %%"))
	b.row("slower", "5 s", "2 s", slow, over(5, 2, "%.0f s"))
	b.row("heavy", "7 MB", "2 MB", shortfall{"Size", "It is big."}, over(7, 2, "%.0f MB"))
	want := "- **Speed**: by 1 s (slow), 4 % (slow), 3 s (slower). It is slow.\n- **Size**: by 5 MB (heavy). It is big.\n"
	if got := b.misses(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
