package web

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

var testNow = time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC)

func testKeyring(tb testing.TB, key string) *keyring {
	tb.Helper()
	ring, err := newKeyring(secret.New(key))
	if err != nil {
		tb.Fatalf("newKeyring: %v", err)
	}
	return ring
}

func mustSeal(tb testing.TB, c codec, value any) string {
	tb.Helper()
	text, err := c.seal(value)
	if err != nil {
		tb.Fatalf("seal: %v", err)
	}
	return text
}

func TestCodec(t *testing.T) {
	t.Parallel()
	ring := testKeyring(t, "a key of more than sixteen bytes")
	other := testKeyring(t, "another key of enough bytes here")
	want := session{User: archive.NewUserID(archive.Profile{ID: "x"}), Issued: 7}
	text := mustSeal(t, ring.session, want)

	var got session
	if err := ring.session.open(text, &got); err != nil {
		t.Fatalf("open: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	if mustSeal(t, ring.session, want) == text {
		t.Error("the same value sealed twice is the same text")
	}
	if strings.Contains(text, string(want.User)) {
		t.Error("the text shows what it holds")
	}
	for name, refused := range map[string]struct {
		codec codec
		text  string
	}{
		"other_key":     {other.session, text},
		"other_purpose": {ring.flow, text},
		"empty":         {ring.session, ""},
		"cut":           {ring.session, text[:len(text)-1]},
		"first_changed": {ring.session, flip(text, 0)},
		"mid_changed":   {ring.session, flip(text, len(text)/2)},
		"last_changed":  {ring.session, flip(text, len(text)-1)},
		"newline_added": {ring.session, text[:10] + "\n" + text[10:]},
		"not_json":      {ring.session, mustSeal(t, ring.session, "text")},
	} {
		if err := refused.codec.open(refused.text, &got); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func flip(text string, i int) string {
	b := []byte(text)
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

func TestKeyringRefusesAShortKey(t *testing.T) {
	t.Parallel()
	_, err := newKeyring(secret.New("too short"))
	if err == nil || strings.Contains(err.Error(), "too short") {
		t.Errorf("got error %v, want one that does not show the key", err)
	}
}

func TestUsedStatesAreBounded(t *testing.T) {
	t.Parallel()
	used := newUsedStates()
	for i := range maxUsedStates + 100 {
		if !used.take(randomText(), testNow.Add(time.Duration(i))) {
			t.Fatalf("state %d was refused", i)
		}
	}
	if got := len(used.until); got > maxUsedStates {
		t.Errorf("got %d states in memory, want at most %d", got, maxUsedStates)
	}
	later := testNow.Add(flowLife + time.Second)
	used.take("state", later)
	if got := len(used.until); got != 1 {
		t.Errorf("got %d states after all others expired, want 1", got)
	}
	if used.take("state", later) || !used.has("state", later) {
		t.Error("a state was taken twice")
	}
}

func FuzzFlowCookie(f *testing.F) {
	ring := testKeyring(f, "a key of more than sixteen bytes")
	good := newFlow(archive.ChoiceInbox, testNow)
	text := mustSeal(f, ring.flow, good)
	expired := newFlow("", testNow.Add(-flowLife))
	f.Add(text, good.State)
	f.Add(text, "")
	f.Add("", good.State)
	f.Add(text+"\n", good.State)
	f.Add(flip(text, 3), good.State)
	f.Add(mustSeal(f, ring.flow, expired), expired.State)
	f.Add(mustSeal(f, ring.flow, flow{}), "")
	f.Fuzz(func(t *testing.T, cookie, state string) {
		got, err := openFlow(ring.flow, cookie, state, testNow)
		if err == nil && (cookie != text || state != good.State || got != good) {
			t.Errorf("accepted cookie %q for state %q", cookie, state)
		}
	})
}

func FuzzSessionCookie(f *testing.F) {
	ring := testKeyring(f, "a key of more than sixteen bytes")
	good := session{User: archive.NewUserID(archive.Profile{ID: "x"}), Issued: testNow.UnixNano()}
	text := mustSeal(f, ring.session, good)
	f.Add(text)
	f.Add("")
	f.Add(text + "=")
	f.Add(flip(text, len(text)-1))
	f.Add(mustSeal(f, ring.session, session{User: "../x", Issued: testNow.UnixNano()}))
	f.Add(mustSeal(f, ring.session, session{User: good.User}))
	f.Fuzz(func(t *testing.T, cookie string) {
		got, err := openSession(ring.session, cookie, testNow, defaultSessionLife)
		if err == nil && (cookie != text || got != good) {
			t.Errorf("accepted cookie %q", cookie)
		}
	})
}
