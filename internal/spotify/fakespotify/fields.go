package fakespotify

import (
	"errors"
	"strings"
)

// fieldSet is a parsed `fields` filter. A nil fieldSet keeps everything; a set
// that includes nothing keeps everything but what it excludes.
type fieldSet struct {
	include map[string]*fieldSet
	exclude map[string]bool
}

const maxFieldDepth = 16

var errFields = errors.New("invalid field filter")

// parseFields reads a filter such as
//
//	next,total,items(added_at,item(id,external_ids.isrc,album(!name)))
//
// as https://developer.spotify.com/documentation/web-api/reference/get-playlist
// describes it. An empty filter keeps everything.
func parseFields(filter string) (*fieldSet, error) {
	if strings.TrimSpace(filter) == "" {
		return nil, nil
	}
	p := fieldParser{rest: filter}
	set, err := p.list(0)
	if err == nil && p.rest != "" {
		err = errFields
	}
	return set, err
}

type fieldParser struct {
	rest string
}

// list reads fields up to a closing parenthesis or the end.
func (p *fieldParser) list(depth int) (*fieldSet, error) {
	if depth > maxFieldDepth {
		return nil, errFields
	}
	set := &fieldSet{}
	for {
		if err := p.field(set, depth); err != nil {
			return nil, err
		}
		if !p.take(',') {
			return set, nil
		}
	}
}

func (p *fieldParser) field(set *fieldSet, depth int) error {
	excluded := p.take('!')
	name := p.name()
	if name == "" {
		return errFields
	}
	if excluded {
		if set.exclude == nil {
			set.exclude = make(map[string]bool)
		}
		set.exclude[name] = true
		return nil
	}
	sub, err := p.below(depth)
	if err != nil {
		return err
	}
	set.add(name, sub)
	return nil
}

// below reads what follows a name: a dotted field, a list, or nothing.
func (p *fieldParser) below(depth int) (*fieldSet, error) {
	switch {
	case p.take('.'):
		if depth > maxFieldDepth {
			return nil, errFields
		}
		set := &fieldSet{}
		return set, p.field(set, depth+1)
	case p.take('('):
		set, err := p.list(depth + 1)
		if err == nil && !p.take(')') {
			err = errFields
		}
		return set, err
	default:
		return nil, nil
	}
}

func (p *fieldParser) take(c byte) bool {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *fieldParser) name() string {
	p.rest = strings.TrimLeft(p.rest, " ")
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	if end < 0 {
		end = len(p.rest)
	}
	name := p.rest[:end]
	p.rest = p.rest[end:]
	return name
}

// add includes a field. Naming it twice includes both parts of it.
func (f *fieldSet) add(name string, sub *fieldSet) {
	if f.include == nil {
		f.include = make(map[string]*fieldSet)
	}
	old, known := f.include[name]
	switch {
	case !known:
		f.include[name] = sub
	case old == nil || sub == nil:
		f.include[name] = nil
	default:
		for n, s := range sub.include {
			old.add(n, s)
		}
		for n := range sub.exclude {
			if old.exclude == nil {
				old.exclude = make(map[string]bool)
			}
			old.exclude[n] = true
		}
	}
}

// keep returns the part of a JSON value that the filter asks for. Objects in
// arrays are filtered one by one; null stays null.
func (f *fieldSet) keep(value any) any {
	if f == nil {
		return value
	}
	switch v := value.(type) {
	case object:
		kept := make(object, len(f.include))
		for name, member := range v {
			sub, included := f.include[name]
			if f.exclude[name] || (len(f.include) > 0 && !included) {
				continue
			}
			kept[name] = sub.keep(member)
		}
		return kept
	case []any:
		kept := make([]any, len(v))
		for i, element := range v {
			kept[i] = f.keep(element)
		}
		return kept
	default:
		return value
	}
}

// names calls yield for every field that the filter names.
func (f *fieldSet) names(yield func(name string)) {
	if f == nil {
		return
	}
	for name, sub := range f.include {
		yield(name)
		sub.names(yield)
	}
	for name := range f.exclude {
		yield(name)
	}
}
