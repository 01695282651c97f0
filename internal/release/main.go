// Command release makes what people install, without a container daemon: the
// local program for every system, an OCI image for two, third-party notices
// and checksums.
//
//	release [flags] image       the images, into -out
//	release [flags] all         everything, into -out
//	release [flags] push NAME   the images in -out as NAME:VERSION, to a registry
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "release: %s\n", err)
		os.Exit(1) //nolint:gocritic // exitAfterDefer: the process ends
	}
}

var errUsage = errors.New("want image, all or push NAME; -help lists the flags")

func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	root := flags.String("root", "../..", "the repository's `folder`")
	out := flags.String("out", "", "the `folder` to write to; required")
	number := flags.String("version", "", "the `version`, such as v1.2.3 (what git describes if empty)")
	source := flags.String("source", "", "the `address` at which this code is published, for the image's label")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" {
		return errors.New("-out is required")
	}
	r, err := newRelease(ctx, *root, *out, *number, *source)
	if err != nil {
		return err
	}
	r.log = stdout
	switch {
	case flags.NArg() == 1 && flags.Arg(0) == "image":
		return r.images(ctx)
	case flags.NArg() == 1 && flags.Arg(0) == "all":
		return r.all(ctx)
	case flags.NArg() == 2 && flags.Arg(0) == "push":
		return r.push(ctx, flags.Arg(1), keychain(getenv))
	default:
		return errUsage
	}
}
