package spotify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// unauthorizedDelay comes before the last attempt after 401. Spotify has
// refused good tokens for a moment
// (https://github.com/thlucas1/homeassistantcomponent_spotifyplus/releases/tag/v1.0.206).
const unauthorizedDelay = time.Second

// library is the Web API on behalf of one user.
type library struct {
	client *Client
	tokens archive.TokenSource
}

// An endpoint is a route of the Web API and what its refusals mean.
type endpoint struct {
	method  string
	pattern string // path with "{id}" for an id

	repeatable bool
	lost       error // no clear answer
	forbidden  error // 403 with a message that says nothing
	notFound   error // 404
}

// call makes one request and returns its 2xx answer. id replaces "{id}".
func (l *library) call(ctx context.Context, e endpoint, target string, body any) (request, answer, error) {
	r := request{
		name:       e.method + " " + e.pattern,
		method:     e.method,
		url:        l.client.apiURL + target,
		repeatable: e.repeatable,
		lost:       e.lost,
	}
	if body != nil {
		var err error
		if r.body, err = json.Marshal(body); err != nil {
			return r, answer{}, r.wrap(archive.ErrRejected)
		}
		r.contentType = "application/json"
	}
	ans, err := l.authorized(ctx, r)
	switch {
	case err != nil:
		return r, answer{}, err
	case ans.ok():
		return r, ans, nil
	case ans.status == http.StatusUnauthorized:
		return r, answer{}, r.refused(ans, archive.ErrUnauthorized)
	case ans.status == http.StatusForbidden:
		return r, answer{}, r.refused(ans, forbidden(ans, e.forbidden))
	case ans.status == http.StatusNotFound:
		return r, answer{}, r.refused(ans, e.notFound)
	default:
		return r, answer{}, r.refused(ans, rejected(ans))
	}
}

// authorized delivers the request. After 401 it asks for a new token and
// tries again, then once more after a moment.
func (l *library) authorized(ctx context.Context, r request) (answer, error) {
	var p patience
	token, err := l.token(ctx, r, false)
	if err != nil {
		return answer{}, err
	}
	r.bearer = token
	ans, err := l.client.deliver(ctx, r, &p)
	if err != nil || ans.status != http.StatusUnauthorized {
		return ans, err
	}

	token, err = l.token(ctx, r, true)
	if err != nil {
		return answer{}, err
	}
	if !token.Equal(r.bearer) {
		r.bearer = token
		ans, err = l.client.deliver(ctx, r, &p)
		if err != nil || ans.status != http.StatusUnauthorized {
			return ans, err
		}
	}

	if l.client.sleep(ctx, unauthorizedDelay) != nil {
		return answer{}, r.unclear(&failure{reason: "not sent again", unsent: true, cause: ctx.Err()})
	}
	return l.client.deliver(ctx, r, &p)
}

func (l *library) token(ctx context.Context, r request, renew bool) (secret.Text, error) {
	token, err := l.tokens(ctx, renew)
	if err != nil {
		return secret.Text{}, r.wrap(fmt.Errorf("getting an access token: %w", err))
	}
	if token.IsZero() {
		return secret.Text{}, r.wrap(fmt.Errorf("without an access token: %w", archive.ErrUnauthorized))
	}
	return token, nil
}

// errShape is the cause where a 2xx answer is not in a form that we know.
var errShape = errors.New("answer is not in the expected form")

// pageSize is the most that Spotify gives in a page.
const pageSize = 50

func page(offset int) url.Values {
	return url.Values{"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(offset)}}
}

// nextOffset returns where the page after the one at offset begins; 0 when it
// is the last. Spotify counts entries that it left out of a page, so their
// number only tells an endless list from one that goes on. nextURL is read,
// never followed.
func nextOffset(offset, entries, total int, nextURL string) int {
	window := offset + pageSize
	if nextURL == "" {
		if window >= total {
			return 0
		}
		return window
	}
	next := window
	if u, err := url.Parse(nextURL); err == nil {
		n, err := strconv.Atoi(u.Query().Get("offset"))
		if err == nil && n > offset && n < window {
			next = n
		}
	}
	if entries == 0 && next >= total {
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
