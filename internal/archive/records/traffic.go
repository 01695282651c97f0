package records

import (
	"context"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// Traffic implements archive.AppTraffic.
func (s *Store) Traffic(ctx context.Context) (archive.Traffic, error) {
	traffic, _, err := read[archive.Traffic](ctx, s, trafficKey)
	if err != nil {
		return archive.Traffic{}, fmt.Errorf("reading the day's requests: %w", err)
	}
	return traffic, nil
}

// AddTraffic implements archive.AppTraffic. It has a document of its own: it
// is written more often than a pause, which nothing should come between.
func (s *Store) AddTraffic(ctx context.Context, more archive.Traffic) (archive.Traffic, error) {
	var stored archive.Traffic
	err := change(ctx, s, document.Document{Key: trafficKey}, func(traffic *archive.Traffic) bool {
		*traffic = traffic.Add(more)
		stored = *traffic
		return true
	})
	if err != nil {
		return archive.Traffic{}, fmt.Errorf("adding to the day's requests: %w", err)
	}
	return stored, nil
}
