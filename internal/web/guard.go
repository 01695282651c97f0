package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// How much a post may carry, in bytes. A paste may be a table of thousands of
// songs with everything about them: pasteText is taken whatever is in it, each of
// its bytes three after form encoding. Who sends one is looked at first.
const (
	maxBody   = 64 << 10
	pasteText = 3 << 20
	maxPaste  = 3*pasteText + maxBody
)

// handler serves one page. It answers, or it returns an error and has not
// answered; problemOf then says what the visitor is told.
type handler func(w http.ResponseWriter, r *http.Request) error

type referenceKey struct{}

// reference returns the name of the request that error pages and log share.
func reference(ctx context.Context) string {
	text, _ := ctx.Value(referenceKey{}).(string)
	return text
}

// contentPolicy allows our own stylesheet, scripts, pictures, manifest and
// forms, and that the scripts ask us, and nothing else.
// Browsers apply form-action to the redirects after a post too, so Spotify's
// consent page is named.
func contentPolicy(authorizer webapi.Authorizer) string {
	forms := "'self'"
	if consent, err := url.Parse(authorizer.AuthorizeURL("", "", nil, false)); err == nil && consent.Host != "" {
		forms += " " + consent.Scheme + "://" + consent.Host
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; form-action " + forms +
		"; frame-ancestors 'none'; base-uri 'none'"
}

// guard stands before every page.
func (s *server) guard() http.Handler {
	posts := http.NewCrossOriginProtection()
	if err := posts.AddTrustedOrigin(s.base.String()); err != nil {
		s.Log.Warn("own origin not trusted explicitly", "error", err)
	}
	posts.SetDenyHandler(s.page(func(http.ResponseWriter, *http.Request) error { return errForged }))
	inner := posts.Handler(http.HandlerFunc(s.route))

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		ctx := context.WithValue(r.Context(), referenceKey{}, strings.ToLower(rand.Text()[:10]))
		r = r.WithContext(ctx)
		limit := int64(maxBody)
		if r.URL.Path == "/account/paste" {
			limit = maxPaste
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		s.secureHeaders(w.Header())
		recorder := &statusRecorder{ResponseWriter: w}
		defer func() {
			s.Log.InfoContext(ctx, "request served", "request_id", reference(ctx), "method", r.Method,
				"route", s.routeName(r), "status", recorder.status, "duration_ms", time.Since(started).Milliseconds())
		}()
		defer s.recovered(recorder, r)
		inner.ServeHTTP(recorder, r)
	})
}

func (s *server) secureHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", s.policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// route serves the page, or says in our own words that there is none.
func (s *server) route(w http.ResponseWriter, r *http.Request) {
	fallback, pattern := s.routes.Handler(r)
	if pattern != "" {
		s.routes.ServeHTTP(w, r)
		return
	}
	answer := &statusRecorder{ResponseWriter: discard{header: http.Header{}}}
	fallback.ServeHTTP(answer, r)
	s.page(func(w http.ResponseWriter, _ *http.Request) error {
		if answer.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", answer.Header().Get("Allow"))
			return errMethod
		}
		return errNoPage
	}).ServeHTTP(w, r)
}

// routeName is the pattern that matched: a path as it was asked for may hold
// anything.
func (s *server) routeName(r *http.Request) string {
	_, pattern := s.routes.Handler(r)
	return pattern
}

// page turns a handler's error into a page and a line of the log.
func (s *server) page(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	s.Log.Log(r.Context(), p.level(), "request refused", "request_id", reference(r.Context()),
		"route", s.routeName(r), "status", p.Status, "error", err)
	s.showProblem(w, r, p)
}

// recovered answers for a handler that panicked. The value of the panic is
// logged only if it is Go's own: another one may hold anything.
func (s *server) recovered(w *statusRecorder, r *http.Request) {
	value := recover()
	if value == nil {
		return
	}
	if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(value)
	}
	attrs := []any{"request_id", reference(r.Context()), "route", s.routeName(r),
		"panic_type", fmt.Sprintf("%T", value), "stack", string(debug.Stack())}
	if err, ok := value.(interface{ RuntimeError() }); ok {
		attrs = append(attrs, "error", err)
	}
	s.Log.Log(r.Context(), slog.LevelError, "handler panicked", attrs...)
	if w.status == 0 {
		s.showProblem(w, r, problemOf(nil))
	}
}

// statusRecorder notes the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *statusRecorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap serves http.ResponseController.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// discard takes an answer that nobody will see.
type discard struct {
	header http.Header
}

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
