package main

import (
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

var killSeed = flag.Uint64("kill.seed", 0, "seed of TestKilledAtAnyMoment; 0 takes the time")

const (
	killWeeks       = 20 // that are run under fire
	killsAWeek      = 4
	visibilityDelay = archive.VisibilityDelay + 5*time.Second // after which a killed run's lease is over
	longestLife     = 160 * time.Millisecond
)

// The real process is killed at random moments, at the start and while weeks
// run, and started again. In the end every song is in the archives once.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("replay with -kill.seed=%d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	accounts := []string{"demo1", "demo2", "demo3"}
	m := &machine{binary: build(t, "."), dir: t.TempDir()}

	p := m.start(t)
	mondays := []time.Time{p.nextMonday(t)}
	for _, account := range accounts {
		newPerson(t, p.site).connect(t, account)
	}
	// An append that has had its effect and whose answer is under way is the
	// worst moment of all: there are many of them.
	post(t, p.spotify+"/standin/faults",
		`{"match":"POST /v1/playlists/{id}/items","kind":"delay","delay":80000000,"times":-1,"after_effect":true}`, new(any))
	kills := 0
	for range killWeeks {
		for range killsAWeek {
			switch dice.IntN(4) {
			case 0: // while it starts, and catches up
				p.kill(t)
				p = m.exec(t)
			default:
				post(t, p.spotify+"/standin/time", `{"advance":"`+visibilityDelay.String()+`"}`, new(any))
				post(t, p.site+"/local/weekly", "", new(any))
			}
			<-time.After(time.Duration(dice.Int64N(int64(longestLife))))
			p.kill(t)
			kills++
			p = m.start(t)
		}
		p.finishWeek(t)
		mondays = append(mondays, p.nextMonday(t))
	}
	p.finishWeek(t)
	p.terminate(t)
	if kills < 50 {
		t.Errorf("got %d kills, want at least 50", kills)
	}
	t.Logf("%d kills, %d of them in the middle of an append", kills, m.midway)
	if m.midway == 0 {
		t.Error("no kill left a batch in doubt: the moments are badly chosen")
	}

	world := openWorld(t, m.dir)
	for _, account := range accounts {
		wantEverySongOnce(t, world, account, mondays)
	}
	if err := world.Close(); err != nil {
		t.Error(err)
	}
}

// wantEverySongOnce compares the account's archive with what its Discover
// Weekly held at those times, in order.
func wantEverySongOnce(t *testing.T, world *fakespotify.Server, account string, times []time.Time) {
	t.Helper()
	var want []string
	for _, at := range times {
		for _, song := range world.Discover(account, at) {
			want = append(want, song.URI)
		}
	}
	got := world.URIs(archiveOf(t, world, account).ID)
	counts := map[string]int{}
	for _, uri := range got {
		counts[uri]++
	}
	lost := 0
	for _, uri := range want {
		if counts[uri] == 0 {
			lost++
		}
	}
	if lost > 0 || len(got) != len(want) || len(counts) != len(got) {
		t.Errorf("account %s: got %d items, %d of them different, want %d; %d are lost", account, len(got), len(counts), len(want), lost)
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("account %s: item %d is out of order", account, i)
			break
		}
	}
}

// build builds a program as a user does: without the race detector, so that
// kills come close to each other.
func build(t *testing.T, program string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "program")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, program).CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	return binary
}

// machine is where the program is started again and again.
type machine struct {
	binary  string
	dir     string
	environ []string // on top of the data directory and PORT=0
	midway  int      // starts that found a batch in doubt
}

// process is the real program.
type process struct {
	service
	command *exec.Cmd
	stdout  io.ReadCloser
	errors  *syncBuffer
}

// exec starts the program and does not wait for it.
func (m *machine) exec(t *testing.T) *process {
	t.Helper()
	p := &process{command: exec.CommandContext(t.Context(), m.binary), errors: &syncBuffer{}}
	p.command.Env = append(os.Environ(), "DATA_DIR="+m.dir, "PORT=0")
	p.command.Env = append(p.command.Env, m.environ...)
	p.command.Stderr = p.errors
	var err error
	if p.stdout, err = p.command.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// start starts the program and waits until it serves.
func (m *machine) start(t *testing.T) *process {
	t.Helper()
	p := m.exec(t)
	p.readGreeting(p.stdout)
	if p.site == "" {
		_ = p.command.Wait()
		t.Fatalf("it did not start again:\n%s", p.errors)
	}
	for _, u := range p.status(t).Users {
		if u.Open {
			m.midway++
			break
		}
	}
	return p
}

func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.command.Wait(); err == nil || p.command.ProcessState.ExitCode() != -1 {
		t.Fatalf("it ended by itself (%v) before it was killed:\n%s", p.command.ProcessState, p.errors)
	}
}

// terminate stops the program as a service manager does.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.command.Wait(); err != nil {
		t.Errorf("after SIGTERM: got %v, want exit status 0\n%s", err, p.errors)
	}
}

// finishWeek lets the week end undisturbed.
func (p *process) finishWeek(t *testing.T) {
	t.Helper()
	post(t, p.spotify+"/standin/time", `{"advance":"`+visibilityDelay.String()+`"}`, new(any))
	p.week(t)
	if sent := p.week(t); sent.Enqueued > 0 {
		t.Fatalf("after an undisturbed run: got %d users due, want none; %+v\n%s", sent.Enqueued, p.status(t).Users, p.errors)
	}
}
