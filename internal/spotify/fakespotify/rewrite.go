package fakespotify

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// EditOp says what an Edit does.
type EditOp string

// The operations of an Edit.
const (
	EditSet    EditOp = "set"    // puts Edit.Value in the place of what is there, or adds the member
	EditInsert EditOp = "insert" // puts Edit.Value before the element that is there
	EditDelete EditOp = "delete" // removes what is there
	EditCopy   EditOp = "copy"   // inserts what is at Edit.From
	EditText   EditOp = "text"   // replaces Edit.Old by Edit.New wherever the body has it
)

// An Edit changes one part of an answer. A path that an answer does not have
// changes nothing.
type Edit struct {
	Op EditOp `json:"op"`

	// Path is a JSON Pointer (RFC 6901): "" is the whole body, "/items/0" the
	// first item, "/items/-" the last, for insert and copy the place behind
	// it. A segment "*" means every element, or member, that there is:
	// "/items/*/added_at".
	Path string `json:"path,omitempty"`

	From  string          `json:"from,omitempty"`  // of copy, a path that means one place
	Value json.RawMessage `json:"value,omitempty"` // of set and insert, "null" included
	Old   string          `json:"old,omitempty"`   // of text, as the body has it; empty means the whole body
	New   string          `json:"new,omitempty"`   // of text
}

// validRewrite says what is wrong with a fault that rewrites.
func (f Fault) validRewrite() error {
	if f.Status != 0 && !validStatus(f.Status) {
		return fmt.Errorf("no status %d", f.Status)
	}
	if f.Status == 0 && len(f.Edits) == 0 {
		return errors.New("a rewrite has edits, a status, or both")
	}
	for i, e := range f.Edits {
		if err := e.validate(); err != nil {
			return fmt.Errorf("edit %d: %w", i, err)
		}
	}
	return nil
}

func (e Edit) validate() error {
	path, err := parsePointer(e.Path)
	if err != nil {
		return err
	}
	switch e.Op {
	case EditSet, EditInsert:
		if !json.Valid(e.Value) {
			return fmt.Errorf("%s needs a value, which may be null", e.Op)
		}
	case EditCopy:
		from, err := parsePointer(e.From)
		if err != nil {
			return err
		}
		if slices.Contains(from, "*") {
			return fmt.Errorf("from %q means more than one place", e.From)
		}
	case EditText:
		if e.Path != "" {
			return errors.New("text is replaced in the whole body: leave path out")
		}
		return nil
	case EditDelete:
	default:
		return fmt.Errorf("no operation %q; there are set, insert, delete, copy and text", e.Op)
	}
	if len(path) == 0 && e.Op != EditSet {
		return fmt.Errorf("%s needs a path", e.Op)
	}
	return nil
}

// rewrite returns the answer with the edits.
func (f Fault) rewrite(a answer) (answer, error) {
	body, err := a.bytes()
	if err != nil {
		return answer{}, err
	}
	for _, e := range f.Edits {
		if body, err = e.apply(body); err != nil {
			return answer{}, err
		}
	}
	rewritten := answer{status: cmp.Or(f.Status, a.status), header: a.header.Clone(), raw: body}
	switch {
	case len(body) == 0:
	case json.Valid(body):
		rewritten.header.Set("Content-Type", "application/json; charset=utf-8")
	case a.json != nil:
		rewritten.header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	if rewritten.status == http.StatusNoContent {
		rewritten.raw = nil
	}
	return rewritten, nil
}

// apply returns the body with the edit.
func (e Edit) apply(body []byte) ([]byte, error) {
	if e.Op == EditText {
		if e.Old == "" {
			return []byte(e.New), nil
		}
		return bytes.ReplaceAll(body, []byte(e.Old), []byte(e.New)), nil
	}
	path, err := parsePointer(e.Path)
	if err != nil {
		return nil, err
	}
	if len(path) == 0 {
		return e.Value, nil
	}
	tree, err := decodeTree(body)
	if err != nil {
		return body, nil //nolint:nilerr // what is no JSON has no paths
	}
	value := e.Value
	if e.Op == EditCopy {
		from, err := parsePointer(e.From)
		if err != nil {
			return nil, err
		}
		copied, found := lookUp(tree, from)
		if !found {
			return body, nil
		}
		if value, err = json.Marshal(copied); err != nil {
			return nil, err
		}
	}
	return json.Marshal(editTree(tree, path, editPlace(e.Op, value)))
}

// decodeTree decodes JSON into maps, slices, strings, json.Number, bool and
// nil.
func decodeTree(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var tree any
	err := decoder.Decode(&tree)
	return tree, err
}
