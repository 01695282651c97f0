package acceptance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// The operator is called for every outcome that is theirs to mend, by the alert
// that the core's table names, and finds its playbook.
func TestTerraformAlertsRingForEveryVerdictOfTheOperator(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(repository + "/terraform/alerts.tf")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range outcome.Verdicts() {
		if v.Alert == "" {
			continue
		}
		filter := regexp.MustCompile(`(?s)\n    ` + v.Alert + ` = \{.*?\n      filter +=([^\n]*)`).FindStringSubmatch(string(text))
		// A pause rings once, by the line of the run that began it.
		want := `\"` + string(v.Kind) + `\"`
		if v.Kind == outcome.Paused {
			want = `jsonPayload.message=\"spotify paused\"`
		}
		if filter == nil || !strings.Contains(filter[1], want) {
			t.Errorf("outcome %s: alert %s of alerts.tf does not look for %s", v.Kind, v.Alert, want)
		}
		if _, err := os.Stat(repository + "/internal/docs/playbooks/" + v.Alert + ".md"); err != nil {
			t.Errorf("outcome %s: %v", v.Kind, err)
		}
	}
}

// Each playbook has the parts that somebody woken at night looks for; one of an
// alert that a local service can ring says what is different there.
func TestPlaybooksHaveTheirParts(t *testing.T) {
	t.Parallel()
	want := []string{"## What it means", "## Look", "## What to do", "## When to stop"}
	heading := regexp.MustCompile(`(?m)^## .*$`)
	filter := regexp.MustCompile("(?s)## Look\n.*```text\n.+?\n```\n")
	for _, file := range glob(t, repository+"/internal/docs/playbooks", "*.md") {
		text, err := os.ReadFile(filepath.Join(repository, "internal/docs/playbooks", file))
		if err != nil {
			t.Fatal(err)
		}
		headings := slices.DeleteFunc(heading.FindAllString(string(text), -1), func(h string) bool { return h == "## At home" })
		if diff := cmp.Diff(want, headings); diff != "" {
			t.Errorf("%s: headings differ (-want +got):\n%s", file, diff)
		}
		if !filter.Match(text) {
			t.Errorf("%s: no log filter to paste under Look", file)
		}
	}
}
