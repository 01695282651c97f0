package fakespotify

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The lies are faults that somebody has met with the real Spotify: mostly
// answers with status 200 that are not true. Lies says of each what it does,
// who reported it, what it meets where Fault.Match is empty, and which further
// fields of the Fault it takes.
const (
	// Lists of playlists and of items.
	LieEmptyList      FaultKind = "empty_list"
	LieShortPage      FaultKind = "short_page"
	LieSlippedPage    FaultKind = "slipped_page"
	LieDoubledEntry   FaultKind = "doubled_entry"
	LieNewListedLate  FaultKind = "new_listed_late"
	LieFriendDiscover FaultKind = "friend_discover"
	LieSpotifyNull    FaultKind = "spotify_null"
	LieSpotifyMissing FaultKind = "spotify_missing"
	LieEndFails       FaultKind = "end_fails"
	LieEndRepeats     FaultKind = "end_repeats"
	LieEndless        FaultKind = "endless"

	// Single routes that fail while others work.
	LieItemsRefused    FaultKind = "items_refused"
	LieNewItemsRefused FaultKind = "new_items_refused"
	LieContainsRefused FaultKind = "contains_refused"
	LieContainsNothing FaultKind = "contains_nothing"

	// Dates and songs.
	LieDatesNull       FaultKind = "dates_null"
	LieDates1970       FaultKind = "dates_1970"
	LieDatesAhead      FaultKind = "dates_ahead"
	LieISRCShared      FaultKind = "isrc_shared"
	LieISRCHyphens     FaultKind = "isrc_hyphens"
	LieISRCLower       FaultKind = "isrc_lower"
	LieISRCPlaceholder FaultKind = "isrc_placeholder"
	LieISRCMissing     FaultKind = "isrc_missing"
	LieRelinked        FaultKind = "relinked"

	// Plays and the player.
	LiePlaysLate       FaultKind = "plays_late"
	LieContextUser     FaultKind = "context_user"
	LieContextHref     FaultKind = "context_href"
	LieContextURL      FaultKind = "context_url"
	LieContextNull     FaultKind = "context_null"
	LiePrivateSession  FaultKind = "private_session"
	LieQueueForeign    FaultKind = "queue_foreign"
	LieShuffle         FaultKind = "shuffle"
	LieSmartShuffle    FaultKind = "smart_shuffle"
	LiePermissions     FaultKind = "permissions_missing"
	LiePermissionNamed FaultKind = "permission_named"

	// The allow-list.
	LieUnlistedMaybe     FaultKind = "unlisted_maybe"
	LieUnlistedApproved  FaultKind = "unlisted_approved"
	LieUnlistedApp       FaultKind = "unlisted_app"
	LieUnlistedDashboard FaultKind = "unlisted_dashboard"

	// Writes and tokens.
	LieAppendLate    FaultKind = "append_late"
	LieAppendLost    FaultKind = "append_lost"
	LieRotated       FaultKind = "rotated"
	LieScopeDropped  FaultKind = "scope_dropped"
	LieSilentConsent FaultKind = "silent_consent"
)

// A Lie describes a fault that has a name of its own.
type Lie struct {
	Kind   FaultKind `json:"kind"`
	Does   string    `json:"does"`
	Source string    `json:"source"`          // public reports: GitHub repositories, issues and pull requests
	Match  []string  `json:"match"`           // what it meets where Fault.Match is empty
	Takes  []string  `json:"takes,omitempty"` // fields of the Fault, by their JSON names

	status int           // default of Fault.Status
	delay  time.Duration // default of Fault.Delay
	texts  []string      // what Fault.Text may be; nil means anything

	refuse func(f Fault, rt route) answer                              // answers in the route's place
	alter  func(s *Server, c *call, f Fault, body object) (ans answer) // changes the body of a 200; its answer counts if it has a status
}

// Lies returns every lie, in the order in which the package lists them.
func Lies() []Lie { return slices.Clone(lieBook) }

func lieKinds() []FaultKind {
	kinds := make([]FaultKind, len(lieBook))
	for i, l := range lieBook {
		kinds[i] = l.Kind
	}
	return kinds
}

func lieOf(kind FaultKind) (Lie, bool) {
	i := slices.IndexFunc(lieBook, func(l Lie) bool { return l.Kind == kind })
	if i < 0 {
		return Lie{}, false
	}
	return lieBook[i], true
}

// validate says what a fault of that kind gives too much.
func (l Lie) validate(f Fault) error {
	given := map[string]bool{
		"status": f.Status != 0, "delay": f.Delay != 0, "count": f.Count != 0, "text": f.Text != "",
		"retry_after": f.RetryAfter != 0, "after_effect": f.AfterEffect,
	}
	for _, name := range []string{"status", "delay", "count", "text", "retry_after", "after_effect"} {
		if given[name] && !slices.Contains(l.Takes, name) {
			return fmt.Errorf("%q takes no %s; it takes [%s]", l.Kind, name, strings.Join(l.Takes, ", "))
		}
	}
	switch {
	case f.Status != 0 && !validStatus(f.Status):
		return fmt.Errorf("no status %d", f.Status)
	case f.Delay < 0:
		return fmt.Errorf("no delay %v", f.Delay)
	case f.Text != "" && l.texts != nil && !slices.Contains(l.texts, f.Text):
		return fmt.Errorf("text of %q is one of %q", l.Kind, l.texts)
	}
	return nil
}

// lie returns the fault of that kind that the call meets.
func (c *call) lie(kind FaultKind) (Fault, bool) {
	i := slices.IndexFunc(c.alterations, func(f Fault) bool { return f.Kind == kind })
	if i < 0 {
		return Fault{}, false
	}
	return c.alterations[i], true
}

// refusal returns what a lie answers in place of the route, if one does.
func (c *call) refusal() (answer, bool) {
	for _, f := range c.alterations {
		if l, named := lieOf(f.Kind); named && l.refuse != nil {
			return l.refuse(f, c.rt), true
		}
	}
	return answer{}, false
}

// alter returns the answer as the lies and rewrites of the call make it.
func (s *Server) alter(c *call, a answer) (answer, error) {
	for _, f := range c.alterations {
		var err error
		if f.Kind == FaultRewrite {
			a, err = f.rewrite(a)
		} else if l, named := lieOf(f.Kind); named && l.alter != nil && a.status == 200 {
			a, err = s.alterBody(c, f, l, a)
		}
		if err != nil {
			return answer{}, err
		}
	}
	return a, nil
}

// alterBody applies a lie to an answer that is a JSON object.
func (s *Server) alterBody(c *call, f Fault, l Lie, a answer) (answer, error) {
	encoded, err := a.bytes()
	if err != nil {
		return answer{}, err
	}
	tree, err := decodeTree(encoded)
	if err != nil {
		return a, nil //nolint:nilerr // what is no JSON cannot lie
	}
	body, isObject := tree.(object)
	if !isObject {
		return a, nil
	}
	if other := l.alter(s, c, f, body); other.status != 0 {
		return other, nil
	}
	a.json, a.raw = body, nil
	return a, nil
}
