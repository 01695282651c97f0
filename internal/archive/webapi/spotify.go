package webapi

import (
	"context"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Token is an answer of Spotify's token endpoint.
type Token struct {
	Access    secret.Text
	Refresh   secret.Text // zero when Spotify returned none: keep the old one
	Scopes    []string
	ExpiresIn time.Duration
}

// Profile is the account behind a token (GET /me).
type Profile struct {
	AccountID   string // immutable and pseudonymous; may be missing
	ID          string // owner id in playlists
	DisplayName string // may be empty
}

// Authorizer runs the authorization-code flow with PKCE (RFC 7636).
type Authorizer interface {
	// AuthorizeURL is where the browser goes. challenge is the S256 code
	// challenge. With ask set, Spotify shows its page, which offers another
	// account, even to a person who agreed to these scopes before.
	AuthorizeURL(state, challenge string, scopes []string, ask bool) string

	// Exchange redeems a code. fault.ErrInvalidGrant for a code that is wrong, old
	// or used.
	Exchange(ctx context.Context, code, verifier secret.Text) (Token, error)

	// Profile returns whose access token it is.
	Profile(ctx context.Context, access secret.Text) (Profile, error)
}

// Spotify is what a run needs. Every error wraps one of the Spotify sentinels
// or is a *fault.PausedError.
type Spotify interface {
	// Begin begins a run, for which it reserves RunRequests of the day's
	// requests. Its error is the store's, or that of ctx.
	Begin(ctx context.Context) (Spending, error)

	// Refresh trades a refresh token for an access token.
	Refresh(ctx context.Context, refresh secret.Text) (Token, error)

	// Library returns the Web API on behalf of one user.
	Library(tokens TokenSource) Library
}

// Spending is what the app's requests of a day look like to a run.
type Spending interface {
	// Budget is how it looks now; what this run has reserved and not yet spent is not
	// in it. Other processes may have spent more within the last minute.
	Budget() Budget

	// End ends the run and stores what was spent, also after ctx has ended.
	// It is called once.
	End(ctx context.Context)
}

// TokenSource gives the access token for a call. With renew set, the last one
// was refused and another is wanted.
type TokenSource func(ctx context.Context, renew bool) (secret.Text, error)

// Library is one user's playlists and player. A library is for one run and
// not safe for concurrent use.
type Library interface {
	// Playlists returns up to limit of the user's own and followed playlists, 1
	// to PageSize, from offset on; entries that Spotify nulled are counted, not
	// listed.
	Playlists(ctx context.Context, offset, limit int) (PlaylistPage, error)

	// Items returns the page of a playlist that begins at offset, in order,
	// unusable items included. It holds up to 100 items, and none at or beyond
	// the total: do not ask for those, Spotify has failed there. Where Total is
	// more than all pages held, Spotify left items out. Where only the first
	// items can be read in any way, the page after them is fault.ErrNotReadable; what
	// was read is true.
	Items(ctx context.Context, playlistID string, offset int) (ItemPage, error)

	// Create makes an empty playlist. fault.ErrUnknownEffect when the answer was
	// lost. fault.ErrNotWritable.
	Create(ctx context.Context, name, description string) (Playlist, error)

	// Playlist returns a playlist's own data (GET /playlists/{id}). A playlist
	// that its owner deleted still answers. fault.ErrNotReadable.
	Playlist(ctx context.Context, playlistID string) (Playlist, error)

	// Append adds at most MaxAppend songs at the end, all or none, and returns
	// the playlist's new snapshot id. It is never repeated blindly:
	// fault.ErrUnknownEffect when the answer was lost, or names no snapshot id.
	// fault.ErrNotWritable.
	Append(ctx context.Context, playlistID string, tracks []ledger.Track) (snapshot string, err error)

	// Describe replaces the description. It is idempotent. fault.ErrNotWritable.
	Describe(ctx context.Context, playlistID, description string) error

	// InLibrary reports whether the playlist is in the user's library.
	// fault.ErrNotReadable, fault.ErrScope or fault.ErrRejected where this app may not ask.
	InLibrary(ctx context.Context, playlistID string) (bool, error)

	// RecentlyPlayed returns the latest plays, up to 50, oldest first. Plays
	// made offline or on other devices turn up later, with their own, older
	// times. fault.ErrNotReadable, fault.ErrScope.
	RecentlyPlayed(ctx context.Context) ([]Play, error)

	// Queue returns what plays now, what comes next, and from which playlist.
	// Where Spotify does not tell whether Smart Shuffle is on, only what plays
	// now. fault.ErrNotReadable, fault.ErrScope.
	Queue(ctx context.Context) (Queue, error)
}

// PlaylistPage is one page of GET /me/playlists.
type PlaylistPage struct {
	Playlists []Playlist
	Nulls     int // entries that Spotify answered as null
	Total     int // of all pages, nulls included
	Next      int // offset of the next page; 0 when this is the last
}

// PageSize is the most that Spotify gives in a page of a list.
const PageSize = 50

// Playlist is a playlist's own data.
type Playlist struct {
	ID          string
	Name        string
	Description string // plain text, unescaped
	OwnerID     string
	Snapshot    string
	Total       int // items; archive.UnknownTotal when Spotify did not say
	Offset      int // where it stands in the list of playlists; zero for one that came by its id
}

// ItemPage is one page of a playlist's items.
type ItemPage struct {
	Items []Item
	Total int // of all pages
	Next  int // offset of the next page; 0 when this is the last
}

// Item is one place in a playlist. Usable is false for null items, local
// files, episodes and anything else that cannot be appended.
type Item struct {
	Track   ledger.Track
	AddedAt time.Time // zero when Spotify did not say
	Usable  bool
	Other   string // of one that is not usable: its URI, to tell it from others; empty where Spotify told none
}

// Play is one listened-to song.
type Play struct {
	Track    ledger.Track
	PlayedAt time.Time // zero when Spotify did not say
	Context  string    // "spotify:playlist:ID" of the playlist that it was played from, or the URI of what else; empty where Spotify told nothing
	Usable   bool
}

// Queue is the player's present and future.
type Queue struct {
	Context      string         // of what plays, as in Play
	Tracks       []ledger.Track // current and upcoming songs, in order; the first plays now
	SmartShuffle bool           // songs that are not of the playlist are mixed in
}

// MaxAppend is how many songs Spotify takes in one request
// (https://developer.spotify.com/documentation/web-api/reference/add-items-to-playlist).
const MaxAppend = 100
