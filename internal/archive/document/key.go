package document

import (
	"errors"
	"fmt"
	"strings"
)

const maxIDLength = 200

// Valid reports whether a key is one that every store takes: two or four
// parts, each of 1 to 200 letters, digits and "-_.~" of ASCII that do not
// begin with a dot.
func Valid(key string) bool {
	parts := strings.Split(key, "/")
	if len(parts) != 2 && len(parts) != 4 {
		return false
	}
	for _, part := range parts {
		if !validPart(part) {
			return false
		}
	}
	return true
}

func validPart(part string) bool {
	if part == "" || len(part) > maxIDLength || part[0] == '.' || strings.HasPrefix(part, "__") {
		return false
	}
	for _, c := range []byte(part) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte("-_.~", c) < 0 {
			return false
		}
	}
	return true
}

// Split returns the collection and the id of a key.
func Split(key string) (collection, id string) {
	at := strings.LastIndexByte(key, '/')
	return key[:max(at, 0)], key[at+1:]
}

// Check returns what is wrong with a write that no store can take: a mistake of
// the program.
func (w Write) Check() error {
	d := w.Document
	switch {
	case !Valid(d.Key):
		return errors.New("writing a document with an impossible key")
	case w.Delete:
		return nil
	case len(d.Body) == 0 || d.Body[0] != '{':
		return fmt.Errorf("writing %s: the body is no JSON object", d.Key)
	case len(d.Body)+len(d.Bytes) > MaxSize:
		return fmt.Errorf("writing %s: %d bytes, more than %d", d.Key, len(d.Body)+len(d.Bytes), MaxSize)
	}
	return nil
}
