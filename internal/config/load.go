package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Error is a variable that is wrong.
type Error struct {
	Variable string
	Problem  string // what was found and what is allowed; never a secret
}

func (e *Error) Error() string { return e.Variable + ": " + e.Problem }

func problem(variable, text string) error { return &Error{Variable: variable, Problem: text} }

// load fills a T from the variables that its tags name and checks each that is
// set by its rule. Empty variables count as not set, spaces around a value do
// not count.
func load[T any](environ map[string]string) (T, error) {
	given := make(map[string]string, len(environ))
	for name, value := range environ {
		if value = strings.TrimSpace(value); value != "" {
			given[name] = value
		}
	}
	var config T
	names := variables(reflect.TypeFor[T]())
	problems := explain(names, env.ParseWithOptions(&config, env.Options{
		Environment: given,
		FuncMap: map[reflect.Type]env.ParserFunc{
			reflect.TypeFor[secret.Text](): func(v string) (any, error) { return secret.New(v), nil },
			reflect.TypeFor[int]():         func(v string) (any, error) { return parsePort(v) },
		},
	}))
	for _, name := range names {
		value, set := given[name]
		if r, ruled := rules[name]; set && ruled && !r.allows(value) {
			problems = append(problems, problem(name, fmt.Sprintf("got %q, want %s", value, want(name, value))))
		}
	}
	slices.SortStableFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return config, errors.Join(problems...)
}

// variables maps the fields of a config struct to the variables they come from.
func variables(config reflect.Type) map[string]string {
	names := make(map[string]string, config.NumField())
	for field := range config.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
		names[field.Name] = name
	}
	return names
}

// explain turns the library's errors into ours, which name the variable.
func explain(names map[string]string, err error) []error {
	if err == nil {
		return nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return []error{err}
	}
	var problems []error
	for _, err := range all.Errors {
		var missing env.VarIsNotSetError
		var parse env.ParseError
		switch {
		case errors.As(err, &missing):
			problems = append(problems, problem(missing.Key, "not set, want "+rules[missing.Key].want))
		case errors.As(err, &parse):
			if _, ruled := rules[names[parse.Name]]; !ruled { // its rule says it better
				problems = append(problems, problem(names[parse.Name], parse.Err.Error()))
			}
		default:
			problems = append(problems, err)
		}
	}
	return problems
}

func parsePort(value string) (int, error) {
	port, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("got %q, want a port from 1 to 65535, or 0 for any free one", value)
	}
	return int(port), nil
}
