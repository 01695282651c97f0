// Package leash runs programs that never outlive whoever started them, not
// even when that is killed.
package leash

import (
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
)

// script runs its arguments until they end, or until its standard input does:
// that is the leash, which the kernel lets go of when we die. Then it kills
// them. The Google Cloud CLI makes itself the leader of a process group with
// Java in it; other programs do not, and are killed by their own id.
const script = `exec 3<&0
"$@" </dev/null & child=$!
exec 2>/dev/null
(read -r _ <&3; kill -s KILL -- "-$child"; kill -s KILL "$child") & watcher=$!
wait "$child"; code=$?
kill "$watcher"
exit "$code"`

// Process is a running program.
type Process struct {
	command *exec.Cmd
	leash   io.Closer
	ended   chan struct{}
	kill    sync.Once
}

// Start runs a program with its arguments in an environment. What it writes
// goes to out.
func Start(out io.Writer, environment []string, program string, arguments ...string) (*Process, error) {
	command := exec.Command("sh", append([]string{"-c", script, "sh", program}, arguments...)...) //nolint:gosec,noctx // G204: tests name the program; it lives until Kill
	command.Env = environment
	command.Stdout, command.Stderr = out, out
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for whoever holds the leash
	leash, err := command.StdinPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	p := &Process{command: command, leash: leash, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		_ = command.Wait() // how a killed process ends
	}()
	return p, nil
}

// Ended is closed when the program is gone.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Kill ends the program without a warning and waits until it is gone.
func (p *Process) Kill() {
	p.kill.Do(func() { _ = p.leash.Close() })
	<-p.ended
}
