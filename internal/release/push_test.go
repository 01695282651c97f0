package main

import (
	"fmt"
	"io"
	"log" //nolint:depguard // what the registry of the test takes
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	containername "github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// The images of both architectures get to a registry as one, with the user and
// password of the environment.
func TestPush(t *testing.T) {
	t.Parallel()
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ada" || password != "hush-hush" {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	repository := strings.TrimPrefix(server.URL, "http://") + "/me/weekly-archive"

	r := testRelease(t)
	if err := r.images(t.Context()); err != nil {
		t.Fatal(err)
	}
	environ := map[string]string{"REGISTRY_USER": "ada", "REGISTRY_PASSWORD": "wrong"}
	keys := func(name string) string { return environ[name] }
	if err := r.push(t.Context(), repository, keychain(keys)); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("got error %v with a wrong password, want one that does not show it", err)
	}
	environ["REGISTRY_PASSWORD"] = "hush-hush"
	if err := r.push(t.Context(), repository, keychain(keys)); err != nil {
		t.Fatal(err)
	}

	tag, err := containername.NewTag(repository + ":" + r.version)
	if err != nil {
		t.Fatal(err)
	}
	index, err := remote.Index(tag, remote.WithAuthFromKeychain(keychain(keys)))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range manifest.Manifests {
		image, err := index.Image(m.Digest)
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s/%s", m.Platform, config.OS, config.Architecture))
	}
	if want := []string{"linux/amd64 linux/amd64", "linux/arm64 linux/arm64"}; !slices.Equal(got, want) {
		t.Errorf("got images %q, want %q", got, want)
	}
}
