package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// ErrBusy says that a run of the account is under way, which uses its consent.
var ErrBusy = errors.New("a run of this account is under way: try again in a few minutes")

// timeout bounds one request.
const timeout = 20 * time.Second

// Prober asks Spotify with people's consents, where these may be opened.
type Prober struct {
	Users   archive.Users
	Sealer  archive.Sealer
	Opener  archive.Opener
	Spotify webapi.Spotify
	APIURL  string // "https://api.spotify.com/v1"
	Program string // version of the program
	Clock   archive.Clock
}

// Probe asks Spotify about a user. Progress may be nil.
func (p *Prober) Probe(ctx context.Context, id archive.UserID, progress func(question string)) (Report, error) {
	user, err := p.Users.User(ctx, id)
	if err != nil {
		return Report{}, err
	}
	token, rotated, err := p.access(ctx, user)
	if err != nil {
		return Report{}, err
	}
	return Run(ctx, Config{
		APIURL: p.APIURL, Token: token, Rotated: rotated, User: user, Program: p.Program, Now: p.Clock(),
		HTTP: &http.Client{Timeout: timeout}, Progress: progress,
	})
}

// access opens a user's grant and gets a token for it. A refresh token that
// Spotify replaced is stored before anything else, as a run does.
func (p *Prober) access(ctx context.Context, user archive.User) (token webapi.Token, rotated bool, err error) {
	if now := p.Clock(); user.Lease.Holder != "" && now.Before(user.Lease.Until) {
		return webapi.Token{}, false, ErrBusy
	}
	refresh, err := p.Opener.Open(ctx, user.Grant.Sealed, archive.GrantContext(user.ID))
	if err != nil {
		return webapi.Token{}, false, fmt.Errorf("opening the grant of user %s: %w", user.ID, err)
	}
	token, err = p.Spotify.Refresh(ctx, refresh)
	if err != nil {
		return webapi.Token{}, false, fmt.Errorf("asking for a token: %w", err)
	}
	if token.Refresh.IsZero() || token.Refresh.Equal(refresh) {
		return token, false, nil
	}
	return token, true, p.keep(ctx, user, token.Refresh)
}

// tries bounds how often a change is tried that lost against others.
const tries = 5

// keep stores a refresh token that replaced the user's.
func (p *Prober) keep(ctx context.Context, user archive.User, refresh secret.Text) error {
	ctx = context.WithoutCancel(ctx)
	sealed, err := p.Sealer.Seal(ctx, refresh, archive.GrantContext(user.ID))
	if err != nil {
		return fmt.Errorf("sealing the grant of user %s: %w", user.ID, err)
	}
	for range tries {
		var u archive.User
		if u, err = p.Users.User(ctx, user.ID); err != nil {
			break
		}
		if u.Grant.AuthorizedAt.Equal(user.Grant.AuthorizedAt) {
			u.Grant.Sealed = sealed
		}
		if _, err = p.Users.Put(ctx, u); !errors.Is(err, fault.ErrConflict) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("storing the grant of user %s: %w", user.ID, err)
	}
	return nil
}

// Reports keep the answer to a probe for whoever asked for it from elsewhere:
// the last one of each user, for a day, and deleted with the user.
type Reports interface {
	// PutProbe stores an answer beside the user as it was read. It is
	// fault.ErrConflict where the user changed meanwhile.
	PutProbe(ctx context.Context, user archive.User, asked time.Time, answer []byte) error

	// Probe returns the answer and when it was asked for (to the second), or
	// fault.ErrNotFound.
	Probe(ctx context.Context, id archive.UserID) (asked time.Time, answer []byte, err error)
}

// An Answered probe is what Reports keep.
type Answered struct {
	Report *Report `json:"report,omitempty"`
	Failed string  `json:"failed,omitempty"` // why there is none: for whoever asked
}

// Responder answers probes that were asked for from elsewhere.
type Responder struct {
	*Prober
	Reports Reports
}

// tooOld is how long somebody waits for an answer.
const tooOld = 15 * time.Minute

// Answer asks Spotify about a user, and leaves the report for whoever asked for
// it then. An error means: let it come again. A probe that was answered, or for
// which nobody waits any more, is not asked again.
func (d *Responder) Answer(ctx context.Context, id archive.UserID, asked time.Time) error {
	if d.Clock().Sub(asked) > tooOld {
		return nil
	}
	if done, _, err := d.Reports.Probe(ctx, id); err == nil && !done.Before(asked) {
		return nil
	}
	report, err := d.Probe(ctx, id, nil)
	answer := Answered{Report: &report}
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return nil // nobody is there to keep it with
	case errors.Is(err, ErrBusy), ctx.Err() != nil:
		return err
	case err != nil:
		answer = Answered{Failed: err.Error()}
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("encoding the report: %w", err)
	}
	for range tries {
		var user archive.User
		if user, err = d.Users.User(ctx, id); err != nil {
			break
		}
		if err = d.Reports.PutProbe(ctx, user, asked, text); !errors.Is(err, fault.ErrConflict) {
			break
		}
	}
	if errors.Is(err, fault.ErrNotFound) {
		return nil
	}
	return err
}
