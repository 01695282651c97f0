// Package secret holds values that must never be printed: tokens, codes and
// client secrets. A Text shows "[redacted]" to fmt, log/slog and encoding/json,
// so a log line or an error cannot leak it by accident.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Text is a secret string. The zero Text is empty.
type Text struct {
	value string
}

// New wraps value.
func New(value string) Text { return Text{value: value} }

// Reveal returns the secret itself. Call it only where the value leaves the
// process: in a request's header or body, or as input of an encryption.
func (t Text) Reveal() string { return t.value }

// IsZero reports whether the secret is empty.
func (t Text) IsZero() bool { return t.value == "" }

// Equal compares two secrets in constant time.
func (t Text) Equal(other Text) bool {
	return subtle.ConstantTimeCompare([]byte(t.value), []byte(other.value)) == 1
}

// String returns "[redacted]".
func (t Text) String() string { return redacted }

// GoString returns "[redacted]", for the verb %#v.
func (t Text) GoString() string { return redacted }

// Format prints "[redacted]" whatever the verb.
func (t Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue returns "[redacted]", for log/slog.
func (t Text) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns "[redacted]" as a JSON string.
func (t Text) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns "[redacted]", for every text encoder.
func (t Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }
