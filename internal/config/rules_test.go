package config

import (
	"strings"
	"testing"
)

func TestNamesHaveALength(t *testing.T) {
	t.Parallel()
	letters := func(n int) string { return strings.Repeat("a", n) }
	for name, test := range map[string]struct {
		variable, value string
		want            bool
	}{
		"environment_shortest":      {"ENVIRONMENT", "a", true},
		"environment_longest":       {"ENVIRONMENT", letters(63), true},
		"environment_too_long":      {"ENVIRONMENT", letters(64), false},
		"environment_ends_badly":    {"ENVIRONMENT", "a-", false},
		"project_too_short":         {"GOOGLE_CLOUD_PROJECT", "ab", false},
		"project_longest":           {"GOOGLE_CLOUD_PROJECT", letters(63), true},
		"project_too_long":          {"GOOGLE_CLOUD_PROJECT", letters(64), false},
		"project_of_a_domain":       {"GOOGLE_CLOUD_PROJECT", "example.com:" + letters(63), true},
		"project_of_a_domain_short": {"GOOGLE_CLOUD_PROJECT", "example.com:ab", false},
		"database_default":          {"FIRESTORE_DATABASE", "(default)", true},
		"database_shortest":         {"FIRESTORE_DATABASE", letters(4), true},
		"database_too_short":        {"FIRESTORE_DATABASE", letters(3), false},
		"database_too_long":         {"FIRESTORE_DATABASE", letters(64), false},
		"topic_shortest":            {"ARCHIVE_TOPIC", letters(3), true},
		"topic_too_short":           {"ARCHIVE_TOPIC", letters(2), false},
		"topic_longest":             {"WEEKLY_TOPIC", "projects/p/topics/" + letters(255), true},
		"topic_too_long":            {"WEEKLY_TOPIC", "projects/p/topics/" + letters(256), false},
		"topic_begins_badly":        {"WEEKLY_TOPIC", "1234", false},
		"client_id_longest":         {"SPOTIFY_CLIENT_ID", letters(128), true},
		"client_id_too_long":        {"SPOTIFY_CLIENT_ID", letters(129), false},
		"client_id_with_a_slash":    {"SPOTIFY_CLIENT_ID", "a/b", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := rules[test.variable].allows(test.value); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
