package pages_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/notify"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// push is what a push service was sent.
type push struct {
	header http.Header
	body   []byte
}

// pushService takes everything that it is sent.
func pushService(t *testing.T) (origin string, trust *tls.Config, sent chan push) {
	t.Helper()
	sent = make(chan push, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent <- push{r.Header, body}
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server.URL, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, sent
}

func newKey(t *testing.T) *ecdh.PrivateKey {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// What we push is opened, and its sender known, by libraries that have no part
// in sending it.
func TestAnotherLibraryOpensAPush(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		archivetest.Lacks(t, "no Node.js")
	}
	encode := base64.RawURLEncoding.EncodeToString
	origin, trust, sent := pushService(t)
	ours, browser, auth := newKey(t), newKey(t), make([]byte, 16)
	_, _ = rand.Read(auth) // never fails
	messenger, err := notify.New(notify.Config{
		Contact: "mailto:operator@example.com", Standin: origin, TLS: trust,
		Keys: func(context.Context) (notice.PushPair, error) {
			return notice.PushPair{Public: encode(ours.PublicKey().Bytes()), Private: secret.New(encode(ours.Bytes()))}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	to, err := address.Push(address.Subscription{
		Endpoint: origin + "/push/4711", P256dh: encode(browser.PublicKey().Bytes()), Auth: encode(auth),
	}, origin)
	if err != nil {
		t.Fatal(err)
	}
	message := notice.Message{
		Tag: "week-2026-11-16", Title: "30 von 30, archiviert", Body: "Schöne Grüße 🎧", Language: "de",
		Link: "https://open.spotify.com/playlist/1", Life: time.Hour, Urgency: notice.UrgencyLow,
	}
	if err := messenger.Deliver(t.Context(), to, message); err != nil {
		t.Fatal(err)
	}
	p := <-sent
	if p.header.Get("Topic") != message.Tag || p.header.Get("Ttl") != "3600" || p.header.Get("Urgency") != "low" || p.header.Get("Content-Encoding") != "aes128gcm" {
		t.Errorf("got the header %v", p.header)
	}
	question, err := json.Marshal(map[string]string{
		"private": encode(browser.Bytes()), "auth": encode(auth), "body": encode(p.body), "authorization": p.header.Get("Authorization"),
	})
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("openpush.js")
	if err != nil {
		t.Fatal(err)
	}
	open := exec.CommandContext(t.Context(), node, script)
	open.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(modules(t, "--omit=dev"), "node_modules"))
	open.Stdin, open.Stderr = bytes.NewReader(question), os.Stderr
	out, err := open.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Text, Key string
		Signed    bool
		Header    struct{ Alg string }
		Claims    struct {
			Aud, Sub string
			Exp      int64
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	for _, part := range []string{strconv.Quote(message.Title), message.Body, strconv.Quote(message.Link)} {
		if !strings.Contains(got.Text, part) {
			t.Errorf("got the text %s, want %s in it", got.Text, part)
		}
	}
	if !got.Signed || got.Header.Alg != "ES256" || got.Key != encode(ours.PublicKey().Bytes()) {
		t.Errorf("got %+v, want it signed with our key", got)
	}
	if left := time.Until(time.Unix(got.Claims.Exp, 0)); got.Claims.Aud != origin || got.Claims.Sub != "mailto:operator@example.com" || left <= 0 || left > 24*time.Hour {
		t.Errorf("got the claims %+v, want them for %s, from us, for a day at most", got.Claims, origin)
	}
}
