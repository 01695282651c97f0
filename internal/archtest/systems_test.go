package archtest_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// systems are those that the README names for a local service, and that may not be the
// one on which the tests run.
var systems = []struct{ os, arch string }{
	{"darwin", "arm64"},
	{"linux", "arm64"},
	{"windows", "amd64"},
}

// The local service and its tests compile on every system. They are checked as the
// compiler checks them, from source, and of their dependencies no more than
// declarations: building all of it for another system takes minutes.
func TestTheLocalProgramCompilesOnEverySystem(t *testing.T) {
	t.Parallel()
	for _, system := range systems {
		t.Run(system.os+"_"+system.arch, func(t *testing.T) {
			t.Parallel()
			c := &checker{
				files: token.NewFileSet(), done: map[string]*types.Package{"unsafe": types.Unsafe},
				sizes: types.SizesFor("gc", system.arch),
			}
			own := 0
			for _, p := range listFor(t, system.os, system.arch) {
				if strings.HasSuffix(p.ImportPath, ".test") || p.ImportPath == "unsafe" {
					continue
				}
				if err := c.check(p); err != nil {
					t.Fatalf("%s: %v", p.ImportPath, err)
				}
				if p.own() {
					own++
				}
			}
			if own < 10 {
				t.Errorf("checked %d packages of ours, want the whole local program", own)
			}
		})
	}
}

// A systemPackage is what `go list -deps -json` says of a package.
type systemPackage struct {
	Dir        string
	ImportPath string
	GoFiles    []string
	ImportMap  map[string]string
	Error      *struct{ Err string }
}

func (p systemPackage) own() bool { return strings.HasPrefix(p.ImportPath, module+"/") }

// listFor lists the local service and everything that it links, dependencies first.
func listFor(t *testing.T, system, arch string) []systemPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-test", "-json=Dir,ImportPath,GoFiles,ImportMap,Error",
		"./functions/local", "./internal/local/...")
	list.Dir = root
	list.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []systemPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p systemPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Error != nil {
			t.Fatalf("%s: %s", p.ImportPath, p.Error.Err)
		}
		packages = append(packages, p)
	}
}

// checker type-checks packages whose imports it has checked before.
type checker struct {
	files *token.FileSet
	done  map[string]*types.Package
	sizes types.Sizes
}

func (c *checker) check(p systemPackage) error {
	var files []*ast.File
	for _, name := range p.GoFiles {
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		f, err := parser.ParseFile(c.files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	config := types.Config{
		IgnoreFuncBodies: !p.own(),
		Sizes:            c.sizes,
		Importer: importer(func(path string) (*types.Package, error) {
			if mapped, ok := p.ImportMap[path]; ok {
				path = mapped
			}
			if c.done[path] == nil {
				return nil, errors.New("not listed before it was imported: " + path)
			}
			return c.done[path], nil
		}),
	}
	path, _, _ := strings.Cut(p.ImportPath, " ")
	checked, err := config.Check(path, c.files, files, nil)
	c.done[p.ImportPath] = checked
	return err
}

type importer func(path string) (*types.Package, error)

func (f importer) Import(path string) (*types.Package, error) { return f(path) }
