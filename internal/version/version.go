// Package version says which version of the code a program was built from.
package version

import (
	"runtime/debug"
)

// development is the number of every build that is no release.
const development = "development"

// The linker of a release sets these:
// -ldflags "-X …/internal/version.number=v1.2.3 -X …/internal/version.commit=…".
var number, commit string

// Version is what a program can say about itself.
type Version struct {
	Number  string // of the release, such as v1.2.3; "development" of any other build
	Commit  string // of the source, in hexadecimal digits; empty if it is not known
	Changed bool   // the source had changes that were not committed
}

// Get returns the version of this program: what the release's build says, and
// for other builds what Go noted of the checkout.
func Get() Version {
	v := Version{Number: number, Commit: commit}
	if v.Number != "" {
		return v
	}
	v.Number = development
	if info, ok := debug.ReadBuildInfo(); ok {
		v.note(info.Settings)
	}
	return v
}

// note takes what `go build` noted (https://pkg.go.dev/runtime/debug#BuildSetting).
func (v *Version) note(settings []debug.BuildSetting) {
	for _, setting := range settings {
		switch setting.Key {
		case "vcs.revision":
			v.Commit = setting.Value
		case "vcs.modified":
			v.Changed = setting.Value == "true"
		}
	}
}

// String is for people: "v1.2.3 (commit 0123456789ab)".
func (v Version) String() string {
	if v.Commit == "" {
		return v.Number
	}
	const shown = 12 // digits; git itself shows fewer
	text := v.Number + " (commit " + v.Commit[:min(shown, len(v.Commit))]
	if v.Changed {
		text += ", changed"
	}
	return text + ")"
}
