package web

import (
	"context"
	"net/http"

	"github.com/weeklyarchive/weeklyarchive/internal/links"
)

// remindView is the question after a copy: whether to remind the person of the
// next one.
type remindView struct {
	Day, Hour int // when a reminder would come
	Push      pushView
}

// remind returns the question; nil where it is answered, or not to be asked yet.
// A person who reminds themselves by calendar answers it with no: a calendar that
// somebody subscribed to is stored nowhere.
func (s *server) remind(ctx context.Context, now situation) (*remindView, error) {
	m := now.user.Messages
	asked := s.Messages != nil && !m.Declined && !m.Stopped && len(m.Channels) == 0
	if !asked || now.standing() != standsIn || !now.user.Copies() {
		return nil, nil //nolint:nilnil // there is no question
	}
	key, err := s.Messages.PushKey(ctx)
	if err != nil {
		return nil, err
	}
	return &remindView{
		Day: m.ReminderDay(), Hour: m.ReminderHour(), Push: pushView{Key: key.Public, Local: !links.Reachable(s.BaseURL), Fresh: !m.Lost.At.IsZero()},
	}, nil
}

// declineMessages notes that the person wants no reminder.
func (s *server) declineMessages(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	if err := s.Messages.Channels.Decline(r.Context(), user.ID); err != nil {
		return err
	}
	return s.done(w, r, "/account", flash{User: user.ID, Note: noteDeclined})
}
