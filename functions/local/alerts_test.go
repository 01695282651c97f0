package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

// exercise is a local service on which an alert is provoked.
type exercise struct {
	*service
	dir string
}

// alert is one row of internal/docs/drill.md.
type alert struct {
	users int
	// provoke makes it ring, and rings says by which line of the log: the one
	// that the alert's filter in terraform/alerts.tf looks for.
	provoke func(t *testing.T, e *exercise)
	rings   string
	// shows is what the operator's page puts first; empty: nothing.
	shows operator.Concern
	// mend is what the playbook says to do.
	mend func(t *testing.T, e *exercise)
}

// drills are the alerts that a local service can ring. The others watch what a local service does
// not have; the drill says how to ring them.
var drills = map[string]alert{
	"AppRefused": {
		1, func(t *testing.T, e *exercise) {
			e.fault(t, `{"match":"GET /v1/...","kind":"rewrite","status":403,"times":-1,"edits":[{"op":"text","new":"User not registered in the Developer Dashboard"}]}`)
			e.monday(t)
		},
		"outcome=not_allowed", operator.ConcernAllow,
		func(t *testing.T, e *exercise) { e.honest(t); e.catchUp(t) },
	},
	"BadDocument": {
		1, func(t *testing.T, e *exercise) {
			e.commands(t, "backup")
			e.edit(t, `UPDATE documents SET body = '{}' WHERE collection = 'users'`)
			e.monday(t)
		},
		"bad_documents=1", operator.ConcernUnreadable,
		func(t *testing.T, e *exercise) { e.restore(t); e.catchUp(t) },
	},
	"InternalError": {
		1, func(t *testing.T, e *exercise) {
			e.edit(t, broken)
			e.nextMonday(t)
			e.send(t)
			e.waitForLog(t, "outcome=internal")
		},
		"outcome=internal", operator.ConcernInternal,
		func(t *testing.T, e *exercise) { e.edit(t, `DROP TRIGGER broken`); e.advance(t, "11m"); e.settle(t) },
	},
	"KeyUnusable": {
		1, func(t *testing.T, e *exercise) {
			e.replaceKey(t, true)
			e.monday(t)
		},
		"outcome=key", operator.ConcernOtherKey,
		func(t *testing.T, e *exercise) { e.replaceKey(t, false); e.catchUp(t) },
	},
	"MessageWaits": {
		1, func(t *testing.T, e *exercise) {
			e.edit(t, broken)
			e.nextMonday(t)
			e.send(t)
			for attempts := 1; len(e.status(t).DeadLetters) == 0 && attempts < 30; attempts++ {
				e.waitForLogs(t, "outcome=internal", attempts)
				e.advance(t, "11m")
			}
		},
		"outcome=internal", operator.ConcernLetters,
		func(t *testing.T, e *exercise) {
			e.edit(t, `DROP TRIGGER broken`)
			e.commands(t, "dead-letters", "retry", "--all")
			e.settle(t)
		},
	},
	"MassRefusal": {
		4, func(t *testing.T, e *exercise) {
			e.fault(t, `{"match":"POST /api/token","kind":"invalid_grant","times":-1}`)
			e.monday(t)
		},
		`msg="mass refusal"`, "",
		func(t *testing.T, e *exercise) { e.honest(t); e.advance(t, "26h"); e.catchUp(t) },
	},
	"SongsRejected": {
		1, func(t *testing.T, e *exercise) {
			e.fault(t, `{"match":"POST /v1/playlists/{id}/items","kind":"status","status":400,"times":-1}`)
			e.monday(t)
		},
		"outcome=rejected", operator.ConcernSongs,
		func(t *testing.T, e *exercise) { e.honest(t); e.catchUp(t) },
	},
	"SpotifyRateLimited": {
		1, func(t *testing.T, e *exercise) {
			e.fault(t, `{"match":"GET *","kind":"rate_limit","retry_after":3600,"times":1}`)
			e.nextMonday(t)
			e.send(t)
			e.waitForLog(t, `msg="spotify paused"`)
		},
		`msg="spotify paused"`, "",
		func(t *testing.T, e *exercise) {
			e.advance(t, "2h")
			e.commands(t, "week", "--wait", "1m")
			e.settle(t)
		},
	},
	"UserOverdue": {
		1, func(t *testing.T, e *exercise) {
			e.nextMonday(t) // a week that never runs
			e.nextMonday(t)
			e.week(t)
		},
		"overdue=1", "",
		func(*testing.T, *exercise) {},
	},
	"WeekNotArchived": {
		1, func(t *testing.T, e *exercise) {
			e.nextMonday(t)
			e.nextMonday(t)
			if status, _ := get(t, e.site+"/healthz/weekly"); status != http.StatusServiceUnavailable {
				t.Errorf("the uptime check got status %d, want 503", status)
			}
		},
		"", operator.ConcernWeek,
		func(t *testing.T, e *exercise) {
			e.commands(t, "week", "--wait", "1m")
			e.advance(t, "1m") // what it knows it knows for a minute
			if status, _ := get(t, e.site+"/healthz/weekly"); status != http.StatusOK {
				t.Errorf("the uptime check got status %d, want 200", status)
			}
		},
	},
}

// broken makes the database refuse what a run writes.
const broken = `CREATE TRIGGER broken BEFORE INSERT ON documents WHEN NEW.collection LIKE 'users/%' BEGIN SELECT RAISE(ABORT, 'broken'); END`

// Each alert that a local service can ring is rung, and its playbook followed until what
// the page says is that all is well, and the songs are in the archive.
func TestAlertsAreProvokedAndMended(t *testing.T) {
	t.Parallel()
	for name, drill := range drills {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &exercise{dir: t.TempDir()}
			e.service = startService(t, e.dir)
			for i := range drill.users {
				newPerson(t, e.site).connect(t, []string{"demo1", "demo2", "demo3", "demo4"}[i])
			}
			e.settle(t)
			drill.provoke(t, e)
			if !strings.Contains(e.log.String(), drill.rings) {
				t.Errorf("the log has no line with %s:\n%s", drill.rings, e.log)
			}
			if shown := e.shown(t); drill.shows != "" && !slices.Contains(shown, drill.shows) {
				t.Errorf("the operator's page shows %v, want %s among them", shown, drill.shows)
			}
			drill.mend(t, e)
			if shown := e.shown(t); len(shown) > 0 {
				t.Errorf("after the playbook the page still shows %v\n%s", shown, e.log)
			}
			for _, u := range e.status(t).Users {
				if archived(u) < 60 {
					t.Errorf("after the playbook %s has %d songs, want those of both weeks", u.Name, archived(u))
				}
			}
		})
	}
}

// The drill names every playbook, and says of each that a local service cannot ring why.
func TestDrillKnowsEveryAlert(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../internal/docs/drill.md")
	if err != nil {
		t.Fatal(err)
	}
	playbooks, err := filepath.Glob("../../internal/docs/playbooks/*.md")
	if err != nil || len(playbooks) < 10 {
		t.Fatalf("got %d playbooks, error %v", len(playbooks), err)
	}
	for _, path := range playbooks {
		name := strings.TrimSuffix(filepath.Base(path), ".md")
		row := regexp.MustCompile(`(?m)^\| \[` + name + `\]\(playbooks/` + name + `\.md\) \|.*$`).FindString(string(text))
		_, tried := drills[name]
		if row == "" || tried == strings.Contains(row, "not locally") {
			t.Errorf("%s: got the row %q, and it is rung here: %v", name, row, tried)
		}
	}
}

func get(t *testing.T, address string) (status int, text string) {
	t.Helper()
	status, text, _ = newPerson(t, address).send(t, request(t, address))
	return status, text
}

func request(t *testing.T, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (e *exercise) fault(t *testing.T, body string) {
	t.Helper()
	post(t, e.spotify+"/standin/faults", body, new(any))
}

// honest takes every fault away.
func (e *exercise) honest(t *testing.T) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, e.spotify+"/standin/faults", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := ask(r, new(any)); err != nil {
		t.Fatal(err)
	}
}

func (e *exercise) advance(t *testing.T, by string) {
	t.Helper()
	post(t, e.spotify+"/standin/time", `{"advance":"`+by+`"}`, new(any))
}

// monday runs the week of the next Monday to its end.
func (e *exercise) monday(t *testing.T) {
	t.Helper()
	e.nextMonday(t)
	e.week(t)
}

// send sends the weekly run and does not wait.
func (e *exercise) send(t *testing.T) {
	t.Helper()
	e.operate(t, http.MethodPost, "/local/weekly", new(any))
}

// catchUp is the next day's.
func (e *exercise) catchUp(t *testing.T) {
	t.Helper()
	e.advance(t, "24h")
	e.commands(t, "week", "--wait", "1m")
	e.settle(t)
}

// settle waits until nothing waits.
func (e *exercise) settle(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); !e.status(t).Queue.Empty() && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
}

func (e *exercise) waitForLog(t *testing.T, text string) { e.waitForLogs(t, text, 1) }

// waitForLogs waits for so many lines.
func (e *exercise) waitForLogs(t *testing.T, text string, times int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); strings.Count(e.log.String(), text) < times && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
}

// commands types a command of the operator's.
func (e *exercise) commands(t *testing.T, args ...string) string {
	t.Helper()
	code, out, said := command(t, e.dir, nil, append(args, "--json")...)
	if code != operate.ExitOK {
		t.Fatalf("%v: got exit code %d: %s", args, code, said)
	}
	return out
}

func (e *exercise) shown(t *testing.T) []operator.Concern {
	t.Helper()
	var shown []operator.Concern
	for _, w := range e.status(t).Attention {
		shown = append(shown, w.Concern)
	}
	return shown
}

// edit changes the database by hand.
func (e *exercise) edit(t *testing.T, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(e.dir, standinDir, databaseFile)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// restart stops the service, does something, and starts it again.
func (e *exercise) restart(t *testing.T, meanwhile func()) {
	t.Helper()
	if err := e.stop(); err != nil {
		t.Fatal(err)
	}
	meanwhile()
	e.service = startService(t, e.dir)
}

// restore puts the newest backup back.
func (e *exercise) restore(t *testing.T) {
	t.Helper()
	var list struct{ Backups []operate.BackupFile }
	if err := json.Unmarshal([]byte(e.commands(t, "backup", "--list")), &list); err != nil || len(list.Backups) == 0 {
		t.Fatalf("got backups %+v, error %v", list, err)
	}
	e.restart(t, func() { e.commands(t, "restore", list.Backups[0].Path, "--yes") })
}

// replaceKey puts another key file in the place of the right one, or that one
// back.
func (e *exercise) replaceKey(t *testing.T, wrong bool) {
	t.Helper()
	key := filepath.Join(e.dir, standinDir, keyFile)
	right := key + ".right"
	e.restart(t, func() {
		if !wrong {
			if err := os.Rename(right, key); err != nil {
				t.Fatal(err)
			}
			return
		}
		content, err := os.ReadFile(key)
		if err != nil {
			t.Fatal(err)
		}
		other := t.TempDir()
		s := startService(t, other)
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		stranger, err := os.ReadFile(filepath.Join(other, standinDir, keyFile))
		if err != nil || bytes.Equal(stranger, content) {
			t.Fatalf("got no other key, error %v", err)
		}
		if err := os.Rename(key, right); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(key, stranger, 0o600); err != nil {
			t.Fatal(err)
		}
	})
}
