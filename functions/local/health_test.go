package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		addr   string
		want   string // of the output, or of the error
	}{
		"serves":                {http.StatusOK, "127.0.0.1", "ok\n"},
		"serves_every_address":  {http.StatusOK, "0.0.0.0", "ok\n"},
		"answers_with_an_error": {http.StatusServiceUnavailable, "127.0.0.1", "503"},
		"does_not_answer":       {0, "127.0.0.1", "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(tc.status)
				if _, err := io.WriteString(w, "ok\n"); err != nil || r.URL.Path != "/healthz" {
					t.Errorf("got %s, error %v", r.URL.Path, err)
				}
			}))
			defer server.Close()
			_, port, err := net.SplitHostPort(server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			if tc.status == 0 {
				server.Close()
			}
			var out bytes.Buffer
			err = run(t.Context(), []string{"health"}, []string{"ADDR=" + tc.addr, "PORT=" + port, "BASE_URL=http://127.0.0.1:" + port}, &out, io.Discard)
			if (err == nil) != (tc.status == http.StatusOK) {
				t.Fatalf("got error %v", err)
			}
			got := out.String()
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// Windows reaches nothing at the address that stands for all of them.
func TestReachable(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"127.0.0.1": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1", "::1": "::1", "192.0.2.7": "192.0.2.7",
	} {
		if got := reachable(addr); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
}

func TestHealthNeedsAPort(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), []string{"health"}, []string{"PORT=0"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "PORT") {
		t.Errorf("got error %v, want one that names PORT", err)
	}
}

// The same version is told by the command, the log, the health check and the
// operator's page.
func TestVersionIsTold(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"version"}, nil, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	number, _, _ := strings.Cut(strings.TrimSpace(out.String()), " ")
	s := startService(t, t.TempDir())
	if got := s.status(t).Version; !strings.HasPrefix(got, number) || number == "" {
		t.Errorf("the operator's status says %q, the command %q", got, out.String())
	}
	if got := s.log.String(); !strings.Contains(got, "starting") || !strings.Contains(got, "version="+number) {
		t.Errorf("the log lacks the version:\n%s", got)
	}
}
