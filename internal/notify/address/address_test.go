package address_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
)

const (
	endpoint = "https://fcm.googleapis.com/fcm/send/abc:123"
	key      = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	auth     = "BTBZMqHH6r4Tts7J_aSIgg"
)

func TestPush(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		s    address.Subscription
		want error
	}{
		"chrome":            {address.Subscription{Endpoint: endpoint, P256dh: key, Auth: auth}, nil},
		"windows":           {address.Subscription{Endpoint: "https://wns2-par02p.notify.windows.com/w/?token=" + strings.Repeat("x", 600), P256dh: key, Auth: auth}, nil},
		"apple":             {address.Subscription{Endpoint: "https://web.push.apple.com/Q" + strings.Repeat("x", 200), P256dh: key, Auth: auth}, nil},
		"padded_base64":     {address.Subscription{Endpoint: endpoint, P256dh: strings.NewReplacer("-", "+", "_", "/").Replace(key) + "=", Auth: auth + "=="}, nil},
		"nothing":           {address.Subscription{}, address.ErrMalformed},
		"no_keys":           {address.Subscription{Endpoint: endpoint}, address.ErrMalformed},
		"key_off_the_curve": {address.Subscription{Endpoint: endpoint, P256dh: key[:len(key)-4] + "AAAA", Auth: auth}, address.ErrMalformed},
		"short_secret":      {address.Subscription{Endpoint: endpoint, P256dh: key, Auth: auth[:4]}, address.ErrMalformed},
		"long_secret":       {address.Subscription{Endpoint: endpoint, P256dh: key, Auth: auth + auth}, address.ErrMalformed},
		"too_long":          {address.Subscription{Endpoint: endpoint + strings.Repeat("x", 3000), P256dh: key, Auth: auth}, address.ErrMalformed},
		"foreign":           {address.Subscription{Endpoint: "https://push.evil.example/x", P256dh: key, Auth: auth}, address.ErrForeign},
		"loopback":          {address.Subscription{Endpoint: "https://127.0.0.1/x", P256dh: key, Auth: auth}, address.ErrForeign},
		"plain":             {address.Subscription{Endpoint: "http://fcm.googleapis.com/x", P256dh: key, Auth: auth}, address.ErrForeign},
		"another_port":      {address.Subscription{Endpoint: "https://fcm.googleapis.com:444/x", P256dh: key, Auth: auth}, address.ErrForeign},
		"with_a_name":       {address.Subscription{Endpoint: "https://me@fcm.googleapis.com/x", P256dh: key, Auth: auth}, address.ErrMalformed},
	} {
		a, err := address.Push(c.s, "")
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got error %v, want %v", name, err, c.want)
		}
		if err != nil {
			continue
		}
		if got, err := address.OpenPush(a, ""); err != nil || got != c.s {
			t.Errorf("%s: got %+v back (error %v), want what was given", name, got, err)
		}
		if _, err := address.OpenNtfy(a, []string{address.PublicNtfy}); err == nil {
			t.Errorf("%s: opens as a topic", name)
		}
	}
}

func TestNtfy(t *testing.T) {
	t.Parallel()
	both := []string{address.PublicNtfy, "https://ntfy.example.org"}
	for text, c := range map[string]struct {
		want address.Topic
		err  error
	}{
		"ada-music_1":                   {address.Topic{Server: address.PublicNtfy, Topic: "ada-music_1"}, nil},
		"  ada  ":                       {address.Topic{Server: address.PublicNtfy, Topic: "ada"}, nil},
		"https://ntfy.sh/ada":           {address.Topic{Server: address.PublicNtfy, Topic: "ada"}, nil},
		"ntfy.sh/ada":                   {address.Topic{Server: address.PublicNtfy, Topic: "ada"}, nil},
		"https://ntfy.example.org/ada":  {address.Topic{Server: "https://ntfy.example.org", Topic: "ada"}, nil},
		"https://ntfy.evil.example/ada": {err: address.ErrForeign},
		"http://ntfy.sh/ada":            {address.Topic{Server: address.PublicNtfy, Topic: "ada"}, nil}, // it is https that is sent to
		"HTTPS://Ntfy.SH:443/Ada":       {address.Topic{Server: address.PublicNtfy, Topic: "Ada"}, nil},
		"https://ntfy.sh./ada/":         {address.Topic{Server: address.PublicNtfy, Topic: "ada"}, nil},
		"Ntfy.Example.org/ada":          {address.Topic{Server: "https://ntfy.example.org", Topic: "ada"}, nil},
		"https://ntfy.sh:8443/ada":      {err: address.ErrForeign},
		"https://ada@ntfy.sh/ada":       {err: address.ErrForeign},
		"https://ntfy.sh@evil/ada":      {err: address.ErrForeign},
		"https://https://ntfy.sh/ada":   {err: address.ErrForeign},
		"https://127.0.0.1/ada":         {err: address.ErrForeign},
		"https://ntfy.sh/a/b":           {err: address.ErrForeign},
		"":                              {err: address.ErrMalformed},
		"https://ntfy.sh/":              {err: address.ErrMalformed},
		"a b":                           {err: address.ErrMalformed},
		"ada?auth=x":                    {err: address.ErrMalformed},
		"ä":                             {err: address.ErrMalformed},
		strings.Repeat("x", 65):         {err: address.ErrMalformed},
	} {
		a, err := address.Ntfy(text, both)
		if !errors.Is(err, c.err) {
			t.Errorf("%q: got error %v, want %v", text, err, c.err)
		}
		if err != nil {
			continue
		}
		if got, err := address.OpenNtfy(a, both); err != nil || got != c.want {
			t.Errorf("%q: got %+v (error %v), want %+v", text, got, err, c.want)
		}
		if _, err := address.OpenNtfy(a, nil); !errors.Is(err, address.ErrForeign) {
			t.Errorf("%q on a server that is not allowed any more: got error %v, want %v", text, err, address.ErrForeign)
		}
	}
}

func FuzzAddresses(f *testing.F) {
	f.Add(endpoint, key, auth)
	f.Add("https://ntfy.sh/ada", "", "")
	f.Fuzz(func(t *testing.T, text, p256dh, secret string) {
		if a, err := address.Push(address.Subscription{Endpoint: text, P256dh: p256dh, Auth: secret}, ""); err == nil {
			if _, err := address.OpenPush(a, ""); err != nil {
				t.Errorf("%q was taken and does not open: %v", text, err)
			}
		}
		servers := []string{address.PublicNtfy}
		if a, err := address.Ntfy(text, servers); err == nil {
			if _, err := address.OpenNtfy(a, servers); err != nil {
				t.Errorf("%q was taken and does not open: %v", text, err)
			}
		}
		if _, err := address.OpenPush(notice.Address{Kind: notice.ChannelPush}, ""); err == nil {
			t.Error("an empty address opens")
		}
	})
}
