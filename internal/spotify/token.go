package spotify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// AuthorizeURL is where the browser goes to consent
// (https://developer.spotify.com/documentation/web-api/tutorials/code-flow).
// A user who consented to the same scopes before is not asked again, and
// comes back as whoever is logged in at Spotify; show_dialog makes it ask.
func (c *Client) AuthorizeURL(state, challenge string, scopes []string, ask bool) string {
	query := url.Values{
		"client_id":             {c.clientID},
		"response_type":         {"code"},
		"redirect_uri":          {c.redirectURI},
		"scope":                 {strings.Join(scopes, " ")},
		"state":                 {state},
		"code_challenge_method": {"S256"},
		"code_challenge":        {challenge},
	}
	if ask {
		query.Set("show_dialog", "true")
	}
	return c.accountsURL + "/authorize?" + query.Encode()
}

// Exchange redeems a code. ErrInvalidGrant when the code is wrong, old or
// used, or the verifier is not the one of the challenge. It is not repeated
// after a lost answer: the code is used up then.
func (c *Client) Exchange(ctx context.Context, code, verifier secret.Text) (webapi.Token, error) {
	return c.token(ctx, "redeeming a code", url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code.Reveal()},
		"redirect_uri":  {c.redirectURI},
		"code_verifier": {verifier.Reveal()},
	})
}

// Refresh trades a refresh token for an access token. It is not repeated
// after a lost answer, which may have held the only copy of a rotated token.
func (c *Client) Refresh(ctx context.Context, refresh secret.Text) (webapi.Token, error) {
	return c.token(ctx, "refreshing a token", url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {refresh.Reveal()},
	})
}

func (c *Client) token(ctx context.Context, doing string, form url.Values) (webapi.Token, error) {
	r := request{
		name:          "POST /api/token",
		method:        http.MethodPost,
		url:           c.accountsURL + "/api/token",
		contentType:   "application/x-www-form-urlencoded",
		lost:          fault.ErrUnavailable,
		ownConnection: true,
		pace:          c.accounts,
	}
	if c.clientSecret != nil {
		clientSecret, err := c.clientSecret(ctx)
		if err != nil {
			return webapi.Token{}, fmt.Errorf("%s: fetching the client secret: %w: %w", doing, fault.ErrUnavailable, err)
		}
		r.basicUser, r.basicPass = c.clientID, clientSecret
	}
	if r.basicPass.IsZero() {
		form.Set("client_id", c.clientID)
	}
	r.body = []byte(form.Encode())

	ans, err := c.deliver(ctx, r, &patience{})
	if err != nil {
		return webapi.Token{}, fmt.Errorf("%s: %w", doing, err)
	}
	if !ans.ok() {
		return webapi.Token{}, fmt.Errorf("%s: %w", doing, r.refused(ans, oauthError(ans.body)))
	}
	token, err := decodeToken(ans.body)
	if err != nil {
		return webapi.Token{}, fmt.Errorf("%s: %w", doing, r.unclear(err))
	}
	return token, nil
}

// oauthError classifies an error answer of the token endpoint (RFC 6749,
// section 5.2). Only the code counts: Spotify describes expired, revoked and
// rotated tokens alike. An answer without a code is no answer of the endpoint.
func oauthError(body []byte) error {
	var e struct {
		Error string `json:"error"`
	}
	_ = decode(body, &e) // leaves it empty
	code := e.Error
	if code == "" {
		code, _ = webError(body) // the form of the Web API
	}
	switch code {
	case "invalid_grant":
		return fault.ErrInvalidGrant
	case "invalid_client", "unauthorized_client":
		return fault.ErrInvalidClient
	default:
		return fault.ErrUnavailable
	}
}

// defaultExpiry is the life of an access token that does not tell its own.
const defaultExpiry = time.Hour

func decodeToken(body []byte) (webapi.Token, error) {
	var t struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		Scope        string `json:"scope"`
		ExpiresIn    int32  `json:"expires_in"`
	}
	if decode(body, &t) != nil {
		return webapi.Token{}, errors.New("answer is no token")
	}
	if t.AccessToken == "" {
		return webapi.Token{}, errors.New("answer holds no access token")
	}
	token := webapi.Token{
		Access:    secret.New(t.AccessToken),
		Refresh:   secret.New(t.RefreshToken),
		Scopes:    strings.Fields(t.Scope),
		ExpiresIn: time.Duration(t.ExpiresIn) * time.Second,
	}
	if token.ExpiresIn <= 0 {
		token.ExpiresIn = defaultExpiry
	}
	return token, nil
}
