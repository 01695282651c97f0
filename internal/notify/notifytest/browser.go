package notifytest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
)

// Browser is a browser whose person agreed to notices.
type Browser struct {
	Subscription address.Subscription

	private *ecdh.PrivateKey
	auth    []byte

	mu    sync.Mutex
	key   string // the sender that it belongs to: the first that pushed
	gone  int    // status that its endpoint answers with; 0: it lives
	shown []Push
}

// Push is one message that a browser shows.
type Push struct {
	Payload []byte // as the sender gave it
	Topic   string
	TTL     int // seconds
	Urgency string
	Subject string // who to turn to about the sender
}

// Browser returns a browser that is subscribed.
func (s *Server) Browser(tb testing.TB) *Browser {
	tb.Helper()
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	b := &Browser{private: private, auth: make([]byte, 16)}
	_, _ = rand.Read(b.auth) // never fails
	path := "/push/" + rand.Text()
	b.Subscription = address.Subscription{
		Endpoint: s.URL + path,
		P256dh:   base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes()),
		Auth:     base64.RawURLEncoding.EncodeToString(b.auth),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.browsers[path] = b
	return b
}

// End ends the subscription: its endpoint answers 404 or 410 from now on.
func (b *Browser) End(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = status
}

// Shown returns what the browser shows, oldest first. Of one topic that is the
// newest alone.
func (b *Browser) Shown() []Push {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.shown)
}

var topicForm = regexp.MustCompile(`^[-_A-Za-z0-9]{1,32}$`)

// take is what a push service does with a message, and the browser after it.
func (b *Browser) take(origin string, h http.Header, body []byte) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone != 0 {
		return b.gone
	}
	ttl, ok := seconds(h.Get("TTL"))
	topic := h.Get("Topic")
	if !ok || topic != "" && !topicForm.MatchString(topic) || h.Get("Content-Encoding") != "aes128gcm" {
		return http.StatusBadRequest
	}
	key, subject, err := signer(h.Get("Authorization"), origin)
	if err != nil {
		return http.StatusUnauthorized
	}
	if b.key == "" {
		b.key = key
	}
	if b.key != key {
		return http.StatusForbidden
	}
	text, err := Open(b.private, b.auth, body)
	if err != nil {
		return http.StatusBadRequest
	}
	b.shown = slices.DeleteFunc(b.shown, func(p Push) bool { return topic != "" && p.Topic == topic })
	b.shown = append(b.shown, Push{Payload: text, Topic: topic, TTL: ttl, Urgency: h.Get("Urgency"), Subject: subject})
	return http.StatusCreated
}

// signer checks who signed a request (RFC 8292) and returns their public key
// and how to reach them.
func signer(authorization, origin string) (key, subject string, err error) {
	rest, ok := strings.CutPrefix(authorization, "vapid ")
	if !ok {
		return "", "", errors.New("not vapid")
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	point, err := base64.RawURLEncoding.DecodeString(fields["k"])
	if err != nil {
		return "", "", err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return "", "", err
	}
	token, err := jwt.ParseSigned(fields["t"], []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return "", "", err
	}
	var claims jwt.Claims
	if err := token.Claims(public, &claims); err != nil {
		return "", "", err
	}
	now := time.Now()
	switch {
	case !claims.Audience.Contains(origin) || len(claims.Audience) != 1:
		return "", "", errors.New("signed for another service")
	case claims.Expiry == nil || claims.Expiry.Time().Before(now) || claims.Expiry.Time().After(now.Add(24*time.Hour)):
		return "", "", errors.New("signed for another time")
	case !strings.HasPrefix(claims.Subject, "https://") && !mail.MatchString(claims.Subject):
		return "", "", errors.New("the subject is no address")
	}
	return fields["k"], claims.Subject, nil
}

// mail is what Apple's service takes as a mail address; "mailto:mailto:…" is none.
var mail = regexp.MustCompile(`^mailto:[^@\s:<>]+@[^@\s:<>]+\.[^@\s:<>]+$`)

// Open decrypts a body (RFC 8291 over RFC 8188, one record).
func Open(private *ecdh.PrivateKey, auth, body []byte) ([]byte, error) {
	if len(body) < 21 || len(body) < 21+int(body[20]) {
		return nil, errors.New("shorter than its header")
	}
	salt, size, keyID, sealed := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:21+int(body[20])], body[21+int(body[20]):]
	if uint64(len(sealed)) > uint64(size) {
		return nil, errors.New("more than one record")
	}
	sender, err := ecdh.P256().NewPublicKey(keyID)
	if err != nil {
		return nil, err
	}
	shared, err := private.ECDH(sender)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(private.PublicKey().Bytes()) + string(keyID)
	material, err := hkdf.Key(sha256.New, shared, auth, info, 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	padded, err := aead.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	text, last := strings.CutSuffix(strings.TrimRight(string(padded), "\x00"), "\x02")
	if !last {
		return nil, errors.New("not padded as the last record is")
	}
	return []byte(text), nil
}
