// Command artwork draws the pictures of the pages, so that none of them is
// anybody else's and every one can be made again:
//
//	go generate ./internal/web
//
// It draws the scene of the start page as SVG and as the picture that a link
// to it shows elsewhere, and the icon in every form that browsers ask for.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write draws every file below the folder of package web.
func write(folder string) error {
	files, err := drawn()
	if err != nil {
		return err
	}
	for name, content := range files {
		name, content = stored(name, content)
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return fmt.Errorf("writing what was drawn: %w", err)
		}
	}
	return nil
}

// stored is how a file is kept: pictures as text, in lines, because Terraform
// packs the sources of a function from files of text alone.
func stored(name string, content []byte) (string, []byte) {
	if !strings.HasPrefix(name, "static/") {
		return name, content
	}
	var text bytes.Buffer
	for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(content)), 76) {
		text.Write(append(line[:len(line):len(line)], '\n'))
	}
	return name + ".base64", text.Bytes()
}

// drawn returns every file by its name below package web.
var drawn = sync.OnceValues(draw)

func draw() (map[string][]byte, error) {
	files := map[string][]byte{"templates/scene.html": sceneTemplate()}
	share, err := encode(scene().on(1200, 630))
	if err != nil {
		return nil, err
	}
	files["static/share.png"] = share
	for name, size := range map[string]int{"icon-180.png": 180, "icon-192.png": 192, "icon-512.png": 512} {
		if files["static/"+name], err = encode(icon(true).on(size, size)); err != nil {
			return nil, err
		}
	}
	small, err := encode(icon(false).on(32, 32))
	if err != nil {
		return nil, err
	}
	files["static/favicon.ico"] = ico(small, 32)
	return files, nil
}
