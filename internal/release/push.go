package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	containername "github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// keychain takes the registry's user and password from REGISTRY_USER and
// REGISTRY_PASSWORD, or else from where `docker login` left them.
func keychain(getenv func(string) string) authn.Keychain {
	user, password := getenv("REGISTRY_USER"), getenv("REGISTRY_PASSWORD")
	if user == "" {
		return authn.DefaultKeychain
	}
	return fixed{authn.FromConfig(authn.AuthConfig{Username: user, Password: password})}
}

type fixed struct{ authn.Authenticator }

// Resolve implements authn.Keychain.
func (f fixed) Resolve(authn.Resource) (authn.Authenticator, error) { return f.Authenticator, nil }

// push sends the images of both architectures as one: whoever pulls it gets
// theirs.
func (r *release) push(ctx context.Context, repository string, keys authn.Keychain) error {
	tag, err := containername.NewTag(repository+":"+r.version, containername.StrictValidation)
	if err != nil {
		return fmt.Errorf("naming the image: %w", err)
	}
	folder, err := os.MkdirTemp("", name+"-")
	if err != nil {
		return fmt.Errorf("making a folder to unpack in: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, t := range imageTargets() {
		image, err := readImage(r.file(t, imageEnding), filepath.Join(folder, t.arch))
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: t.os, Architecture: t.arch}},
		})
	}
	if err := remote.WriteIndex(tag, index, remote.WithContext(ctx), remote.WithAuthFromKeychain(keys)); err != nil {
		return fmt.Errorf("pushing %s: %w", tag, err)
	}
	digest, err := index.Digest()
	if err != nil {
		return fmt.Errorf("reading the digest: %w", err)
	}
	r.say(tag.String() + "@" + digest.String())
	return nil
}

// readImage unpacks an archive that writeImage wrote and returns its image.
func readImage(archive, folder string) (v1.Image, error) {
	if err := unpack(archive, folder); err != nil {
		return nil, err
	}
	index, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the image: %w", err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("reading the image: %w", err)
	}
	if len(manifest.Manifests) != 1 {
		return nil, fmt.Errorf("%s holds %d images, want 1", filepath.Base(archive), len(manifest.Manifests))
	}
	return index.Image(manifest.Manifests[0].Digest)
}

// unpack writes the files of a tar below a folder, and none beside it.
func unpack(archive, folder string) (err error) {
	file, err := os.Open(archive)
	if err != nil {
		return fmt.Errorf("opening the image: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fmt.Errorf("unpacking: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("unpacking: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for reader := tar.NewReader(file); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("unpacking: %w", err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			return fmt.Errorf("unpacking %s: %w", header.Name, err)
		}
		if err := root.MkdirAll(filepath.Dir(header.Name), 0o750); err != nil {
			return fmt.Errorf("unpacking: %w", err)
		}
		if err := root.WriteFile(header.Name, content, 0o600); err != nil {
			return fmt.Errorf("unpacking: %w", err)
		}
	}
}
