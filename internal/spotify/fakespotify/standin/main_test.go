package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun starts the program on a free port, reads the address that it prints,
// asks it for something and stops it.
func TestRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0", "-mode", "extended", "-redirect", "https://example.org/cb",
			"-state", filepath.Join(t.TempDir(), "state")}, in)
		_ = in.Close() // never fails
		done <- err
	}()
	var text strings.Builder
	base := ""
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		line := strings.TrimSpace(scanner.Text())
		text.WriteString(line + "\n")
		if address, found := strings.CutPrefix(line, "SPOTIFY_ACCOUNTS_URL="); found {
			base = address
		}
		if strings.HasPrefix(line, "Stop it") {
			break
		}
	}
	for _, want := range []string{"extended mode", "SPOTIFY_API_URL=" + base + "/v1", "SPOTIFY_CLIENT_ID=", "SPOTIFY_CLIENT_SECRET=",
		"http://127.0.0.1/callback", "https://example.org/cb"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, text.String())
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/standin", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("got status %d, %v; want 200", resp.StatusCode, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-mode", "other", "-addr", "127.0.0.1:0"},
		{"-addr", "nonsense"},
		{"-redirect", "http://localhost/cb", "-addr", "127.0.0.1:0"},
		{"-unknown"},
	} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%v: got no error", args)
		}
	}
}
