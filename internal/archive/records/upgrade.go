package records

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// ErrNewer is what reading a document gives that a newer program has written.
// It is fault.ErrMalformed: nothing is overwritten, and trying again cannot
// help before this program is as new as that one.
var ErrNewer = fmt.Errorf("written by a newer program: %w", fault.ErrMalformed)

// version is the form that this program writes. A field that may be missing
// needs no new form; any other change of what is stored adds a step.
const version = 3

// steps lead from one form to the next: steps[0] from form 1, and so on. A
// step is never changed after a release: documents of every form are read for
// ever.
var steps = [version - 1]func(collection string, c *content) error{
	from1,
	from2,
}

// content is what a step changes.
type content struct {
	fields map[string]json.RawMessage
	bytes  []byte
}

// from1 takes the first released form, whose bodies carry no version. Firestore
// kept fields of its own in them (schema, write, expires_at). The whole seen
// set was one document, with its hashes in the body.
func from1(collection string, c *content) error {
	for _, name := range []string{"schema", "write", "expires_at"} {
		delete(c.fields, name)
	}
	if collection != seen {
		return nil
	}
	var ids, isrcs []byte
	if err := errors.Join(json.Unmarshal(c.fields["ids"], &ids), json.Unmarshal(c.fields["isrcs"], &isrcs)); err != nil {
		return fmt.Errorf("ids or isrcs are no bytes: %w", fault.ErrMalformed)
	}
	c.fields = map[string]json.RawMessage{
		"id_bytes":        json.RawMessage(strconv.Itoa(len(ids))),
		"recording_bytes": json.RawMessage(strconv.Itoa(len(isrcs))),
	}
	c.bytes = slices.Concat(ids, isrcs)
	return nil
}

// from2 takes waiting batches that had fields of their own for what an entry says.
func from2(collection string, c *content) error {
	if collection != pending {
		return nil
	}
	var tracks []json.RawMessage
	if err := json.Unmarshal(c.fields["tracks"], &tracks); err != nil {
		return fmt.Errorf("tracks are no list: %w", fault.ErrMalformed)
	}
	entry, err := json.Marshal(map[string]any{
		"key":    map[string]json.RawMessage{"edition": or(c.fields["edition"], `""`), "source": or(c.fields["source"], `""`)},
		"found":  len(tracks),
		"queued": or(c.fields["queued"], "0"),
	})
	if err != nil {
		return fmt.Errorf("fields are no JSON: %w", fault.ErrMalformed)
	}
	for _, name := range []string{"edition", "source", "queued"} {
		delete(c.fields, name)
	}
	c.fields["entry"] = entry
	return nil
}

// or is a field, or what stands for one that is missing.
func or(field json.RawMessage, missing string) json.RawMessage {
	if field == nil {
		return json.RawMessage(missing)
	}
	return field
}

// head is how every body begins that encode has written.
var head = fmt.Appendf(nil, `{"v":%d,`, version)

// open returns the document's body and bytes in the form of today, and its
// fields, unless it comes back as encode has written it: then they are nil, and
// reading it costs half. Collection is what it is a document of: the last part
// of its collection.
func open(collection string, d document.Document) (json.RawMessage, content, error) {
	c := content{bytes: d.Bytes}
	if bytes.HasPrefix(d.Body, head) {
		return d.Body, c, nil
	}
	if err := json.Unmarshal(d.Body, &c.fields); err != nil || c.fields == nil {
		return nil, c, fmt.Errorf("the body is no JSON object: %w", fault.ErrMalformed)
	}
	form := 1
	if v, ok := c.fields["v"]; ok {
		if err := json.Unmarshal(v, &form); err != nil || form < 1 {
			return nil, c, fmt.Errorf("version %.20s: %w", v, fault.ErrMalformed)
		}
	}
	switch {
	case form > version:
		return nil, c, fmt.Errorf("form %d, this program knows %d: %w", form, version, ErrNewer)
	case form == version:
		return d.Body, c, nil
	}
	for _, step := range steps[form-1:] {
		if err := step(collection, &c); err != nil {
			return nil, c, fmt.Errorf("upgrading: %w", err)
		}
	}
	body, err := json.Marshal(c.fields)
	return body, c, err
}

// decode fills value from a document and returns its bytes. A field that is
// missing keeps its zero value, unless it is required; one that value does not
// have is passed over.
func decode(collection string, d document.Document, value any, required ...string) ([]byte, error) {
	body, c, err := open(collection, d)
	if err != nil {
		return nil, err
	}
	for _, name := range required {
		if _, ok := c.fields[name]; !ok && c.fields != nil {
			return nil, fmt.Errorf("field %s is missing: %w", name, fault.ErrMalformed)
		}
	}
	if err := json.Unmarshal(body, value); err != nil {
		// The error of encoding/json may quote what is stored.
		return nil, fmt.Errorf("a field is of another type: %w", fault.ErrMalformed)
	}
	return c.bytes, nil
}

// encode returns the body of a value, with its version.
func encode(value any) (json.RawMessage, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if len(body) == len("{}") {
		return append(bytes.TrimSuffix(slices.Clone(head), []byte(",")), '}'), nil
	}
	return append(slices.Clone(head), body[1:]...), nil
}
