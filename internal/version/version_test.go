package version

import (
	"runtime/debug"
	"testing"
)

func TestString(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		version Version
		want    string
	}{
		"release":           {Version{Number: "v1.2.3", Commit: "0123456789abcdef"}, "v1.2.3 (commit 0123456789ab)"},
		"short_commit":      {Version{Number: "v1.2.3", Commit: "0123"}, "v1.2.3 (commit 0123)"},
		"unknown_commit":    {Version{Number: "development"}, "development"},
		"uncommitted_parts": {Version{Number: "development", Commit: "0123", Changed: true}, "development (commit 0123, changed)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tc.version.String(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestNote(t *testing.T) {
	t.Parallel()
	var got Version
	got.note([]debug.BuildSetting{
		{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "0123"}, {Key: "vcs.modified", Value: "true"},
	})
	if want := (Version{Commit: "0123", Changed: true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBuildThatIsNoRelease(t *testing.T) {
	t.Parallel()
	if got := Get().Number; got != development {
		t.Errorf("got %q, want %q", got, development)
	}
}
