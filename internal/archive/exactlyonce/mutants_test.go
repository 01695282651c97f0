package exactlyonce

import (
	"strings"
	"testing"
)

type machine = func(State, Evidence) (State, Action)

// mistakes are machines that are wrong in one way, each of which an order has to
// catch.
var mistakes = map[string]struct {
	wrong   machine
	noLease bool // nobody asks for it
}{
	"no_lease": {Next, true},
	"nobody_waits_for_an_append_to_show": {func(s State, e Evidence) (State, Action) {
		e.Delay = 0
		return Next(s, e)
	}, true},
	"append_before_the_intent_is_stored": {func(s State, e Evidence) (State, Action) {
		s, a := Next(s, e)
		if a.Do == Store && e.Event == Opened {
			a.Do = Append
		}
		return s, a
	}, false},
	"recorded_before_the_append": {func(s State, e Evidence) (State, Action) {
		if e.Event == Stored {
			return landed(s, e)
		}
		return Next(s, e)
	}, false},
	"open_batch_dropped_instead_of_resumed": {func(s State, e Evidence) (State, Action) {
		if e.Event == Begun && s.Phase == InDoubt {
			return s, Action{Do: Drop}
		}
		return Next(s, e)
	}, false},
	"resumed_without_looking": {func(s State, e Evidence) (State, Action) {
		if e.Event == Looked {
			e.Missing = s.Batch.Tracks
		}
		return Next(s, e)
	}, false},
	"what_opening_has_shown_is_ignored": {func(s State, e Evidence) (State, Action) {
		if e.Event == Opened {
			s.Batch.Copy = true
			s, a := Next(s, e)
			s.Batch.Copy = false
			return s, a
		}
		return Next(s, e)
	}, false},
	"lost_answer_taken_for_done": {func(s State, e Evidence) (State, Action) {
		if e.Event == Unanswered {
			e.Event = Accepted
		}
		return Next(s, e)
	}, false},
	"lost_answer_taken_for_not_sent": {func(s State, e Evidence) (State, Action) {
		if e.Event == Unanswered {
			e.Event = Unsent
		}
		return Next(s, e)
	}, false},
	"not_sent_taken_for_done": {func(s State, e Evidence) (State, Action) {
		if e.Event == Unsent {
			e.Event = Accepted
		}
		return Next(s, e)
	}, false},
	"song_given_up_without_proof": {func(s State, e Evidence) (State, Action) {
		if e.Event == Refused {
			s.Proof.Accepted = true
		}
		return Next(s, e)
	}, false},
	"second_half_of_a_refused_batch_forgotten": {func(s State, e Evidence) (State, Action) {
		s, a := Next(s, e)
		if a.Do == Store {
			a.Rest = nil
		}
		return s, a
	}, false},
}

// A proof that cannot fail proves nothing.
func TestOrdersCatchMistakes(t *testing.T) {
	t.Parallel()
	for name, m := range mistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for faults := 1; faults <= depth; faults++ {
				visited, found := orders(faults, m.wrong, m.noLease)
				if found != "" {
					t.Logf("caught by order %d of those with %d faults: %s", visited, faults, strings.TrimSpace(found))
					return
				}
			}
			t.Errorf("no order with up to %d faults catches it", depth)
		})
	}
}
