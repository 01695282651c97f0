package spotify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// unauthorizedDelay comes before the last attempt after 401. Spotify has
// refused good tokens for a moment
// (https://github.com/thlucas1/homeassistantcomponent_spotifyplus/releases/tag/v1.0.206).
const unauthorizedDelay = time.Second

// library is the Web API on behalf of one user.
type library struct {
	client *Client
	tokens webapi.TokenSource
	trails map[string]*trail // by playlist id
}

// An endpoint is a route of the Web API and what its refusals mean.
type endpoint struct {
	method  string
	pattern string // path with "{id}" for an id

	repeatable bool
	lost       error // no clear answer
	forbidden  error // 403 that names no reason
	notFound   error // 404
}

// reading is a route that changes nothing. One that is refused says nothing
// about any other.
func reading(pattern string) endpoint {
	return endpoint{
		method: http.MethodGet, pattern: pattern, repeatable: true,
		lost: fault.ErrUnavailable, forbidden: fault.ErrNotReadable, notFound: fault.ErrNotReadable,
	}
}

// writing is a route whose effect is in doubt when the answer is lost.
func writing(method, pattern string) endpoint {
	return endpoint{
		method: method, pattern: pattern,
		lost: fault.ErrUnknownEffect, forbidden: fault.ErrNotWritable, notFound: fault.ErrNotWritable,
	}
}

// refusal is the sentinel for an answer that is neither 2xx nor trouble.
func (e endpoint) refusal(ans answer) error {
	if reason := named(ans); reason != nil {
		return reason
	}
	switch ans.status {
	case http.StatusUnauthorized:
		return fault.ErrUnauthorized
	case http.StatusForbidden:
		return e.forbidden
	case http.StatusNotFound, http.StatusGone:
		return e.notFound
	default:
		return rejected(ans)
	}
}

// call makes one request and returns its 2xx answer. The answer that comes
// with an error is zero where Spotify gave none, or asked us to wait.
func (l *library) call(ctx context.Context, e endpoint, target string, body any) (request, answer, error) {
	r := request{
		name:       e.method + " " + e.pattern,
		method:     e.method,
		url:        l.client.apiURL + target,
		repeatable: e.repeatable,
		lost:       e.lost,
		pace:       l.client.api,
		meter:      l.client.meter,
	}
	if body != nil {
		var err error
		if r.body, err = json.Marshal(body); err != nil {
			return r, answer{}, r.wrap(fault.ErrRejected)
		}
		r.contentType = "application/json"
	}
	ans, err := l.authorized(ctx, r)
	if err == nil && !ans.ok() {
		err = r.refused(ans, e.refusal(ans))
	}
	return r, ans, err
}

// authorized delivers the request. After a 401 that names no reason it asks
// for a new token and tries again, then once more after a moment.
func (l *library) authorized(ctx context.Context, r request) (answer, error) {
	var p patience
	token, err := l.token(ctx, r, false)
	if err != nil {
		return answer{}, err
	}
	r.bearer = token
	ans, err := l.client.deliver(ctx, r, &p)
	if err != nil || !expired(ans) {
		return ans, err
	}

	token, err = l.token(ctx, r, true)
	if err != nil {
		return answer{}, err
	}
	if !token.Equal(r.bearer) {
		r.bearer = token
		ans, err = l.client.deliver(ctx, r, &p)
		if err != nil || !expired(ans) {
			return ans, err
		}
	}

	if l.client.sleep(ctx, unauthorizedDelay) != nil {
		return answer{}, r.unclear(&failure{reason: "not sent again", unsent: true, cause: ctx.Err()})
	}
	return l.client.deliver(ctx, r, &p)
}

// expired reports whether another token may help.
func expired(ans answer) bool {
	return ans.status == http.StatusUnauthorized && named(ans) == nil
}

func (l *library) token(ctx context.Context, r request, renew bool) (secret.Text, error) {
	token, err := l.tokens(ctx, renew)
	if err != nil {
		return secret.Text{}, r.wrap(fmt.Errorf("getting an access token: %w", err))
	}
	if token.IsZero() {
		return secret.Text{}, r.wrap(fmt.Errorf("without an access token: %w", fault.ErrUnauthorized))
	}
	return token, nil
}

func page(offset, limit int) url.Values {
	return url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}}
}

// nextOffset returns where the page after one of limit entries begins; 0 when it
// is the last: the total ends a list, whatever next says, and so does a page of
// nothing. Spotify counts entries that it left out of a page, so their number
// says no more. nextURL is read, never followed.
func nextOffset(offset, limit, entries, total int, nextURL string) int {
	next := offset + limit
	if u, err := url.Parse(nextURL); err == nil {
		n, err := strconv.Atoi(u.Query().Get("offset"))
		if err == nil && n >= offset+entries && n < next {
			next = n
		}
	}
	if entries == 0 || next >= total {
		return 0
	}
	return next
}

// maxID leaves room above the 22 characters of base62 that Spotify's ids have.
const maxID = 64

// validID reports whether an id can stand in a path and in a URI.
func validID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
