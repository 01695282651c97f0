package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
)

// CheckConfig turns the error of a configuration into findings, one per
// variable that is wrong.
func CheckConfig(err error) []Finding {
	if err == nil {
		return []Finding{Good("configuration", "every variable can be used")}
	}
	var findings []Finding
	for line := range strings.SplitSeq(err.Error(), "\n") {
		findings = append(findings, Bad("configuration", line, "set this variable as it says, for the service as well as for this command"))
	}
	return findings
}

// CheckService looks at what an open service has stored.
func CheckService(ctx context.Context, s *Service) []Finding {
	users, unreadable, err := s.Store.List(ctx)
	if err != nil {
		return []Finding{Bad("database", "it cannot be read: "+err.Error(), "the message says what is in the way")}
	}
	findings := []Finding{checkDocuments(len(users), unreadable)}
	findings = append(findings, s.checkPause(ctx), s.checkWeek(ctx, len(users)))
	findings = append(findings, s.checkGrants(ctx, users)...)
	return append(findings, s.checkLetters(ctx))
}

func checkDocuments(users, unreadable int) Finding {
	if unreadable > 0 {
		return Bad("database", plural(unreadable, "document")+" cannot be read", "see the playbook BadDocument; nothing overwrites them")
	}
	return Good("database", "it can be read and holds %s", plural(users, "user"))
}

func (s *Service) checkPause(ctx context.Context) Finding {
	pause, err := s.Store.Pause(ctx)
	if err != nil {
		return Bad("pause", "the app's pause cannot be read: "+err.Error(), "the message says what is in the way")
	}
	pause = pause.Current(s.Clock())
	found := fmt.Sprintf("the app is paused until %s (%s)", moment(pause.Until), pause.Reason)
	switch {
	case pause.Until.IsZero():
		return Good("pause", "the app is not paused")
	case pause.Reason == app.PausePremium:
		return Bad("pause", found, "the account that owns the app at Spotify needs Premium; subscribe, then `resume`")
	case pause.Reason == app.PauseClient:
		return Bad("pause", found, "compare client id and secret with the app's settings in Spotify's dashboard, then `resume`")
	default:
		return Warn("pause", found, "wait; `resume` ends it earlier")
	}
}

// LateWeek is how old the last weekly run may be: somewhat more than a week.
const LateWeek = 8 * 24 * time.Hour

func (s *Service) checkWeek(ctx context.Context, users int) Finding {
	last, err := s.Store.LastRun(ctx, app.RunWeekly)
	if err != nil {
		return Bad("week", "the last weekly run cannot be read: "+err.Error(), "the message says what is in the way")
	}
	switch overdue := usecase.Overdue(last, s.Clock(), LateWeek); {
	case last.IsZero() && users == 0:
		return Good("week", "nobody is connected, and no weekly run was ever made")
	case overdue != nil:
		return Bad("week", overdue.Error(), "`week` sends it now; then find out why the clock did not (playbook WeekNotArchived)")
	default:
		return Good("week", "the last weekly run was sent at %s", moment(last))
	}
}

// checkGrants opens every grant where it may, and counts who has to consent
// again.
func (s *Service) checkGrants(ctx context.Context, users []archive.User) []Finding {
	sealed, shut, ended := 0, 0, 0
	for _, u := range users {
		if u.Status == archive.StatusReconnect {
			ended++
		}
		if len(u.Grant.Sealed.Ciphertext) == 0 {
			continue
		}
		sealed++
		if s.Opener == nil {
			continue
		}
		_, err := s.Opener.Open(ctx, u.Grant.Sealed, archive.GrantContext(u.ID))
		switch {
		case errors.Is(err, fault.ErrCannotOpen):
			shut++
		case err != nil:
			return []Finding{Bad("key", "the key service does not answer: "+err.Error(), "try again later")}
		}
	}
	var findings []Finding
	switch {
	case s.Opener == nil:
	case shut > 0:
		findings = append(findings, Bad("key", fmt.Sprintf("%d of %s cannot be opened with this key", shut, plural(sealed, "grant")),
			"put back the key that sealed them (playbook KeyUnusable), or let these people reconnect; nothing was deleted"))
	default:
		findings = append(findings, Good("key", "it opens %s", plural(sealed, "grant")))
	}
	if ended > 0 {
		findings = append(findings, Warn("consents", plural(ended, "user")+" must consent again", "ask them to press Reconnect on their account page"))
	}
	return findings
}

func (s *Service) checkLetters(ctx context.Context) Finding {
	letters, err := s.Letters.List(ctx)
	switch {
	case errors.Is(err, ErrNotRunning):
		return Finding{Check: "dead_letters", State: Skipped, Found: "the service does not run, and its queue is gone with it"}
	case err != nil:
		return Bad("dead_letters", "they cannot be read: "+err.Error(), "the message says what is in the way")
	case len(letters) > 0:
		return Warn("dead_letters", plural(len(letters), "job")+" given up", "`dead-letters list` says why; mend that, then `dead-letters retry --all` (playbook MessageWaits)")
	default:
		return Good("dead_letters", "there are none")
	}
}
