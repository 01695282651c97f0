package records

import (
	"context"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// Traffic implements archive.AppTraffic.
func (s *Store) Traffic(ctx context.Context) (webapi.Traffic, error) {
	traffic, _, err := read[webapi.Traffic](ctx, s, trafficKey)
	if err != nil {
		return webapi.Traffic{}, fmt.Errorf("reading the day's requests: %w", err)
	}
	return traffic, nil
}

// AddTraffic implements archive.AppTraffic. It has a document of its own: it
// is written more often than a pause, which nothing should come between.
func (s *Store) AddTraffic(ctx context.Context, more webapi.Traffic) (webapi.Traffic, error) {
	var stored webapi.Traffic
	err := change(ctx, s, document.Document{Key: trafficKey}, func(traffic *webapi.Traffic) bool {
		*traffic = traffic.Add(more)
		stored = *traffic
		return true
	})
	if err != nil {
		return webapi.Traffic{}, fmt.Errorf("adding to the day's requests: %w", err)
	}
	return stored, nil
}
