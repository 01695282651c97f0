// Package outcome is how a run ends, and the table of verdicts: what each end means
// for its message, its person, the app and the operator.
package outcome
