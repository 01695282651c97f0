package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// SpotifyChecks is what CheckSpotify asks about.
type SpotifyChecks struct {
	ClientID    string
	RedirectURI string
	AccountsURL string
	APIURL      string
	Refresh     func(ctx context.Context, refresh secret.Text) (webapi.Token, error) // with the app's credentials; nil where whoever asks has none
	HTTP        *http.Client
	Clock       archive.Clock // this machine's; nil where it need not agree with Spotify's
}

// maxPage bounds how much of Spotify's pages is read.
const maxPage = 256 << 10

// CheckSpotify asks Spotify whether it can be reached, whether it knows the
// app, its secret and its redirect URI, and what time it is.
func CheckSpotify(ctx context.Context, c SpotifyChecks) []Finding {
	client := *c.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	query := url.Values{
		"client_id": {c.ClientID}, "response_type": {"code"}, "redirect_uri": {c.RedirectURI}, "state": {"doctor"},
	}
	status, date, page, err := get(ctx, &client, c.AccountsURL+"/authorize?"+query.Encode())
	if err != nil {
		return []Finding{unreachable(c.AccountsURL, err)}
	}
	findings := []Finding{Good("reachability", "%s answers", c.AccountsURL), c.checkConsentPage(status, page)}
	if c.Clock != nil {
		findings = append(findings, checkClock(date, c.Clock()))
	}
	if status, _, _, err := get(ctx, &client, c.APIURL+"/me"); err != nil {
		findings = append(findings, unreachable(c.APIURL, err))
	} else if status >= http.StatusInternalServerError {
		findings = append(findings, Warn("reachability", fmt.Sprintf("%s answers with status %d", c.APIURL, status), "look at Spotify's status page; runs come again by themselves"))
	} else {
		findings = append(findings, Good("reachability", "%s answers", c.APIURL))
	}
	return append(findings, c.checkCredentials(ctx))
}

func unreachable(address string, err error) Finding {
	return Bad("reachability", fmt.Sprintf("%s cannot be reached: %s", address, Reason(err)),
		"look at this machine's network, name server, firewall and proxy, then at Spotify's status page")
}

// Reason drops the address with its query from an error of an HTTP client.
func Reason(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

func get(ctx context.Context, client *http.Client, address string) (status int, date time.Time, page string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, time.Time{}, "", err
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, time.Time{}, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxPage))
	if err != nil {
		return 0, time.Time{}, "", err
	}
	date, _ = http.ParseTime(answer.Header.Get("Date")) // the zero time where there is none
	return answer.StatusCode, date, string(text), nil
}

// checkConsentPage reads how the consent page takes the app and its redirect
// URI. Spotify's page names what it does not know; where it first asks people
// to log in, it tells nothing.
func (c SpotifyChecks) checkConsentPage(status int, page string) Finding {
	page = strings.ToLower(page)
	switch {
	case status == http.StatusBadRequest && strings.Contains(page, "redirect uri"):
		return Bad("redirect_uri", "Spotify does not know the redirect URI "+c.RedirectURI,
			"in the app's settings in Spotify's dashboard, add exactly this line under Redirect URIs; or set BASE_URL to the address that is there")
	case status == http.StatusBadRequest && strings.Contains(page, "client"):
		return Bad("client_id", "Spotify does not know the client id", "copy SPOTIFY_CLIENT_ID anew from the app's settings in Spotify's dashboard")
	default:
		return Good("redirect_uri", "Spotify found no fault with %s; the app's settings have to hold exactly this line", c.RedirectURI)
	}
}

// The clock may differ from Spotify's by as much as two machines of ours.
const noticedSkew = time.Minute

func checkClock(date, now time.Time) Finding {
	if date.IsZero() {
		return Finding{Check: "clock", State: Skipped, Found: "Spotify did not say what time it is"}
	}
	const remedy = "let the system keep the time (timedatectl set-ntp true, or your system's setting)"
	skew := now.Sub(date).Abs().Round(time.Second)
	switch {
	case skew > calendar.MaxSkew:
		return Bad("clock", fmt.Sprintf("this machine's clock differs from Spotify's by %s", skew), remedy)
	case skew > noticedSkew:
		return Warn("clock", fmt.Sprintf("this machine's clock differs from Spotify's by %s", skew), remedy)
	default:
		return Good("clock", "it agrees with Spotify's")
	}
}

// checkCredentials sends a refresh token that is none: Spotify looks at the
// credentials first, and refuses either them or the token.
func (c SpotifyChecks) checkCredentials(ctx context.Context) Finding {
	if c.Refresh == nil {
		return Finding{Check: "credentials", State: Skipped, Found: "the client secret is not read; the app's pause tells whether Spotify takes it"}
	}
	_, err := c.Refresh(ctx, secret.New("not-a-token"))
	switch {
	case errors.Is(err, fault.ErrInvalidGrant):
		return Good("credentials", "Spotify takes the client id and its secret")
	case errors.Is(err, fault.ErrInvalidClient):
		return Bad("credentials", "Spotify does not take the client secret for this client id",
			"copy the client secret anew from the app's settings in Spotify's dashboard (and see the playbook AppRefused)")
	case err == nil:
		return Warn("credentials", "Spotify took a token that is none", "point SPOTIFY_ACCOUNTS_URL at Spotify")
	default:
		return Warn("credentials", "Spotify did not say whether it takes the client secret: "+err.Error(), "try again later")
	}
}
