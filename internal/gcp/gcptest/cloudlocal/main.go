// Command cloudlocal runs the service as it runs in the cloud, on this
// machine, for a person to click through: the three functions as processes,
// the Firestore and Pub/Sub emulators, and the Spotify stand-in. It needs Go,
// the Google Cloud CLI and Java. Nothing is kept when it ends.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest/cloud"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "cloudlocal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, stdin io.Reader, stdout io.Writer) (err error) {
	flags := flag.NewFlagSet("cloudlocal", flag.ContinueOnError)
	flags.SetOutput(stdout)
	port := flags.Int("port", 8080, "`port` of the pages")
	spotifyPort := flags.Int("spotify-port", 9090, "`port` of the Spotify stand-in")
	mode := flags.String("mode", string(fakespotify.Extended), "quota `mode` of the stand-in: development or extended")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if missing := gcptest.Missing(); len(missing) > 0 {
		return fmt.Errorf("this machine lacks %s (Google Cloud CLI, Java 17)", strings.Join(missing, " and "))
	}
	root, err := repository()
	if err != nil {
		return err
	}
	say(stdout, "Starting the emulators and building the functions; the first time takes a minute.")
	firestore, stopFirestore, err := emulator(ctx, gcptest.FirestoreVariable, gcptest.StartFirestore)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopFirestore()) }()
	pubsub, stopPubSub, err := emulator(ctx, gcptest.PubSubVariable, gcptest.StartPubSub)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopPubSub()) }()
	c, err := cloud.Start(ctx, cloud.Config{
		Root: root, Firestore: firestore, PubSub: pubsub, PagesPort: *port, SpotifyPort: *spotifyPort,
		ArchiveUsers: 1, Log: stdout, Spotify: fakespotify.Config{Mode: fakespotify.Mode(*mode)},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.SubscribeArchive(ctx); err != nil {
		return err
	}
	say(stdout, `
Sign up at            `+c.Pages+`
The Spotify stand-in  `+c.SpotifyURL+`/standin

Enter sends out the weekly message, Ctrl-C stops everything.
The functions keep the real clock: next Monday on the stand-in makes nobody due here.
`)
	return serve(ctx, c, stdin)
}

// serve publishes the weekly message for every line that is typed.
func serve(ctx context.Context, c *cloud.Cloud, stdin io.Reader) error {
	lines := make(chan struct{})
	go func() {
		for scanner := bufio.NewScanner(stdin); scanner.Scan(); {
			lines <- struct{}{}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-lines:
			if err := c.Run(ctx, app.RunWeekly); err != nil {
				return err
			}
		}
	}
}

// emulator returns the host that the variable names, or starts one.
func emulator(ctx context.Context, variable string, start func(context.Context) (*gcptest.Emulator, error)) (host string, stop func() error, err error) {
	if host := os.Getenv(variable); host != "" {
		return host, func() error { return nil }, nil
	}
	e, err := start(ctx)
	if err != nil {
		return "", nil, err
	}
	return e.Host, e.Stop, nil
}

// repository returns the folder above this one that has a go.mod.
func repository() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("run it inside the repository")
		}
		folder = parent
	}
}

func say(w io.Writer, text string) { _, _ = fmt.Fprintln(w, text) }
