// Package fault names everything that can go wrong, so that the core and its
// adapters speak of it in the same errors. What each means to whom says package
// outcome.
package fault
