package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

const (
	healthPath = "/healthz"
	healthTime = 5 * time.Second
	maxHealth  = 1 << 10 // bytes of the answer
)

// checkHealth asks the service that runs with these settings whether it
// serves: a container has no curl to ask it with.
func checkHealth(ctx context.Context, cfg config.Local) (said string, err error) {
	if cfg.Port == 0 {
		return "", errors.New("PORT is 0, any free one: nobody knows where the service is")
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	address := "http://" + net.JoinHostPort(reachable(cfg.Addr), strconv.Itoa(cfg.Port)) + healthPath
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", err
	}
	answer, err := (&http.Client{Transport: &http.Transport{}}).Do(r) // never through a proxy
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return "", fmt.Errorf("%w: %s does not answer: %w", operate.ErrNotRunning, address, err)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxHealth))
	if err := cmp.Or(err, answer.Body.Close()); err != nil {
		return "", fmt.Errorf("%s does not finish its answer: %w", address, err)
	}
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s", address, answer.Status)
	}
	return string(text), nil
}

// reachable is where a service answers that is bound to the address.
func reachable(addr string) string {
	switch ip := net.ParseIP(addr); {
	case !ip.IsUnspecified():
		return addr
	case ip.To4() != nil:
		return "127.0.0.1"
	default:
		return "::1"
	}
}
