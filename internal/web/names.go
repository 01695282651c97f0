package web

import (
	"strings"
	"unicode"
)

// maxName is how much of a name from Spotify a page shows, in characters: twice
// what Spotify lets people enter for themselves.
const maxName = 60

// shortened returns a name as a page shows it: on one line, without
// characters that do not show, and not longer than maxName. A letter is not
// parted from its accents.
func shortened(name string) string {
	shown := []rune(strings.Join(strings.FieldsFunc(name, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c)
	}), " "))
	if len(shown) <= maxName {
		return string(shown)
	}
	cut := maxName - 1
	for cut > 0 && (unicode.Is(unicode.M, shown[cut]) || shown[cut-1] == zeroWidthJoiner || shown[cut] == zeroWidthJoiner) {
		cut--
	}
	if cut == 0 {
		cut = maxName - 1 // accents alone are no name that could be spoiled
	}
	return strings.TrimSpace(string(shown[:cut])) + "…"
}

// zeroWidthJoiner makes one sign of those beside it.
const zeroWidthJoiner = '\u200d'
