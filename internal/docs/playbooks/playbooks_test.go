package playbooks_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/docs/playbooks"
)

// Every alert of an outcome has a playbook for whoever runs a copy at home, and
// each that can ring there is complete and says nothing of Google.
func TestPlaybooksAtHome(t *testing.T) {
	t.Parallel()
	for _, v := range outcome.Verdicts() {
		if _, found := playbooks.Of(v.Alert); v.Alert != "" && !found {
			t.Errorf("%s, of %s, says nothing for a copy at home", v.Alert, v.Kind)
		}
	}
	paths, err := filepath.Glob("*.md")
	if err != nil || len(paths) < 10 {
		t.Fatalf("got %d playbooks, error %v", len(paths), err)
	}
	drill, err := os.ReadFile("../drill.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(path, ".md")
		row := regexp.MustCompile(`(?m)^\| \[` + name + `\].*$`).FindString(string(drill))
		p, found := playbooks.Of(name)
		if rings := !strings.Contains(row, "not locally"); found != rings {
			t.Errorf("%s: says something for a copy at home: %v, can ring there: %v", name, found, rings)
		}
		if found && (p.Title == "" || p.AtHome == "" || strings.ContainsAny(p.Title, "#\n")) {
			t.Errorf("%s: got %+v, want every part", name, p)
		}
		if strings.Contains(p.AtHome, "gcloud") || strings.Contains(p.AtHome, "PROJECT_ID") || strings.Contains(p.AtHome, "##") {
			t.Errorf("%s: what to do at home speaks of Google: %s", name, p.AtHome)
		}
	}
	if p, found := playbooks.Of("../design"); found {
		t.Errorf("got %+v, want nothing of a name that is no playbook", p)
	}
}
