package alerts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// answerMost is how much of an answer is read, in bytes: nothing of it is used.
const answerMost = 4 << 10

// Heartbeat returns what calls an address: a GET, which Healthchecks, Uptime
// Kuma and their like take for "all is well". Its errors hold no address.
func Heartbeat(address secret.Text) func(ctx context.Context) error {
	client := &http.Client{Timeout: sendTime}
	return func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address.Reveal(), http.NoBody)
		if err != nil {
			return errors.New("the address makes no request")
		}
		answer, err := client.Do(r)
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			return reason(wrapped.Err)
		}
		if err != nil {
			return reason(err)
		}
		_, _ = io.CopyN(io.Discard, answer.Body, answerMost)
		_ = answer.Body.Close()
		if answer.StatusCode/100 != 2 {
			return fmt.Errorf("it answers %d", answer.StatusCode)
		}
		return nil
	}
}
