package operate

import (
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/weeklyarchive/weeklyarchive/internal/version"
)

// Version is what a program can say about itself.
type Version struct {
	Version  string `json:"version"`            // of the release
	Revision string `json:"revision,omitempty"` // of the source
	Go       string `json:"go"`
	System   string `json:"system"`
}

// ThisVersion is the version of this program.
func ThisVersion() Version {
	v := version.Get()
	return Version{Version: v.Number, Revision: v.Commit, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
}

func (c *commands) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which version this is", Args: asUsage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			return c.print(ThisVersion(), func(w io.Writer) { write(w, "%s\n", version.Get()) })
		},
	}
}
