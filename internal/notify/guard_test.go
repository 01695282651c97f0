package notify

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"142.250.74.10": true, "17.57.12.1": true, "34.107.221.82": true, "2a00:1450:4001:80b::200a": true, "2600:1901:0:38d7::": true,
		"0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "100.64.0.1": false, "100.127.255.255": false,
		"127.0.0.1": false, "127.8.8.8": false, "169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.0.0.170": false, "192.0.2.1": false, "192.88.99.1": false, "192.168.1.1": false, "198.18.0.1": false, "198.51.100.1": false,
		"203.0.113.1": false, "224.0.0.1": false, "239.255.255.250": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:142.250.74.10": false, "::7f00:1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::a00:1": false, "100::1": false, "fe80::1": false, "fe80::1%eth0": false,
		"fc00::1": false, "fd00:ec2::254": false, "fec0::1": false, "ff02::1": false, "2001::1": false, "2001:db8::1": false, "2002:7f00:1::": false,
		"2002:a00:1::1": false, "3fff::1": false, "5f00::1": false, "4000::1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: got public %t, want %t", text, got, want)
		}
	}
	if public(netip.Addr{}) {
		t.Error("no address at all is public")
	}
}

func TestGuardKnowsItsHosts(t *testing.T) {
	t.Parallel()
	g := newGuard(append(address.Vendors(), "ntfy.sh"), nil, nil)
	for text, want := range map[string]bool{
		"https://fcm.googleapis.com/fcm/send/abc":                true,
		"https://updates.push.services.mozilla.com/wpush/v2/abc": true,
		"https://web.push.apple.com/abc":                         true,
		"https://wns2-par02p.notify.windows.com/w/?token=abc":    true,
		"https://ntfy.sh":                                               true,
		"https://ntfy.sh:443/":                                          true,
		"http://fcm.googleapis.com/fcm/send/abc":                        false,
		"https://fcm.googleapis.com:8443/":                              false,
		"https://fcm.googleapis.com:/":                                  false,
		"https://fcm.googleapis.com.":                                   false,
		"https://FCM.googleapis.com/":                                   false,
		"https://fcm.googleapis.com.evil.example/":                      false,
		"https://evilfcm.googleapis.com/":                               false,
		"https://evil.example/fcm.googleapis.com":                       false,
		"https://evil.example/#fcm.googleapis.com":                      false,
		"https://fcm.googleapis.com@evil.example/":                      false,
		"https://user:word@fcm.googleapis.com/":                         false,
		"https://.notify.windows.com/":                                  false,
		"https://notify.windows.com/":                                   false,
		"https://evil-notify.windows.com/":                              false,
		"https://127.0.0.1/":                                            false,
		"https://[::1]/":                                                false,
		"https://[::ffff:127.0.0.1]/":                                   false,
		"https://2130706433/":                                           false,
		"https://0x7f.1/":                                               false,
		"https://localhost/":                                            false,
		"https://metadata.google.internal/computeMetadata/v1/instance/": false,
		"file:///etc/passwd":                                            false,
		"gopher://ntfy.sh/":                                             false,
		"https:ntfy.sh":                                                 false,
		"//ntfy.sh":                                                     false,
		"":                                                              false,
		"https://ntfy.sh\r\nHost: evil.example":                         false,
	} {
		if err := g.check(text); (err == nil) != want {
			t.Errorf("%q: got error %v, want allowed: %t", text, err, want)
		}
	}
}

// A name that is on the list and leads to this machine, at the first look or at
// a later one, is not connected to.
func TestNameThatLeadsHomeIsRefused(t *testing.T) {
	t.Parallel()
	reached := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	g := newGuard(address.Hosts{"localhost"}, nil, nil)
	for name, text := range map[string]string{"the_usual_port": "https://localhost/", "another": "https://localhost:" + port} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, text, strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		// As if the look at the address itself had not been.
		answer, err := g.client.Do(request)
		if err == nil {
			_ = answer.Body.Close()
		}
		if !errors.Is(err, errNotPublic) {
			t.Errorf("%s: got error %v, want %v", name, err, errNotPublic)
		}
	}
	if reached {
		t.Error("the server was reached")
	}
}

// A name that leads home now may lead out again later: a network's filter, or a
// portal that wants to be clicked through, answers so for every name. The message
// is not lost, and the channel has not refused it.
func TestNameThatLeadsHomeIsTriedAgain(t *testing.T) {
	t.Parallel()
	server := "https://localhost"
	m := &Messenger{cfg: Config{NtfyServers: []string{server}}, guard: newGuard(address.Hosts{"localhost"}, nil, nil)}
	to, err := address.Ntfy(server+"/ada", m.cfg.NtfyServers)
	if err != nil {
		t.Fatal(err)
	}
	err = m.Deliver(t.Context(), to, notice.Message{Tag: "test", Title: "test", Link: "https://open.spotify.com/"})
	if !errors.Is(err, errNotPublic) || errors.Is(err, notice.ErrMessageRefused) || errors.Is(err, notice.ErrChannelGone) {
		t.Errorf("got error %v, want %v, and to be tried again", err, errNotPublic)
	}
}

func TestEveryDialIsLookedAt(t *testing.T) {
	t.Parallel()
	g := newGuard(address.Vendors(), nil, nil)
	for dialled, want := range map[string]bool{
		"142.250.74.10:443": true, "[2a00:1450:4001:80b::200a]:443": true, "142.250.74.10:80": false, "142.250.74.10:22": false,
		"127.0.0.1:443": false, "[::1]:443": false, "[::ffff:10.0.0.1]:443": false, "10.0.0.1:443": false, "/run/docker.sock": false, "": false,
	} {
		if err := g.control("tcp", dialled, nil); (err == nil) != want {
			t.Errorf("%q: got error %v, want allowed: %t", dialled, err, want)
		}
	}
}

// No proxy of the environment connects in our place.
func TestNoProxyIsUsed(t *testing.T) {
	t.Parallel()
	transport, ok := newGuard(nil, nil, nil).client.Transport.(*http.Transport)
	if !ok || transport.Proxy != nil {
		t.Error("the client uses a proxy, or is of another kind")
	}
}

func TestErrorsHoldNoAddress(t *testing.T) {
	t.Parallel()
	g := newGuard(address.Hosts{"fcm.googleapis.com"}, nil, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://fcm.googleapis.com/fcm/send/canary", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := g.Do(request)
	if err == nil {
		_ = answer.Body.Close()
	}
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "canary") {
		t.Errorf("got error %v, want %v without the address", err, context.Canceled)
	}
}
