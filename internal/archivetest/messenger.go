package archivetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
)

// Reach is what the suite of notice.Messenger needs to know of an adapter: the
// address of one channel, what the person sees there, and how its service is
// made to answer.
type Reach struct {
	Messenger notice.Messenger
	Address   notice.Address

	Shown func() []notice.Message // as far as the channel shows a message; oldest first
	End   func()                  // nobody is there any more; nil where that does not happen
	Fail  func(refused bool)      // the next message is not accepted
	Lose  func()                  // the next one is accepted, and the answer lost
}

// NewMessage returns a message with every field set.
func NewMessage(tag string) notice.Message {
	return notice.Message{
		Tag: tag, Title: "Dein Discover Weekly wartet", Body: "Noch 2 Tage: 30 Lieder kopieren.", Language: "de",
		Link:    "https://open.spotify.com/playlist/37i9dQZEVXcFixture0000",
		Actions: []notice.Action{{Name: "Weg bis …", Link: "https://archive.test/away/x"}, {Name: "Keine mehr", Link: "https://archive.test/stop/x"}},
		Life:    50 * time.Hour, Urgency: notice.UrgencyNormal,
	}
}

// Messenger checks notice.Messenger. It calls open once per subtest; subtests
// run in parallel.
func Messenger(t *testing.T, open func(t *testing.T) Reach) {
	t.Helper()
	runChecks(t, open, messengerChecks())
}

func messengerChecks() []check[Reach] {
	return []check[Reach]{
		{"accepted_message_is_shown_once", func(t *testing.T, r Reach) {
			noError(t, "Deliver", r.Messenger.Deliver(t.Context(), r.Address, NewMessage("week-2026-11-16")))
			r.wantShown(t, NewMessage("week-2026-11-16"))
		}},
		{"same_tag_takes_the_place", func(t *testing.T, r Reach) {
			first, second := NewMessage("week-2026-11-16"), NewMessage("week-2026-11-16")
			second.Title = "30 von 30"
			noError(t, "Deliver", r.Messenger.Deliver(t.Context(), r.Address, first))
			noError(t, "Deliver of another", r.Messenger.Deliver(t.Context(), r.Address, NewMessage("ends-1")))
			noError(t, "Deliver of the second", r.Messenger.Deliver(t.Context(), r.Address, second))
			r.wantShown(t, NewMessage("ends-1"), second)
		}},
		{"message_without_buttons", func(t *testing.T, r Reach) {
			m := NewMessage("test")
			m.Actions = nil
			noError(t, "Deliver", r.Messenger.Deliver(t.Context(), r.Address, m))
			r.wantShown(t, m)
		}},
		{"failing_service_accepts_the_next_time", func(t *testing.T, r Reach) {
			r.Fail(false)
			err := r.Messenger.Deliver(t.Context(), r.Address, NewMessage("test"))
			r.wantError(t, err, nil)
			r.wantShown(t)
			noError(t, "Deliver again", r.Messenger.Deliver(t.Context(), r.Address, NewMessage("test")))
			r.wantShown(t, NewMessage("test"))
		}},
		{"lost_answer_shows_one_after_the_second_try", func(t *testing.T, r Reach) {
			r.Lose()
			r.wantError(t, r.Messenger.Deliver(t.Context(), r.Address, NewMessage("test")), nil)
			noError(t, "Deliver again", r.Messenger.Deliver(t.Context(), r.Address, NewMessage("test")))
			r.wantShown(t, NewMessage("test"))
		}},
		{"refused_message_says_so", func(t *testing.T, r Reach) {
			r.Fail(true)
			r.wantError(t, r.Messenger.Deliver(t.Context(), r.Address, NewMessage("test")), notice.ErrMessageRefused)
		}},
		{"ended_channel_says_so", func(t *testing.T, r Reach) {
			if r.End == nil {
				return // a channel of this kind does not end
			}
			r.End()
			for range 2 {
				r.wantError(t, r.Messenger.Deliver(t.Context(), r.Address, NewMessage("test")), notice.ErrChannelGone)
			}
		}},
		{"address_of_another_kind_is_refused", func(t *testing.T, r Reach) {
			for _, kind := range []notice.ChannelKind{"", "pigeon"} {
				a := notice.Address{Kind: kind, Text: r.Address.Text}
				r.wantError(t, r.Messenger.Deliver(t.Context(), a, NewMessage("test")), notice.ErrMessageRefused)
			}
		}},
		{"cancelled_context_is_an_error", func(t *testing.T, r Reach) {
			wantPromptError(t, "Deliver", func(ctx context.Context) error {
				return r.Messenger.Deliver(ctx, r.Address, NewMessage("test"))
			})
		}},
	}
}

func (r Reach) wantShown(t *testing.T, want ...notice.Message) {
	t.Helper()
	if d := diff(r.Shown(), want); d != "" {
		t.Errorf("the person sees (-got +want):\n%s", d)
	}
}

// wantError expects an error: this sentinel, or none of the answers that end
// something. It holds nothing of the address or the message.
func (r Reach) wantError(t *testing.T, err, want error) {
	t.Helper()
	switch {
	case err == nil:
		t.Fatal("got no error")
	case want != nil && !errors.Is(err, want):
		t.Errorf("got error %v, want %v", err, want)
	case want == nil && (errors.Is(err, notice.ErrChannelGone) || errors.Is(err, notice.ErrMessageRefused)):
		t.Errorf("got error %v, want one that says: try later", err)
	}
	secrets := []string{r.Address.Text.Reveal(), NewMessage("").Title, NewMessage("").Body, NewMessage("").Link, "127.0.0.1"}
	for _, text := range secrets {
		if strings.Contains(err.Error(), text) {
			t.Errorf("the error tells what it must not: %v", err)
		}
	}
}
