package operate

import (
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is what a program can say about itself.
type Version struct {
	Version  string `json:"version"`            // of the release; "(devel)" where it was built from a checkout
	Revision string `json:"revision,omitempty"` // of the source
	Changed  bool   `json:"changed,omitempty"`  // the source had changes that were not committed
	Go       string `json:"go"`
	System   string `json:"system"`
}

// ThisVersion reads what Go noted when it built the program.
func ThisVersion() Version {
	v := Version{Version: "(devel)", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			v.Revision = setting.Value
		case "vcs.modified":
			v.Changed = setting.Value == "true"
		}
	}
	return v
}

func (c *commands) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which version this is", Args: asUsage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			v := ThisVersion()
			return c.print(v, func(w io.Writer) {
				row(w, "version", v.Version)
				row(w, "revision", dash(v.Revision))
				row(w, "built with", v.Go)
				row(w, "for", v.System)
			})
		},
	}
}
