// Command emulators starts the Firestore and Pub/Sub emulators of the Google
// Cloud CLI, prints the variables that name them, and stops them at the end:
//
//	go run ./internal/gcp/gcptest/emulators                    until Ctrl-C
//	go run ./internal/gcp/gcptest/emulators -- go test ./...   while the command runs
//
// Emulators that the variables name already are used and left alone. Without
// the Google Cloud CLI or Java the command runs all the same, and its tests
// say what they skip.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "emulators:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// run returns the exit code of the command, or 0 without one.
func run(ctx context.Context, arguments []string, stdout io.Writer) (code int, err error) {
	if len(arguments) > 0 && arguments[0] == "--" {
		arguments = arguments[1:]
	}
	environment := os.Environ()
	if missing := gcptest.Missing(); len(missing) > 0 {
		_, _ = fmt.Fprintf(stdout, "# no emulators: this machine lacks %s\n", strings.Join(missing, " and "))
	} else {
		started, assignments, err := startAll(ctx)
		defer func() {
			for _, e := range started {
				err = errors.Join(err, e.Stop())
			}
		}()
		if err != nil {
			return 1, err
		}
		for _, a := range assignments {
			_, _ = fmt.Fprintln(stdout, a)
		}
		environment = append(environment, assignments...)
	}
	if len(arguments) == 0 {
		<-ctx.Done()
		return 0, nil
	}
	command := exec.CommandContext(ctx, arguments[0], arguments[1:]...) //nolint:gosec // G204: running it is what this is for
	command.Env = environment
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, stdout, os.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	err = command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

// startAll starts both at once, which saves seconds.
func startAll(ctx context.Context) (started []*gcptest.Emulator, assignments []string, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for variable, start := range map[string]func(context.Context) (*gcptest.Emulator, error){
		gcptest.FirestoreVariable: gcptest.StartFirestore,
		gcptest.PubSubVariable:    gcptest.StartPubSub,
	} {
		if os.Getenv(variable) != "" {
			continue
		}
		wg.Go(func() {
			emulator, startErr := start(ctx)
			mu.Lock()
			defer mu.Unlock()
			if startErr != nil {
				err = errors.Join(err, startErr)
				return
			}
			started = append(started, emulator)
			assignments = append(assignments, variable+"="+emulator.Host)
		})
	}
	wg.Wait()
	return started, assignments, err
}
