package fakespotify

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// faultPlan is what goes wrong with one request.
type faultPlan struct {
	before, after time.Duration // delays
	fault         Fault         // Kind is empty if there is none
	alterations   []Fault       // what changes the answer, in order
}

// kind names what the request met, for its record.
func (p faultPlan) kind() FaultKind {
	if p.fault.Kind == "" && len(p.alterations) > 0 {
		return p.alterations[0].Kind
	}
	return p.fault.Kind
}

// takeFaults uses up the faults that the call meets.
func (s *Server) takeFaults(c *call, account string) (faultPlan, error) {
	var plan faultPlan
	used := false
	for i := range s.world.Faults {
		f := &s.world.Faults[i]
		if !f.meets(c, account) || (f.replaces() && plan.fault.Kind != "") {
			continue
		}
		used = true
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		plan.add(*f)
	}
	if !used {
		return plan, nil
	}
	s.world.Faults = slices.DeleteFunc(s.world.Faults, func(f Fault) bool { return f.Times == 0 })
	s.saveWorld()
	return plan, s.commit()
}

func (p *faultPlan) add(f Fault) {
	switch {
	case f.Kind == LieAppendLost:
		p.fault = Fault{Kind: FaultDrop, AfterEffect: true}
	case f.replaces():
		p.fault = f
	case f.Kind != FaultDelay:
		p.alterations = append(p.alterations, f)
	case f.AfterEffect:
		p.after += f.Delay
	default:
		p.before += f.Delay
	}
}

// replaces reports whether a request meets only one fault of that sort.
func (f Fault) replaces() bool {
	_, named := lieOf(f.Kind)
	return f.Kind == LieAppendLost || !named && f.Kind != FaultDelay && f.Kind != FaultRewrite
}

func (f Fault) meets(c *call, account string) bool {
	if f.Account != "" && f.Account != account || f.Playlist != "" && f.Playlist != c.playlistID() {
		return false
	}
	return slices.ContainsFunc(f.matchList(), func(match string) bool { return matches(match, c.rt, c.id) })
}

// matchList returns what the fault matches: Fault.Match, or what its kind
// meets without one.
func (f Fault) matchList() []string {
	if l, named := lieOf(f.Kind); named && f.Match == "" {
		return l.Match
	}
	return []string{f.Match}
}

// playlistID returns the id of the playlist that the path names.
func (c *call) playlistID() string {
	if strings.HasPrefix(c.rt.pattern, "/v1/playlists/{id}") {
		return c.id
	}
	return ""
}

// matches reports whether a Fault.Match means that route with that id.
func matches(match string, rt route, id string) bool {
	method, pattern, two := strings.Cut(match, " ")
	switch {
	case !two:
		return match == "*"
	case method != rt.method && method != "*":
		return false
	case pattern == "*":
		return true
	}
	want, got := strings.Split(pattern, "/"), strings.Split(rt.pattern, "/")
	if last := len(want) - 1; want[last] == "..." && len(got) > last {
		want, got = want[:last], got[:last]
	}
	return slices.EqualFunc(want, got, func(want, got string) bool {
		if got == "{id}" {
			got = id
		}
		ok, err := path.Match(strings.ReplaceAll(want, "{id}", "*"), got)
		return ok && err == nil
	})
}

// matchable reports whether a Fault.Match means a route of the stand-in, with
// any id.
func (s *Server) matchable(match string) bool {
	_, pattern, _ := strings.Cut(match, " ")
	if _, err := path.Match(pattern, ""); err != nil {
		return false
	}
	return slices.ContainsFunc(s.routes, func(rt route) bool {
		at := slices.Index(strings.Split(rt.pattern, "/"), "{id}")
		segments := strings.Split(pattern, "/")
		if at > 0 && at < len(segments) {
			segments[at] = "{id}"
		}
		method, _, two := strings.Cut(match, " ")
		if two {
			return matches(method+" "+strings.Join(segments, "/"), rt, "any")
		}
		return matches(match, rt, "any")
	})
}

// validFault says what is wrong with a fault.
func (s *Server) validFault(f Fault) error {
	if f.Account != "" && s.members[f.Account] == nil {
		return fmt.Errorf("no account %q", f.Account)
	}
	if len(f.Edits) > 0 && f.Kind != FaultRewrite {
		return fmt.Errorf("a fault of the kind %q has no edits", f.Kind)
	}
	if err := s.validKind(f); err != nil {
		return err
	}
	for _, match := range f.matchList() {
		if !s.matchable(match) {
			return fmt.Errorf("no route matches %q; a match is a method and a path such as %q, a method and \"*\", or \"*\"",
				match, itemsRoute)
		}
	}
	return nil
}

// validKind says what is wrong with a fault of its kind.
func (s *Server) validKind(f Fault) error {
	if l, named := lieOf(f.Kind); named {
		return l.validate(f)
	}
	if !slices.Contains(faultKinds, f.Kind) {
		return fmt.Errorf("no fault of the kind %q; there are %v and the lies %v", f.Kind, faultKinds, lieKinds())
	}
	if f.Count != 0 || f.Text != "" {
		return fmt.Errorf("a fault of the kind %q takes no count and no text", f.Kind)
	}
	switch f.Kind {
	case FaultStatus:
		if !validStatus(f.Status) {
			return fmt.Errorf("no status %d", f.Status)
		}
	case FaultDelay:
		if f.Delay <= 0 {
			return fmt.Errorf("no delay %v", f.Delay)
		}
	case FaultInvalidGrant:
		if f.Match != tokenRoute {
			return fmt.Errorf("a fault of the kind %q matches %q only", f.Kind, tokenRoute)
		}
	case FaultRewrite:
		if err := f.validRewrite(); err != nil {
			return err
		}
	}
	return nil
}

func validStatus(status int) bool { return status >= 200 && status <= 599 }

var faultKinds = []FaultKind{FaultStatus, FaultDelay, FaultDrop, FaultRateLimit, FaultQuota, FaultInvalidGrant,
	FaultUnauthorized, FaultNullPlaylists, FaultStaleRead, FaultGarbage, FaultOversized, FaultRewrite}
