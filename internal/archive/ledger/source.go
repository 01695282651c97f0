package ledger

// SourceName names where the songs of an edition come from.
type SourceName string

// The sources.
const (
	SourceDiscover  SourceName = "discover"  // the Discover Weekly playlist itself
	SourceInbox     SourceName = "inbox"     // a playlist of the user's own, into which they copy
	SourceListening SourceName = "listening" // what they played from Discover Weekly
	SourcePaste     SourceName = "paste"     // links that they pasted
	SourceBack      SourceName = "back"      // of those, songs that were archived once, and are wanted back
)
