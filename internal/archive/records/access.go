package records

import (
	"context"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// accessUsers is how many users are asked what they know of the app.
const accessUsers = 20

// Access tells whether this app may read Discover Weekly, as far as its first
// users have found out: it may if it may for one of them. AccessUnknown while
// nobody has tried.
func (s *Store) Access(ctx context.Context) (archive.Access, error) {
	page, err := s.Page(ctx, "", accessUsers)
	if err != nil {
		return archive.AccessUnknown, err
	}
	found := archive.AccessUnknown
	for _, u := range page.Users {
		switch u.Discover.Access {
		case archive.AccessReadable:
			return archive.AccessReadable, nil
		case archive.AccessDenied:
			found = archive.AccessDenied
		}
	}
	return found, nil
}
