package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/remote"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
)

// command runs a command as another shell of the same machine does.
func command(t *testing.T, dir string, environ []string, args ...string) (code int, out, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), args, append([]string{"DATA_DIR=" + dir}, environ...), &stdout, &stderr)
	if err != nil {
		stderr.WriteString(err.Error())
	}
	return operate.ExitCode(err), stdout.String(), stderr.String()
}

// must runs a command that has to succeed, and decodes its JSON.
func must(t *testing.T, dir string, answer any, args ...string) {
	t.Helper()
	code, out, said := command(t, dir, nil, append(args, "--json")...)
	if code != operate.ExitOK {
		t.Fatalf("%v: got exit code %d: %s\n%s", args, code, said, out)
	}
	if err := json.Unmarshal([]byte(out), answer); err != nil {
		t.Fatalf("%v: %v in %s", args, err, out)
	}
}

// Every command, from another process's view, beside the running service.
func TestCommandsBesideTheService(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startService(t, dir)
	newPerson(t, s.site).connect(t, "demo1")
	s.week(t)

	var list struct{ Users []operate.Person }
	must(t, dir, &list, "users", "list")
	if len(list.Users) != 1 || list.Users[0].Name != "Demo account 1" {
		t.Fatalf("got %+v, want Demo account 1", list.Users)
	}
	id := string(list.Users[0].ID)
	var person operate.Person
	must(t, dir, &person, "users", "pause", id)
	must(t, dir, &person, "users", "resume", id)
	must(t, dir, &person, "users", "run", id)
	s.week(t) // what the commands asked for may still run, and would take the next week

	s.nextMonday(t)
	var sent operate.Sent
	if must(t, dir, &sent, "week", "--wait", "1m"); sent.Open != 1 || !sent.Ended {
		t.Errorf("week: got %+v, want one user's, ended", sent)
	}
	if got := archived(s.only(t)); got != 60 {
		t.Errorf("after week: got %d songs, want 60", got)
	}

	var pause app.Pause
	if must(t, dir, &pause, "pause", "--for", "1h"); pause.Reason != app.PauseOperator || s.status(t).Pause == nil {
		t.Errorf("pause: got %+v, and the page shows %v", pause, s.status(t).Pause)
	}
	if must(t, dir, &pause, "resume"); s.status(t).Pause != nil {
		t.Errorf("resume: the page still shows %v", s.status(t).Pause)
	}

	var keys struct{ Keys []operate.KeyUse }
	if must(t, dir, &keys, "keys"); len(keys.Keys) != 1 || keys.Keys[0].Grants != 1 || !keys.Keys[0].Current {
		t.Errorf("keys: got %+v, want one key with one grant", keys.Keys)
	}
	var letters struct {
		DeadLetters []operate.DeadLetter `json:"dead_letters"`
	}
	if must(t, dir, &letters, "dead-letters", "list"); len(letters.DeadLetters) != 0 {
		t.Errorf("dead letters: got %+v, want none", letters.DeadLetters)
	}
	if code, _, said := command(t, dir, nil, "dead-letters", "retry", "1"); code != operate.ExitNotFound {
		t.Errorf("an absent dead letter: got exit code %d: %s", code, said)
	}
	var export operate.Export
	if must(t, dir, &export, "users", "export", id); export.Seen.Songs != 60 || len(export.Entries) != 2 {
		t.Errorf("export: got %d songs and %d entries, want 60 and 2", export.Seen.Songs, len(export.Entries))
	}
	must(t, dir, &map[string]string{}, "users", "remove", id, "--yes")
	if got := len(s.status(t).Users); got != 0 {
		t.Errorf("after remove: got %d users, want none", got)
	}
}

func TestCommandsThatNeedTheServiceSaySo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code, _, said := command(t, dir, nil, "users", "list"); code != operate.ExitFailed || !strings.Contains(said, "start the service once") {
		t.Errorf("before the first start: got exit code %d: %s", code, said)
	}
	s := startService(t, dir)
	newPerson(t, s.site).connect(t, "demo1")
	s.week(t)
	if code, _, said := command(t, dir, nil, "restore", "any", "--yes"); code != operate.ExitNotRunning || !strings.Contains(said, "stop the service") {
		t.Errorf("restore while it runs: got exit code %d: %s", code, said)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"week"}, {"users", "run", "Demo account 1"}, {"dead-letters", "list"}} {
		if code, _, said := command(t, dir, nil, args...); code != operate.ExitNotRunning || !strings.Contains(said, "does not run") {
			t.Errorf("%v: got exit code %d: %s", args, code, said)
		}
	}
	if code, _, said := command(t, dir, nil, "users", "list"); code != operate.ExitOK {
		t.Errorf("users list: got exit code %d: %s", code, said)
	}
}

// A command that was interrupted has not done what it was for, and says so; a
// service that was, has.
func TestInterruptedCommandsFail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startService(t, dir)
	newPerson(t, s.site).connect(t, "demo1")
	s.week(t)
	s.nextMonday(t)
	must(t, dir, new(any), "pause")
	for _, args := range [][]string{{"backup"}, {"users", "list"}, {"week"}, {"doctor", "--probe", "Demo account 1"}, {"keys"}} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := run(ctx, args, []string{"DATA_DIR=" + dir}, io.Discard, io.Discard); operate.ExitCode(err) != operate.ExitFailed {
			t.Errorf("%v: got exit code %d: %v", args, operate.ExitCode(err), err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	err := run(ctx, []string{"week", "--wait", "1m"}, []string{"DATA_DIR=" + dir}, io.Discard, io.Discard)
	if got := operate.ExitCode(err); got != operate.ExitUnfinished {
		t.Errorf("week --wait: got exit code %d: %v, want %d", got, err, operate.ExitUnfinished)
	}
	if err := run(ctx, nil, []string{"DATA_DIR=" + t.TempDir(), "PORT=0"}, io.Discard, io.Discard); err != nil {
		t.Errorf("serving: got %v, want a clean end", err)
	}
}

func TestProbeLocally(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"extended", "development"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := startService(t, dir, "SPOTIFY_MODE="+mode)
			newPerson(t, s.site).connect(t, "demo1")
			s.week(t)
			var report probe.Report
			must(t, dir, &report, "doctor", "--probe", "Demo account 1")
			if len(report.Answers) < 10 || report.Stopped != "" {
				t.Errorf("got %d answers, stopped %q", len(report.Answers), report.Stopped)
			}
			text, err := json.Marshal(report)
			if err != nil {
				t.Fatal(err)
			}
			for _, personal := range []string{"Demo account", "demo1", string(s.only(t).ID)} {
				if bytes.Contains(text, []byte(personal)) {
					t.Errorf("the report holds %q", personal)
				}
			}
		})
	}
}

// A copy that was made while the service ran, restored two weeks later: no
// song doubles, and who left since stays away.
func TestRestoreDoublesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startService(t, dir)
	newPerson(t, s.site).connect(t, "demo1")
	leaver := newPerson(t, s.site)
	leaver.connect(t, "demo2")
	s.week(t)
	var file operate.BackupFile
	must(t, dir, &file, "backup")

	leaver.submit(t, s.site+"/disconnect", nil)
	for range 2 {
		s.nextMonday(t)
		s.week(t)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	var restored operate.Restored
	must(t, dir, &restored, "restore", file.Path, "--yes")
	if restored.Users != 1 || restored.Deleted != 1 {
		t.Errorf("got %+v, want one user, and one deleted again", restored)
	}

	s = startService(t, dir)
	s.nextMonday(t)
	s.week(t)
	if got := s.only(t).Name; got != "Demo account 1" {
		t.Errorf("got %s, want who stayed", got)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	world := openWorld(t, dir)
	songs := world.URIs(archiveOf(t, world, "demo1").ID)
	if err := world.Close(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(songs)
	if single := len(slices.Compact(slices.Clone(songs))); len(songs) != 120 || single != 120 {
		t.Errorf("got %d songs, %d of them different, want 120 of four weeks", len(songs), single)
	}
}

// On a machine where the service never ran, a copy is restored and looked at.
func TestRestoreOntoAFreshMachine(t *testing.T) {
	t.Parallel()
	dir, fresh := t.TempDir(), filepath.Join(t.TempDir(), "data")
	s := startService(t, dir)
	newPerson(t, s.site).connect(t, "demo1")
	s.week(t)
	var file operate.BackupFile
	must(t, dir, &file, "backup")
	must(t, fresh, new(any), "restore", file.Path, "--yes")
	var list struct{ Users []operate.Person }
	if must(t, fresh, &list, "users", "list"); len(list.Users) != 1 {
		t.Errorf("got %+v, want who was there", list.Users)
	}
}

func TestDoctorLocally(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		plant func(t *testing.T, dir string) (environ []string)
		check string
	}{
		"nothing_wrong": {func(*testing.T, string) []string { return nil }, ""},
		"wrong_setting": {func(*testing.T, string) []string { return []string{"ADDR=here"} }, "configuration"},
		"wrong_redirect_uri": {func(*testing.T, string) []string {
			return []string{"BASE_URL=http://127.0.0.1:1"}
		}, "redirect_uri"},
		"nowhere_for_alerts": {func(*testing.T, string) []string { return []string{"NOTIFY_URL=somewhere"} }, "configuration"},
		"files_of_root": {func(t *testing.T, dir string) []string {
			if os.Geteuid() != 0 {
				return chmod(keyFile, 0o644)(t, dir) // who is not root cannot give files away
			}
			if err := os.Chown(filepath.Join(dir, standinDir, keyFile), 65534, 65534); err != nil {
				t.Fatal(err)
			}
			return nil
		}, "files"},
		"directory_open_to_others": {chmod("", 0o755), "files"},
		"backups_open_to_others": {func(t *testing.T, dir string) []string {
			if err := os.MkdirAll(filepath.Join(dir, standinDir, "backups"), 0o700); err != nil {
				t.Fatal(err)
			}
			return chmod("backups", 0o750)(t, dir)
		}, "files"},
		"key_readable_by_others": {chmod(keyFile, 0o644), "files"},
		"key_damaged":            {overwrite(keyFile), "key"},
		"key_of_somebody_else": {func(t *testing.T, dir string) []string {
			other := t.TempDir()
			if err := startService(t, other).stop(); err != nil {
				t.Fatal(err)
			}
			move(t, filepath.Join(other, standinDir, keyFile), filepath.Join(dir, standinDir, keyFile))
			return nil
		}, "key"},
		"key_missing": {func(t *testing.T, dir string) []string {
			move(t, filepath.Join(dir, standinDir, keyFile), filepath.Join(t.TempDir(), keyFile))
			return nil
		}, "key"},
		"database_missing": {func(t *testing.T, dir string) []string {
			for _, end := range []string{"", "-wal", "-shm"} {
				if err := os.RemoveAll(filepath.Join(dir, standinDir, databaseFile+end)); err != nil {
					t.Fatal(err)
				}
			}
			return nil
		}, "database"},
		"spotify_fails": {func(*testing.T, string) []string { return nil }, "reachability"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && row.check == "files" {
				archivetest.Lacks(t, "Windows has no such modes")
			}
			dir := t.TempDir()
			s := startService(t, dir)
			newPerson(t, s.site).connect(t, "demo1")
			s.week(t)
			if name == "spotify_fails" {
				post(t, s.spotify+"/standin/faults", `{"match":"GET /authorize","kind":"drop","times":-1}`, new(any))
			}
			environ := row.plant(t, dir)
			_, out, said := command(t, dir, environ, "doctor", "--json")
			var found struct{ Findings []operate.Finding }
			if err := json.Unmarshal([]byte(out), &found); err != nil {
				t.Fatalf("%v in %s%s", err, out, said)
			}
			var faults []string
			for _, f := range found.Findings {
				if f.State == operate.Fault {
					faults = append(faults, f.Check)
					if f.Remedy == "" {
						t.Errorf("got %+v, want a remedy", f)
					}
				}
			}
			if row.check == "" && len(faults) > 0 || row.check != "" && !slices.Equal(faults, []string{row.check}) {
				t.Errorf("got faults %q, want %q\n%s", faults, row.check, out)
			}
		})
	}
}

// Where people come in is asked, too: a proxy that leads elsewhere is found.
func TestDoctorAsksWherePeopleComeIn(t *testing.T) {
	t.Parallel()
	var upstream atomic.Pointer[url.URL]
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := upstream.Load(); to != nil {
			httputil.NewSingleHostReverseProxy(to).ServeHTTP(w, r)
			return
		}
		_, _ = w.Write([]byte("Welcome to nginx!"))
	}))
	t.Cleanup(proxy.Close)
	dir := t.TempDir()
	s := startService(t, dir, "BASE_URL="+proxy.URL)
	pages := remote.ReadAddress(filepath.Join(dir, standinDir, addressFile)).Pages
	to, err := url.Parse(pages)
	if err != nil || s.site != proxy.URL {
		t.Fatalf("got site %s, pages %s, error %v", s.site, pages, err)
	}
	look := func(want operate.State, environ ...string) {
		t.Helper()
		_, out, _ := command(t, dir, environ, "doctor", "--json")
		var found struct{ Findings []operate.Finding }
		if err := json.Unmarshal([]byte(out), &found); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		i := slices.IndexFunc(found.Findings, func(f operate.Finding) bool { return f.Check == "pages" })
		if i < 0 || found.Findings[i].State != want {
			t.Errorf("got %s, want %s of pages", out, want)
		}
	}
	look(operate.Fault)
	upstream.Store(to)
	look(operate.OK)
	secure := httptest.NewTLSServer(proxy.Config.Handler)
	t.Cleanup(secure.Close)
	look(operate.Warning, "BASE_URL="+secure.URL) // a certificate of an unknown authority
	proxy.Close()
	look(operate.Warning)
}

// A shell without the service's settings is told so, where it can be known.
func TestCommandsWithoutTheSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, databaseFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, said := command(t, dir, nil, "users", "list"); !strings.Contains(said, "SPOTIFY_CLIENT_ID is not set") {
		t.Errorf("got %q, want what is not set", said)
	}
	if code, out, _ := command(t, dir, nil, "doctor"); code != operate.ExitOK || !strings.Contains(out, "SPOTIFY_CLIENT_ID is not set") {
		t.Errorf("doctor: got exit code %d and\n%s", code, out)
	}
}

// The time of the built-in stand-in is not known when it is stopped, so nothing
// is said of what depends on it.
func TestDoctorOfAStoppedStandin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startService(t, dir)
	newPerson(t, s.site).connect(t, "demo1")
	s.nextMonday(t)
	s.week(t)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := command(t, dir, nil, "doctor"); code != operate.ExitOK {
		t.Errorf("got exit code %d:\n%s", code, out)
	}
}

// A token file that holds none keeps the service from starting.
func TestDoctorReadsTheOperatorToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, tokenFile), []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"SPOTIFY_CLIENT_ID=abc", "SPOTIFY_CLIENT_SECRET=abc", "SPOTIFY_ACCOUNTS_URL=http://127.0.0.1:1"}
	if code, out, _ := command(t, dir, environ, "doctor"); code != operate.ExitFault || !strings.Contains(out, "operator_token") {
		t.Errorf("got exit code %d: %s", code, out)
	}
}

func chmod(name string, mode os.FileMode) func(t *testing.T, dir string) []string {
	return func(t *testing.T, dir string) []string {
		t.Helper()
		if err := os.Chmod(filepath.Join(dir, standinDir, name), mode); err != nil {
			t.Fatal(err)
		}
		return nil
	}
}

func overwrite(name string) func(t *testing.T, dir string) []string {
	return func(t *testing.T, dir string) []string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, standinDir, name), []byte("spoilt"), 0o600); err != nil {
			t.Fatal(err)
		}
		return nil
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(from); err != nil {
		t.Fatal(err)
	}
}

// The commands find the operator token by themselves, or take it from the
// settings.
func TestCommandsWithTheOperatorToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const token = "OPERATOR_TOKEN=a-token-of-the-operator"
	s := startService(t, dir, token)
	response, err := http.Get(s.site + "/local/status")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Fatalf("without the token: got status %d, want 401", response.StatusCode)
	}
	if code, _, said := command(t, dir, []string{token}, "week"); code != operate.ExitOK {
		t.Errorf("with the token: got exit code %d: %s", code, said)
	}
	if code, _, said := command(t, dir, nil, "week"); code != operate.ExitFailed || !strings.Contains(said, "operator") {
		t.Errorf("without the token: got exit code %d: %s", code, said)
	}
}
