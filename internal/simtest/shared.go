package simtest

import (
	"fmt"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// sharedCodes is how many ISRCs all songs share.
var sharedCodes = []int{5, 40}

// sharing is how codes were shared in one answer: each of them by so many songs.
// Two stretches of lies may overlap, and then an answer is changed twice.
type sharing []int

// code is the code that a song was told with.
func (s sharing) code(id string) string {
	code := isrcOf(id)
	for _, n := range s {
		code = fakespotify.SharedISRC(code, n)
	}
	return code
}

// shares notes that the codes of the answer that comes now are shared.
func (a *actor) shares(codes int) {
	if a.sharedAt != a.calls {
		a.shared, a.sharedAt = nil, a.calls
	}
	a.shared = append(slices.Clone(a.shared), codes)
	a.w.people[a.account].shared[fmt.Sprint(a.shared)] = a.shared
}

// mayShareISRC reports whether two songs can have been told to the person's runs
// with one code: group 3 of 5 and group 3 of 40 have the same.
func (p *person) mayShareISRC(a, b string) bool {
	for _, one := range p.shared {
		for _, other := range p.shared {
			if one.code(a) == other.code(b) {
				return true
			}
		}
	}
	return false
}
