package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
)

// KeepBackups is how long copies are kept by default. What somebody who left
// stored has to be gone within five days (Spotify's Developer Terms, appendix
// A.5.c), the copies included.
const KeepBackups = 4 * 24 * time.Hour

// LongestBackup is that limit.
const LongestBackup = 5 * 24 * time.Hour

const noBackups = "in a cloud there are no copies, on purpose: terraform/README.md says why (Upkeep), and what is done instead"

func (c *commands) backup() *cobra.Command {
	keep := KeepBackups
	var list bool
	cmd := &cobra.Command{
		Use: "backup", Short: "Copy the database and the key, also while the service runs", Args: asUsage(cobra.NoArgs),
		Long: "Copy the database and the key into one archive, also while the service runs, and remove copies older than --keep. " +
			"A copy holds everything, the key included: keep it as you keep the key.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if keep < 0 {
				return usage("--keep is a time such as 96h")
			}
			backups, err := c.openBackups(cmd.Context())
			if err != nil {
				return err
			}
			if list {
				return c.listBackups(cmd.Context(), backups)
			}
			if keep > LongestBackup {
				c.progress("Copies older than five days hold what people who left have been promised to be gone.")
			}
			file, err := backups.Backup(cmd.Context(), keep)
			if err != nil {
				return err
			}
			return c.done(file, "%s (%d bytes)", file.Path, file.Size)
		},
	}
	cmd.Flags().DurationVar(&keep, "keep", KeepBackups, "remove copies older than this")
	cmd.Flags().BoolVar(&list, "list", false, "list the copies instead")
	return cmd
}

func (c *commands) openBackups(ctx context.Context) (Backups, error) {
	if c.Backups == nil {
		return nil, usage(noBackups)
	}
	return c.Backups(ctx)
}

func (c *commands) listBackups(ctx context.Context, backups Backups) error {
	files, err := backups.List(ctx)
	return errors.Join(err, c.print(map[string][]BackupFile{"backups": append([]BackupFile{}, files...)}, func(w io.Writer) {
		row(w, "MADE", "BYTES", "KEY", "FILE")
		for _, f := range files {
			row(w, moment(f.At), f.Size, dash(f.KeyVersion), f.Path)
		}
	}))
}

func (c *commands) restore() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Put a copy in the place of the database and the key", Args: asUsage(cobra.ExactArgs(1)),
		Long: "Put a copy in the place of the database and the key. The service has to be stopped. What is there is copied first, " +
			"and everybody who left since the copy was made is deleted again. Nothing doubles: the next run reads the archives as they are.",
		RunE: func(cmd *cobra.Command, args []string) error {
			backups, err := c.openBackups(cmd.Context())
			if err != nil {
				return err
			}
			if !yes {
				return usage("this replaces the database and the key; add --yes to do it")
			}
			c.progress("checking the copy")
			restored, err := backups.Restore(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if c.Clock().Sub(restored.From.At) > LongestBackup {
				c.progress("This copy is older than five days: people who left soon after it was made may be back. Ask them, and use `users remove`.")
			}
			return c.print(restored, func(w io.Writer) {
				write(w, "Restored the copy of %s with %s.\n", moment(restored.From.At), plural(restored.Users, "user"))
				if restored.Deleted > 0 {
					write(w, "Deleted again, having left since: %s.\n", plural(restored.Deleted, "user"))
				}
				if restored.Before != nil {
					write(w, "What was there is in %s.\n", restored.Before.Path)
				}
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "really replace")
	return cmd
}

// Older says how old a copy may be that is still there without being a fault.
func Older(files []BackupFile, now time.Time) error {
	for _, f := range files {
		if age := now.Sub(f.At); age > LongestBackup {
			return fmt.Errorf("%s is %.0f days old", f.Path, age.Hours()/24)
		}
	}
	return nil
}
