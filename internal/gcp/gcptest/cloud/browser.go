package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// SignUp lets a person with an account of the stand-in connect, as a browser
// does it: the page's link, Spotify's consent page, and back.
func (c *Cloud) SignUp(ctx context.Context, account string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return fmt.Errorf("opening a browser: %w", err)
	}
	b := &browser{client: &http.Client{Jar: jar}}
	consent, err := b.visit(ctx, http.MethodGet, c.Pages+"/connect", nil)
	if err != nil {
		return fmt.Errorf("connecting %s: %w", account, err)
	}
	form := consent.Query()
	form.Set("account", account)
	form.Set("decision", "agree")
	end, err := b.visit(ctx, http.MethodPost, c.SpotifyURL+"/authorize", form)
	if err != nil {
		return fmt.Errorf("agreeing as %s: %w", account, err)
	}
	if end.Path != "/account" {
		return fmt.Errorf("connecting %s ended at %s, not at their account page", account, end.Path)
	}
	return nil
}

type browser struct{ client *http.Client }

// visit follows redirects and returns the address at which they end.
func (b *browser) visit(ctx context.Context, method, address string, form url.Values) (*url.URL, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := b.client.Do(request)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d", response.Request.URL.Path, response.StatusCode)
	}
	return response.Request.URL, nil
}
