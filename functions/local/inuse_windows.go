package main

import "syscall"

// errAddressInUse is WSAEADDRINUSE, the system's word for a port that somebody
// else has; syscall.EADDRINUSE is a number of Go's own here.
const errAddressInUse = syscall.Errno(10048)
