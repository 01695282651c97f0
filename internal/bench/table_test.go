package bench_test

import (
	"flag"
	"testing"
)

var table = flag.Bool("table", false, "measure everything and print the table")

func TestTable(t *testing.T) {
	if !*table {
		t.Skip("make bench prints the table")
	}
	for i, got := range bigMondays(t, bigMonday, mondays()) {
		t.Logf("%s: %.2f of the floor (%s), %.1f %% refused, %.1f deliveries a user, at most %d, %d dead",
			mondays()[i].name, got.ofFloor(), got.took.Round(1e9), got.share(), float64(got.deliveries)/float64(got.users), got.most, got.dead)
	}
}
