package simtest

import "slices"

// Cuts is what a replay of a seed leaves out: people, weather, faults and acts
// by name, kinds of faults, and the last weeks.
type Cuts struct {
	Weeks int // at most so many; 0 means all
	Names []string

	names map[string]bool
}

func (c *Cuts) drops(name string) bool { return c.names[name] }

// with returns the cuts and more.
func (c Cuts) with(names ...string) Cuts {
	c.Names = append(slices.Clone(c.Names), names...)
	c.names = make(map[string]bool, len(c.Names))
	for _, n := range c.Names {
		c.names[n] = true
	}
	return c
}

// Shrink leaves out as much of a failing seed as it can while the same promise
// is broken. run lives a world; at most tries are run.
func Shrink(seed uint64, first Result, tries int, run func(seed uint64, cuts Cuts) Result) (Cuts, Result) {
	best, cuts := first, Cuts{}.with()
	attempt := func(c Cuts) bool {
		if tries <= 0 {
			return false
		}
		tries--
		got := run(seed, c)
		if got.Finding == nil || got.Finding.Promise != first.Finding.Promise {
			return false
		}
		best, cuts = got, c
		return true
	}
	for _, p := range best.Plan.People {
		if len(best.Plan.People) > 1 {
			attempt(cuts.with(p.Account))
		}
	}
	for _, w := range slices.Concat(best.Plan.Weather, best.Plan.Lies) {
		attempt(cuts.with(w.Name))
	}
	for kind := range best.Counts {
		attempt(cuts.with(string(kind)))
	}
	// Ever smaller groups of what is left: faults, then acts.
	for _, names := range [][]string{strikeNames(best.Strikes), best.Acts} {
		for size := (len(names) + 1) / 2; size >= 1 && tries > 0; size /= 2 {
			for group := range slices.Chunk(names, size) {
				attempt(cuts.with(group...))
			}
		}
	}
	return cuts, best
}

func strikeNames(list []Strike) []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Name
	}
	return names
}
