package archtest_test

import (
	"regexp"
	"strings"
	"testing"
)

var (
	usedAction = regexp.MustCompile(`uses: (\S+)`)
	pinned     = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	runTarget  = regexp.MustCompile(`run: make ([a-z-]+)`)
)

// A workflow runs what a person runs, with no more rights than it needs, and
// with actions that nobody can change under it.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	workflows := tracked(t, ".github/workflows/*.yml")
	if len(workflows) == 0 {
		t.Fatal("no workflows: the test checks nothing")
	}
	makefile := read(t, "Makefile")
	run := map[string]bool{}
	for _, workflow := range workflows {
		text := read(t, workflow)
		if !strings.Contains(text, "\npermissions: {}\n") {
			t.Errorf("%s: want `permissions: {}` for the whole, and each job's own below", workflow)
		}
		for _, m := range usedAction.FindAllStringSubmatch(text, -1) {
			if !strings.HasPrefix(m[1], "./.github/") && !pinned.MatchString(m[1]) {
				t.Errorf("%s: %s is not pinned by its commit", workflow, m[1])
			}
		}
		for _, m := range runTarget.FindAllStringSubmatch(text, -1) {
			run[m[1]] = true
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s runs `make %s`, which does not exist", workflow, m[1])
			}
		}
	}
	for _, target := range []string{"lint", "test", "zip", "terraform", "terraform-lock", "update", "release", "push", "pages-audit"} {
		if !run[target] {
			t.Errorf("no workflow runs `make %s`", target)
		}
	}
}

// The module's path is no address that anybody has registered, so nothing may
// send people, or Spotify, there.
func TestNothingLeadsToTheModulePath(t *testing.T) {
	t.Parallel()
	for _, file := range tracked(t) {
		if strings.Contains(read(t, file), "https://"+module) {
			t.Errorf("%s leads to https://%s, which is nobody's", file, module)
		}
	}
}
