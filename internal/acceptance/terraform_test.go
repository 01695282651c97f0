package acceptance_test

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

const (
	repository    = "../.."
	terraformRoot = repository + "/terraform"
	modulePath    = "github.com/weeklyarchive/weeklyarchive"
)

func TestTerraform(t *testing.T) {
	t.Parallel()
	dir := terraformCopy(t)

	t.Run("is_formatted", func(t *testing.T) {
		t.Parallel()
		terraform(t, dir, "fmt", "-check", "-diff", "-recursive")
	})
	t.Run("is_valid", func(t *testing.T) {
		t.Parallel()
		terraform(t, dir, "validate", "-no-color")
	})
	for _, file := range glob(t, dir, "tests/*.tftest.hcl") {
		name := strings.TrimSuffix(path.Base(file), ".tftest.hcl")
		t.Run("passes_its_tests_of_"+name, func(t *testing.T) {
			t.Parallel()
			terraform(t, dir, "test", "-no-color", "-filter="+file)
		})
	}
}

// TestTerraformZip has Terraform write the zip and treats it as Google does:
// https://docs.cloud.google.com/docs/buildpacks/go wants one package at the
// root, generates a main that imports it, and starts one function by name.
func TestTerraformZip(t *testing.T) {
	t.Parallel()
	dir := terraformCopy(t)
	terraform(t, dir, zipOnly("apply", "-auto-approve")...)
	source := t.TempDir()
	files := unzip(t, filepath.Join(dir, ".terraform", "source.zip"), source)

	t.Run("holds_what_the_functions_import_and_nothing_else", func(t *testing.T) {
		t.Parallel()
		if diff := cmp.Diff(importedFolders(t), goFolders(files)); diff != "" {
			t.Errorf("folders with Go files in the zip (+) and folders that the functions import (-) differ; see source_folders in source.tf:\n%s", diff)
		}
	})
	t.Run("has_one_package_at_its_root", func(t *testing.T) {
		t.Parallel()
		var got []string
		for _, file := range files {
			if !strings.Contains(file, "/") {
				got = append(got, file)
			}
		}
		if diff := cmp.Diff([]string{"go.mod", "go.sum", "weeklyarchive.go"}, got); diff != "" {
			t.Errorf("files at the root differ from what the buildpack takes (-want +got):\n%s", diff)
		}
	})

	binary := buildFunctions(t, source)
	for _, function := range []string{"SignUp", "FanOut", "ArchiveUser"} {
		t.Run("answers_for_"+function, func(t *testing.T) {
			t.Parallel()
			answers(t, binary, function)
		})
	}
}

// A plan that one machine saved is applied by another, which has the same files
// and no zip; and what it applied is what the next plan wants.
func TestTerraformSavedPlanAppliesElsewhere(t *testing.T) {
	t.Parallel()
	plan := filepath.Join(t.TempDir(), "saved.tfplan")
	terraform(t, terraformCopy(t), zipOnly("plan", "-out="+plan)...)

	elsewhere := terraformCopy(t)
	terraform(t, elsewhere, "apply", "-no-color", "-input=false", plan)
	if files := unzip(t, filepath.Join(elsewhere, ".terraform", "source.zip"), t.TempDir()); len(files) < 50 {
		t.Errorf("got %d files in the zip, want all of the source", len(files))
	}
	terraform(t, elsewhere, zipOnly("plan", "-detailed-exitcode")...) // 2 if there is anything to change
}

// zipOnly are arguments for what becomes of the zip alone.
func zipOnly(command string, args ...string) []string {
	return append([]string{
		command, "-no-color", "-input=false", "-lock=false", "-target=data.archive_file.source",
		"-var=project_id=test-project", "-var=region=europe-west1", "-var=spotify_client_id=0123456789abcdef0123456789abcdef",
	}, args...)
}

// terraformCopy copies what the configuration reads into a folder of the test's
// own, where Terraform may write, and makes the providers known there.
func terraformCopy(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("terraform"); err != nil {
		archivetest.Lacks(t, "Terraform is not installed")
	}
	root := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "functions", "internal", "terraform"} {
		copyTree(t, filepath.Join(repository, name), filepath.Join(root, name))
	}
	dir := filepath.Join(root, "terraform")
	if providersOverridden(t) {
		terraform(t, dir, "get") // with overrides there is nothing to install, and init refuses
		return dir
	}
	if out, err := terraformCommand(t, dir, "init", "-backend=false", "-input=false", "-no-color").CombinedOutput(); err != nil {
		archivetest.Lacks(t, fmt.Sprintf("Terraform cannot install the providers (%v); TF_CLI_CONFIG_FILE may name a configuration that has them:\n%s", err, out))
	}
	return dir
}

func providersOverridden(t *testing.T) bool {
	t.Helper()
	file := os.Getenv("TF_CLI_CONFIG_FILE")
	if file == "" {
		return false
	}
	config, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("reading the file that TF_CLI_CONFIG_FILE names: %v", err)
	}
	return strings.Contains(string(config), "dev_overrides")
}

func terraform(t *testing.T, dir string, args ...string) {
	t.Helper()
	if out, err := terraformCommand(t, dir, args...).CombinedOutput(); err != nil {
		t.Errorf("terraform %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func terraformCommand(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "terraform", args...)
	cmd.Dir = dir
	// Relative to here, the file would not be found from there.
	if file := os.Getenv("TF_CLI_CONFIG_FILE"); file != "" {
		absolute, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+absolute)
	}
	return cmd
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if entry.IsDir() {
			if entry.Name() == ".terraform" {
				return filepath.SkipDir
			}
			return os.MkdirAll(target, 0o750)
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o600)
	})
	if err != nil {
		t.Fatalf("copying %s: %v", from, err)
	}
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	files, err := fs.Glob(os.DirFS(dir), pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no file of the form %s in %s", pattern, dir)
	}
	return files
}

// unzip returns the names of the files, in order.
func unzip(t *testing.T, name, to string) []string {
	t.Helper()
	archive, err := zip.OpenReader(name)
	if err != nil {
		t.Fatalf("opening the zip that Terraform wrote: %v", err)
	}
	defer func() { _ = archive.Close() }()
	if err := os.CopyFS(to, archive); err != nil {
		t.Fatalf("unpacking: %v", err)
	}
	var files []string
	for _, file := range archive.File {
		files = append(files, file.Name)
	}
	slices.Sort(files)
	return files
}

func goFolders(files []string) []string {
	var folders []string
	for _, file := range files {
		if folder := path.Dir(file); folder != "." && strings.HasSuffix(file, ".go") {
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// importedFolders lists the folders of our packages that the three functions
// are made of.
func importedFolders(t *testing.T) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "./functions/archiveuser", "./functions/fanout", "./functions/signup")
	cmd.Dir = repository
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing what the functions import: %v", err)
	}
	var folders []string
	for name := range strings.Lines(string(out)) {
		if folder, ours := strings.CutPrefix(strings.TrimSpace(name), modulePath+"/"); ours {
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	return folders
}

// buildFunctions builds the main that the buildpack generates.
func buildFunctions(t *testing.T, source string) string {
	t.Helper()
	const generated = `package main

import (
	"log"
	"os"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	_ "` + modulePath + `"
)

func main() {
	if err := funcframework.StartHostPort("127.0.0.1", os.Getenv("PORT")); err != nil {
		log.Fatal(err)
	}
}
`
	dir := filepath.Join(source, "generated-main")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(generated), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "functions")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-mod=readonly", "-o", binary, "./generated-main")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the zip: %v\n%s", err, out)
	}
	return binary
}

// answers starts the binary as one function and without any configuration: it
// has to come up and to say that it cannot work, and not to end.
func answers(t *testing.T, binary, function string) {
	t.Helper()
	port := freePort(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var log strings.Builder
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = []string{"FUNCTION_TARGET=" + function, "PORT=" + port, "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting as %s: %v", function, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is stopped below; what it said is in the log
	}()

	status, err := ask(ctx, port, ended)
	cancel()
	<-ended
	if err != nil {
		t.Fatalf("%s did not answer: %v\n%s", function, err, log.String())
	}
	if status != http.StatusInternalServerError {
		t.Errorf("%s without configuration answered %d, want %d\n%s", function, status, http.StatusInternalServerError, log.String())
	}
}

// ask posts an empty event until somebody listens.
func ask(ctx context.Context, port string, ended <-chan struct{}) (int, error) {
	const event = `{"specversion":"1.0","id":"1","source":"//pubsub.googleapis.com/projects/test-project/topics/weekly","type":"google.cloud.pubsub.topic.v1.messagePublished","data":{}}`
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://127.0.0.1:"+port+"/", strings.NewReader(event))
		if err != nil {
			return 0, err
		}
		req.Header.Set("Content-Type", "application/cloudevents+json")
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_, err := io.Copy(io.Discard, resp.Body)
			return resp.StatusCode, errors.Join(err, resp.Body.Close())
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-ended:
			return 0, errors.New("it ended")
		case <-tick.C:
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
