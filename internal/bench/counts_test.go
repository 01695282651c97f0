package bench_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

var update = flag.Bool("update-counts", false, "write counts.json and the README's table of requests anew")

// counts is what a steady week of one person takes: of Spotify, and of the
// documents that are theirs. The estimate of what Google Cloud costs reads it.
type counts struct {
	Runs     int `json:"runs"` // messages to ArchiveUser
	Tokens   int `json:"tokens"`
	Requests int `json:"requests"` // to the Web API
	Reads    int `json:"reads"`
	Writes   int `json:"writes"`
}

// size is how much somebody has.
type size struct {
	name                      string
	playlists, archive, inbox int // playlists above ours, songs in the others
}

func sizes() []size {
	return []size{{"small", 5, 60, 60}, {"normal", 60, 1560, 600}, {"large", 1200, 9000, 5000}}
}

// way is what somebody chose, and what they do in a week.
type way struct {
	name, title string
	mode        fakespotify.Mode
	choice      archive.Choice
	monday      func(p *person) error           // before the weekly message
	hour        func(p *person, hour int) error // every hour after it
	quiet       bool                            // nothing changes in the week
}

func ways() []way {
	copies := func(p *person) error { return p.spotify.CopyDiscover(account, p.user(p.id).Inbox.PlaylistID) }
	music := func(p *person, hour int) error {
		if hour%24 < 5 || hour%24 > 8 { // from six to nine in the evening
			return nil
		}
		return p.spotify.PlayDiscover(account, 15)
	}
	const old, made = fakespotify.Extended, fakespotify.Development
	return []way{
		{"discover", "Discover Weekly", old, archive.ChoiceDiscover, nil, nil, false},
		{"inbox_copied", "Inbox, songs copied by Monday", made, archive.ChoiceInbox, copies, nil, false},
		{"inbox_idle", "Inbox, nothing copied", made, archive.ChoiceInbox, nil, nil, true},
		{"listening_silent", "Listening, no music", made, archive.ChoiceListening, nil, nil, true},
		{"listening_music", "Listening, four hours of Discover Weekly every evening", made, archive.ChoiceListening, nil, music, false},
		{"paste", "Pasting, nothing pasted", made, archive.ChoicePaste, nil, nil, true},
	}
}

// count lets two weeks pass, and counts the third.
func (y way) count(tb testing.TB, s size) counts {
	tb.Helper()
	var stored *documents
	p := newPersonIn(tb, y.mode, y.choice, 0, func(clock archive.Clock) store {
		stored = &documents{Store: archivetest.NewDocuments(clock)}
		return records.New(stored)
	})
	p.library(s.playlists)
	u := p.user(p.id)
	if main, ok := u.Archives[archive.MainArchive]; ok {
		p.fill(main.PlaylistID, s.archive)
	}
	if u.Inbox.PlaylistID != "" {
		p.fill(u.Inbox.PlaylistID, s.inbox)
	}
	p.spotify.NextMonday()
	p.scheduled(y)
	p.scheduled(y)
	stored.seen, p.way.seen = documentCount{}, traffic{}
	runs := p.scheduled(y)
	return counts{runs, p.way.seen.tokens, p.way.seen.requests, stored.seen.reads, stored.seen.writes}
}

const (
	countsFile = "counts.json"
	readmeFile = "../../README.md"
)

// TestCounts holds the numbers in the README, and those that the estimate of
// Google Cloud's cost is made of, to what is counted.
func TestCounts(t *testing.T) {
	t.Parallel()
	got := map[string]map[string]counts{}
	for _, s := range sizes() {
		got[s.name] = map[string]counts{}
		for _, y := range ways() {
			got[s.name][y.name] = y.count(t, s)
		}
	}
	file, err := json.MarshalIndent(got, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]byte{countsFile: append(file, '\n'), readmeFile: inReadme(t, requestTable(got))} {
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		there, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(there)); diff != "" {
			t.Errorf("%s is not what was counted (-counted +there); write it with\n"+
				"go test ./internal/bench -run TestCounts -update-counts\n%s", name, diff)
		}
	}
}

func requestTable(got map[string]map[string]counts) string {
	var b strings.Builder
	b.WriteString("| a week |")
	for _, s := range sizes() {
		_, _ = fmt.Fprintf(&b, " %s: %d playlists, %d songs in the archive, %d in the inbox |", s.name, s.playlists, s.archive, s.inbox)
	}
	b.WriteString("\n|---|---:|---:|---:|\n")
	for _, y := range ways() {
		_, _ = fmt.Fprintf(&b, "| %s |", y.title)
		for _, s := range sizes() {
			c := got[s.name][y.name]
			_, _ = fmt.Fprintf(&b, " %d + %d |", c.Tokens, c.Requests)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// inReadme returns the README with the table in its place.
func inReadme(t *testing.T, table string) []byte {
	t.Helper()
	const begin, end = "<!-- begin requests -->\n", "<!-- end requests -->"
	readme, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := bytes.Cut(readme, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		t.Fatalf("the README has no place for the table (%q … %q)", begin, end)
	}
	return bytes.Join([][]byte{before, []byte(begin + "\n" + table + "\n" + end), after}, nil)
}
