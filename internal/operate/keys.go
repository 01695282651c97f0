package operate

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// KeyUse is how many grants one version of the key seals.
type KeyUse struct {
	Version string `json:"version"`
	Grants  int    `json:"grants"`
	Current bool   `json:"current"` // it seals today
}

func (c *commands) keys() *cobra.Command {
	return &cobra.Command{
		Use: "keys", Short: "Count the grants that each version of the key seals", Args: asUsage(cobra.NoArgs),
		Long: "Count the grants that each version of the key seals. The next run of each user seals their grant with the current version; " +
			"a version that seals none opens nothing any more.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(ctx context.Context, s *Service) error {
				uses, err := s.keyUses(ctx)
				if err != nil {
					return err
				}
				return c.print(map[string][]KeyUse{"keys": uses}, func(w io.Writer) {
					row(w, "VERSION", "GRANTS", "")
					for _, use := range uses {
						current := ""
						if use.Current {
							current = "seals today"
						}
						row(w, use.Version, use.Grants, current)
					}
				})
			})
		},
	}
}

// keyUses counts, the current version first and the others by name.
func (s *Service) keyUses(ctx context.Context) ([]KeyUse, error) {
	current, err := s.CurrentKey(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking which version seals today: %w", err)
	}
	users, _, err := s.Store.List(ctx)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{current: 0}
	for _, u := range users {
		if len(u.Grant.Sealed.Ciphertext) > 0 {
			counts[u.Grant.Sealed.KeyVersion]++
		}
	}
	uses := make([]KeyUse, 0, len(counts))
	for version, grants := range counts {
		uses = append(uses, KeyUse{Version: version, Grants: grants, Current: version == current})
	}
	slices.SortFunc(uses, func(a, b KeyUse) int {
		switch {
		case a.Current:
			return -1
		case b.Current:
			return 1
		default:
			return strings.Compare(a.Version, b.Version)
		}
	})
	return uses, nil
}
