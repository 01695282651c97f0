package spotify

import (
	"context"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Profile reads GET /me. ErrNotAllowed is its meaning of a 403 that names no
// reason: reading one's own profile needs no scope.
func (c *Client) Profile(ctx context.Context, access secret.Text) (archive.Profile, error) {
	e := reading("/me")
	e.forbidden, e.notFound = archive.ErrNotAllowed, archive.ErrUnavailable
	l := &library{client: c, tokens: func(context.Context, bool) (secret.Text, error) { return access, nil }}
	r, ans, err := l.call(ctx, e, "/me", nil)
	c.meter.settle(ctx)
	if err != nil {
		return archive.Profile{}, err
	}
	var p struct {
		AccountID   string `json:"account_id"`
		ID          string `json:"id"`
		DisplayName string `json:"display_name"`
	}
	if decode(ans.body, &p) != nil || p.ID == "" && p.AccountID == "" {
		return archive.Profile{}, r.unclear(errShape)
	}
	return archive.Profile{AccountID: p.AccountID, ID: p.ID, DisplayName: p.DisplayName}, nil
}
