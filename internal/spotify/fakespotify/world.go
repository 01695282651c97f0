package fakespotify

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// The types of this file are everything that a server remembers. Their JSON
// form is the stored form. Tokens, codes and challenges appear as hashes only.

// world is what belongs to nobody in particular.
type world struct {
	Offset    time.Duration `json:"offset"`     // Now is the clock plus this
	NoPremium bool          `json:"no_premium"` // the app owner's Premium lapsed
	Allowed   []string      `json:"allowed"`    // nil: as Config.Allowlist says
	Grants    int           `json:"grants"`     // consents so far
	Faults    []Fault       `json:"faults"`     // in the order in which they apply

	Late []lateAppend `json:"late,omitempty"` // in the order in which they are due
}

// member is an account with what it has and did.
type member struct {
	Account `json:"-"`
	Library []string `json:"library"` // ids of own and followed playlists, newest first
	Saved   []string `json:"saved"`   // URIs of everything else that was saved or followed
	Plays   []play   `json:"plays"`   // newest first
	Player  player   `json:"player"`
}

type play struct {
	URI     string    `json:"uri"`
	Context string    `json:"context"` // empty: no context
	At      time.Time `json:"at"`
	Listed  time.Time `json:"listed,omitzero"` // when Spotify hears of it; at once if zero
}

// player is what an account is playing; nothing if Current is empty.
type player struct {
	Context string    `json:"context"`
	Current string    `json:"current"`
	Queue   []string  `json:"queue"`
	Since   time.Time `json:"since"`
}

// grant is one consent of one account.
type grant struct {
	ID          string    `json:"id"`
	Account     string    `json:"account"`
	Scopes      []string  `json:"scopes"`
	ConsentedAt time.Time `json:"consented_at"`
	Refresh     string    `json:"refresh"` // hash of the refresh token in force; empty before the first
	Used        []string  `json:"used"`    // hashes of refresh tokens that were rotated away
	Public      bool      `json:"public"`  // granted to a client without a secret
	Revoked     bool      `json:"revoked"`
}

// code is an authorization code that waits for its exchange.
type code struct {
	Account   string    `json:"account"`
	Scopes    []string  `json:"scopes"`
	Redirect  string    `json:"redirect"`
	Challenge string    `json:"challenge"` // hash of the PKCE challenge; empty without PKCE
	At        time.Time `json:"at"`
}

// access is an access token.
type access struct {
	Grant   string    `json:"grant"`
	Expires time.Time `json:"expires"`
}

// item is an item of a playlist; a null item has no URI.
type item struct {
	URI     string    `json:"u,omitempty"`
	AddedAt time.Time `json:"a"`
	AddedBy string    `json:"b,omitempty"` // account key; empty for Spotify
}

func (it item) song() Song {
	song := SongOf(it.URI)
	song.AddedAt = it.AddedAt
	return song
}

// playlist is a playlist as it is now, and for the readers that lag, as it was.
type playlist struct {
	ID            string `json:"id"`
	Owner         string `json:"owner"` // account key, or spotifyOwner
	Name          string `json:"name"`
	Description   string `json:"description"`
	Public        bool   `json:"public"`
	Collaborative bool   `json:"collaborative"`
	Version       int    `json:"version"` // grows with every change

	Made time.Time `json:"made,omitzero"` // zero: before the stand-in kept it

	// items are never changed in place but for appending behind the end, so
	// an earlier slice of it stays what it was.
	items []item
	past  []pastState // oldest first; not stored
}

type pastState struct {
	until   time.Time
	version int
	items   []item
}

// touch begins a change at the time now: it remembers the state before and
// counts the version.
func (p *playlist) touch(now time.Time, keep time.Duration) {
	p.past = slices.DeleteFunc(p.past, func(s pastState) bool { return s.until.Add(keep).Before(now) })
	p.past = append(p.past, pastState{until: now, version: p.Version, items: p.items})
	p.Version++
}

// splice replaces removed items at the position at by the inserted ones.
func (p *playlist) splice(at, removed int, inserted []item) {
	if removed == 0 && at == len(p.items) {
		p.items = append(p.items, inserted...)
		return
	}
	p.items = slices.Concat(p.items[:at], inserted, p.items[at+removed:])
}

// seen returns the version and the items that a read at now sees, with past
// ones for as long as the lag. A stale read sees those before the last change.
func (p *playlist) seen(now time.Time, lag time.Duration, stale bool) (version int, items []item) {
	if last := len(p.past) - 1; stale && last >= 0 {
		return p.past[last].version, p.past[last].items
	}
	for _, s := range p.past {
		if s.until.Add(lag).After(now) {
			return s.version, s.items
		}
	}
	return p.Version, p.items
}

// snapshot names a version: 4 bytes of version and 20 of a hash, in base64.
func (p *playlist) snapshot(version int) string {
	h := digest("snapshot", p.ID, fmt.Sprint(version))
	b := binary.BigEndian.AppendUint32(nil, uint32(version)) //nolint:gosec // G115: versions count changes
	return base64.StdEncoding.EncodeToString(append(b, h[:20]...))
}

// hasSnapshot reports whether the playlist ever had that snapshot id.
func (p *playlist) hasSnapshot(id string) bool {
	b, err := base64.StdEncoding.DecodeString(id)
	if err != nil || len(b) != 24 {
		return false
	}
	version := int(binary.BigEndian.Uint32(b))
	h := digest("snapshot", p.ID, fmt.Sprint(version))
	return version <= p.Version && bytes.Equal(b[4:], h[:20])
}

// hashToken is the stored form of a token, code or challenge.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
