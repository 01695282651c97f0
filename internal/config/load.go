package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

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
	options := env.Options{Environment: given, FuncMap: map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[secret.Text](): func(v string) (any, error) { return secret.New(v), nil },
		reflect.TypeFor[int]():         func(v string) (any, error) { return parsePort(v) }, // there is one
	}}
	var config T
	problems := explain(env.ParseWithOptions(&config, options))
	fields, err := env.GetFieldParamsWithOptions(new(T), options)
	if err != nil {
		problems = append(problems, err)
	}
	for _, field := range fields {
		value, set := given[field.Key]
		if r, ruled := rules[field.Key]; set && ruled && !r.allows(value) {
			problems = append(problems, problem(field.Key, fmt.Sprintf("got %q, want %s", value, want(field.Key, value))))
		}
	}
	slices.SortStableFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return config, errors.Join(problems...)
}

// explain turns the library's errors into ours, which name the variable.
func explain(err error) (problems []error) {
	if err == nil {
		return nil
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		return []error{err}
	}
	for _, err := range all.Errors {
		if missing, ok := errors.AsType[env.VarIsNotSetError](err); ok {
			err = problem(missing.Key, "not set, want "+rules[missing.Key].want)
		} else if parse, ok := errors.AsType[env.ParseError](err); ok {
			if parse.Type == reflect.TypeFor[time.Time]() { // the rule of the one that there is says it better
				continue
			}
			err = parse.Err
		}
		problems = append(problems, err)
	}
	return problems
}

func parsePort(value string) (int, error) {
	port, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		return 0, problem("PORT", fmt.Sprintf("got %q, want a port from 1 to 65535, or 0 for any free one", value))
	}
	return int(port), nil
}
