// Package links makes the addresses that are secrets themselves, and knows them
// again: a person's calendar, and the links of a message by which they stop
// messages, say that they are away, or leave, without signing in.
//
// Such an address holds who it is for and a signature (HMAC-SHA256) over that,
// its purpose and what may change it. Nothing of it is stored.
package links

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Purpose is what a link is for. One of another purpose is none.
type Purpose string

// The purposes.
const (
	Calendar Purpose = "calendar" // shows the person's calendar
	Stop     Purpose = "stop"     // ends all messages to them
	Away     Purpose = "away"     // says until when they are away
	Leave    Purpose = "leave"    // deletes everything about them; until they connect again
)

// Links makes and checks links.
type Links struct {
	// Base is the public address of the pages, without a slash at the end.
	Base string

	// Key returns the secret from which the key of signatures is derived, at
	// least 16 bytes. Another secret ends every link, and does no other harm.
	Key func(ctx context.Context) (secret.Text, error)

	// PlaylistURL and SearchURL are what links to Spotify begin with. Optional:
	// Spotify's own.
	PlaylistURL, SearchURL string

	// SearchName returns what the person's language calls Discover Weekly.
	SearchName func(language string) string
}

var _ archive.MessageLinks = (*Links)(nil)

// Spotify's own pages.
const (
	spotifyPlaylist = "https://open.spotify.com/playlist/"
	spotifySearch   = "https://open.spotify.com/search/"
)

// macLength is how many bytes of the signature a link carries.
const macLength = 20

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Reachable reports whether a link to this service leads there from another
// device: not to an address of this machine.
func Reachable(base string) bool {
	u, err := url.Parse(base)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && !OwnComputer(u.Hostname())
}

// OwnComputer reports whether a host, without a port, is the computer of whoever
// opens it (RFC 6761, section 6.3).
func OwnComputer(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip.IsLoopback() || ip.IsUnspecified()
}

// Token returns the last part of a link's path.
func (l *Links) Token(ctx context.Context, purpose Purpose, u archive.User) (string, error) {
	mac, err := l.mac(ctx, purpose, u)
	if err != nil {
		return "", err
	}
	return string(u.ID) + "-" + mac, nil
}

// Topic is a topic of ntfy for a person that nobody guesses. It is no link, and
// opens nothing.
func (l *Links) Topic(ctx context.Context, u archive.User) (string, error) {
	mac, err := l.mac(ctx, "topic", u)
	if err != nil {
		return "", err
	}
	return "weekly-" + mac[:16], nil
}

// UserOf returns whose link it says it is. Valid tells whether that is true.
func UserOf(token string) (archive.UserID, bool) {
	id, _, ok := strings.Cut(token, "-")
	user := archive.UserID(id)
	return user, ok && user.Valid()
}

// Valid reports whether the token is one of that purpose for that user, as they
// are now.
func (l *Links) Valid(ctx context.Context, purpose Purpose, u archive.User, token string) (bool, error) {
	want, err := l.Token(ctx, purpose, u)
	if err != nil {
		return false, err
	}
	return hmac.Equal([]byte(want), []byte(token)), nil
}

func (l *Links) mac(ctx context.Context, purpose Purpose, u archive.User) (string, error) {
	key, err := l.Key(ctx)
	if err != nil {
		return "", fmt.Errorf("loading the key of links: %w", err)
	}
	derived, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "weekly-archive links v1", sha256.Size)
	if err != nil || len(key.Reveal()) < 16 {
		return "", errors.New("the key of links is too short")
	}
	mac := hmac.New(sha256.New, derived)
	parts := []string{string(purpose), string(u.ID), strconv.FormatInt(u.CreatedAt.Unix(), 10)}
	switch purpose {
	case Calendar:
		parts = append(parts, strconv.Itoa(u.Messages.Calendar))
	case Leave:
		parts = append(parts, strconv.FormatInt(u.Grant.AuthorizedAt.Unix(), 10))
	}
	_, _ = mac.Write([]byte(strings.Join(parts, "\x00"))) // a hash takes everything
	return encoding.EncodeToString(mac.Sum(nil)[:macLength]), nil
}

// Notice implements archive.MessageLinks: to Discover Weekly, to the archive, or
// to the account page.
func (l *Links) Notice(u archive.User, n notice.Notice) string {
	switch n.Kind {
	case notice.Turn, notice.Last:
		return l.Discover(u)
	case notice.Kept:
		if target := u.Archives[u.Shape.ArchiveKey(n.Edition)]; target.PlaylistID != "" {
			return l.playlist(target.PlaylistID)
		}
	}
	if !Reachable(l.Base) {
		return l.Discover(u)
	}
	return l.Base + "/account"
}

// Discover is the link to a person's Discover Weekly: by its id where that is
// known, else Spotify's own search for its name.
func (l *Links) Discover(u archive.User) string {
	if id := u.DiscoverWeekly(); id != "" {
		return l.playlist(id)
	}
	search, name := l.SearchURL, "Discover Weekly"
	if search == "" {
		search = spotifySearch
	}
	if l.SearchName != nil {
		name = l.SearchName(u.Language)
	}
	return search + url.PathEscape(name)
}

func (l *Links) playlist(id string) string {
	base := l.PlaylistURL
	if base == "" {
		base = spotifyPlaylist
	}
	return base + url.PathEscape(id)
}

// Away implements archive.MessageLinks.
func (l *Links) Away(ctx context.Context, u archive.User) (string, error) {
	return l.address(ctx, Away, u)
}

// Stop implements archive.MessageLinks.
func (l *Links) Stop(ctx context.Context, u archive.User) (string, error) {
	return l.address(ctx, Stop, u)
}

// Leave implements archive.MessageLinks.
func (l *Links) Leave(ctx context.Context, u archive.User) (string, error) {
	return l.address(ctx, Leave, u)
}

// CalendarURL is the address of a person's calendar; empty where no other
// device could ask for it.
func (l *Links) CalendarURL(ctx context.Context, u archive.User) (string, error) {
	address, err := l.address(ctx, Calendar, u)
	if err != nil || address == "" {
		return "", err
	}
	return address + ".ics", nil
}

func (l *Links) address(ctx context.Context, purpose Purpose, u archive.User) (string, error) {
	if !Reachable(l.Base) {
		return "", nil
	}
	token, err := l.Token(ctx, purpose, u)
	if err != nil {
		return "", err
	}
	return l.Base + "/" + string(purpose) + "/" + token, nil
}
