// Package bench measures what the service costs: requests, bytes and documents
// of a week, which are exact and tests; and how a Monday of many users goes,
// in virtual time, with the code that ships. `make bench` prints the table.
package bench
