package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
)

// Config configures a Messenger.
type Config struct {
	// Keys returns the key pair with which pushes are signed.
	Keys func(ctx context.Context) (notice.PushPair, error)

	// Contact is how a push service reaches whoever runs this copy: a mail
	// address or an https address (RFC 8292, section 2.1).
	Contact string

	// NtfyServers are the origins of ntfy servers that may be used, such as
	// https://ntfy.sh.
	NtfyServers []string

	// Standin, if set, is the origin of one server on this machine that stands
	// in for all push services and ntfy, and TLS what it takes to trust it. For
	// tests: no setting leads here.
	Standin string
	TLS     *tls.Config
}

// Messenger implements notice.Messenger.
type Messenger struct {
	cfg   Config
	guard *guard
}

var _ notice.Messenger = (*Messenger)(nil)

// New returns a Messenger. The error says which part of the configuration is wrong.
func New(cfg Config) (*Messenger, error) {
	if cfg.Keys == nil {
		return nil, errors.New("configuring messages: no key pair")
	}
	cfg.Contact = strings.TrimPrefix(cfg.Contact, "mailto:") // which the library adds
	if !isContact(cfg.Contact) {
		return nil, fmt.Errorf("configuring messages: the contact %q is neither a mail address nor an https address", cfg.Contact)
	}
	allowed := address.Vendors()
	for _, server := range cfg.NtfyServers {
		u, err := url.Parse(server)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.Host != u.Hostname() || u.Path != "" {
			return nil, fmt.Errorf("configuring messages: the ntfy server %q is not of the form https://host", server)
		}
		allowed = append(allowed, u.Host)
	}
	var standin *url.URL
	if cfg.Standin != "" {
		var err error
		if standin, err = url.Parse(cfg.Standin); err != nil {
			return nil, errors.New("configuring messages: the stand-in is no address")
		}
		cfg.NtfyServers = append(cfg.NtfyServers[:len(cfg.NtfyServers):len(cfg.NtfyServers)], cfg.Standin)
	}
	return &Messenger{cfg: cfg, guard: newGuard(allowed, standin, cfg.TLS)}, nil
}

// nobody is the contact of a copy that has none: a name that never leads anywhere
// (RFC 2606, section 2).
const nobody = "https://weekly-archive.invalid"

// Contact returns the first text that push services take as a contact; nobody's
// address if there is none.
func Contact(texts ...string) string {
	for _, text := range texts {
		if isContact(strings.TrimPrefix(text, "mailto:")) {
			return text
		}
	}
	return nobody
}

// isContact reports whether push services take this as a contact. Apple's
// refuses everything of this machine.
func isContact(text string) bool {
	if u, err := url.Parse(text); err == nil && u.Scheme == "https" {
		return strings.Contains(u.Hostname(), ".") && u.User == nil
	}
	name, host, ok := strings.Cut(text, "@")
	return ok && name != "" && strings.Contains(host, ".") && !strings.ContainsAny(text, " \t\r\n<>:,;")
}

// Deliver implements notice.Messenger.
func (m *Messenger) Deliver(ctx context.Context, to notice.Address, message notice.Message) error {
	var err error
	switch to.Kind {
	case notice.ChannelPush:
		err = m.push(ctx, to, message)
	case notice.ChannelNtfy:
		err = m.ntfy(ctx, to, message)
	default:
		return fmt.Errorf("delivering to an unknown kind of channel: %w", notice.ErrMessageRefused)
	}
	if errors.Is(err, address.ErrForeign) || errors.Is(err, address.ErrMalformed) {
		err = fmt.Errorf("%w: %w", notice.ErrMessageRefused, err)
	}
	if err != nil {
		return fmt.Errorf("delivering by %s: %w", to.Kind, err)
	}
	return nil
}

// verdict is what a service's status means.
func verdict(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly,
		status == http.StatusTooManyRequests, status >= 500:
		return fmt.Errorf("the service answers %d", status)
	default: // a redirect too: whoever answers it wants the message to go elsewhere
		return fmt.Errorf("the service answers %d: %w", status, notice.ErrMessageRefused)
	}
}
