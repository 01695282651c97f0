package spotify

import (
	"context"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Profile reads GET /me. ErrNotAllowed is its meaning of a 403 that names no
// reason: reading one's own profile needs no scope.
func (c *Client) Profile(ctx context.Context, access secret.Text) (webapi.Profile, error) {
	e := reading("/me")
	e.forbidden, e.notFound = fault.ErrNotAllowed, fault.ErrUnavailable
	l := &library{client: c, tokens: func(context.Context, bool) (secret.Text, error) { return access, nil }}
	r, ans, err := l.call(ctx, e, "/me", nil)
	c.meter.settle(ctx)
	if err != nil {
		return webapi.Profile{}, err
	}
	var p struct {
		AccountID   string `json:"account_id"`
		ID          string `json:"id"`
		DisplayName string `json:"display_name"`
	}
	if decode(ans.body, &p) != nil || p.ID == "" && p.AccountID == "" {
		return webapi.Profile{}, r.unclear(errShape)
	}
	return webapi.Profile{AccountID: p.AccountID, ID: p.ID, DisplayName: p.DisplayName}, nil
}
