package web

import (
	"strings"
	"testing"
)

func TestShortened(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ name, want string }{
		"empty":          {"", ""},
		"as_it_is":       {"Ana María", "Ana María"},
		"longest":        {strings.Repeat("x", 60), strings.Repeat("x", 60)},
		"too_long":       {strings.Repeat("x", 61), strings.Repeat("x", 59) + "…"},
		"lines":          {" a\n\tb\x00c ", "a b c"},
		"accent_kept":    {strings.Repeat("x", 58) + "e\u0301" + strings.Repeat("x", 9), strings.Repeat("x", 58) + "…"},
		"family_kept":    {strings.Repeat("x", 57) + "👩\u200d👧" + strings.Repeat("x", 9), strings.Repeat("x", 57) + "…"},
		"accents_only":   {strings.Repeat("\u0301", 99), strings.Repeat("\u0301", 59) + "…"},
		"space_at_a_cut": {strings.Repeat("x", 58) + " " + strings.Repeat("x", 9), strings.Repeat("x", 58) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := shortened(test.name); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
