package outcome

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// decidedBefore are errors that no run ends with: what they mean is decided
// where they arise.
var decidedBefore = map[string]string{
	"ErrLookAgain":    "the run ended well; its message comes again",
	"ErrInvalidGrant": "refused decides what it means",
	"ErrConflict":     "the write is decided anew",
	"ErrEnded":        "it is an ErrReconnect",
	"ErrTooOften":     "no run is asked for then",

	"ErrChannelGone":    "the channel ends, no run does",
	"ErrMessageRefused": "the message is given up, no run ends",
}

// sentinels are the errors of the package by name, so that the test below can
// look for their rows.
var sentinels = map[string]error{
	"ErrNotFound": fault.ErrNotFound, "ErrMalformed": fault.ErrMalformed, "ErrCannotOpen": fault.ErrCannotOpen,
	"ErrInvalidClient": fault.ErrInvalidClient, "ErrUnauthorized": fault.ErrUnauthorized, "ErrNotAllowed": fault.ErrNotAllowed,
	"ErrPremiumLapsed": fault.ErrPremiumLapsed, "ErrScope": fault.ErrScope, "ErrNotReadable": fault.ErrNotReadable,
	"ErrNotWritable": fault.ErrNotWritable, "ErrRejected": fault.ErrRejected, "ErrUnavailable": fault.ErrUnavailable,
	"ErrUnknownEffect": fault.ErrUnknownEffect,
	"ErrPaused":        fault.ErrPaused, "ErrBusy": fault.ErrBusy, "ErrLeft": fault.ErrLeft, "ErrReconnect": fault.ErrReconnect,
	"ErrMissing": fault.ErrMissing, "ErrSongsRefused": fault.ErrSongsRefused, "ErrSuspected": fault.ErrSuspected, "ErrInboxGone": fault.ErrInboxGone,
	"ErrPutOff": fault.ErrPutOff,
}

// Every error of the package has its row, so that none is told as a fault of
// ours and tried a hundred times.
func TestEveryErrorHasAVerdict(t *testing.T) {
	t.Parallel()
	for _, name := range declaredErrors(t) {
		if decidedBefore[name] != "" {
			continue
		}
		err, ok := sentinels[name]
		if !ok {
			t.Errorf("%s is not in this test's list: add it, and its row to verdicts", name)
			continue
		}
		if got := VerdictOf(fmt.Errorf("wrapped: %w", err)); got.Kind == Internal {
			t.Errorf("%s has no row: it would be told as our own fault", name)
		}
	}
	if got := VerdictOf(errors.New("a bug")).Kind; got != Internal {
		t.Errorf("got %q for an unknown error, want %q", got, Internal)
	}
	if got := VerdictOf(&fault.PausedError{Until: time.Now()}).Kind; got != Paused {
		t.Errorf("got %q for a pause, want %q", got, Paused)
	}
}

func declaredErrors(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, room := range []string{"../fault", "../notice", ".", ".."} {
		found, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	var names []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok || general.Tok != token.VAR {
				continue
			}
			for _, spec := range general.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if strings.HasPrefix(strings.ToLower(name.Name), "err") {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	if len(names) < 20 {
		t.Fatalf("found only the errors %v", names)
	}
	return names
}

// A row says all that it has to, and the kinds are rows of their own.
func TestVerdictsAreWhole(t *testing.T) {
	t.Parallel()
	seen := make(map[Kind]bool)
	for _, v := range Verdicts() {
		if seen[v.Kind] {
			t.Errorf("%s has two rows", v.Kind)
		}
		seen[v.Kind] = true
		if v.Reason == "" || v.Disposition == "" || v.Severity == "" {
			t.Errorf("%s: got %+v, want a disposition, a severity and a reason", v.Kind, v)
		}
		if (v.Severity == Alert) != (v.Alert != "") {
			t.Errorf("%s: got severity %q and alert %q: the operator is called by an alert", v.Kind, v.Severity, v.Alert)
		}
	}
}

func TestOneRouteOrAll(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		err  error
		want bool
	}{
		"a_refused_list":            {fault.ErrNotReadable, true},
		"a_missing_permission":      {fault.ErrScope, true},
		"trouble":                   {fmt.Errorf("listing: %w", fault.ErrUnavailable), true},
		"trouble_as_our_time_ends":  {fmt.Errorf("%w: %w", fault.ErrUnavailable, context.DeadlineExceeded), false},
		"a_pause":                   {&fault.PausedError{}, false},
		"a_refused_grant":           {fault.ErrInvalidGrant, false},
		"a_refused_app":             {fault.ErrInvalidClient, false},
		"an_account_not_allowed":    {fault.ErrNotAllowed, false},
		"a_bad_document_of_our_own": {fault.ErrMalformed, false},
		"a_bug":                     {errors.New("a bug"), false},
	} {
		if got := OfOneRoute(row.err); got != row.want {
			t.Errorf("%s: got %t, want %t", name, got, row.want)
		}
	}
}
