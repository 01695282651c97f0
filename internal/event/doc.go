// Package event turns the messages of the two topics into the core's jobs and
// back, and decides whether a message is done with or has to come again. It
// knows the form of a Pub/Sub push message and no cloud's library.
//
// A message to topic "weekly", from the scheduler or from fan-out to itself:
//
//	{"v":1,"kind":"hourly","at":"2026-11-17T14:07:00Z","from":"2026-11-17T13:07:00Z","due":"2026-11-17T13:40:02Z","after":"a2…"}
//
// kind is weekly, hourly or sweep. The scheduler gives v and kind, and at is
// then when the message was published; the rest is of a run that goes on, or
// has "everybody":true. Programs with daily catch-ups, and with looks at
// everybody's plays, had the kinds catchup and listening, and "prefix" for one
// of 32 shards; both are taken for a sweep of everybody. A message to topic
// "archive" says whose run is wanted, and why:
//
//	{"v":1,"user":"a2…","kind":"weekly","at":"2026-11-16T13:00:00Z"}
//
// kind is weekly, signup, manual or, for a user whose time has come, catchup:
// the name is that of the daily run of those programs, whose ArchiveUser knows
// it, and theirs of a look at plays, listening, is taken for it.
//
// Fields that are not known are passed over, so that an older instance
// understands a newer message of the same version.
package event
