package acceptance_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A tfBlock is a top-level block of a file.
type tfBlock struct {
	*hclsyntax.Block
	file   string // relative to terraform/
	source []byte
}

func (b tfBlock) String() string {
	return b.file + ": " + strings.Join(append([]string{b.Type}, b.Labels...), " ")
}

// text returns an expression as it is written; "" for an absent attribute.
func (b tfBlock) text(attribute string) string {
	a, ok := b.Body.Attributes[attribute]
	if !ok {
		return ""
	}
	return string(a.Expr.Range().SliceBytes(b.source))
}

// literal returns a quoted text without variables; "" for anything else.
func (b tfBlock) literal(attribute string) string {
	a, ok := b.Body.Attributes[attribute]
	if !ok {
		return ""
	}
	value, diags := a.Expr.Value(nil)
	if diags.HasErrors() || value.IsNull() || value.Type() != cty.String {
		return ""
	}
	return value.AsString()
}

func terraformBlocks(t *testing.T) []tfBlock {
	t.Helper()
	var blocks []tfBlock
	for _, pattern := range []string{"*.tf", "modules/*/*.tf"} {
		for _, file := range glob(t, terraformRoot, pattern) {
			source, err := os.ReadFile(filepath.Join(terraformRoot, file))
			if err != nil {
				t.Fatal(err)
			}
			parsed, diags := hclsyntax.ParseConfig(source, file, hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatalf("parsing: %v", diags)
			}
			for _, block := range parsed.Body.(*hclsyntax.Body).Blocks {
				blocks = append(blocks, tfBlock{block, file, source})
			}
		}
	}
	return blocks
}

func TestTerraformVariablesAndOutputsAreDescribed(t *testing.T) {
	t.Parallel()
	names := map[string][]string{} // by file and type of block
	for _, block := range terraformBlocks(t) {
		if block.Type != "variable" && block.Type != "output" {
			continue
		}
		if !strings.HasSuffix(block.file, block.Type+"s.tf") {
			t.Errorf("%s: want it in %ss.tf", block, block.Type)
		}
		key := block.file + " " + block.Type
		names[key] = append(names[key], block.Labels[0])
		if description := block.literal("description"); !strings.HasSuffix(description, ".") {
			t.Errorf("%s: description %q is no sentence", block, description)
		}
		if block.Type == "variable" && block.text("type") == "" {
			t.Errorf("%s: no type", block)
		}
	}
	for key, got := range names {
		if !slices.IsSorted(got) {
			t.Errorf("%s blocks are not in alphabetical order: %s", key, strings.Join(got, ", "))
		}
	}
}

// Every variable that a person sets refuses what cannot be right, and says
// what can.
func TestTerraformVariablesAreValidated(t *testing.T) {
	t.Parallel()
	for _, block := range terraformBlocks(t) {
		if block.Type != "variable" || block.file != "variables.tf" || block.text("type") == "bool" {
			continue
		}
		var messages []string
		for _, inner := range block.Body.Blocks {
			if inner.Type == "validation" {
				messages = append(messages, tfBlock{inner, block.file, block.source}.literal("error_message"))
			}
		}
		if len(messages) == 0 {
			t.Errorf("%s: no validation", block)
		}
		for _, message := range messages {
			if !strings.HasPrefix(message, block.Labels[0]+" must ") || len(message) < 40 {
				t.Errorf("%s: message %q does not say what the variable must be", block, message)
			}
		}
	}
}

func TestTerraformThreeVariablesHaveNoDefault(t *testing.T) {
	t.Parallel()
	var got []string
	for _, block := range terraformBlocks(t) {
		if block.Type == "variable" && block.file == "variables.tf" && block.text("default") == "" {
			got = append(got, block.Labels[0])
		}
	}
	if diff := cmp.Diff([]string{"project_id", "region", "spotify_client_id"}, got); diff != "" {
		t.Errorf("what a newcomer must set differs (-want +got):\n%s", diff)
	}
}

// A secret in the configuration would be in the state too, and a command that
// runs on the operator's machine is nothing that a plan shows.
func TestTerraformHoldsNoSecretAndRunsNoCommand(t *testing.T) {
	t.Parallel()
	forbiddenTypes := regexp.MustCompile(`^(google_secret_manager_(regional_)?secret_version(_access)?|google_service_account_key|google_kms_secret(_asymmetric|_ciphertext)?|null_resource|local_.*|random_.*)$`)
	forbiddenBlocks := regexp.MustCompile(`^(provisioner|connection)$`)
	secretName := regexp.MustCompile(`(^|_)(password|private_key|secret_data|secret_data_wo|token|auth_token|access_token)(_wo)?$`)
	for _, block := range terraformBlocks(t) {
		if len(block.Labels) > 0 && forbiddenTypes.MatchString(block.Labels[0]) {
			t.Errorf("%s: this type of %s is not allowed here", block, block.Type)
		}
		diags := hclsyntax.VisitAll(block.Body, func(node hclsyntax.Node) hcl.Diagnostics {
			switch n := node.(type) {
			case *hclsyntax.Block:
				if forbiddenBlocks.MatchString(n.Type) {
					t.Errorf("%s: a %s is not allowed here", block, n.Type)
				}
			case *hclsyntax.Attribute:
				if secretName.MatchString(n.Name) {
					t.Errorf("%s: attribute %s holds a secret", block, n.Name)
				}
			}
			return nil
		})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
	}
}

func TestTerraformUsesTwoProvidersAtOneVersion(t *testing.T) {
	t.Parallel()
	want := map[string]string{"archive": "2.8.0", "google": "7.45.0"}
	const builtIn = "terraform" // terraform_data; nothing to install
	for _, block := range terraformBlocks(t) {
		switch block.Type {
		case "resource", "data", "ephemeral":
			provider, _, _ := strings.Cut(block.Labels[0], "_")
			if want[provider] == "" && provider != builtIn {
				t.Errorf("%s: of another provider than google and archive", block)
			}
		case "terraform":
			for _, inner := range block.Body.Blocks {
				for name, attribute := range inner.Body.Attributes {
					version, diags := attribute.Expr.Value(nil)
					if diags.HasErrors() {
						t.Fatal(diags)
					}
					if got := version.GetAttr("version").AsString(); got != want[name] {
						t.Errorf("%s: provider %s %q, want %q", block, name, got, want[name])
					}
				}
			}
		}
	}
}

// Whoever grants something on the whole project has to put it into the list
// with its reason, which *.tftest.hcl pins down.
func TestTerraformProjectGrantsAreInTheirFile(t *testing.T) {
	t.Parallel()
	for _, block := range terraformBlocks(t) {
		if block.Type != "resource" {
			continue
		}
		switch kind := block.Labels[0]; {
		case kind == "google_project_iam_audit_config":
		case strings.HasPrefix(kind, "google_project_iam_"), kind == "google_project_default_service_accounts":
			if kind != "google_project_iam_member" || block.file != "project_grants.tf" {
				t.Errorf("%s: grants on the project belong into project_grants.tf, as google_project_iam_member", block)
			}
		case strings.HasSuffix(kind, "_iam_member"), strings.HasSuffix(kind, "_iam_policy"):
			t.Errorf("%s: want a binding, which takes the role away from everybody else", block)
		}
		if basic := regexp.MustCompile(`"roles/(owner|editor|viewer|[a-z]+\.admin)"`).FindString(string(block.Range().SliceBytes(block.source))); basic != "" {
			t.Errorf("%s: role %s is too much", block, basic)
		}
	}
}

// Terraform sets the variables that a function reads, all of them and no other.
func TestTerraformEnvironmentIsWhatTheFunctionsRead(t *testing.T) {
	t.Parallel()
	want := configVariables(t)
	for _, module := range []struct{ name, config string }{
		{"archiveuser", "ArchiveUser"}, {"fanout", "FanOut"}, {"signup", "SignUp"},
	} {
		t.Run(module.name, func(t *testing.T) {
			t.Parallel()
			got := moduleEnvironment(t, module.name)
			reads := want[module.config]
			if diff := cmp.Diff(slices.Sorted(maps.Keys(reads)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Errorf("variables that the function reads (-) and that Terraform sets (+) differ:\n%s", diff)
			}
			for name, value := range got {
				if fallback := reads[name]; value != "" && fallback != "" && value != fallback {
					t.Errorf("%s is %q, but the function's default is %q", name, value, fallback)
				}
			}
		})
	}
}

// moduleEnvironment maps the variables that a module block sets to their
// values, where these are texts without variables.
func moduleEnvironment(t *testing.T, name string) map[string]string {
	t.Helper()
	for _, block := range terraformBlocks(t) {
		if block.Type != "module" || block.Labels[0] != name {
			continue
		}
		object, ok := block.Body.Attributes["environment"].Expr.(*hclsyntax.ObjectConsExpr)
		if !ok {
			t.Fatalf("%s: environment is no list of variables", block)
		}
		environment := map[string]string{}
		for _, item := range object.Items {
			key, diags := item.KeyExpr.Value(nil)
			if diags.HasErrors() {
				t.Fatalf("%s: %v", block, diags)
			}
			var literal string
			if value, diags := item.ValueExpr.Value(nil); !diags.HasErrors() {
				literal = value.AsString()
			}
			environment[key.AsString()] = literal
		}
		return environment
	}
	t.Fatalf("no module %s", name)
	return nil
}

// configVariables reads the tags of the structs in internal/config: struct,
// variable, default.
func configVariables(t *testing.T) map[string]map[string]string {
	t.Helper()
	structs := map[string]map[string]string{}
	for _, file := range glob(t, repository+"/internal/config", "*.go") {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(repository, "internal/config", file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			spec, ok := node.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if definition, ok := spec.Type.(*ast.StructType); ok {
				structs[spec.Name.Name] = taggedVariables(t, spec.Name.Name, definition)
			}
			return false
		})
	}
	return structs
}

func taggedVariables(t *testing.T, name string, definition *ast.StructType) map[string]string {
	t.Helper()
	variables := map[string]string{}
	for _, field := range definition.Fields.List {
		if field.Tag == nil {
			continue
		}
		text, err := strconv.Unquote(field.Tag.Value)
		if err != nil {
			t.Fatalf("tag of %s: %v", name, err)
		}
		tag := reflect.StructTag(text)
		if variable, _, _ := strings.Cut(tag.Get("env"), ","); variable != "" {
			variables[variable] = tag.Get("envDefault")
		}
	}
	return variables
}

// A build that begins before its grants are known everywhere fails.
func TestTerraformBuildsWaitForTheirGrants(t *testing.T) {
	t.Parallel()
	for _, block := range terraformBlocks(t) {
		if block.Type != "module" {
			continue
		}
		for _, want := range []string{
			"google_artifact_registry_repository_iam_binding.writer",
			"google_firestore_field.expiring", // takes minutes, in which the others become known
			"google_project_iam_member.builder",
			"google_storage_bucket_iam_binding.source_reader",
		} {
			if !strings.Contains(block.text("depends_on"), want) {
				t.Errorf("%s: does not wait for %s", block, want)
			}
		}
	}
}

// A plan of what was just applied has to be empty, or nobody can tell by it what
// somebody changed by hand. Data of a check is read in every apply, so the plan
// before it never is; and data that asks for what we make ourselves has to wait
// for it, or the first plan asks for what is not there.
func TestTerraformPlansSettle(t *testing.T) {
	t.Parallel()
	thereBefore := map[string]bool{"google_project": true}
	for _, block := range terraformBlocks(t) {
		switch block.Type {
		case "check":
			for _, inner := range block.Body.Blocks {
				if inner.Type == "data" {
					t.Errorf("%s: reads data %s of its own, so no plan is ever empty", block, strings.Join(inner.Labels, " "))
				}
			}
		case "data":
			if !thereBefore[block.Labels[0]] && block.text("depends_on") == "" {
				t.Errorf("%s: waits for nothing", block)
			}
		}
	}
}

// Terraform asks these APIs while it plans, so before it can switch them on.
func TestTerraformAPIsOfThePlanAreSwitchedOnByHand(t *testing.T) {
	t.Parallel()
	for _, file := range []string{repository + "/README.md", terraformRoot + "/README.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		command := regexp.MustCompile(`gcloud services enable[^\x60\n]*`).FindString(string(text))
		for _, api := range []string{"cloudbilling", "cloudresourcemanager", "serviceusage"} {
			if !strings.Contains(command, " "+api+".googleapis.com") {
				t.Errorf("%s: %q does not switch on %s.googleapis.com", file, command, api)
			}
		}
	}
}
