package archtest_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/weeklyarchive/weeklyarchive"

// root is the repository's root, seen from this package's folder.
const root = "../.."

// goPackage is what `go list -json` says of a package.
type goPackage struct {
	ImportPath  string
	Standard    bool
	Imports     []string
	TestImports []string
	Deps        []string
}

var listPackages = sync.OnceValues(func() ([]goPackage, error) {
	list := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,Deps", "./...")
	list.Dir = root
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, err
	}
	var packages []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
})

// ours returns every package of the module.
func ours(t *testing.T) []goPackage {
	t.Helper()
	packages, err := listPackages()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	if len(packages) < 10 {
		t.Fatalf("go list: got %d packages, want the whole module", len(packages))
	}
	return packages
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// tracked returns the files that git knows, or would add.
func tracked(t *testing.T, patterns ...string) []string {
	t.Helper()
	args := append([]string{"ls-files", "--cached", "--others", "--exclude-standard", "--"}, patterns...)
	list := exec.CommandContext(t.Context(), "git", args...)
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	var files []string
	for name := range strings.FieldsSeq(string(out)) {
		if _, err := os.Stat(filepath.Join(root, name)); err == nil {
			files = append(files, name)
		}
	}
	return files
}
