package archtest_test

import (
	"regexp"
	"strings"
	"testing"
)

// answered is a sentence that a handler answers with by itself.
var answered = regexp.MustCompile(`http\.Error\(\w+, "([^"\n]+)"`)

// What a visitor reads comes from a language file, also where no page can be shown.
// Stand-ins and emulators speak to programs.
func TestNoHandlerAnswersInWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	if got := answered.FindStringSubmatch(`http.Error(w, "Try it later.", http.StatusForbidden)`); got == nil {
		t.Fatal("the pattern does not find what it looks for")
	}
	files := tracked(t, "internal/*.go", "functions/*.go")
	if len(files) < 100 {
		t.Fatalf("got %d files, want those of the whole module", len(files))
	}
	for _, path := range files {
		ofPrograms := strings.Contains(path, "fakespotify/") || strings.Contains(path, "gcptest/") || strings.Contains(path, "notifytest/")
		if strings.HasSuffix(path, "_test.go") || ofPrograms {
			continue
		}
		for _, found := range answered.FindAllStringSubmatch(read(t, path), -1) {
			t.Errorf("%s answers %q, which is in no language file", path, found[1])
		}
	}
}
