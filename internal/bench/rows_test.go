package bench_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// Why a goal may be missed, and what would be needed to reach it.
var (
	ofExact = shortfall{"Requests and documents", "A test says so, too (`internal/bench`)."}

	ofQuiet = shortfall{
		"A look that finds nothing",
		"It writes the lease, and when it looked, which the person is told. Without the lease two " +
			"deliveries of one message could both spend a refresh token, of which Spotify takes each once; " +
			"with the lease alone the page would tell of a look that a crash may have ended. Knowing " +
			"before it that the look finds nothing would be needed, and Spotify tells nobody. A look at " +
			"plays, and a user who was run meanwhile, are one write.",
	}

	ofCPU = shortfall{
		"Own CPU of a run locally",
		"CPU time grows where others use the same cores. Half of it is the database: three commits that " +
			"survive a loss of power, and after five years eight pages of seen songs to read. To go lower, " +
			"the lease and the intent would have to be one write, or the songs of years ago be looked up by " +
			"a query instead of read.",
	}

	ofFanOut = shortfall{
		"Fan-out",
		"What it does more than the loop is to note each page of users in the tallies of the run, the day " +
			"and the week, which tell a mass refusal from a revocation. One write for several pages would be needed.",
	}

	ofQueue = shortfall{"The local service's queue", "A job that does nothing is a heap's move and a goroutine's turn."}

	ofMonday = shortfall{
		"A big Monday",
		"Each process learns R from refusals, and begins anew where others came or went. A limiter that all " +
			"processes share would be needed.",
	}

	ofLockOut = shortfall{
		"A lock-out",
		"Due times are spread over an hour after its end, and the hourly message comes up to an hour later. " +
			"A message of its own at the end of the pause would be needed.",
	}

	ofTable = shortfall{"The time that this table takes", "Others used the same cores: its CPU time is what it takes alone."}
)

// exact writes what is the same on every machine.
func (b *book) exact(t *testing.T) {
	for _, r := range exact() {
		got := r.measure(t)
		b.row(r.name, got.String(), r.goal, ofExact,
			over(float64(got.tokens+got.requests), float64(r.within.tokens+r.within.requests), "%.0f requests"),
			over(float64(got.bytes), float64(r.within.bytes), "%.0f bytes"))
	}
	for _, songs := range []int{60, 7800} {
		got, pages := documentsOfAWeek(t, songs), (songs+90)/1000
		b.row(fmt.Sprintf("documents of a week, Discover Weekly, archive of %d songs", songs), got.String(),
			"3 reads and one per further page of `seen`, 5 writes, one call per write set", ofExact,
			over(float64(got.reads), float64(3+pages), "%.0f reads"), over(float64(got.writes), 5, "%.0f writes"))
	}
	for _, y := range ways()[1:] {
		c := y.count(t, sizes()[1])
		goal, by := "-", ""
		if y.quiet {
			goal = "a write for each run"
			by = over(float64(c.Writes), float64(c.Runs+1), "%.0f writes") // and one of a user for whom nothing is to do
		}
		b.row("documents of a week, "+y.title, fmt.Sprintf("%d reads, %d writes, runs: %d", c.Reads, c.Writes, c.Runs), goal, ofQuiet, by)
	}
	day := twoWeeks(t, webapi.AutoDailyRequests)
	b.row("requests of one app and day, five people, everything switched on", day.String(),
		fmt.Sprintf("at most %d", webapi.DefaultDailyRequests), ofExact, over(float64(day.most()), webapi.DefaultDailyRequests, "%.0f requests"))
}

// local writes what one process with its database on disk costs. It returns what
// a fan-out costs for each user.
func (b *book) local(t *testing.T) time.Duration {
	for _, of := range []struct{ songs, people int }{{30, 60}, {1560, 30}, {7800, 10}} {
		run, database := ownCPU(t, of.people, of.songs)
		b.row(fmt.Sprintf("own CPU of a run, SQLite, archive of %d songs", of.songs),
			fmt.Sprintf("%.1f ms, of which the database %.1f", ms(run), ms(database)), "under 2.5 ms", ofCPU, over(ms(run), 2.5, "%.1f ms"))
	}
	ratio, perUser := fanOutRatio(t, 20_000)
	b.row("fan-out of 20,000 users locally, against a bare loop", fmt.Sprintf("%.2f of its speed, %s a user", ratio, perUser.Round(time.Microsecond)),
		"0.95", ofFanOut, over(0.95, ratio, "%.2f"))
	var least float64
	for _, n := range []int{10_000, 100_000} {
		held := float64(fanOutMemory(t, n)) / 1e6
		if least == 0 {
			least = held + 1 // the collector's own moods
		}
		b.row(fmt.Sprintf("memory of a fan-out of %d users locally", n),
			fmt.Sprintf("%.1f MB above what the process held", held), "flat", ofFanOut, over(held, least, "%.0f MB"))
	}
	before := cpuTime()
	drainLocal(t, 200_000)
	queue := (cpuTime() - before).Seconds()
	b.row("local queue, 200,000 jobs that do nothing", fmt.Sprintf("%.1f s of CPU", queue), "under 1 s", ofQueue, over(queue, 1, "%.1f s"))
	return perUser
}

func (b *book) mondays(t *testing.T) {
	for i, got := range bigMondays(t, *users, mondays()) {
		m := mondays()[i]
		b.row(fmt.Sprintf("a Monday of %d users, %s", got.users, m.name),
			fmt.Sprintf("%.2f of the floor (%s), %.1f %% refused, at most %d deliveries to a user, %d dead letters",
				got.ofFloor(), got.took.Round(time.Second), got.share(), got.most, got.dead),
			fmt.Sprintf("within %g, under %g %% refused", m.ofFloor, m.refused), ofMonday,
			over(got.ofFloor(), m.ofFloor, "%.2f of the floor"), over(got.share(), m.refused, "%.1f %%"))
	}
}

// lockedFile keeps the lock-out of the most users, which takes longer than the table.
const lockedFile = "locked.json"

func (b *book) lockOuts(t *testing.T) { b.lockOut(lockedOut(t, *users)) }

// lockOutOfMany writes the one of more users, if it is asked for, or was once.
func (b *book) lockOutOfMany(t *testing.T) {
	if *lockedUsers > 0 {
		text, err := json.MarshalIndent(lockedOut(t, *lockedUsers), "", "\t")
		if err == nil {
			err = os.WriteFile(lockedFile, append(text, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var kept lockout
	text, err := os.ReadFile(lockedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err := errors.Join(err, json.Unmarshal(text, &kept)); err != nil {
		t.Fatal(err)
	}
	b.lockOut(kept)
}

func (b *book) lockOut(got lockout) {
	within := 2*time.Hour + got.Floor*13/10
	b.row(fmt.Sprintf("a lock-out of 20 hours, %d users, R = 1,000", got.Users),
		fmt.Sprintf("%d of %d weeks in %s after its end, asked %d times in it, %.1f deliveries a user (at most %d), %d dead letters",
			got.Saved, got.Users, got.After.Round(time.Minute), got.Asked, float64(got.Deliveries)/float64(got.Users), got.Most, got.Dead),
		fmt.Sprintf("all within %s, at most 4, none", within.Round(time.Minute)), ofLockOut,
		over(got.After.Minutes(), within.Minutes(), "%.0f minutes"), over(float64(got.Most), 4, "%.0f deliveries"),
		over(float64(got.Dead), 0, "%.0f dead letters"), over(float64(got.Users), float64(got.Saved), "%.0f weeks"))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
