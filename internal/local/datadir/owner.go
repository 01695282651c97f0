package datadir

import (
	"fmt"
	"os"
)

// Adopt gives a file, or a directory, to whom the data directory belongs. An
// operator may run a command as root beside a service that runs as another
// user; what the command makes there, the service has to be able to write.
// Anybody but root owns what they make, and nothing changes.
func Adopt(dir, path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	if err := adopt(dir, path); err != nil {
		return fmt.Errorf("giving %s to the owner of %s: %w", path, dir, plain(err))
	}
	return nil
}
