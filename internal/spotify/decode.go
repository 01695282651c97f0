package spotify

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// errShape is the cause where a 2xx answer is not in a form that we know.
var errShape = errors.New("answer is not in the expected form")

// decode reads an object, or null, into v. A field of another type than v's is
// as if it was not there: one odd field of one song must not cost the page.
func decode(body []byte, v any) error {
	body = bytes.TrimSpace(body)
	if !bytes.HasPrefix(body, []byte("{")) && !bytes.Equal(body, []byte("null")) {
		return errShape
	}
	err := json.Unmarshal(body, v)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !odd {
		return errShape
	}
	return nil
}

// total is how many entries a list has, as far as that is told.
type total struct {
	number int
	told   bool
}

// UnmarshalJSON reads a number in whatever form; anything else tells none.
func (t *total) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	if err == nil && n >= 0 && n <= math.MaxInt32 && n == math.Trunc(n) {
		t.number, t.told = int(n), true
	}
	return nil
}

// of returns the total of a page of so many entries from an offset on. Where
// none is told, the list ends with the page that shows something and has no next.
func (t total) of(offset, entries int, next string) (n int, told bool) {
	if !t.told && next == "" && entries > 0 {
		return offset + entries, true
	}
	return t.number, t.told
}
