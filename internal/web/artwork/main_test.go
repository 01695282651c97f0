package main

import (
	"bytes"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"testing"
)

// What the pages serve is what this program draws.
func TestFilesAreAsDrawn(t *testing.T) {
	t.Parallel()
	files, err := drawn()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for name, content := range files {
		name, want := stored(name, content)
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatalf("%v (go generate ./internal/web draws it)", err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not as drawn: go generate ./internal/web", name)
		}
		total += len(content)
	}
	if total > 60_000 {
		t.Errorf("got %d bytes of pictures, want at most 60,000", total)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	files, err := drawn()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]image.Point{
		"static/share.png": {X: 1200, Y: 630}, "static/icon-180.png": {X: 180, Y: 180},
		"static/icon-192.png": {X: 192, Y: 192}, "static/icon-512.png": {X: 512, Y: 512},
	} {
		img, _, err := image.Decode(bytes.NewReader(files[name]))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := img.Bounds().Size(); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if got, want := bytes.Count(files["templates/scene.html"], []byte(`class="tile`)), songs; got != want {
		t.Errorf("got %d tiles, want %d", got, want)
	}
}
