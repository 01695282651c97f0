package operate

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// usersSet corrects what is stored about a person, which the privacy page
// promises.
func (c *commands) usersSet() *cobra.Command {
	var name, zone, language, choice, shape, discover string
	var cmd *cobra.Command
	cmd = c.onUser("set", "Correct what is stored about one account", func(ctx context.Context, s *Service, u archive.User) error {
		given := func(flag string) bool { return cmd.Flags().Changed(flag) }
		if !slices.ContainsFunc([]string{"name", "zone", "language", "choice", "shape", "discover"}, given) {
			return usage("say what to correct: --name, --zone, --language, --choice, --shape or --discover")
		}
		// All is looked at before anything is changed.
		if _, ok := calendar.ParseZone(zone); given("zone") && zone != "" && !ok {
			return usage("--zone is a name such as Europe/Berlin, or empty")
		}
		if _, ok := words.Ours().Language(language); given("language") && !ok {
			return usage(fmt.Sprintf("--language is one of %v", languages()))
		}
		if given("choice") && !slices.Contains(archive.Choices(), archive.Choice(choice)) {
			return usage(fmt.Sprintf("--choice is one of %v", archive.Choices()))
		}
		if given("shape") && !slices.Contains(archive.Shapes(), archive.Shape(shape)) {
			return usage(fmt.Sprintf("--shape is one of %v", archive.Shapes()))
		}
		if _, ok := usecase.ParsePlaylistLink(discover); given("discover") && !ok {
			return usage("--discover is the link or the id of a playlist")
		}
		var err error
		if given("name") || given("zone") || given("language") {
			err = s.change(ctx, u.ID, func(u *archive.User) {
				if given("name") {
					u.DisplayName = name
				}
				if given("zone") {
					u.Zone, u.OwnZone = zone, zone != ""
				}
				if given("language") {
					u.Language = language
				}
			})
		}
		if err == nil && given("choice") {
			err = s.accounts().Choose(ctx, u.ID, archive.Choice(choice))
			if errors.Is(err, fault.ErrTooOften) { // it is chosen, and no run is sent
				err = nil
			}
		}
		if err == nil && given("shape") {
			err = s.accounts().SetShape(ctx, u.ID, archive.Shape(shape))
		}
		if err == nil && given("discover") {
			err = s.accounts().SetDiscover(ctx, u.ID, discover)
		}
		return c.changed(ctx, s, u.ID, "corrected", err)
	})
	cmd.Flags().StringVar(&name, "name", "", "the name that pages show; the next consent brings Spotify's again")
	cmd.Flags().StringVar(&zone, "zone", "", "the time zone of their Mondays, such as Europe/Berlin")
	cmd.Flags().StringVar(&language, "language", "", fmt.Sprintf("what they read, one of %v", languages()))
	cmd.Flags().StringVar(&choice, "choice", "", fmt.Sprintf("the sources, one of %v", archive.Choices()))
	cmd.Flags().StringVar(&shape, "shape", "", fmt.Sprintf("where songs go, one of %v", archive.Shapes()))
	cmd.Flags().StringVar(&discover, "discover", "", "link or id of their Discover Weekly")
	return cmd
}

// languages are the tags of those that there are.
func languages() (tags []string) {
	for _, l := range words.Ours().Languages() {
		tags = append(tags, l.Tag())
	}
	return tags
}

func (c *commands) usersRemove() *cobra.Command {
	var yes bool
	cmd := c.onAccount("remove", "Delete one account and everything stored about it, at once", func(ctx context.Context, s *Service, account string) error {
		u, err := s.findAny(ctx, account)
		if yes && u.ID != "" && errors.Is(err, fault.ErrNotFound) { // its document was deleted by hand
			if err := s.Store.Delete(ctx, u.ID); err != nil {
				return err
			}
			return fmt.Errorf("%w; whatever was left below that id is deleted", err)
		}
		if err != nil {
			return err
		}
		if !yes {
			return usage(fmt.Sprintf("this deletes %s (%s) and everything below for good, as if they had pressed Disconnect; add --yes to do it", u.ID, printable(u.DisplayName)))
		}
		if err := s.accounts().Disconnect(ctx, u.ID); err != nil {
			return err
		}
		if left, err := s.Store.User(ctx, u.ID); !errors.Is(err, fault.ErrNotFound) && left.Status == archive.StatusLeaving {
			return fmt.Errorf("%s is being deleted, and what is left goes within an hour or two: %w", u.ID, ErrUnfinished)
		} else if !errors.Is(err, fault.ErrNotFound) {
			return fmt.Errorf("looking whether anything of %s is left: %w", u.ID, errors.Join(err, ErrUnfinished))
		}
		return c.done(map[string]any{"removed": u.ID}, "Everything stored about %s is deleted. Their playlists stay theirs; only they can remove the app's access at spotify.com/account/apps.", u.ID)
	})
	cmd.Flags().BoolVar(&yes, "yes", false, "really delete")
	return cmd
}

// Export is everything that is stored about one person but for the sealed
// token, which is of use to nobody but the service.
type Export struct {
	ID      archive.UserID `json:"id"`
	User    archive.User   `json:"user"`
	Entries []ledger.Entry `json:"entries"`
	Pending []ledger.Batch `json:"pending"`
	Seen    ExportedSeen   `json:"seen"`
}

// ExportedSeen is the fingerprints of the songs that were archived, base64 of
// the stored form (ledger.Seen.Pack).
type ExportedSeen struct {
	Songs      int    `json:"songs"`
	IDs        string `json:"ids"`
	Recordings string `json:"recordings"`
}

func (c *commands) usersExport() *cobra.Command {
	cmd := c.onUser("export", "Print everything stored about one account as JSON", func(ctx context.Context, s *Service, u archive.User) error {
		export, err := s.export(ctx, u.ID)
		if err != nil {
			return err
		}
		c.json = true
		return c.print(export, nil)
	})
	return cmd
}

// maxEntries is more than two years can bring.
const maxEntries = 10_000

func (s *Service) export(ctx context.Context, id archive.UserID) (Export, error) {
	user, err := s.Store.User(ctx, id)
	if err != nil {
		return Export{}, err
	}
	entries, err1 := s.Store.Entries(ctx, id, maxEntries)
	pending, err2 := s.Store.Pending(ctx, id)
	seen, err3 := s.Store.Seen(ctx, id)
	if err := errors.Join(err1, err2, err3); err != nil {
		return Export{}, fmt.Errorf("reading what is stored about user %s: %w", id, err)
	}
	user.Grant.Sealed.Ciphertext = nil
	for i := range user.Messages.Channels {
		user.Messages.Channels[i].Sealed.Ciphertext = nil
	}
	ids, recordings := seen.Pack()
	return Export{
		ID: id, User: user, Entries: entries, Pending: pending,
		Seen: ExportedSeen{
			Songs: seen.Len(), IDs: base64.StdEncoding.EncodeToString(ids), Recordings: base64.StdEncoding.EncodeToString(recordings),
		},
	}, nil
}
