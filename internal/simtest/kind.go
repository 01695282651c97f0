package simtest

// Kind is a kind of fault, as the report names it.
type Kind string

// What goes wrong at the boundary of a call.
const (
	ErrorBefore Kind = "error before the effect"
	ErrorAfter  Kind = "lost answer"
	SlowBefore  Kind = "delay before the effect"
	SlowAfter   Kind = "delay after the effect"
	CrashBefore Kind = "crash before the effect"
	CrashAfter  Kind = "crash after the effect"
)

// What goes wrong at Spotify besides.
const (
	LateEffect    Kind = "effect after the time-out"
	ServerError   Kind = "5xx"
	ServerErrorOK Kind = "5xx after the effect"
	Garbage       Kind = "garbage answer"
	RateShort     Kind = "429 short"
	RateLong      Kind = "429 long"
	Quota         Kind = "QUOTA_EXCEEDED"
	Unauthorized  Kind = "401 for a good token"
	InvalidGrant  Kind = "false invalid_grant"
	Rejected      Kind = "400 for every append"
	NullLists     Kind = "null playlists"
	StaleRead     Kind = "stale read"
	Lapsed        Kind = "premium lapsed"
	Unreadable    Kind = "Discover Weekly not readable"
	LateList      Kind = "Discover Weekly days late"
)

// What the app does not ask today.
const (
	PutOff   Kind = "source put off by the budget"
	SpentDay Kind = "day's requests used up"
)

// What is counted of messages to people.
const (
	Told   Kind = "message accepted"
	Forgot Kind = "person who forgot a week, and could be told"
)

// What goes wrong with messages and the schedule.
const (
	Duplicate  Kind = "duplicate delivery"
	Hurried    Kind = "duplicate delivery within a minute"
	TwoAtOnce  Kind = "two deliveries at once"
	Late       Kind = "delivery minutes late"
	DaysLate   Kind = "delivery days late"
	LostAck    Kind = "lost ack"
	MissedTick Kind = "missed schedule"
	DoubleTick Kind = "doubled schedule"
)

// What changes under way.
const (
	KeyRotation Kind = "key rotation"
	OldDocument Kind = "document of an earlier version"
	Deployment  Kind = "deployment"
	ClockSkew   Kind = "skewed clock"
	WrongClock  Kind = "clock days ahead"
	Daylight    Kind = "daylight saving"
)

// What owners do meanwhile.
const (
	ArchiveDeleted Kind = "archive deleted by its owner"
	ArchiveEdited  Kind = "archive edited by its owner"
	ArchiveFilled  Kind = "archive filled by its owner"
	ArchiveRenamed Kind = "archive renamed by its owner"
	InboxDeleted   Kind = "inbox deleted by its owner"
	TakenBack      Kind = "removed songs wanted back"
	Disconnected   Kind = "person disconnected"
	Revoked        Kind = "app revoked by a person"
)

var (
	callKinds = []Kind{ErrorBefore, ErrorAfter, SlowBefore, SlowAfter, CrashBefore, CrashAfter}

	wireKinds = []Kind{
		ErrorBefore, ErrorAfter, SlowBefore, SlowAfter, CrashBefore, CrashAfter,
		LateEffect, ServerError, ServerErrorOK, Garbage, RateShort, RateLong, Quota, Unauthorized, InvalidGrant, NullLists,
	}

	deliveryKinds = []Kind{Duplicate, Hurried, TwoAtOnce, Late, DaysLate, LostAck}

	tickKinds = []Kind{MissedTick, DoubleTick}
)
