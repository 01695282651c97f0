//go:build unix

package bench_test

import (
	"syscall"
	"time"
)

// cpuTime is what this process has computed so far, on all cores.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
