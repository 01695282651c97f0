package spotify

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

const (
	// storeEvery is how often a process stores what it has spent, where there
	// is no cap to be kept: then the number is only shown.
	storeEvery = time.Minute

	// knownFor is how long the count of the other processes is believed.
	knownFor = time.Minute

	// storeTime is what storing gets, also when a run was stopped.
	storeTime = 5 * time.Second
)

// meter counts the requests of a process to the Web API, together with those of
// the app's other processes. What nobody else knows yet is unstored.
type meter struct {
	store archive.AppTraffic // nil: nothing is stored
	cap   int                // as Config.DailyRequests
	clock archive.Clock
	log   *slog.Logger
	pace  *pace

	mu       sync.Mutex
	known    webapi.Traffic
	asked    time.Time // when known was stored so
	stored   time.Time
	unstored webapi.Traffic
	running  int
}

// spending is one run.
type spending struct{ *meter }

// Begin implements webapi.Spotify.
func (c *Client) Begin(ctx context.Context) (webapi.Spending, error) {
	if err := c.meter.refresh(ctx); err != nil {
		return nil, err
	}
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	c.meter.running++
	return spending{c.meter}, nil
}

// refresh asks what the other processes have spent, and learned.
func (m *meter) refresh(ctx context.Context) error {
	if m.store == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock()
	age := now.Sub(m.asked)
	if !m.asked.IsZero() && age >= 0 && (age < knownFor || m.limit() == 0) {
		return nil
	}
	known, err := m.store.Traffic(ctx)
	if err != nil {
		return err
	}
	m.known, m.asked = known, now
	m.pace.begin(known.Rate)
	return nil
}

// Budget implements webapi.Spending.
func (s spending) Budget() webapi.Budget {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	used := s.known.On(now) + s.unstored.On(now) + (s.running-1)*webapi.RunRequests
	both := s.known.Add(s.unstored)
	assumed := s.cap == webapi.AutoDailyRequests && both.Extended.IsZero() && both.Limited.IsZero()
	return webapi.Budget{Cap: s.limit(), Used: used, Assumed: assumed}
}

// limit is the cap of a day; 0: there is none.
func (m *meter) limit() int { return m.known.Add(m.unstored).Cap(m.cap) }

// End implements webapi.Spending.
func (s spending) End(ctx context.Context) {
	s.mu.Lock()
	s.running--
	s.mu.Unlock()
	s.settle(ctx)
}

// settle stores what was spent, if it is time.
func (m *meter) settle(ctx context.Context) {
	more, due := m.take()
	if !due {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer cancel()
	known, err := m.store.AddTraffic(ctx, more)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.log.WarnContext(ctx, "requests not noted", "requests", more.Requests, "error", err)
		m.unstored = more.Add(m.unstored)
		return
	}
	m.known, m.asked = known, m.clock()
}

func (m *meter) take() (more webapi.Traffic, due bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock()
	age := now.Sub(m.stored)
	if m.store == nil || m.unstored == (webapi.Traffic{}) || m.limit() == 0 && age >= 0 && age < storeEvery {
		return webapi.Traffic{}, false
	}
	more = m.unstored
	more.Rate = m.pace.learned()
	m.unstored, m.stored = webapi.Traffic{}, now
	return more, true
}

// count notes a request.
func (m *meter) count() { m.note(webapi.Traffic{Day: m.clock(), Requests: 1}) }

// extended notes that the app was shown what only extended quota shows.
func (m *meter) extended() {
	if now := m.clock().UTC(); m.news(now) {
		m.note(webapi.Traffic{Day: now, Extended: now})
	}
}

// news reports whether it is worth storing again that the quota is extended.
func (m *meter) news(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	both := m.known.Add(m.unstored)
	return !both.Extended.After(both.Limited) || now.Sub(both.Extended) > 24*time.Hour
}

// limited notes that Spotify named a quota.
func (m *meter) limited() {
	now := m.clock().UTC()
	m.note(webapi.Traffic{Day: now, Limited: now})
}

func (m *meter) note(more webapi.Traffic) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unstored = m.unstored.Add(more)
}
