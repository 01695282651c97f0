// Package address takes the addresses of channels apart: what a browser gives
// when a person allows notices there, and what a person types who uses ntfy.
// It says what is an address at all; package notify, which sends, checks again.
package address

import (
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// What is wrong with an address. None of them holds it: it may be a secret.
var (
	// ErrForeign: it is of no service that we know.
	ErrForeign = errors.New("not an address of a service that we know")

	// ErrMalformed: it is none, or its keys are none.
	ErrMalformed = errors.New("not a complete address")
)

// PublicNtfy is the ntfy server that everybody may use.
const PublicNtfy = "https://ntfy.sh"

// Servers returns the ntfy servers that may be used: one's own, if there is one,
// and the public one. A topic without a server is of the first.
func Servers(own string) []string {
	if own == "" || own == PublicNtfy {
		return []string{PublicNtfy}
	}
	return []string{own, PublicNtfy}
}

// maxEndpoint bounds an endpoint, in bytes. Those of Windows are the longest,
// with some 600.
const maxEndpoint = 2048

// authLength is how many bytes a subscription's secret has (RFC 8291, section 3.2).
const authLength = 16

// Hosts is a list of host names. One that begins with a dot stands for every
// name that ends so.
type Hosts []string

// Has reports whether a host, in lower case, is one of the list.
func (h Hosts) Has(host string) bool {
	return slices.ContainsFunc(h, func(known string) bool {
		return known == host && known[0] != '.' || known[0] == '.' && strings.HasSuffix(host, known) && len(host) > len(known)
	})
}

// Vendors returns the hosts of the browsers' push services.
func Vendors() Hosts {
	return Hosts{
		"fcm.googleapis.com",         // Chrome, Opera, Brave, Samsung; Edge on Android
		"jmt17.google.com",           // Chrome, for a share of its users
		".push.services.mozilla.com", // Firefox
		".push.apple.com",            // Safari, on every device of Apple's
		".notify.windows.com",        // Edge on Windows
	}
}

// Subscription is a browser's: PushSubscription.toJSON() of the Push API.
type Subscription struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"` // base64url
	Auth     string `json:"auth"`   // base64url
}

// Topic is a topic of an ntfy server.
type Topic struct {
	Server string `json:"server"` // without a slash at the end
	Topic  string `json:"topic"`
}

// Push returns the address of a browser. standin is the origin of a push service
// that stands in for all others, in tests; usually empty.
func Push(s Subscription, standin string) (notice.Address, error) {
	if err := s.check(standin); err != nil {
		return notice.Address{}, err
	}
	return pack(notice.ChannelPush, s)
}

func (s Subscription) check(standin string) error {
	if s.Endpoint == "" || len(s.Endpoint) > maxEndpoint {
		return ErrMalformed
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return ErrMalformed
	}
	ours := standin != "" && u.Scheme+"://"+u.Host == standin
	if !ours && (u.Scheme != "https" || u.Host != u.Hostname() || !Vendors().Has(u.Host)) {
		return ErrForeign
	}
	key, err1 := decode(s.P256dh)
	auth, err2 := decode(s.Auth)
	if err1 != nil || err2 != nil || len(auth) != authLength {
		return ErrMalformed
	}
	if _, err := ecdh.P256().NewPublicKey(key); err != nil {
		return ErrMalformed
	}
	return nil
}

// decode takes what browsers give, which is base64url without padding, and
// what some libraries make of it.
func decode(text string) ([]byte, error) {
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	return base64.RawURLEncoding.DecodeString(text)
}

var topicForm = regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`)

// Ntfy returns the address of a topic, which may be given as its whole web
// address. servers are the origins that may be used.
func Ntfy(text string, servers []string) (notice.Address, error) {
	t := Topic{Server: PublicNtfy, Topic: strings.TrimSpace(text)}
	if len(servers) > 0 {
		t.Server = servers[0]
	}
	if before, topic, ok := cutLast(strings.TrimSuffix(t.Topic, "/"), "/"); ok {
		t.Server, t.Topic = typed(before, servers), topic
	}
	if err := t.check(servers); err != nil {
		return notice.Address{}, err
	}
	return pack(notice.ChannelNtfy, t)
}

// typed is the one of the servers that a person means who types its address: with
// http or nothing before it, in capital letters, or with its port.
func typed(text string, servers []string) string {
	host := strings.ToLower(text)
	host = strings.TrimPrefix(strings.TrimPrefix(host, "http://"), "https://")
	host = strings.TrimSuffix(strings.TrimSuffix(host, ":443"), ".")
	if i := slices.Index(servers, "https://"+host); i >= 0 {
		return servers[i]
	}
	return text
}

func cutLast(text, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return "", text, false
	}
	return text[:i], text[i+len(sep):], true
}

func (t Topic) check(servers []string) error {
	switch {
	case !topicForm.MatchString(t.Topic):
		return ErrMalformed
	case !slices.Contains(servers, t.Server):
		return ErrForeign
	}
	return nil
}

// OpenPush is the inverse of Push, and checks again: what is allowed may have
// changed since.
func OpenPush(a notice.Address, standin string) (Subscription, error) {
	var s Subscription
	if a.Kind != notice.ChannelPush || json.Unmarshal([]byte(a.Text.Reveal()), &s) != nil {
		return Subscription{}, ErrMalformed
	}
	return s, s.check(standin)
}

// OpenNtfy is the inverse of Ntfy, and checks again.
func OpenNtfy(a notice.Address, servers []string) (Topic, error) {
	var t Topic
	if a.Kind != notice.ChannelNtfy || json.Unmarshal([]byte(a.Text.Reveal()), &t) != nil {
		return Topic{}, ErrMalformed
	}
	return t, t.check(servers)
}

func pack(kind notice.ChannelKind, form any) (notice.Address, error) {
	text, err := json.Marshal(form)
	if err != nil {
		return notice.Address{}, fmt.Errorf("packing an address: %w", ErrMalformed)
	}
	return notice.Address{Kind: kind, Text: secret.New(string(text))}, nil
}
