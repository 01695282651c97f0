package messaging_test

import (
	"context"
	"slices"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const elsewhere = "the next address of ada"

// A browser whose subscription is replaced is the same browser: what it has
// been told is not told again, and what it has not been told is.
func TestReplacedSubscriptionIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newTelling(t)
	u := w.person(t)
	w.run(t, u.ID)
	w.want(t, "turn")
	w.set(local(berlin, "2026-11-21 12:00"))
	next := notice.Address{Kind: notice.ChannelPush, Text: secret.New(elsewhere)}
	if err := w.channels().Renew(t.Context(), u.ID, next, "Firefox", u.Messages.Channels[0].ID); err != nil {
		t.Fatal(err)
	}
	w.run(t, u.ID)
	if got := w.outbox.Accepted(elsewhere); len(got) != 0 {
		t.Errorf("the day after the reminder, got %q again", got[0].Title)
	}
	w.set(local(berlin, "2026-11-22 18:00"))
	w.run(t, u.ID)
	if got := w.outbox.Accepted(elsewhere); len(got) != 1 || got[0].Title != "last" {
		t.Errorf("on the last evening, got %+v, want one message", got)
	}
}

// The week's messages are for the person: whoever was reminded on one device, and
// then chooses another, is not reminded again. What the first did not take, the
// second gets.
func TestAnotherDeviceForTheWeek(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refused bool
		want    int
	}{"told": {false, 0}, "refused": {true, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTelling(t)
			u := w.person(t)
			now := w.clock()
			w.set(local(berlin, "2026-11-17 12:00"))
			w.add(t, u.ID, notice.ChannelNtfy, elsewhere)
			first, second := u.Messages.Channels[0].ID, string(notice.ChannelNtfy)
			choose := func(channel string) {
				t.Helper()
				if err := w.channels().Set(t.Context(), u.ID, messaging.Wishes{Week: channel, Day: 5, Hour: 18, Kept: true}); err != nil {
					t.Fatal(err)
				}
			}
			choose(first)
			w.set(now)
			if c.refused {
				w.outbox.Refuse(reach, true)
			}
			w.run(t, u.ID)
			w.set(local(berlin, "2026-11-21 12:00"))
			choose(second)
			w.run(t, u.ID)
			if got := w.outbox.Accepted(elsewhere); len(got) != c.want {
				t.Errorf("got %d messages on the second device, want %d", len(got), c.want)
			}
		})
	}
}

// hanging is a messenger some of whose services never answer.
type hanging struct {
	notice.Messenger
	addresses []string
}

func (h hanging) Deliver(ctx context.Context, to notice.Address, m notice.Message) error {
	if slices.Contains(h.addresses, to.Text.Reveal()) {
		<-ctx.Done()
		return ctx.Err()
	}
	return h.Messenger.Deliver(ctx, to, m)
}

// Services that hang keep no message from a device that can be reached.
func TestServicesThatHangKeepNothingFromOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newTelling(t)
		dead := []string{"browser a", "browser b", "browser c"}
		u := w.person(t, func(u *archive.User) {
			u.Grant.AuthorizedAt = w.clock().Add(10*24*time.Hour - archive.ConsentLife)
			u.Messages.Channels = nil
		})
		w.set(w.clock().AddDate(0, 0, -20))
		for _, address := range append(dead, elsewhere) {
			w.add(t, u.ID, notice.ChannelPush, address)
		}
		w.set(w.clock().AddDate(0, 0, 20))
		w.teller.Messenger = hanging{w.outbox, dead}
		w.run(t, u.ID)
		var got []string
		for _, m := range w.outbox.Accepted(elsewhere) {
			got = append(got, m.Title)
		}
		if diff := cmp.Diff(got, []string{"ends", "turn"}); diff != "" {
			t.Errorf("accepted, got -, want +:\n%s", diff)
		}
	})
}
