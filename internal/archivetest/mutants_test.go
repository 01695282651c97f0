package archivetest

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// mutantVariable names the mutant that a process of this test binary is to run.
const mutantVariable = "ARCHIVETEST_MUTANT"

// mutant is an adapter that breaks a rule.
type mutant struct {
	name  string
	suite func(t *testing.T) // runs the suite on the adapter
	fails []string           // subtests of the suite that have to fail
}

func allMutants() []mutant {
	return slices.Concat(documentMutants(), ledgerMutants(), dueMutants(), appMutants(), sealerMutants(), queueMutants())
}

// TestMutant runs one mutant's suite when TestSuites_canFail asks for it, in a
// process of its own, because a suite that fails fails the test that runs it.
func TestMutant(t *testing.T) {
	t.Parallel()
	name := os.Getenv(mutantVariable)
	for _, mutant := range allMutants() {
		if mutant.name == name {
			mutant.suite(t)
		}
	}
}

func TestSuites_canFail(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	noError(t, "finding the test binary", err)
	for _, mutant := range allMutants() {
		t.Run(mutant.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			rules := "^(" + strings.Join(mutant.fails, "|") + ")$"
			cmd := exec.CommandContext(ctx, binary, "-test.run=^TestMutant$/"+rules)
			cmd.Env = append(os.Environ(), mutantVariable+"="+mutant.name)
			output, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatal("the suite passes an adapter that breaks a rule")
			}
			for _, rule := range mutant.fails {
				if !strings.Contains(string(output), "--- FAIL: TestMutant/"+rule+" ") {
					t.Errorf("%s did not fail; output (%v):\n%s", rule, err, output)
				}
			}
		})
	}
}
