package acceptance_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// The operator is called for every outcome that is theirs to mend.
func TestTerraformAlertsNameEveryOutcomeOfTheOperator(t *testing.T) {
	t.Parallel()
	// A pause rings once, by the line of the run that began it.
	otherLines := map[archive.OutcomeKind]string{archive.OutcomePaused: `jsonPayload.message="spotify paused"`}
	outcomes := regexp.MustCompile(`jsonPayload\.outcome=(\([^)]*\)|"[^"]*")`)
	filters := strings.Join(logAlertFilters(t), "\n")
	named := strings.Join(outcomes.FindAllString(filters, -1), " ")
	for _, kind := range outcomeKinds(t) {
		if kind == archive.OutcomeNone || kind.Handling().Severity != archive.Alert {
			continue // no run ends in OutcomeNone
		}
		line, ok := otherLines[kind]
		if ok && !strings.Contains(filters, line) || !ok && !strings.Contains(named, strconv.Quote(string(kind))) {
			t.Errorf("outcome %s is the operator's to mend, but no alert of alerts.tf looks for it", kind)
		}
	}
}

// logAlertFilters returns the filters of the alerts on log lines, variables
// left out.
func logAlertFilters(t *testing.T) []string {
	t.Helper()
	var filters []string
	for _, block := range terraformBlocks(t) {
		alerts, ok := block.Body.Attributes["log_alerts"]
		if block.Type != "locals" || !ok {
			continue
		}
		diags := hclsyntax.VisitAll(alerts.Expr, func(node hclsyntax.Node) hcl.Diagnostics {
			item, ok := node.(*hclsyntax.TemplateExpr)
			if !ok {
				return nil
			}
			var text strings.Builder
			for _, part := range item.Parts {
				if value, diags := part.Value(nil); !diags.HasErrors() && value.Type() == cty.String {
					text.WriteString(value.AsString())
				}
			}
			filters = append(filters, text.String())
			return nil
		})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
	}
	if len(filters) == 0 {
		t.Fatal("no log_alerts in the configuration")
	}
	return filters
}

// outcomeKinds reads the constants of type OutcomeKind.
func outcomeKinds(t *testing.T) []archive.OutcomeKind {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), repository+"/internal/archive/outcome.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []archive.OutcomeKind
	ast.Inspect(parsed, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "OutcomeKind" {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, archive.OutcomeKind(text))
		return true
	})
	if len(kinds) < 20 {
		t.Fatalf("found only the outcomes %v", kinds)
	}
	return kinds
}

// Each playbook has the parts that somebody woken at night looks for.
func TestPlaybooksHaveTheirParts(t *testing.T) {
	t.Parallel()
	want := []string{"## What it means", "## Look", "## What to do", "## When to stop"}
	heading := regexp.MustCompile(`(?m)^## .*$`)
	filter := regexp.MustCompile("(?s)## Look\n.*```text\n.+?\n```\n")
	for _, file := range glob(t, repository+"/internal/docs/playbooks", "*.md") {
		text, err := os.ReadFile(filepath.Join(repository, "internal/docs/playbooks", file))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, heading.FindAllString(string(text), -1)); diff != "" {
			t.Errorf("%s: headings differ (-want +got):\n%s", file, diff)
		}
		if !filter.Match(text) {
			t.Errorf("%s: no log filter to paste under Look", file)
		}
	}
}
