package simtest

import (
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// tokenLength is that of the stand-in's tokens and codes: AQ or BQ, and 32
// bytes in base64url.
const tokenLength = 45

// secrets is every token and code that Spotify gave out, and the client secret.
type secrets struct {
	w      *world
	known  map[string]bool
	client string
}

func newSecrets(w *world) secrets {
	return secrets{w: w, known: make(map[string]bool), client: fakespotify.DemoClientSecret().Reveal()}
}

func (s secrets) add(token string) {
	if token != "" {
		s.known[token] = true
	}
}

// scan looks for any of them in a text.
func (s secrets) scan(where, text string) {
	if strings.Contains(text, s.client) {
		s.w.fail(promiseSecrets, "the client secret is in %s", where)
	}
	for rest := text; ; {
		i := strings.Index(rest, "Q")
		if i < 0 {
			return
		}
		if i > 0 && len(rest) >= i-1+tokenLength && s.known[rest[i-1:i-1+tokenLength]] {
			s.w.fail(promiseSecrets, "a token or code is in %s", where)
			return
		}
		rest = rest[i+1:]
	}
}

// logScanner is where the log goes.
type logScanner struct{ w *world }

func (l logScanner) Write(line []byte) (int, error) {
	l.w.secrets.scan("a log line", string(line))
	return len(line), nil
}
