package operate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

func TestExitCodesOfMistakes(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		args []string
		code int
		says string
	}{
		"unknown_command":           {[]string{"weekley"}, operate.ExitUsage, `no command "weekley"`},
		"unknown_flag":              {[]string{"week", "--soon"}, operate.ExitUsage, "--soon"},
		"group_without_command":     {[]string{"users"}, operate.ExitUsage, "users --help"},
		"unknown_child":             {[]string{"users", "shwo"}, operate.ExitUsage, `no command "shwo"`},
		"child_of_a_group_names_it": {[]string{"dead-letters", "x"}, operate.ExitUsage, "weekly-archive dead-letters --help"},
		"help_of_nothing":           {[]string{"help", "weekley"}, operate.ExitUsage, `no command "weekley"`},
		"help_of_no_child":          {[]string{"help", "users", "shwo"}, operate.ExitUsage, `no command "shwo"`},
		"completion_of_nothing":     {[]string{"completion"}, operate.ExitUsage, "which shell"},
		"completion_of_no_shell":    {[]string{"completion", "tcsh"}, operate.ExitUsage, `no command "tcsh"`},
		"completion_and_more":       {[]string{"completion", "bash", "x"}, operate.ExitUsage, "x"},
		"remove_nobody":             {[]string{"users", "remove", "", "--yes"}, operate.ExitUsage, "ACCOUNT"},
		"remove_a_blank":            {[]string{"users", "remove", " ", "--yes"}, operate.ExitUsage, "ACCOUNT"},
		"probe_nobody":              {[]string{"doctor", "--probe", ""}, operate.ExitUsage, "ACCOUNT"},
		"report_without_a_probe":    {[]string{"doctor", "--report", "file"}, operate.ExitUsage, "--probe"},
		"wait_before_the_start":     {[]string{"week", "--wait", "-5s"}, operate.ExitUsage, "--wait"},
		"set_an_unknown_shape":      {[]string{"users", "set", "Demo account 1", "--shape", "round"}, operate.ExitUsage, "--shape"},
		"set_what_is_no_playlist":   {[]string{"users", "set", "Demo account 1", "--discover", "x"}, operate.ExitUsage, "--discover"},
		"missing_account":           {[]string{"users", "show"}, operate.ExitUsage, "arg"},
		"absent_account":            {[]string{"users", "show", "nobody"}, operate.ExitNotFound, "nobody"},
		"remove_without_yes":        {[]string{"users", "remove", "Demo account 1"}, operate.ExitUsage, "--yes"},
		"set_without_a_field":       {[]string{"users", "set", "Demo account 1"}, operate.ExitUsage, "--choice"},
		"set_an_impossible_zone":    {[]string{"users", "set", "Demo account 1", "--zone", "Mars"}, operate.ExitUsage, "Europe/Berlin"},
		"set_an_unknown_language":   {[]string{"users", "set", "Demo account 1", "--language", "tlh"}, operate.ExitUsage, "en de"},
		"set_an_unknown_choice":     {[]string{"users", "set", "Demo account 1", "--choice", "radio"}, operate.ExitUsage, "--choice"},
		"pause_too_long":            {[]string{"pause", "--for", "72h"}, operate.ExitUsage, "48h"},
		"letters_without_an_id":     {[]string{"dead-letters", "drop"}, operate.ExitUsage, "--all"},
		"letter_of_an_unset_name":   {[]string{"dead-letters", "retry", ""}, operate.ExitUsage, "--all"},
		"absent_letter":             {[]string{"dead-letters", "drop", "x"}, operate.ExitNotFound, "not found"},
		"backup_where_none_is":      {[]string{"backup"}, operate.ExitUsage, "terraform/README.md"},
		"probe_an_absent_account":   {[]string{"doctor", "--probe", "nobody"}, operate.ExitNotFound, "nobody"},
		"name_of_two":               {[]string{"users", "show", "twin"}, operate.ExitUsage, "2 accounts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, fakespotify.Extended)
			p.connect(t, "demo1")
			archivetest.MustPut(t, p.store, archivetest.NewUser(t, "nameless", func(u *archive.User) { u.DisplayName = "" }))
			for _, twin := range []string{"a", "b"} {
				archivetest.MustPut(t, p.store, archivetest.NewUser(t, twin, func(u *archive.User) { u.DisplayName = "twin" }))
			}
			code, _ := p.command(t, row.args...)
			if code != row.code || !strings.Contains(p.log.String(), row.says) {
				t.Errorf("got exit code %d and %q, want %d and %q", code, p.log.String(), row.code, row.says)
			}
		})
	}
}

func TestUsersAreListedAndNamed(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	id := p.connect(t, "demo1")
	var list struct {
		Users []operate.Person `json:"users"`
	}
	p.must(t, &list, "users", "list")
	if len(list.Users) != 1 || list.Users[0].ID != id || list.Users[0].Outcome != outcome.Saved {
		t.Errorf("got %+v, want %s with a saved week", list.Users, id)
	}
	for what, name := range map[string]string{"id": string(id), "beginning": string(id[:6]), "name": "Demo account 1", "spotify_id": "standindemo1"} {
		var shown operate.Person
		p.must(t, &shown, "users", "show", name)
		if shown.ID != id {
			t.Errorf("by its %s: got %s, want %s", what, shown.ID, id)
		}
	}
	if code, out := p.command(t, "users", "show", string(id)); code != operate.ExitOK || !strings.Contains(out, "30 songs new") {
		t.Errorf("as text: got exit code %d and\n%s", code, out)
	}
}

func TestUsersArePausedResumedAndRun(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	id := string(p.connect(t, "demo1"))
	var shown operate.Person
	p.queue.Archive.TakeAll()
	p.must(t, &shown, "users", "run", id)
	jobs := p.queue.Archive.TakeAll()
	if len(jobs) != 1 || string(jobs[0].User) != id || jobs[0].Run.Kind != app.RunManual {
		t.Errorf("after run: got jobs %+v, want one of %s by hand", jobs, id)
	}
	if p.must(t, &shown, "users", "pause", id); shown.Status != archive.StatusPaused {
		t.Errorf("after pause: got status %s", shown.Status)
	}
	if code, _ := p.command(t, "users", "run", id); code != operate.ExitFailed || !strings.Contains(p.log.String(), "users resume") {
		t.Errorf("run of a paused one: got exit code %d and %q", code, p.log.String())
	}
	if p.must(t, &shown, "users", "resume", id); shown.Status != archive.StatusActive {
		t.Errorf("after resume: got status %s", shown.Status)
	}
}

// What the privacy page promises can be done: shown, corrected, deleted.
func TestWhatThePrivacyPagePromises(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	id := p.connect(t, "demo1")
	other := p.connect(t, "demo2")
	user := p.user(t, id)
	waits := ledger.NewBatch(archivetest.Week, ledger.SourcePaste, archivetest.Tracks(0, 2))
	waits.ID, waits.At = "paste-1", start
	if _, err := p.store.Commit(t.Context(), user, archive.Changes{AddPending: []ledger.Batch{waits}}); err != nil {
		t.Fatal(err)
	}

	var export operate.Export
	p.must(t, &export, "users", "export", string(id))
	if export.User.DisplayName != "Demo account 1" || len(export.Entries) != 1 || len(export.Pending) != 1 || export.Seen.Songs != 30 || export.Seen.IDs == "" {
		t.Errorf("got %d entries, %d pending and %d songs of %q, want everything", len(export.Entries), len(export.Pending), export.Seen.Songs, export.User.DisplayName)
	}
	if len(export.User.Grant.Sealed.Ciphertext) != 0 {
		t.Error("the export holds the sealed token")
	}

	var shown operate.Person
	p.must(t, &shown, "users", "set", string(id), "--name", "Ada", "--zone", "Europe/Berlin", "--language", "de", "--choice", "inbox")
	if got := p.user(t, id); got.DisplayName != "Ada" || got.Zone != "Europe/Berlin" || got.Language != "de" || got.Choice != archive.ChoiceInbox {
		t.Errorf("got %q in %q with choice %s, want it corrected", got.DisplayName, got.Zone, got.Choice)
	}

	var removed map[string]string
	p.must(t, &removed, "users", "remove", string(id), "--yes")
	if _, err := p.store.User(t.Context(), id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("after remove: got error %v, want %v", err, fault.ErrNotFound)
	}
	entries, _ := p.store.Entries(t.Context(), id, 10)
	pending, _ := p.store.Pending(t.Context(), id)
	seen, _ := p.store.Seen(t.Context(), id)
	if len(entries)+len(pending)+seen.Len() != 0 {
		t.Errorf("after remove: %d entries, %d pending batches and %d fingerprints are left", len(entries), len(pending), seen.Len())
	}
	p.user(t, other) // is still there
}

func TestRemoveThatIsCutOffSaysSo(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	id := p.connect(t, "demo1")
	p.store.Faults.Before = func(op string) error {
		if op == "Delete" {
			return errors.New("the store is away")
		}
		return nil
	}
	if code, _ := p.command(t, "users", "remove", string(id), "--yes"); code != operate.ExitUnfinished {
		t.Errorf("got exit code %d, want %d", code, operate.ExitUnfinished)
	}
}

// Whose document cannot be read, or was deleted by hand, can be removed, too.
func TestRemoveWithoutADocumentThatCanBeRead(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	id := p.connect(t, "demo1")
	p.store.Corrupt(t, id)
	var removed map[string]string
	p.must(t, &removed, "users", "remove", string(id), "--yes")
	left, err := p.store.Dump()
	if removed["removed"] != string(id) || err != nil || strings.Contains(string(left), string(id)) {
		t.Errorf("got %v, error %v, and left %s", removed, err, left)
	}

	deleted := 0
	p.store.Faults.Before = func(op string) error {
		if op == "Delete" {
			deleted++
		}
		return nil
	}
	if code, _ := p.command(t, "users", "remove", string(id), "--yes"); code != operate.ExitNotFound || deleted != 1 {
		t.Errorf("once more: got exit code %d and %d deletions, want %d and one", code, deleted, operate.ExitNotFound)
	}
	if code, _ := p.command(t, "users", "remove", string(id)); code != operate.ExitNotFound || deleted != 1 {
		t.Errorf("without --yes: got exit code %d and %d deletions, want %d and no other", code, deleted, operate.ExitNotFound)
	}
}

// What was changed was changed, though no further run may be asked for.
func TestSetAfterManyRuns(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	id := string(p.connect(t, "demo1"))
	var shown operate.Person
	for range 100 {
		if code, _ := p.command(t, "users", "run", id); code != operate.ExitOK {
			break
		}
		p.spotify.Advance(time.Second)
		p.work(t)
	}
	if p.must(t, &shown, "users", "set", id, "--choice", "inbox", "--discover", p.spotify.DiscoverID("demo1")); shown.Choice != "inbox" {
		t.Errorf("got choice %s, want inbox", shown.Choice)
	}
	if !p.user(t, archive.UserID(id)).Discover.Chosen {
		t.Error("the playlist was not set")
	}
}

func TestWeekIsSentAndAwaited(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	p.connect(t, "demo1")
	p.connect(t, "demo2")
	p.spotify.NextMonday()

	var sent operate.Sent
	p.must(t, &sent, "week")
	if jobs := p.queue.FanOut.TakeAll(); sent.Open != 2 || len(jobs) != 1 || jobs[0].Run.Kind != app.RunWeekly {
		t.Errorf("got %d open and jobs %+v, want 2 and a weekly run", sent.Open, jobs)
	}
	if code, _ := p.command(t, "week", "--wait", "10s"); code != operate.ExitUnfinished || len(p.slept) != 5 {
		t.Errorf("nobody works: got exit code %d after %d looks, want %d after 5", code, len(p.slept), operate.ExitUnfinished)
	}
	p.program.Sleep = func(ctx context.Context, _ time.Duration) error { p.work(t); return ctx.Err() }
	p.must(t, &sent, "week", "--wait", "1m")
	if sent.Left == nil || *sent.Left != 0 || !sent.Ended || !strings.Contains(p.log.String(), "waiting for 2 of 2 runs") {
		t.Errorf("got %+v and %q, want both runs awaited", sent, p.log.String())
	}
	if p.must(t, &sent, "week"); sent.Open != 0 {
		t.Errorf("once more: got %d open, want 0", sent.Open)
	}
}

// A run that had begun before the weekly message may do the week, and the
// message then finds nothing to do.
func TestWeekThatIsDoneMeanwhileIsNotAwaited(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	id := p.connect(t, "demo1")
	p.spotify.NextMonday()
	p.program.Sleep = func(_ context.Context, d time.Duration) error {
		p.spotify.Advance(d)
		u := p.user(t, id)
		u.LastEdition = calendar.DueEdition(p.service.Clock())
		_, err := p.store.Put(t.Context(), u)
		return err
	}
	var sent operate.Sent
	if p.must(t, &sent, "week", "--wait", "1m"); !sent.Ended {
		t.Errorf("got %+v, want it ended", sent)
	}
}

// work does what the functions of the cloud do with the messages.
func (p *place) work(t *testing.T) {
	t.Helper()
	fanOut := &usecase.FanOut{Users: p.store, App: p.store, Jobs: p.queue, More: p.queue, Clock: p.service.Clock, Log: p.service.Log}
	for _, job := range p.queue.FanOut.TakeAll() {
		if _, err := fanOut.Run(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	p.deliver(t)
}

func TestAppIsPausedAndResumed(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	id := p.connect(t, "demo1")
	var pause app.Pause
	p.must(t, &pause, "pause", "--for", "2h")
	if want := start.Add(2 * time.Hour); !pause.Until.Equal(want) || pause.Reason != app.PauseOperator {
		t.Fatalf("got %+v, want until %s", pause, want)
	}
	p.archivist = &usecase.Archivist{ // which remembers no pause of before
		Store: p.store, App: p.store, Sealer: p.keys, Opener: p.keys, Spotify: p.client, Clock: p.service.Clock, Log: p.service.Log, Words: words.Playlists(), Alone: true,
	}
	run := archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunManual, At: start}}
	result, err := p.archivist.Run(t.Context(), run)
	if result.Kind != outcome.Paused || err != nil || result.Reason != app.PauseOperator {
		t.Errorf("paused: got outcome %s (%s), error %v", result.Kind, result.Reason, err)
	}
	var resumed map[string]any
	if p.must(t, &resumed, "resume"); len(resumed) != 1 || resumed["paused"] != false {
		t.Errorf("after resume: got %v, want that it is not paused, and no time", resumed)
	}
	p.spotify.Advance(time.Minute) // a run remembers a pause for a moment
	p.work(t)                      // whoever was put off is sent out
	if user, err := p.store.User(t.Context(), id); err != nil || user.Last.Kind != outcome.Saved {
		t.Errorf("resumed: got outcome %s, error %v", user.Last.Kind, err)
	}
	p.must(t, &pause, "resume")
	if jobs := p.queue.FanOut.TakeAll(); len(jobs) != 0 {
		t.Errorf("resumed without a pause: got %+v, want nothing sent", jobs)
	}
}

func TestKeysCountWhatTheySeal(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	p.connect(t, "demo1")
	p.connect(t, "demo2")
	if _, err := p.store.AddPushKey(t.Context(), notice.PushKey{Public: "public", Sealed: secret.Sealed{KeyVersion: "1"}}); err != nil {
		t.Fatal(err)
	}
	p.keys.Rotate()
	id := p.connect(t, "demo3")
	channels := &messaging.Channels{Users: p.store, Sealer: p.keys, Jobs: p.service.Jobs, Clock: p.service.Clock}
	if err := channels.Add(t.Context(), id, notice.Address{Kind: notice.ChannelNtfy, Text: secret.New("a topic")}, ""); err != nil {
		t.Fatal(err)
	}
	type use = operate.KeyUse
	for _, want := range [][]use{
		{{Version: "2", Grants: 1, Channels: 1, Current: true}, {Version: "1", Grants: 2, PushKey: true}},
		{{Version: "2", Grants: 3, Channels: 1, Current: true}, {Version: "1", PushKey: true}},
	} {
		var keys struct {
			Keys []use `json:"keys"`
		}
		p.must(t, &keys, "keys")
		if len(keys.Keys) != len(want) || keys.Keys[0] != want[0] || keys.Keys[len(want)-1] != want[len(want)-1] {
			t.Errorf("got %+v, want %+v", keys.Keys, want)
		}
		p.spotify.NextMonday()
		p.must(t, &operate.Sent{}, "week")
		p.work(t)
	}
	if got := p.user(t, id).Grant.Sealed.KeyVersion; got != "2" {
		t.Errorf("got version %s, want 2", got)
	}
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	for _, id := range []string{"a", "b", "c"} {
		p.letters.list = append(p.letters.list, operate.DeadLetter{ID: id, Queue: operate.QueueArchive, Reason: "spotify is unavailable"})
	}
	if code, out := p.command(t, "dead-letters", "list"); code != operate.ExitOK || strings.Count(out, "spotify is unavailable") != 3 {
		t.Errorf("got exit code %d and\n%s", code, out)
	}
	var done map[string]int
	p.must(t, &done, "dead-letters", "drop", "a")
	p.must(t, &done, "dead-letters", "retry", "--all")
	if got := strings.Join(p.letters.retried, " "); got != "b c" || done["retry"] != 2 || len(p.letters.list) != 0 {
		t.Errorf("got %q retried and %d left, want b and c, and none", got, len(p.letters.list))
	}
	p.must(t, &done, "dead-letters", "retry", "--all") // nothing is there
}

// One wrong value leaves the others unchanged, too.
func TestSetIsAllOrNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	id := p.connect(t, "demo1")
	before := p.user(t, id)
	code, _ := p.command(t, "users", "set", string(id), "--name", "Other", "--choice", "inbox", "--shape", "round")
	after := p.user(t, id)
	if code != operate.ExitUsage || after.DisplayName != before.DisplayName || after.Choice != before.Choice {
		t.Errorf("got exit code %d, name %q and choice %s, want %d, and both as they were", code, after.DisplayName, after.Choice, operate.ExitUsage)
	}
}

func TestVersionAndCompletion(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	var version operate.Version
	if p.must(t, &version, "version"); version.Version == "" || version.Go == "" {
		t.Errorf("got %+v, want a version", version)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, out := p.command(t, "completion", shell); code != operate.ExitOK || !strings.Contains(out, "weekly-archive") {
			t.Errorf("%s: got exit code %d and %d bytes", shell, code, len(out))
		}
	}
}
