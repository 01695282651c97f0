//go:build !windows

package main

import "syscall"

// errAddressInUse is the system's word for a port that somebody else has.
const errAddressInUse = syscall.EADDRINUSE
