package archive

import "context"

// DueUsers finds users for fan-out.
type DueUsers interface {
	// DueUsers returns one page of the users that are Due for q.Edition (or,
	// with q.Listening, of those that Listens), in order of id. A document
	// that cannot be read is named in Bad and skipped. Users that are
	// created or change while paging may or may not be seen.
	DueUsers(ctx context.Context, q DueQuery) (DuePage, error)
}

// DueQuery asks for one page.
type DueQuery struct {
	Edition   Edition // users with an older LastEdition, or with work waiting
	Listening bool    // instead: users for whom User.Listens is true
	Prefix    string  // only ids that begin so; a shard
	After     UserID  // only ids greater than this
	Limit     int     // how many documents are looked at, not how many are returned; at least 1
}

// DuePage is one page of due users. After a Next that is not empty the next
// page may still be.
type DuePage struct {
	Users   []UserID
	Overdue int      // how many of them missed an earlier edition
	Bad     []UserID // documents that could not be read
	Next    UserID   // continue after this id; empty when the shard is at its end
}

// Consider takes the user into the page if the query asks for them. With
// q.Listening nobody is overdue.
func (p *DuePage) Consider(u User, q DueQuery) {
	if q.Listening {
		if u.Listens() {
			p.Users = append(p.Users, u.ID)
		}
		return
	}
	if !u.Due(q.Edition) {
		return
	}
	p.Users = append(p.Users, u.ID)
	if u.missed(q.Edition.Previous()) {
		p.Overdue++
	}
}

// missed reports whether a Discover Weekly of that edition, or of an earlier
// one, was not archived though this app may read it: Spotify has overwritten
// it. Other sources keep their songs, and who copies, plays or pastes nothing
// has missed nothing. Nor has a new user, who has no LastEdition.
func (u User) missed(edition Edition) bool {
	discover := u.Choice == ChoiceDiscover || u.Choice == ChoiceAuto
	return u.Status == StatusActive && discover && u.Discover.Access != AccessDenied &&
		u.LastEdition != "" && u.LastEdition < edition
}
