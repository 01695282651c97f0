package fakespotify

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// walk calls visit for every JSON object of a tree, parents first.
func walk(node any, visit func(o object)) {
	switch n := node.(type) {
	case object:
		visit(n)
		for _, member := range n {
			walk(member, visit)
		}
	case []any:
		for _, element := range n {
			walk(element, visit)
		}
	}
}

// setDates gives the first count items of every list a date, all if 0.
func setDates(body object, count int, date any) {
	for _, list := range listsIn(body) {
		for i, entry := range list["items"].([]any) {
			item, isObject := entry.(object)
			if _, dated := item["added_at"]; isObject && dated && (count == 0 || i < count) {
				item["added_at"] = date
			}
		}
	}
}

func datesNull(_ *Server, _ *call, f Fault, body object) answer {
	setDates(body, f.Count, nil)
	return answer{}
}

func dates1970(_ *Server, _ *call, f Fault, body object) answer {
	setDates(body, f.Count, time.Unix(0, 0).UTC().Format(time.RFC3339))
	return answer{}
}

func datesAhead(_ *Server, c *call, f Fault, body object) answer {
	setDates(body, f.Count, c.now.AddDate(10, 0, 0).UTC().Format(time.RFC3339))
	return answer{}
}

// setISRCs replaces every ISRC by what other returns; an empty one is left
// out.
func setISRCs(body object, other func(isrc string) string) {
	walk(body, func(o object) {
		ids, _ := o["external_ids"].(object)
		isrc, isText := ids["isrc"].(string)
		if !isText {
			return
		}
		if isrc = other(isrc); isrc == "" {
			delete(ids, "isrc")
		} else {
			ids["isrc"] = isrc
		}
	})
}

func isrcShared(_ *Server, _ *call, f Fault, body object) answer {
	const fewest = 5
	groups := f.Count
	if groups <= 0 {
		groups = fewest
	}
	setISRCs(body, func(code string) string { return SharedISRC(code, groups) })
	return answer{}
}

// SharedISRC returns the code that LieISRCShared tells for a recording, where
// all recordings share so many codes.
func SharedISRC(code string, groups int) string {
	h := digest("shared", code)
	return isrc(digest("group", strconv.Itoa(int(h[0])%groups)))
}

func isrcHyphens(_ *Server, _ *call, _ Fault, body object) answer {
	setISRCs(body, func(code string) string {
		if len(code) != 12 {
			return code
		}
		return strings.Join([]string{code[:2], code[2:5], code[5:7], code[7:]}, "-")
	})
	return answer{}
}

func isrcLower(_ *Server, _ *call, _ Fault, body object) answer {
	setISRCs(body, strings.ToLower)
	return answer{}
}

func isrcPlaceholder(_ *Server, _ *call, f Fault, body object) answer {
	setISRCs(body, func(string) string {
		if f.Text == "" {
			return "000000000000"
		}
		return f.Text
	})
	return answer{}
}

func isrcMissing(_ *Server, _ *call, _ Fault, body object) answer {
	setISRCs(body, func(string) string { return "" })
	return answer{}
}

// relinked puts another id of the same recording wherever a track names
// itself.
func relinked(_ *Server, _ *call, _ Fault, body object) answer {
	walk(body, func(o object) {
		uri, _ := o["uri"].(string)
		id, isTrack := strings.CutPrefix(uri, trackPrefix)
		if !isTrack || !validID(id) {
			return
		}
		for _, name := range []string{"uri", "id", "href"} {
			if text, isText := o[name].(string); isText {
				o[name] = strings.Replace(text, id, Relinked(id), 1)
			}
		}
		if urls, isObject := o["external_urls"].(object); isObject {
			urls["spotify"] = openURL("track", Relinked(id))
		}
	})
	return answer{}
}

// queueForeign puts songs into the queue that are of no list: others every
// day.
func queueForeign(s *Server, c *call, f Fault, body object) answer {
	queue, isList := body["queue"].([]any)
	if !isList {
		return answer{}
	}
	foreign := f.Count
	if foreign <= 0 {
		foreign = len(queue)
	}
	queue = slices.Clone(queue[:max(0, len(queue)-foreign)])
	for i := range foreign {
		id := TrackID("foreign", c.who.Key, c.now.Format(time.DateOnly), strconv.Itoa(i))
		queue = append(queue, s.songView(c, SongOf(trackPrefix+id)))
	}
	body["queue"] = queue
	return answer{}
}
