// Package firestorestore keeps users, their history and the app's state in
// Cloud Firestore (Native mode). Nothing in it needs a composite index.
//
//	users/{userID}                          the user: fields as in archive.User's JSON form, schema, write
//	users/{userID}/entries/{key}            archive.Entry, schema, expires_at
//	users/{userID}/seen/index               ids and isrcs as bytes, schema
//	users/{userID}/pending/{hash of the id} archive.Pending, schema
//	app/spotify                             pause, last_wave, last_runs
//	runs/{name}/pages/{random}              users sent out, expires_at
//	runs/{name}/refusals/{userID}           expires_at
//
// expires_at is the field of the TTL policies on the collection groups
// entries, pages and refusals
// (https://cloud.google.com/firestore/native/docs/ttl). Times are kept to the
// microsecond, as Firestore keeps them.
//
// A revision is the update time of the user document. A write names it as a
// precondition, so no write has to read first; Firestore checks it in the
// same atomic commit.
package firestorestore
