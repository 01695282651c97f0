package web

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// Compressed sends text as gzip to a visitor who takes it. Neither a local service nor
// Cloud Run does that before us.
func Compressed(h http.Handler) http.Handler { return gzipped(h) }

var gzipped = func() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(gzhttp.EnableZstd(false), gzhttp.ContentTypes([]string{
		"text/html", "text/css", "text/javascript", "text/csv", "text/calendar",
		"application/json", "application/manifest+json", "image/svg+xml",
	}))
	if err != nil {
		panic(err) // only of options that do not go together
	}
	return wrap
}()

// asItIs keeps an answer from being compressed, here and by any proxy (RFC 9111,
// section 5.2.2.6): the size of a compressed page tells whether what somebody
// has smuggled into it is like what it holds (the attack called BREACH).
func asItIs(h http.Header) {
	h.Set("Cache-Control", strings.TrimPrefix(h.Get("Cache-Control")+", no-transform", ", "))
	h.Set(gzhttp.HeaderNoCompression, "1")
}
