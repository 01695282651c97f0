// Package event turns the messages of the two topics into the core's jobs and
// back, and decides whether a message is done with or has to come again. It
// knows the form of a Pub/Sub push message and no cloud's library.
//
// A message to topic "weekly", from the scheduler or from fan-out to itself:
//
//	{"v":1,"kind":"weekly","at":"2026-11-16T13:00:00Z","prefix":"a","after":"a2…"}
//
// kind is weekly, catchup or listening. The scheduler leaves at, prefix and
// after out; at is then when the message was published. A message to topic
// "archive" says whose run is wanted, and why:
//
//	{"v":1,"user":"a2…","kind":"weekly","at":"2026-11-16T13:00:00Z"}
//
// Fields that are not known are passed over, so that an older instance
// understands a newer message of the same version.
package event
