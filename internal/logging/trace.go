package logging

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
)

type traceContextKey struct{}

type trace struct {
	id      string // 32 hexadecimal digits
	span    string // 16 hexadecimal digits
	sampled bool
}

// The two forms in which Google Cloud hands on a trace:
// https://www.w3.org/TR/trace-context/#traceparent-header and
// https://cloud.google.com/trace/docs/trace-context#legacy-http-header.
var (
	traceparent = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})`)
	})
	cloudContext = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([0-9a-fA-F]{32})/([0-9]{1,20})(?:;o=([01]))?$`)
	})
)

// WithTrace returns a context whose log lines carry the trace of the request
// with these headers.
func WithTrace(ctx context.Context, header http.Header) context.Context {
	if t, ok := parseTrace(header); ok {
		return context.WithValue(ctx, traceContextKey{}, t)
	}
	return ctx
}

// Traced puts the trace of each request into its context.
func Traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(WithTrace(r.Context(), r.Header)))
	})
}

func parseTrace(header http.Header) (trace, bool) {
	if m := traceparent().FindStringSubmatch(header.Get("traceparent")); m != nil {
		flags, err := strconv.ParseUint(m[3], 16, 8)
		return trace{id: m[1], span: m[2], sampled: flags&1 == 1}, err == nil
	}
	if m := cloudContext().FindStringSubmatch(header.Get("X-Cloud-Trace-Context")); m != nil {
		span, err := strconv.ParseUint(m[2], 10, 64)
		return trace{id: m[1], span: fmt.Sprintf("%016x", span), sampled: m[3] == "1"}, err == nil
	}
	return trace{}, false
}
