package fakespotify

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

var pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// parsePointer returns the segments of a JSON Pointer (RFC 6901).
func parsePointer(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("path %q is no JSON Pointer: it begins with a slash, as in \"/items/*/added_at\"", path)
	}
	segments := strings.Split(path[1:], "/")
	for i, s := range segments {
		segments[i] = pointerUnescaper.Replace(s)
	}
	return segments, nil
}

// lookUp returns what is at the path.
func lookUp(node any, path []string) (any, bool) {
	for _, segment := range path {
		switch n := node.(type) {
		case map[string]any:
			member, found := n[segment]
			if !found {
				return nil, false
			}
			node = member
		case []any:
			at := indices(len(n), segment)
			if len(at) != 1 {
				return nil, false
			}
			node = n[at[0]]
		default:
			return nil, false
		}
	}
	return node, true
}

// editTree calls place for the parent of every place that the path means, with
// the path's last segment, and puts what it returns in the parent's place.
func editTree(node any, path []string, place func(parent any, segment string) any) any {
	if len(path) == 1 {
		return place(node, path[0])
	}
	switch n := node.(type) {
	case map[string]any:
		for _, name := range members(n, path[0]) {
			n[name] = editTree(n[name], path[1:], place)
		}
	case []any:
		for _, i := range indices(len(n), path[0]) {
			n[i] = editTree(n[i], path[1:], place)
		}
	}
	return node
}

// editPlace returns what an operation does to the parent of a place.
func editPlace(op EditOp, value json.RawMessage) func(parent any, segment string) any {
	return func(parent any, segment string) any {
		switch p := parent.(type) {
		case map[string]any:
			editObject(p, op, segment, value)
		case []any:
			return editArray(p, op, segment, value)
		}
		return parent
	}
}

func editObject(o map[string]any, op EditOp, segment string, value json.RawMessage) {
	names := members(o, segment)
	if segment != "*" {
		names = []string{segment}
	}
	for _, name := range names {
		if op == EditDelete {
			delete(o, name)
		} else {
			o[name] = value
		}
	}
}

func editArray(list []any, op EditOp, segment string, value json.RawMessage) []any {
	if op == EditInsert || op == EditCopy {
		if segment == "-" {
			return append(list, value)
		}
		if i, err := strconv.Atoi(segment); err == nil && i >= 0 && i <= len(list) {
			return slices.Insert(list, i, any(value))
		}
		return list
	}
	at := indices(len(list), segment)
	for _, i := range slices.Backward(at) {
		if op == EditDelete {
			list = slices.Delete(list, i, i+1)
		} else {
			list[i] = value
		}
	}
	return list
}

// members returns the names that a segment means in an object.
func members(o map[string]any, segment string) []string {
	if segment == "*" {
		return slices.Sorted(maps.Keys(o))
	}
	if _, found := o[segment]; found {
		return []string{segment}
	}
	return nil
}

// indices returns the positions that a segment means in an array of that
// length.
func indices(length int, segment string) []int {
	switch i, err := strconv.Atoi(segment); {
	case segment == "*":
		all := make([]int, length)
		for i := range all {
			all[i] = i
		}
		return all
	case segment == "-" && length > 0:
		return []int{length - 1}
	case err == nil && i >= 0 && i < length:
		return []int{i}
	default:
		return nil
	}
}
