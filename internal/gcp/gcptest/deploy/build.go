package deploy

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The names that the buildpack uses
// (https://github.com/GoogleCloudPlatform/buildpacks/tree/main/cmd/go/functions_framework).
const (
	sourceFolder = "serverless_function_source_code"
	mainFolder   = "functions.local/app"
)

// mainProgram does what the main package does that the buildpack generates
// for functions that register themselves: it imports the module's root and
// starts the framework. FUNCTION_TARGET picks the function at run time, so the
// three entry points are one program.
const mainProgram = `package main

import (
	"log"
	"os"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

	_ %q
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	if err := funcframework.StartHostPort(os.Getenv("HOST_FOR_TESTS"), port); err != nil {
		log.Fatal(err)
	}
}
`

// Build unpacks the zip into dir, applies the buildpack's rules and builds the
// program, whose path it returns. go.mod and go.sum have to be complete:
// nothing is added to them.
func Build(ctx context.Context, packed []byte, dir string) (program string, err error) {
	source := filepath.Join(dir, sourceFolder)
	if err := unpack(packed, source); err != nil {
		return "", err
	}
	if err := CheckRoot(source); err != nil {
		return "", err
	}
	module, err := run(ctx, source, "list", "-m")
	if err != nil {
		return "", err
	}
	module = strings.TrimSpace(module)
	if first, _, _ := strings.Cut(module, "/"); !strings.Contains(first, ".") {
		return "", fmt.Errorf("the first element of the module path %s has no dot, which the buildpack insists on", module)
	}
	folder := filepath.Join(source, filepath.FromSlash(mainFolder))
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return "", fmt.Errorf("making the main package: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "main.go"), fmt.Appendf(nil, mainProgram, module), 0o600); err != nil {
		return "", fmt.Errorf("writing the main package: %w", err)
	}
	program = filepath.Join(dir, "main")
	_, err = run(ctx, source, "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-o", program, "./"+mainFolder)
	return program, err
}

// CheckRoot applies the buildpack's rule for the root of the source: Go files
// of exactly one package, in any file whose name ends in .go.
func CheckRoot(source string) error {
	packages, err := parser.ParseDir(token.NewFileSet(), source, nil, parser.ImportsOnly) //nolint:staticcheck // SA1019: what the buildpack calls
	if err != nil {
		return fmt.Errorf("parsing the root of the source: %w", err)
	}
	if len(packages) != 1 {
		return fmt.Errorf("the root of the source has %d Go packages, and the buildpack wants 1", len(packages))
	}
	return nil
}

func unpack(packed []byte, dir string) error {
	reader, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return fmt.Errorf("reading the zip: %w", err)
	}
	for _, file := range reader.File {
		if err := unpackFile(file, dir); err != nil {
			return fmt.Errorf("unpacking %s: %w", file.Name, err)
		}
	}
	return nil
}

func unpackFile(file *zip.File, dir string) error {
	if !filepath.IsLocal(file.Name) {
		return errors.New("the name leads out of the folder")
	}
	path := filepath.Join(dir, file.Name) //nolint:gosec // G305: checked the line before
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	reader, err := file.Open()
	if err != nil {
		return err
	}
	content, err := io.ReadAll(reader)
	if err = errors.Join(err, reader.Close()); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

// run calls the go command in a folder, without the settings of this machine
// that could hide a fault, and returns what it prints.
func run(ctx context.Context, dir string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", arguments...) //nolint:gosec // G204: the arguments are this file's own
	command.Dir = dir
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", arguments[0], err, stderr.String())
	}
	return stdout.String(), nil
}
