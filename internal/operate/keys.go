package operate

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// KeyUse is what one version of the key seals.
type KeyUse struct {
	Version  string `json:"version"`
	Grants   int    `json:"grants"`
	Channels int    `json:"channels"` // addresses that messages go to
	PushKey  bool   `json:"push_key"` // the private half of the key pair of pushes
	Current  bool   `json:"current"`  // it seals today
}

func (c *commands) keys() *cobra.Command {
	return &cobra.Command{
		Use: "keys", Short: "Count what each version of the key seals", Args: asUsage(cobra.NoArgs),
		Long: "Count what each version of the key seals: grants, the addresses that messages go to, and the key of pushes. " +
			"The next run of each user seals theirs with the current version, and the next start of the service the key of pushes; " +
			"a version that seals nothing opens nothing any more.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(ctx context.Context, s *Service) error {
				uses, err := s.keyUses(ctx)
				if err != nil {
					return err
				}
				return c.print(map[string][]KeyUse{"keys": uses}, func(w io.Writer) {
					row(w, "VERSION", "GRANTS", "CHANNELS", "KEY OF PUSHES", "")
					for _, use := range uses {
						current, pushes := "", "-"
						if use.Current {
							current = "seals today"
						}
						if use.PushKey {
							pushes = "yes"
						}
						row(w, use.Version, use.Grants, use.Channels, pushes, current)
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
	pushes, err := s.Store.PushKey(ctx)
	if err != nil {
		return nil, err
	}
	counts := map[string]*KeyUse{}
	of := func(sealed secret.Sealed) *KeyUse {
		if counts[sealed.KeyVersion] == nil {
			counts[sealed.KeyVersion] = &KeyUse{Version: sealed.KeyVersion, Current: sealed.KeyVersion == current}
		}
		return counts[sealed.KeyVersion]
	}
	of(secret.Sealed{KeyVersion: current})
	for _, u := range users {
		if len(u.Grant.Sealed.Ciphertext) > 0 {
			of(u.Grant.Sealed).Grants++
		}
		for _, c := range u.Messages.Channels {
			of(c.Sealed).Channels++
		}
	}
	if pushes.Public != "" {
		of(pushes.Sealed).PushKey = true
	}
	uses := make([]KeyUse, 0, len(counts))
	for _, use := range counts {
		uses = append(uses, *use)
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
