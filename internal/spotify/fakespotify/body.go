package fakespotify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"slices"
)

// decode reads a JSON body into target, a pointer to a struct, whose fields
// have the names. Names beyond them are a problem, but no error, as with
// Spotify. It reports whether the body is refused.
func (s *Server) decode(c *call, target any, names ...string) (answer, bool) {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return answer{}, false
	}
	if kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		s.problem(fmt.Sprintf("the body of %s %s is not application/json", c.rt.method, c.rt.pattern))
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(c.body, &members); err != nil {
		return badRequest("Error parsing JSON."), true
	}
	for name := range members {
		if !slices.Contains(names, name) {
			s.problem(fmt.Sprintf("unknown field %q of %s %s", name, c.rt.method, c.rt.pattern))
		}
	}
	if err := json.Unmarshal(c.body, target); err != nil {
		return badRequest("Error parsing JSON."), true
	}
	return answer{}, false
}
