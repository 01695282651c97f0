package main

import (
	"strings"
	"testing"
)

func TestContactIsOnThePrivacyPage(t *testing.T) {
	t.Parallel()
	for contact, want := range map[string]string{
		"operator@archive.example":        `href="mailto:operator@archive.example"`,
		"https://archive.example/contact": `href="https://archive.example/contact"`,
		"":                                "Ask whoever runs this copy",
	} {
		s := startService(t, t.TempDir(), "CONTACT="+contact)
		if page, _ := newPerson(t, s.site).open(t, s.site+"/privacy"); !strings.Contains(page, want) {
			t.Errorf("contact %q: the page lacks %q", contact, want)
		}
	}
}
