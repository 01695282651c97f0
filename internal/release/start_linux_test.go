package main

import (
	"archive/tar"
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"html"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

const patience = time.Minute

// The image runs with nothing but itself: unpacked into an empty folder that
// becomes its root, under its own user, it serves, is killed, and after
// another start still knows who connected.
func TestImageRunsInAnEmptyRoot(t *testing.T) {
	t.Parallel()
	r, err := newRelease(t.Context(), repository, t.TempDir(), "v1.2.3-test", "")
	if err != nil {
		t.Fatal(err)
	}
	host := target{"linux", runtime.GOARCH}
	err = r.withProgram(t.Context(), host, func(program []byte) error {
		checkProgram(t, program)
		return r.writeImage(host, program, []byte("notices"))
	})
	if err != nil {
		t.Fatal(err)
	}
	image, err := readImage(r.file(host, imageEnding), filepath.Join(t.TempDir(), "image"))
	if err != nil {
		t.Fatal(err)
	}
	c := &container{root: t.TempDir(), config: configOf(t, image).Config, port: freePorts(t)}
	c.unpack(t, image)

	p := c.start(t)
	visitor := newVisitor(t, c.site())
	visitor.connect(t)
	var out bytes.Buffer
	health := c.command(t.Context(), &out, "health")
	if err := health.Run(); err != nil || !strings.Contains(out.String(), "ok\nWeekly Archive v1.2.3-test (commit ") {
		t.Errorf("health: got error %v and %q", err, out.String())
	}
	p.end(t, syscall.SIGKILL)
	if err := c.command(t.Context(), io.Discard, "health").Run(); err == nil {
		t.Error("health finds a service that was killed")
	}

	p = c.start(t)
	if page := visitor.get(t, "/account"); !strings.Contains(page, "/account/signout") {
		t.Errorf("after the second start nobody is connected:\n%s", page)
	}
	p.end(t, syscall.SIGTERM)
	entries, err := os.ReadDir(c.root)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(entries); got != 4 {
		t.Errorf("got %d entries in the root, want the 4 of the image: %v", got, entries)
	}
}

// checkProgram looks for what an empty root has not: a linker, roots of trust
// and time zones.
func checkProgram(t *testing.T, program []byte) {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the program wants a dynamic linker")
		}
	}
	for _, part := range []string{"ISRG Root X1", "Europe/Berlin"} {
		if !bytes.Contains(program, []byte(part)) {
			t.Errorf("the program lacks %s", part)
		}
	}
}

// container is an image on its way through a test.
type container struct {
	root   string
	config v1.Config
	port   int
}

func (c *container) site() string { return "http://127.0.0.1:" + strconv.Itoa(c.port) }

// freePorts returns the first of two: the stand-in takes the second.
func freePorts(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 30_000 + rand.IntN(2_000) // the system hands out others
		free := 0
		for i := range 2 {
			if l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port+i))); err == nil {
				free++
				_ = l.Close()
			}
		}
		if free == 2 {
			return port
		}
	}
	t.Fatal("no free ports in 100 tries")
	return 0
}

// unpack makes the image's files the root, which nobody can write to.
func (c *container) unpack(t *testing.T, image v1.Image) {
	t.Helper()
	content := mutate.Extract(image)
	defer func() { _ = content.Close() }()
	for reader := tar.NewReader(content); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(c.root, header.Name)
		if header.Typeflag == tar.TypeDir {
			err = os.Mkdir(path, 0o755)
		} else {
			var data []byte
			if data, err = io.ReadAll(reader); err == nil {
				err = os.WriteFile(path, data, 0o600)
			}
		}
		if err == nil && os.Geteuid() == 0 {
			err = os.Chown(path, header.Uid, header.Gid)
		}
		if err == nil {
			err = os.Chmod(path, header.FileInfo().Mode().Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(c.root, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(c.root, 0o700) }) // so that it can be removed
}

// command starts the image's program as a container would: other root, other
// user. Where that takes an own user namespace, one is made.
func (c *container) command(ctx context.Context, out io.Writer, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.config.Entrypoint[0], args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, c.config.WorkingDir
	cmd.Env = append(append([]string{}, c.config.Env...), "PORT="+strconv.Itoa(c.port), "BASE_URL="+c.site())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot: c.root, Credential: &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}, Pdeathsig: syscall.SIGKILL,
	}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getgid(), Size: 1}}
	}
	return cmd
}

// process is a started container.
type process struct {
	cmd *exec.Cmd
	log *bytes.Buffer // to be read after its end
}

func (c *container) start(t *testing.T) *process {
	t.Helper()
	p := &process{log: &bytes.Buffer{}}
	p.cmd = c.command(context.WithoutCancel(t.Context()), p.log)
	runtime.LockOSThread() // Pdeathsig is the thread's
	if err := p.cmd.Start(); errors.Is(err, os.ErrPermission) {
		lacks(t, "this system lets nobody but root change the root: "+err.Error())
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		if c.command(ctx, io.Discard, "health").Run() == nil {
			return p
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			p.end(t, syscall.SIGKILL)
			t.Fatalf("it does not serve:\n%s", p.log)
		}
	}
}

func (p *process) end(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil && signal == syscall.SIGTERM {
		t.Errorf("stopping: %v\n%s", err, p.log)
	}
}

// visitor is a browser with somebody before it.
type visitor struct {
	client *http.Client
	site   string
}

func newVisitor(t *testing.T, site string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{&http.Client{Jar: jar, Timeout: patience}, site}
}

func (v *visitor) get(t *testing.T, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.site+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	page, _ := v.do(t, r)
	return page
}

func (v *visitor) do(t *testing.T, r *http.Request) (page string, at *url.URL) {
	t.Helper()
	answer, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text), answer.Request.URL
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// connect signs up with an account of the stand-in.
func (v *visitor) connect(t *testing.T) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.site+"/connect", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	consent, at := v.do(t, r)
	form := url.Values{"account": {"demo1"}, "decision": {"agree"}}
	for _, m := range hiddenField.FindAllStringSubmatch(consent, -1) {
		form.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, at.ResolveReference(&url.URL{Path: "/authorize"}).String(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if page, at := v.do(t, r); at.String() != v.site+"/account" {
		t.Fatalf("after the consent: at %s\n%s", at, page)
	}
}

// lacks passes over a test for want of a part; a continuous integration has all.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("must not be skipped with CI=true: %s", what)
	}
	t.Skip(what)
}
