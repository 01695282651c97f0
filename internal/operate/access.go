package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const probeTimeout = 20 * time.Second

func (c *commands) probe(ctx context.Context, account, report string) error {
	return c.with(ctx, func(ctx context.Context, s *Service) error {
		user, err := s.find(ctx, account)
		if err != nil {
			return err
		}
		token, rotated, err := s.access(ctx, user)
		if err != nil {
			return err
		}
		result, err := probe.Run(ctx, probe.Config{
			APIURL: s.APIURL, Token: token, Rotated: rotated, User: user, Program: ThisVersion().Version, Now: s.Clock(),
			HTTP:     &http.Client{Timeout: probeTimeout},
			Progress: func(question string) { c.progress("asking: %s", question) },
		})
		if err != nil {
			return err
		}
		if report == "" {
			c.json = true
			return c.print(result, nil)
		}
		if err := save(report, result); err != nil {
			return err
		}
		return c.done(map[string]string{"report": report}, "%s holds the answers to %s, and nothing personal.", report, plural(len(result.Answers), "question"))
	})
}

func save(path string, result probe.Report) error {
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// decryptHint is for the cloud, where nobody but one function may decrypt.
const decryptHint = "--probe has to decrypt a grant. On Google Cloud only ArchiveUser may: whoever probes needs " +
	"roles/cloudkms.cryptoKeyDecrypter on the key and roles/secretmanager.secretAccessor on the client secret for as long as it takes, " +
	"and the alerts HumanDecryptedValue and HumanAccessedSecret fire"

// access opens a user's grant and gets a token for it. A refresh token that
// Spotify replaced is stored before anything else, as a run does.
func (s *Service) access(ctx context.Context, user archive.User) (token archive.Token, rotated bool, err error) {
	if now := s.Clock(); user.Lease.Holder != "" && now.Before(user.Lease.Until) {
		return archive.Token{}, false, errors.New("a run of this account is under way: try again in a few minutes")
	}
	refresh, err := s.Opener.Open(ctx, user.Grant.Sealed, archive.GrantContext(user.ID))
	if err != nil {
		if !errors.Is(err, archive.ErrCannotOpen) {
			err = fmt.Errorf("%w\n%s", err, decryptHint)
		}
		return archive.Token{}, false, fmt.Errorf("opening the grant of user %s: %w", user.ID, err)
	}
	token, err = s.Spotify.Refresh(ctx, refresh)
	if err != nil {
		return archive.Token{}, false, fmt.Errorf("asking for a token: %w", err)
	}
	if token.Refresh.IsZero() || token.Refresh.Equal(refresh) {
		return token, false, nil
	}
	return token, true, s.keep(ctx, user, token.Refresh)
}

// keep stores a refresh token that replaced the user's.
func (s *Service) keep(ctx context.Context, user archive.User, refresh secret.Text) error {
	ctx = context.WithoutCancel(ctx)
	sealed, err := s.Sealer.Seal(ctx, refresh, archive.GrantContext(user.ID))
	if err != nil {
		return fmt.Errorf("sealing the grant of user %s: %w", user.ID, err)
	}
	return s.change(ctx, user.ID, func(u *archive.User) {
		if u.Grant.AuthorizedAt.Equal(user.Grant.AuthorizedAt) {
			u.Grant.Sealed = sealed
		}
	})
}
