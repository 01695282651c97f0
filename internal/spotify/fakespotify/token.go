package fakespotify

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const (
	codeLife    = 10 * time.Minute
	grantMonths = 6 // https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration
)

// A code verifier has 43 to 128 unreserved characters (RFC 7636, section 4.1).
var verifierPattern = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// postToken is the token endpoint.
func (s *Server) postToken(c *call) answer {
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		s.problem("the token endpoint takes application/x-www-form-urlencoded")
		return oauthError("invalid_request", "Unsupported content type")
	}
	s.checkForm(c)
	public, refused, bad := s.client(c)
	if bad {
		return refused
	}
	switch c.form.Get("grant_type") {
	case "authorization_code":
		return s.exchange(c, public)
	case "refresh_token":
		return s.refresh(c, public)
	case "":
		return oauthError("unsupported_grant_type", "grant_type parameter is missing")
	default:
		return oauthError("unsupported_grant_type",
			"grant_type must be client_credentials, authorization_code or refresh_token")
	}
}

func (s *Server) checkForm(c *call) {
	known := []string{"grant_type", "client_id", "client_secret"}
	if c.form.Get("grant_type") == "refresh_token" {
		known = append(known, "refresh_token")
	} else {
		known = append(known, "code", "redirect_uri", "code_verifier")
	}
	for name, values := range c.form {
		if !slices.Contains(known, name) {
			s.problem(fmt.Sprintf("unknown parameter %q of %s", name, tokenRoute))
		}
		if len(values) > 1 {
			s.problem(fmt.Sprintf("parameter %q of %s given twice", name, tokenRoute))
		}
	}
}

// client identifies the app: by Basic authentication, by id and secret in the
// body, or as a public client by its id alone. It reports whether the app is refused.
func (s *Server) client(c *call) (public bool, refused answer, bad bool) {
	id, password, basic := c.r.BasicAuth()
	formID := c.form.Get("client_id")
	if !basic && c.form.Has("client_secret") {
		id, password, basic = formID, c.form.Get("client_secret"), true
	}
	switch {
	case !basic && formID == "":
		return false, oauthError("invalid_client", ""), true
	case !basic && formID == s.cfg.ClientID:
		return true, answer{}, false
	case !basic, id != s.cfg.ClientID, formID != "" && formID != id:
		return false, oauthError("invalid_client", "Invalid client"), true
	case !s.cfg.ClientSecret.Equal(secret.New(password)):
		return false, oauthError("invalid_client", "Invalid client secret"), true
	default:
		return false, answer{}, false
	}
}

// exchange turns a code into a grant. A code works once, whatever comes of it.
func (s *Server) exchange(c *call, public bool) answer {
	hash := hashToken(c.form.Get("code"))
	co := s.codes[hash]
	if co == nil {
		return oauthError("invalid_grant", "Invalid authorization code")
	}
	delete(s.codes, hash)
	s.save(tableCodes, hash, nil)
	verifier := c.form.Get("code_verifier")
	switch {
	case !c.now.Before(co.At.Add(codeLife)):
		return oauthError("invalid_grant", "Authorization code expired")
	case c.form.Get("redirect_uri") != co.Redirect:
		return oauthError("invalid_grant", "Invalid redirect URI")
	case public && co.Challenge == "":
		return oauthError("invalid_client", "Invalid client secret")
	case co.Challenge != "" && verifier == "":
		return oauthError("invalid_request", "code_verifier required")
	case co.Challenge == "" && verifier != "":
		return oauthError("invalid_grant", "code_verifier was not expected")
	case co.Challenge != "" && !provesChallenge(verifier, co.Challenge):
		return oauthError("invalid_grant", "code_verifier was incorrect")
	}
	s.world.Grants++
	s.saveWorld()
	g := &grant{
		ID:          fmt.Sprintf("g%d", s.world.Grants),
		Account:     co.Account,
		Scopes:      co.Scopes,
		ConsentedAt: co.At,
		Public:      public,
	}
	s.grants[g.ID] = g
	return s.issue(c, g, true)
}

// refresh answers a new access token, and a new refresh token where they
// rotate.
func (s *Server) refresh(c *call, public bool) answer {
	token := c.form.Get("refresh_token")
	if token == "" {
		return oauthError("invalid_request", "refresh_token must be supplied")
	}
	g := s.grantOf(token)
	switch {
	case g == nil:
		return oauthError("invalid_grant", "Invalid refresh token")
	case g.Revoked, g.Refresh != hashToken(token), !c.now.Before(g.ConsentedAt.AddDate(0, grantMonths, 0)):
		return oauthError("invalid_grant", "Refresh token revoked")
	case public && !g.Public:
		return oauthError("invalid_client", "Invalid client secret")
	}
	if f, dropped := c.lie(LieScopeDropped); dropped {
		s.dropScope(g, f.Text)
	}
	_, rotated := c.lie(LieRotated)
	return s.issue(c, g, s.cfg.Rotate || rotated)
}

// dropScope takes a scope from a grant, its last if none is named.
func (s *Server) dropScope(g *grant, scope string) {
	if scope == "" && len(g.Scopes) > 0 {
		scope = g.Scopes[len(g.Scopes)-1]
	}
	g.Scopes = slices.DeleteFunc(slices.Clone(g.Scopes), func(other string) bool { return other == scope })
	s.saveGrant(g)
}

// grantOf returns the grant that a refresh token, in force or not, belongs to.
func (s *Server) grantOf(refresh string) *grant {
	hash := hashToken(refresh)
	for _, g := range s.grants {
		if g.Refresh == hash || slices.Contains(g.Used, hash) {
			return g
		}
	}
	return nil
}

func (s *Server) issue(c *call, g *grant, newRefresh bool) answer {
	body := object{
		"token_type": "Bearer",
		"scope":      strings.Join(g.Scopes, " "),
		"expires_in": int(accessLife.Seconds()),
	}
	if newRefresh {
		token := s.token("AQ")
		if g.Refresh != "" {
			g.Used = append(g.Used, g.Refresh)
		}
		g.Refresh = hashToken(token)
		body["refresh_token"] = token
		s.saveGrant(g)
	}
	for hash, a := range s.access {
		if c.now.After(a.Expires.Add(week)) { // long enough to answer "expired" first
			delete(s.access, hash)
			s.save(tableAccess, hash, nil)
		}
	}
	token := s.token("BQ")
	a := &access{Grant: g.ID, Expires: c.now.Add(accessLife)}
	s.access[hashToken(token)] = a
	s.save(tableAccess, hashToken(token), a)
	body["access_token"] = token
	return answer{
		status: http.StatusOK,
		header: http.Header{"Cache-Control": {"no-store"}, "Pragma": {"no-cache"}},
		json:   body,
	}
}

// provesChallenge reports whether the verifier belongs to the challenge with
// that hash (RFC 7636, section 4.6, method S256).
func provesChallenge(verifier, challengeHash string) bool {
	if !verifierPattern.MatchString(verifier) {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return hashToken(base64.RawURLEncoding.EncodeToString(sum[:])) == challengeHash
}
