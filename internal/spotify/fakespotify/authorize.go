package fakespotify

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var authorizeParams = []string{
	"client_id", "response_type", "redirect_uri", "state", "scope", "show_dialog",
	"code_challenge_method", "code_challenge",
}

var challengePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// consent is a valid request for a consent.
type consent struct {
	redirect  *url.URL
	scopes    []string
	challenge string
}

// loginCookie holds the account that is logged in at Spotify in this browser.
// It is not sealed: there is nothing behind these accounts.
const loginCookie = "standin_account"

// getAuthorize shows the consent page, which is the login page too where
// nobody is logged in. A person who is, and who agreed to as much before, goes
// back to the app without seeing it, unless the app wants it shown.
func (s *Server) getAuthorize(c *call) answer {
	con, a, bad := s.checkConsent(c.query)
	if bad {
		return a
	}
	here := s.loggedIn(c.r)
	if c.query.Get("show_dialog") != "true" {
		m := here
		if f, lies := c.lie(LieSilentConsent); lies {
			m = s.lastAgreed(f.Text)
		} else if m != nil && !s.agreedTo(m, con.scopes) {
			m = nil
		}
		if m != nil {
			c.form = c.query
			return s.agree(c, con, m)
		}
	}
	return s.consentPage(c, con, here)
}

// loggedIn returns the account that is logged in in this browser; nil if none
// is.
func (s *Server) loggedIn(r *http.Request) *member {
	cookie, err := r.Cookie(loginCookie)
	if err != nil {
		return nil
	}
	return s.members[cookie.Value]
}

// agreedTo reports whether the account gave the app these scopes, and has not
// taken them back.
func (s *Server) agreedTo(m *member, scopes []string) bool {
	for _, g := range s.grants {
		if g.Account == m.Key && !g.Revoked &&
			!slices.ContainsFunc(scopes, func(scope string) bool { return !slices.Contains(g.Scopes, scope) }) {
			return true
		}
	}
	return false
}

// login has the browser remember an account, or none.
func login(a answer, account string) answer {
	cookie := &http.Cookie{Name: loginCookie, Value: account, Path: "/authorize", HttpOnly: true, SameSite: http.SameSiteLaxMode} //nolint:gosec // G124: the stand-in speaks plain HTTP
	if account == "" {
		cookie.MaxAge = -1
	}
	a.header.Add("Set-Cookie", cookie.String())
	return a
}

// lastAgreed returns the named account, or the one that agreed last.
func (s *Server) lastAgreed(key string) *member {
	if key != "" {
		return s.members[key]
	}
	var last *grant
	for _, g := range s.grants {
		if last == nil || g.ConsentedAt.After(last.ConsentedAt) {
			last = g
		}
	}
	if last == nil {
		return nil
	}
	return s.members[last.Account]
}

// postAuthorize takes the person's decision.
func (s *Server) postAuthorize(c *call) answer {
	con, a, bad := s.checkConsent(c.form)
	if bad {
		return a
	}
	for name := range c.form {
		if !slices.Contains(authorizeParams, name) && name != "account" && name != "decision" {
			s.problem(fmt.Sprintf("unknown field %q of the consent page", name))
		}
	}
	m := s.members[c.form.Get("account")]
	switch {
	case c.form.Get("decision") == "cancel":
		return redirectTo(con.redirect, c.form, "error", "access_denied")
	case c.form.Get("decision") == "change":
		return login(changeAccount(c.form), "")
	case c.form.Get("decision") != "agree" || m == nil:
		return errorPage("Choose an account, then agree or cancel.")
	}
	return login(s.agree(c, con, m), m.Key)
}

// changeAccount leads back to the consent page, for another account.
func changeAccount(form url.Values) answer {
	again := url.Values{}
	for _, name := range authorizeParams {
		if form.Has(name) {
			again.Set(name, form.Get(name))
		}
	}
	return answer{
		status: http.StatusSeeOther,
		header: http.Header{"Location": {"/authorize?" + again.Encode()}, "Cache-Control": {"no-store"}},
	}
}

func (s *Server) agree(c *call, con consent, m *member) answer {
	for hash, co := range s.codes {
		if !c.now.Before(co.At.Add(codeLife)) {
			delete(s.codes, hash)
			s.save(tableCodes, hash, nil)
		}
	}
	co := &code{Account: m.Key, Scopes: con.scopes, Redirect: c.form.Get("redirect_uri"), At: c.now}
	if con.challenge != "" {
		co.Challenge = hashToken(con.challenge)
	}
	token := s.token("AQ")
	s.codes[hashToken(token)] = co
	s.save(tableCodes, hashToken(token), co)
	return redirectTo(con.redirect, c.form, "code", token)
}

// checkConsent validates the parameters. Where the redirect URI cannot be
// trusted the person gets a page, else the app gets an error.
func (s *Server) checkConsent(params url.Values) (consent, answer, bool) {
	raw := params.Get("redirect_uri")
	target, err := url.Parse(raw)
	switch {
	case params.Get("client_id") != s.cfg.ClientID:
		return consent{}, errorPage("INVALID_CLIENT: Invalid client"), true
	case err != nil || !s.redirectAllowed(raw):
		return consent{}, errorPage("INVALID_CLIENT: Invalid redirect URI"), true
	}
	con := consent{redirect: target, challenge: params.Get("code_challenge")}
	refuse := func(code string) answer { return redirectTo(target, params, "error", code) }
	method := params.Get("code_challenge_method")
	for scope := range strings.FieldsSeq(params.Get("scope")) {
		if scopeWords[scope] == "" {
			s.problem(fmt.Sprintf("unknown scope %q", scope))
			return consent{}, refuse("invalid_scope"), true
		}
		if !slices.Contains(con.scopes, scope) {
			con.scopes = append(con.scopes, scope)
		}
	}
	switch {
	case params.Get("response_type") != "code":
		return consent{}, refuse("unsupported_response_type"), true
	case con.challenge == "" && method != "",
		con.challenge != "" && (method != "S256" || !challengePattern.MatchString(con.challenge)):
		return consent{}, refuse("invalid_request"), true
	case !slices.Contains([]string{"", "true", "false"}, params.Get("show_dialog")):
		return consent{}, refuse("invalid_request"), true
	}
	return con, answer{}, false
}

// redirectTo sends the browser back to the app, with the state that it sent.
func redirectTo(target *url.URL, params url.Values, name, value string) answer {
	u := *target
	query := u.Query()
	query.Set(name, value)
	if params.Has("state") {
		query.Set("state", params.Get("state"))
	}
	u.RawQuery = query.Encode()
	return answer{
		status: http.StatusSeeOther,
		header: http.Header{"Location": {u.String()}, "Cache-Control": {"no-store"}},
	}
}
