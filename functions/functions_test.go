// Package functions_test holds what is true of all functions together.
package functions_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	// The main package that Google's Go buildpack generates imports it, so
	// go.sum has to be complete for it.
	_ "github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

	// The main package that the buildpack generates imports these as well;
	// without one they would look like dead code.
	_ "github.com/weeklyarchive/weeklyarchive/functions/archiveuser"
	_ "github.com/weeklyarchive/weeklyarchive/functions/fanout"
	_ "github.com/weeklyarchive/weeklyarchive/functions/signup"
)

const module = "github.com/weeklyarchive/weeklyarchive"

func TestFunctionsLinkOnlyWhatTheyNeed(t *testing.T) {
	t.Parallel()
	const google, grpc, sqlite = "cloud.google.com/", "google.golang.org/", "modernc.org/"
	cases := map[string][]string{
		"signup":      {sqlite, module + "/internal/local"},
		"archiveuser": {sqlite, module + "/internal/local", module + "/internal/web", "cloud.google.com/go/pubsub"},
		"fanout": {
			sqlite, module + "/internal/local", module + "/internal/web", module + "/internal/spotify",
			"cloud.google.com/go/kms", "cloud.google.com/go/secretmanager",
		},
		"local": {google, grpc, "github.com/GoogleCloudPlatform/", "github.com/cloudevents/", module + "/internal/gcp"},
	}
	for function, forbidden := range cases {
		t.Run(function, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), "go", "list", "-deps", "./"+function)
			output, err := command.Output()
			if err != nil {
				t.Fatalf("go list: %v", err)
			}
			packages := strings.Fields(string(output))
			if !slices.Contains(packages, module+"/internal/archive") {
				t.Fatalf("go list shows no core among %d packages", len(packages))
			}
			for _, p := range packages {
				if i := slices.IndexFunc(forbidden, func(f string) bool { return strings.HasPrefix(p, f) }); i >= 0 {
					t.Errorf("%s links %s, and must not link %s", function, p, forbidden[i])
				}
			}
		})
	}
}
