// Command local is the whole service in one process on one machine: pages,
// queue, clock, database and key, and without a Spotify app of one's own a
// stand-in for Spotify. Its settings are environment variables
// (config.Local). With a command it is what its operator does to it (package
// operate).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones of users, where the system has none

	_ "golang.org/x/crypto/x509roots/fallback" // roots of trust, where the system has none

	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/logging"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "\nweekly-archive: %s\n", err)
		os.Exit(operate.ExitCode(err))
	}
}

// run does what the arguments say; without any it serves until ctx ends, then
// stops cleanly. Its errors are for whoever started the program: what is
// wrong, and what to do.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	cmd := operate.Command(program(config.Environ(environ), stdout, stderr))
	cmd.SetArgs(append([]string{}, args...)) // nil would be the process's own
	return cmd.ExecuteContext(ctx)
}

func serve(ctx context.Context, environ map[string]string, stdout, stderr io.Writer) (err error) {
	defer func() {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // stopped while it was starting
		}
	}()
	cfg, err := config.LoadLocal(environ)
	if err != nil {
		return fmt.Errorf("these settings (environment variables) are wrong:\n%w", err)
	}
	log := logging.New(stderr, logging.Options{Environment: cfg.Environment})
	log.InfoContext(ctx, "starting", "version", version.Get().Number, "commit", version.Get().Commit)

	site, err := listen(ctx, cfg.Addr, cfg.Port, "the pages")
	if err != nil {
		return err
	}
	defer closeListener(site, &err)
	d, err := open(ctx, cfg, log, cfg.BaseURL(port(site)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	pages, err := d.handler(ctx.Done())
	if err != nil {
		return err
	}
	if err := d.writeAddress(site); err != nil {
		return err
	}
	if err := d.greet(stdout); err != nil {
		return err
	}
	return d.serve(ctx, site, pages)
}

// closeListener closes a listener that was not served; a served one is closed
// already.
func closeListener(l net.Listener, err *error) {
	if closeErr := l.Close(); closeErr != nil && !errors.Is(closeErr, net.ErrClosed) {
		*err = errors.Join(*err, closeErr)
	}
}
