package operator

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// personPage is the page of one person.
type personPage struct {
	Row      row
	Done     words.Line
	Concerns []words.Line
	Since    time.Time
	LastAt   time.Time
	Outcome  words.Line
	HalfDone bool
	Entries  []entry
}

type entry struct {
	Monday       time.Time
	Source       words.Line
	Found, Added int
}

func (s *server) onePerson(p *picture, done words.Line) personPage {
	one := p.people[0]
	page := personPage{
		Row: one.row(p), Done: done, Since: one.CreatedAt, LastAt: one.Last.At,
		Outcome: words.Result(one.Last.Kind), HalfDone: one.Open != nil,
	}
	page.Row.Alone = true
	for _, c := range one.concerns(p.now) {
		if c != ConcernOtherKey && c != ConcernDoubled && c != ConcernSoon { // the others are what comes next
			continue
		}
		page.Concerns = append(page.Concerns, words.Say("operator.attention."+string(c), 1))
	}
	for _, e := range one.entries {
		page.Entries = append(page.Entries, entry{e.Key.Edition.Monday(), words.Source(e.Key.Source), e.Found, e.Added})
	}
	return page
}
