package config

import (
	"strconv"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// DailyRequests is how many requests to Spotify's Web API the app may make on
// a day: a number, "0" for as many as it needs, or "auto".
type DailyRequests string

// Cap returns the number, 0 or webapi.AutoDailyRequests, which is what an
// empty one means.
func (d DailyRequests) Cap() int {
	if n, err := strconv.Atoi(string(d)); err == nil {
		return n
	}
	return webapi.AutoDailyRequests
}
