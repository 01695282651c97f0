//go:build !windows

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

// What somebody at home puts before the service works as it is written here:
// people sign up through it, the operator gets to their page and nobody else
// does, and no address with a code in it is logged.
func TestBehindAProxy(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(t *testing.T, dir, site, upstream string) *exec.Cmd{
		"caddy": caddy, "nginx": nginx,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(name); err != nil {
				archivetest.Lacks(t, name+" is not installed")
			}
			const token = "token-of-the-settings"
			site, upstream := freeAddress(t), freeAddress(t)
			_, port, _ := net.SplitHostPort(upstream)
			s := startService(t, t.TempDir(), "PORT="+port, "BASE_URL=https://"+site, "OPERATOR_TOKEN="+token)
			log := startProxy(t, prepare(t, t.TempDir(), site, upstream))
			browser := func() *person {
				p := newPerson(t, s.site)
				p.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
				t.Cleanup(p.client.CloseIdleConnections)
				return p
			}
			await(t, browser(), s.site+"/healthz", log)

			p := browser()
			p.connect(t, "demo1")
			p.submit(t, s.site+"/account/run", nil)
			p.submit(t, s.site+"/account/paste", url.Values{"links": {strings.Repeat("a long table ", 200_000)}})
			browser().refused(t, s.site+"/local")
			if page, _ := browser().open(t, submatch(operatorLine, s.greeting)); !strings.Contains(page, "Run the week") {
				t.Error("the link does not open the operator's page")
			}
			if err := s.stop(); err != nil {
				t.Fatal(err)
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.site+"/callback?code=hush-hush", nil)
			if err != nil {
				t.Fatal(err)
			}
			if status, _, _ := browser().send(t, request); status != http.StatusBadGateway {
				t.Errorf("got status %d without the service, want 502", status)
			}
			if strings.Contains(log.String(), "code=") {
				t.Errorf("the log holds a code:\n%s", log)
			}
		})
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := listenAt(t, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// edited returns a file of this folder with each old text, which it has to
// have, replaced by the new one.
func edited(t *testing.T, file string, oldNew ...string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(text, oldNew[i]) {
			t.Fatalf("%s lacks %q", file, oldNew[i])
		}
		text = strings.ReplaceAll(text, oldNew[i], oldNew[i+1])
	}
	return text
}

// caddy adds what a test machine needs: no certificate of others, no port 80.
func caddy(t *testing.T, dir, site, upstream string) *exec.Cmd {
	t.Helper()
	options := "{\n\tadmin off\n\tskip_install_trust\n\tlocal_certs\n\tauto_https disable_redirects\n\tlog {"
	file := write(t, filepath.Join(dir, "Caddyfile"), edited(t, "Caddyfile", "{\n\tlog {", options))
	c := exec.CommandContext(t.Context(), "caddy", "run", "--adapter", "caddyfile", "--config", file)
	c.Env = append(os.Environ(), "SITE=https://"+site, "UPSTREAM="+upstream, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir, "HOME="+dir)
	return c
}

// nginx gets ports, files and a certificate of the test.
func nginx(t *testing.T, dir, site, upstream string) *exec.Cmd {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	const folder = "/etc/letsencrypt/live/archive.example.org"
	write(t, filepath.Join(dir, "fullchain.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	write(t, filepath.Join(dir, "privkey.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	_, port, _ := net.SplitHostPort(site)
	_, plain, _ := net.SplitHostPort(freeAddress(t))
	servers := edited(t, "nginx.conf", folder, dir, "listen 443", "listen 127.0.0.1:"+port, "\tlisten [::]:443 ssl http2;\n", "",
		"listen 80", "listen 127.0.0.1:"+plain, "\tlisten [::]:80;\n", "", "archive.example.org", "127.0.0.1",
		"127.0.0.1:8080", upstream, "/var/log/nginx/error.log", "stderr")
	text := "daemon off;\npid " + dir + "/pid;\nworker_processes 1;\nerror_log stderr;\nevents {}\nhttp {\naccess_log /dev/stdout;\n"
	if os.Geteuid() == 0 { // its workers would be somebody who may not write here
		text = "user root;\n" + text
	}
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		text += kind + "_temp_path " + dir + "/" + kind + ";\n"
	}
	file := write(t, filepath.Join(dir, "nginx.conf"), text+servers+"}\n")
	return exec.CommandContext(t.Context(), "nginx", "-p", dir, "-c", file)
}

// startProxy starts it and, in the end, ends it.
func startProxy(t *testing.T, c *exec.Cmd) *syncBuffer {
	t.Helper()
	log := &syncBuffer{}
	c.Stdout, c.Stderr = log, log
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = patience
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	})
	return log
}

// await asks until somebody answers.
func await(t *testing.T, p *person, address string, log *syncBuffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := p.client.Do(r); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s does not answer:\n%s", address, log)
		}
	}
}

// systemd takes the unit, and finds little that it could still forbid.
func TestUnitOfSystemd(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		archivetest.Lacks(t, "systemd-analyze is not installed")
	}
	root := t.TempDir()
	for _, folder := range []string{"usr/local/bin", "etc/systemd/system"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const program = "/usr/local/bin/weekly-archive"
	unit := write(t, filepath.Join(root, "weekly-archive.service"), edited(t, "weekly-archive.service", "ExecStart="+program, "ExecStart=/bin/true"))
	const most = 15 // of 100: what systemd calls exposure
	for _, args := range [][]string{
		{"verify", "--man=no", unit},
		{"security", "--offline=yes", "--threshold=" + strconv.Itoa(most), unit},
	} {
		out, err := exec.CommandContext(t.Context(), "systemd-analyze", args...).CombinedOutput()
		if err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}
