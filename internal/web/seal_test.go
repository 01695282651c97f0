package web

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
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
	want := session{User: archive.NewUserID(webapi.Profile{ID: "x"}), Issued: 7}
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

// edited replaces cut bytes of text at a place by others: with a large cut,
// all of it. Sealing is random, so a corpus cannot hold good cookies; it holds
// what is done to one.
func edited(text string, at, cut uint16, put string) string {
	from := min(int(at), len(text))
	to := min(from+int(cut), len(text))
	return text[:from] + put + text[to:]
}

func FuzzFlowCookie(f *testing.F) {
	ring := testKeyring(f, "a key of more than sixteen bytes")
	good := newFlow(wish{choice: archive.ChoiceInbox, zone: "Europe/Berlin"}, testNow)
	text := mustSeal(f, ring.flow, good)
	f.Add(uint16(0), uint16(0), "", uint16(0), uint16(0), "")
	f.Add(uint16(0), uint16(0), "", uint16(0), uint16(999), "")
	f.Add(uint16(0), uint16(999), "", uint16(0), uint16(0), "")
	f.Add(uint16(5), uint16(0), "\n", uint16(0), uint16(0), "")
	f.Add(uint16(5), uint16(1), "A", uint16(3), uint16(1), "A")
	f.Add(uint16(0), uint16(999), "eyJzIjoiIn0", uint16(0), uint16(999), "")
	f.Fuzz(func(t *testing.T, at, cut uint16, put string, stateAt, stateCut uint16, statePut string) {
		cookie, state := edited(text, at, cut, put), edited(good.State, stateAt, stateCut, statePut)
		got, err := openFlow(ring.flow, cookie, state, testNow)
		if accepted, want := err == nil, cookie == text && state == good.State; accepted != want || accepted && got != good {
			t.Errorf("cookie %q with state %q: got accepted %v, want %v", cookie, state, accepted, want)
		}
	})
}

func FuzzSessionCookie(f *testing.F) {
	ring := testKeyring(f, "a key of more than sixteen bytes")
	good := session{User: archive.NewUserID(webapi.Profile{ID: "x"}), Issued: testNow.UnixNano()}
	text := mustSeal(f, ring.session, good)
	f.Add(uint16(0), uint16(0), "")
	f.Add(uint16(0), uint16(999), "")
	f.Add(uint16(999), uint16(0), "=")
	f.Add(uint16(7), uint16(1), "A")
	f.Fuzz(func(t *testing.T, at, cut uint16, put string) {
		cookie := edited(text, at, cut, put)
		got, err := openSession(ring.session, cookie, testNow, defaultSessionLife)
		if accepted, want := err == nil, cookie == text; accepted != want || accepted && got != good {
			t.Errorf("cookie %q: got accepted %v, want %v", cookie, accepted, want)
		}
	})
}

func TestSealedButUnfitCookies(t *testing.T) {
	t.Parallel()
	ring := testKeyring(t, "a key of more than sixteen bytes")
	id := archive.NewUserID(webapi.Profile{ID: "x"})
	for name, unfit := range map[string]session{
		"no_user":  {Issued: testNow.UnixNano()},
		"bad_user": {User: "../x", Issued: testNow.UnixNano()},
		"no_time":  {User: id},
		"too_old":  {User: id, Issued: testNow.Add(-defaultSessionLife - 1).UnixNano()},
	} {
		if _, err := openSession(ring.session, mustSeal(t, ring.session, unfit), testNow, defaultSessionLife); err == nil {
			t.Errorf("session %s: accepted", name)
		}
	}
	empty := mustSeal(t, ring.flow, flow{Expires: testNow.Add(flowLife).Unix()})
	if _, err := openFlow(ring.flow, empty, "", testNow); err == nil {
		t.Error("a flow without a state was accepted for an empty state")
	}
	if _, err := openFlow(ring.flow, empty, "x", testNow); err == nil {
		t.Error("a flow without a state was accepted for another state")
	}
}
