package operator_test

import (
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
)

func capped(c *operator.Config) { c.DailyRequests = 100 }

// The operator reads how many of the day's requests are spent, and what waits
// for another day's.
func TestRequestsOfTheDay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		requests    int
		cap         int
		has, hasNot []string
	}{
		"no_cap":        {500, 0, []string{"500, without a cap"}, []string{"put off", "not enough"}},
		"some":          {20, 100, []string{"20 of 100"}, []string{"put off", "not enough"}},
		"listening":     {62, 100, []string{"62 of 100", "looks at what people play are put off"}, []string{"inboxes"}},
		"inboxes":       {85, 100, []string{"85 of 100", "into their inboxes are put off"}, nil},
		"nothing_runs":  {97, 100, []string{"97 of 100", "not enough for a run"}, []string{"put off"}},
		"assumed_a_cap": {3, webapi.AutoDailyRequests, []string{"3 of 100"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &world{requests: test.requests, edit: func(c *operator.Config) { c.DailyRequests = test.cap }}
			page := f.show(t, "/local")
			wantTexts(t, page, test.has...)
			for _, text := range test.hasNot {
				if strings.Contains(page, text) {
					t.Errorf("the page says %q", text)
				}
			}
		})
	}
}
