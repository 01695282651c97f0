// Command operate is the operator's commands for a deployment on Google Cloud
// (package operate). Its settings are the environment variables that
// `terraform output -raw operate_environment` prints; it does what whoever
// runs it may do.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/place"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Args[1:], config.Environ(os.Environ()), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "operate: %s\n", err)
		os.Exit(operate.ExitCode(err))
	}
}

func run(ctx context.Context, args []string, environ map[string]string, stdout, stderr io.Writer) error {
	cmd := operate.Command(operate.Program{
		Name: "operate", Clock: time.Now, Stdout: stdout, Stderr: stderr,
		Open: func(ctx context.Context) (*operate.Service, error) {
			cfg, err := config.LoadOperate(environ)
			if err != nil {
				return nil, fmt.Errorf("these settings (terraform output -raw operate_environment) are wrong:\n%w", err)
			}
			p, err := place.Open(ctx, cfg, environ)
			if err != nil {
				return nil, err
			}
			return p.Service(), nil
		},
		Doctor: func(ctx context.Context) []operate.Finding {
			cfg, err := config.LoadOperate(environ)
			findings := operate.CheckConfig(err)
			if err != nil {
				return findings
			}
			p, err := place.Open(ctx, cfg, environ)
			if err != nil {
				return append(findings, operate.Bad("permissions", err.Error(), "run `gcloud auth application-default login`"))
			}
			return append(findings, p.Doctor(ctx)...)
		},
	})
	cmd.SetArgs(append([]string{}, args...)) // nil would be the process's own
	return cmd.ExecuteContext(ctx)
}
