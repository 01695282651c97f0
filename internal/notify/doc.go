// Package notify carries messages to the people who asked for them: to a
// browser by Web Push (RFC 8030, encrypted by RFC 8291 and signed by RFC 8292),
// and to a topic of ntfy (https://docs.ntfy.sh/publish/).
//
// The addresses come from strangers, and the process that sends holds grants
// and keys. So every request goes through one client that knows its hosts by
// name, looks at the address that it really connects to, speaks HTTPS only,
// follows no redirect, and reads next to nothing of an answer.
package notify
