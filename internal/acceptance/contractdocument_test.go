package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

// document is the OpenAPI document of the Web API.
type document struct {
	api    *openapi3.T
	router routers.Router
}

// An exception is where the document is stricter than Spotify.
type exception struct {
	where  *regexp.Regexp // operation, status and JSON pointer: "GET /me 200 /display_name"
	rule   string         // the schema's keyword that is not kept, or undocumented; empty for any
	reason string
}

const undocumented = "undocumented"

// exceptions lists them; facts of spotify/facts.md, with their sections. The
// texts of the document say "can be null" in most of these places, its
// schemas do not. What a local file lacks is in localFile.
func exceptions() []exception {
	return []exception{
		{regexp.MustCompile(`^GET /me/playlists 200 /items/\d+$`), "nullable",
			"Spotify answers null in place of playlists that the app may not see (section 1)"},
		{regexp.MustCompile(`^GET /playlists/.* 200 .*/items/\d+/(item|track)$`), "",
			"a song that is gone is null (section 5)"},
		{regexp.MustCompile(`^GET /me/player/queue 200 /currently_playing$`), "", "null when nothing plays (section 7)"},
		{regexp.MustCompile(`/(display_name|context)$`), "nullable", "may be null (sections 2.4 and 7)"},
		{regexp.MustCompile(`^GET /playlists/.* 200 .*/(item|track)/(episode|track)$`), undocumented,
			"flags beside the type, which Spotify has sent since there are podcasts"},
		{regexp.MustCompile(`^GET /me/player 200 /smart_shuffle$`), undocumented, "told by the player, not by the document (section 0a)"},
		{regexp.MustCompile(` 429 /error/reason$`), undocumented, "QUOTA_EXCEEDED, since July 2026 (section 4)"},
	}
}

// localFile reports whether the pointer leads into a local file, which has no
// id, and no album or artist that Spotify knows (section 5).
func localFile(body any, pointer []string) bool {
	for _, step := range pointer {
		switch value := body.(type) {
		case map[string]any:
			body = value[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(value) {
				return false
			}
			body = value[i]
		}
		song, ok := body.(map[string]any)
		if ok && song["is_local"] == true && song["type"] == "track" {
			return true
		}
	}
	return false
}

// loadDocument reads the document that OPENAPI_DOCUMENT names, or the one that
// lies beside the repository. It is not part of the repository.
func loadDocument(t *testing.T) *document {
	t.Helper()
	path := os.Getenv("OPENAPI_DOCUMENT")
	if path == "" {
		path = filepath.Join(repository, "..", "shared", "spotify", "openapi.yml")
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			archivetest.Lacks(t, "no OpenAPI document of the Web API; OPENAPI_DOCUMENT names one")
		}
	}
	api, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		t.Fatalf("loading the OpenAPI document: %v", err)
	}
	router, err := gorillamux.NewRouter(api)
	if err != nil {
		t.Fatalf("routing by the OpenAPI document: %v", err)
	}
	nameBranches(api)
	return &document{api: api, router: router}
}

// nameBranches tells which schema belongs to which type. The document only
// says that the type decides, and the names of its schemas are not the types.
func nameBranches(api *openapi3.T) {
	const prefix = "#/components/schemas/"
	for _, schema := range api.Components.Schemas {
		for _, property := range schema.Value.Properties {
			for _, s := range []*openapi3.SchemaRef{property, property.Value.Items} {
				if s != nil && s.Value.Discriminator != nil && len(s.Value.Discriminator.Mapping) == 0 {
					s.Value.Discriminator.Mapping = map[string]openapi3.MappingRef{
						"track":   {Ref: prefix + "TrackObject"},
						"episode": {Ref: prefix + "EpisodeObject"},
					}
				}
			}
		}
	}
}

// check returns the exchange's name, such as "GET /me/playlists 200", and what
// is wrong with it.
func (d *document) check(req *http.Request, sent []byte, resp *http.Response, received []byte, ours bool) (string, []string) {
	route, params, err := d.router.FindRoute(req)
	if err != nil {
		return req.Method + " " + req.URL.Path, []string{"is not in the document"}
	}
	operation := req.Method + " " + route.Path
	name := fmt.Sprintf("%s %d", operation, resp.StatusCode)
	input := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, RejectWhenRequestBodyNotSpecified: true, SkipSettingDefaults: true,
			AuthenticationFunc: bearer,
		},
	}
	var problems []string
	if ours {
		req.Body = io.NopCloser(bytes.NewReader(sent))
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			problems = append(problems, "request: "+err.Error())
		}
		problems = append(problems, undocumentedInput(req, sent, route.Operation)...)
	}
	return name, append(problems, d.checkAnswer(name, route.Operation, req, resp, received)...)
}

// bearer accepts requests that carry a token where one belongs.
func bearer(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	if !strings.HasPrefix(input.RequestValidationInput.Request.Header.Get("Authorization"), "Bearer ") {
		return errors.New("no bearer token")
	}
	return nil
}

// undocumentedInput names query parameters and fields that Spotify does not
// know. The document itself allows any field.
func undocumentedInput(req *http.Request, sent []byte, operation *openapi3.Operation) []string {
	var problems []string
	for name := range req.URL.Query() {
		if operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			problems = append(problems, "request: undocumented parameter "+name)
		}
	}
	if len(sent) == 0 || operation.RequestBody == nil {
		return problems
	}
	var body any
	if err := json.Unmarshal(sent, &body); err != nil {
		return append(problems, "request: body is no JSON")
	}
	schema := operation.RequestBody.Value.Content.Get("application/json").Schema.Value
	for _, pointer := range undocumentedFields(body, []*openapi3.Schema{schema}, "") {
		problems = append(problems, "request: undocumented field "+pointer)
	}
	return problems
}

func (d *document) checkAnswer(name string, operation *openapi3.Operation, req *http.Request, resp *http.Response, received []byte) []string {
	documented := operation.Responses.Status(resp.StatusCode)
	var schema *openapi3.SchemaRef
	switch {
	case resp.StatusCode >= http.StatusBadRequest:
		// The document leaves out most errors, and for one wraps them
		// differently; Spotify sends them all in the form of this one
		// (section 3.4).
		schema = d.api.Components.Responses["Unauthorized"].Value.Content.Get("application/json").Schema
	case documented == nil:
		return []string{"answer: status is not documented"}
	case documented.Value.Content.Get("application/json") == nil:
		if len(received) > 0 {
			return []string{"answer: body is not documented"}
		}
		return nil
	default:
		schema = documented.Value.Content.Get("application/json").Schema
	}
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		return []string{fmt.Sprintf("answer: content type is %q", kind)}
	}
	var body any
	if err := json.Unmarshal(received, &body); err != nil {
		return []string{"answer: body is no JSON"}
	}
	filtered := req.URL.Query().Has("fields")
	var problems []string
	for _, e := range schemaErrors(schema.Value.VisitJSON(body, openapi3.MultiErrors(), openapi3.VisitAsResponse())) {
		pointer := "/" + strings.Join(e.JSONPointer(), "/")
		if filtered && e.SchemaField == "required" || localFile(body, e.JSONPointer()) || excepted(name+" "+pointer, e.SchemaField) {
			continue
		}
		problems = append(problems, fmt.Sprintf("answer: %s: %s (%s)", pointer, e.Reason, e.SchemaField))
	}
	for _, pointer := range undocumentedFields(body, []*openapi3.Schema{schema.Value}, "") {
		if !excepted(name+" "+pointer, undocumented) {
			problems = append(problems, "answer: undocumented field "+pointer)
		}
	}
	return problems
}

func excepted(where, rule string) bool {
	return slices.ContainsFunc(exceptions(), func(e exception) bool {
		return e.where.MatchString(where) && (e.rule == "" || e.rule == rule)
	})
}

func schemaErrors(err error) []*openapi3.SchemaError {
	var many openapi3.MultiError
	if errors.As(err, &many) {
		var all []*openapi3.SchemaError
		for _, one := range many {
			all = append(all, schemaErrors(one)...)
		}
		return all
	}
	var one *openapi3.SchemaError
	if errors.As(err, &one) {
		return []*openapi3.SchemaError{one}
	}
	return nil
}

// undocumentedFields returns the pointers of fields that none of the schemas
// has; [] stands for any element.
func undocumentedFields(value any, schemas []*openapi3.Schema, pointer string) []string {
	schemas = parts(schemas)
	var found []string
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			var next []*openapi3.Schema
			for _, s := range schemas {
				if property := s.Properties[name]; property != nil {
					next = append(next, property.Value)
				}
			}
			if len(next) == 0 {
				found = append(found, pointer+"/"+name)
				continue
			}
			found = append(found, undocumentedFields(field, next, pointer+"/"+name)...)
		}
	case []any:
		var next []*openapi3.Schema
		for _, s := range schemas {
			if s.Items != nil {
				next = append(next, s.Items.Value)
			}
		}
		for _, element := range value {
			found = append(found, undocumentedFields(element, next, pointer+"/[]")...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// parts returns the schemas and everything that they are composed of.
func parts(schemas []*openapi3.Schema) []*openapi3.Schema {
	all := slices.Clone(schemas)
	for i := 0; i < len(all); i++ {
		for _, refs := range []openapi3.SchemaRefs{all[i].AllOf, all[i].OneOf, all[i].AnyOf} {
			for _, ref := range refs {
				all = append(all, ref.Value)
			}
		}
	}
	return all
}
