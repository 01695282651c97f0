// Package archtest holds the rules of internal/docs/design.md that a compiler
// does not check, as tests: who may import whom, that documents and code say
// the same, and what goes into a deployment.
package archtest
