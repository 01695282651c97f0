package fakespotify

import (
	"slices"
	"strings"
	"time"
)

const accessLife = time.Hour

// authorize checks the access token of a Web API call, and whether the account
// may use the app and the route. It reports whether the call is refused.
func (s *Server) authorize(c *call) (answer, bool) {
	if c.rt.accounts() {
		return answer{}, false
	}
	header := c.r.Header.Get("Authorization")
	if header == "" {
		return unauthorized("missing_token", "No token provided"), true
	}
	token, isBearer := strings.CutPrefix(header, "Bearer ")
	a := s.access[hashToken(token)]
	if !isBearer || a == nil {
		return unauthorized("invalid_token", "Invalid access token"), true
	}
	g := s.grants[a.Grant]
	if g == nil || g.Revoked || s.members[g.Account] == nil {
		return unauthorized("invalid_token", "Invalid access token"), true
	}
	if !c.now.Before(a.Expires) {
		return unauthorized("invalid_token", "The access token expired"), true
	}
	c.who, c.scopes = s.members[g.Account], g.Scopes
	development := s.cfg.Mode == Development
	switch {
	case development && s.world.NoPremium:
		return premiumRequired(), true
	case !s.allowed(g.Account):
		return notRegistered(), true
	case development && c.rt.old:
		return forbidden(), true
	case !c.has(c.rt.scopes...):
		return apiError(403, "Insufficient client scope"), true
	default:
		return answer{}, false
	}
}

// has reports whether the access token has every scope.
func (c *call) has(scopes ...string) bool {
	return !slices.ContainsFunc(scopes, func(scope string) bool { return !slices.Contains(c.scopes, scope) })
}

// accountOf returns the key of the account that a call is about, if the call
// is genuine enough to tell.
func (s *Server) accountOf(c *call) string {
	if !c.rt.accounts() {
		token, _ := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
		if a := s.access[hashToken(token)]; a != nil && s.grants[a.Grant] != nil {
			return s.grants[a.Grant].Account
		}
		return ""
	}
	if co := s.codes[hashToken(c.form.Get("code"))]; co != nil {
		return co.Account
	}
	if g := s.grantOf(c.form.Get("refresh_token")); g != nil {
		return g.Account
	}
	if key := c.form.Get("account"); s.members[key] != nil {
		return key
	}
	return ""
}
