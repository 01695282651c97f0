package operator

import (
	"context"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
)

const (
	// countedFor is how long a count of very many people is shown.
	countedFor = 5 * time.Minute

	// countedAtOnce is how many documents a count reads by one question.
	countedAtOnce = 300
)

// census counts people of whom there are more than a page shows, beside the
// requests: one that had to read everybody first would be slow.
type census struct {
	mu      sync.Mutex
	running bool
	at      time.Time
	counted *people // nil before the first count
}

// latest returns the newest count, nil where there is none yet, and begins
// another one if that is old.
func (s *server) latest(pause app.Pause, now time.Time) *people {
	c := &s.census
	c.mu.Lock()
	defer c.mu.Unlock()
	age := now.Sub(c.at)
	if !c.running && (c.counted == nil || age < 0 || age >= countedFor) {
		c.running = true
		go s.recount(pause, now)
	}
	if c.counted == nil {
		return nil
	}
	return c.counted.clone()
}

// recount counts everybody until the program ends.
func (s *server) recount(pause app.Pause, now time.Time) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.Stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	counted, err := s.countAll(ctx, pause, now, func(archive.User) {})
	c := &s.census
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = false
	if err != nil {
		s.Log.WarnContext(ctx, "people not counted", "error", err)
		return
	}
	c.counted, c.at = counted, now
}

// countAll counts everybody, and shows each.
func (s *server) countAll(ctx context.Context, pause app.Pause, now time.Time, show func(archive.User)) (*people, error) {
	counted := newPeople()
	for after := archive.UserID(""); ; {
		page, err := s.Store.Page(ctx, after, countedAtOnce)
		if err != nil {
			return nil, err
		}
		counted.Worries.add(ConcernUnreadable, page.Bad)
		for _, u := range page.Users {
			counted.count(s.person(u, pause, now), now)
			show(u)
		}
		if page.Next == "" {
			return counted, nil
		}
		after = page.Next
	}
}
