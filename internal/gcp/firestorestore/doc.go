// Package firestorestore keeps documents in Cloud Firestore (Native mode). A
// key is the path of a document, and the names at the top of a body are its
// fields, so Google's console shows what is stored. Beside them:
//
//	expires_at  timestamp, the field of the TTL policies
//	            (https://cloud.google.com/firestore/native/docs/ttl)
//	_labels     map; the only indexed fields but expires_at
//	_bytes      bytes
//	_write      text that differs with every write: one that changes nothing
//	            would leave the update time as it is, and two writers could
//	            both believe that they came first
//
// A revision is the update time of the document. A write names it as a
// precondition, so no write has to read first; Firestore checks all of them in
// the same atomic commit. Nothing needs a composite index.
//
// It speaks to the API that Google's larger client is built on: that client
// cannot replace a whole document under a precondition.
package firestorestore
