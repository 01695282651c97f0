// Package gcptest runs Google Cloud's parts on one machine: the Firestore and
// Pub/Sub emulators of the Google Cloud CLI, and in-process servers for Cloud
// KMS and Secret Manager, which have no emulator.
//
//	var emulators gcptest.Emulators
//
//	func TestMain(m *testing.M) { os.Exit(emulators.Run(m)) }
//
//	func TestStore(t *testing.T) {
//		client := emulators.Firestore(t)
//		...
//	}
package gcptest
