package archive_test

import "math/rand/v2"

// dice returns the same numbers for the same seed.
func dice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
