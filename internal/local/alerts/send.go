// Package alerts tells whoever runs a copy at home what the cloud's alerts tell
// an operator there, wherever they want to be told, and calls an address after
// each good weekly run.
package alerts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr"
	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
	"github.com/nicholas-fedor/shoutrrr/pkg/util/jsonclient"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Message is plain text.
type Message struct{ Title, Body string }

// sendTime bounds one message to one service.
const sendTime = 30 * time.Second

// titled are the services whose messages have a title of their own. For the
// others it is the first line.
var titled = []string{
	"bark", "discord", "generic", "gotify", "ifttt", "join", "lark", "matrix", "ntfy", "opsgenie", "pushbullet", "pushover",
	"slack", "smtp", "teams", "telegram",
}

// Sender sends messages to services. It is safe for concurrent use.
type Sender struct{ services []service }

type service struct {
	name   string // such as "smtp"
	router *router.ServiceRouter
}

// NewSender takes addresses in the form of shoutrrr, separated by blanks
// (https://shoutrrr.nickfedor.com). Its errors hold no address: a password is
// part of each.
func NewSender(addresses secret.Text) (*Sender, error) {
	s := &Sender{}
	for i, address := range strings.Fields(addresses.Reveal()) {
		r, err := shoutrrr.CreateSender(address)
		if err != nil {
			return nil, fmt.Errorf("NOTIFY_URL: address %d is none that can be sent to: want such as "+
				"smtp://USER:PASSWORD@HOST:PORT/?from=YOU&to=YOU, discord://TOKEN@ID, telegram://TOKEN@telegram?chats=ID, ntfy://ntfy.sh/TOPIC, "+
				"gotify://HOST/TOKEN or generic+https://HOST/PATH", i+1)
		}
		r.Timeout = sendTime
		name, _, _ := strings.Cut(address, ":")
		name, _, _ = strings.Cut(strings.ToLower(name), "+")
		s.services = append(s.services, service{name, r})
	}
	if len(s.services) == 0 {
		return nil, errors.New("NOTIFY_URL: no address")
	}
	return s, nil
}

// Send hands a message to every service, and succeeds if one of them took it: a
// second try would tell it twice. The error names those that did not, and never
// an address, or what a service answered.
func (s *Sender) Send(ctx context.Context, m Message) error {
	problems := make([]error, len(s.services))
	done := make(chan int, len(s.services))
	for i, to := range s.services {
		go func() {
			problems[i] = to.send(m)
			done <- i
		}()
	}
	for range s.services {
		select {
		case <-done:
		case <-ctx.Done():
			return fmt.Errorf("sending: %w", ctx.Err())
		}
	}
	if slices.Contains(problems, nil) {
		return nil
	}
	return errors.Join(problems...)
}

func (s service) send(m Message) error {
	text, params := m.Title+"\n\n"+m.Body, types.Params{}
	if slices.Contains(titled, s.name) {
		text, params = m.Body, types.Params{"title": m.Title}
	}
	if s.name == "discord" {
		params["splitLines"] = "no" // else each line has a frame of its own
	}
	if err := errors.Join(s.router.Send(text, &params)...); err != nil {
		return fmt.Errorf("%s: %w", s.name, reason(err))
	}
	return nil
}

// reason says why a service did not take a message, in words of ours: those of
// the library and of the service hold addresses.
func reason(err error) error {
	if code, ok := errors.AsType[*textproto.Error](err); ok {
		return fmt.Errorf("it answers %d", code.Code)
	}
	if status, ok := errors.AsType[jsonclient.Error](err); ok && status.StatusCode > 0 {
		return fmt.Errorf("it answers %d", status.StatusCode)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return errors.New("its certificate is not one that this machine trusts")
	}
	if timeout, ok := errors.AsType[net.Error](err); errors.Is(err, router.ErrServiceTimeout) || ok && timeout.Timeout() {
		return errors.New("it does not answer in time")
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return errors.New("it cannot be reached")
	}
	return errors.New("it did not take the message")
}
