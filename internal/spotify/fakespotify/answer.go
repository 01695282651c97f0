package fakespotify

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// object is a JSON object of an answer.
type object = map[string]any

// answer is what a route answers. The body is json if that is set, else raw.
type answer struct {
	status int
	header http.Header
	json   any
	raw    []byte
}

func ok(body any) answer      { return answer{status: http.StatusOK, json: body} }
func created(body any) answer { return answer{status: http.StatusCreated, json: body} }

// apiError is an error in the Web API's nested form.
func apiError(status int, message string) answer {
	return answer{status: status, json: object{"error": object{"status": status, "message": message}}}
}

func badRequest(message string) answer { return apiError(http.StatusBadRequest, message) }

// forbidden is the bare answer to removed endpoints and others' playlists.
func forbidden() answer { return apiError(http.StatusForbidden, "Forbidden") }

func notFound() answer { return apiError(http.StatusNotFound, "Resource not found") }

// unauthorized tells in the header what is wrong with the access token.
func unauthorized(kind, message string) answer {
	a := apiError(http.StatusUnauthorized, message)
	a.header = http.Header{"Www-Authenticate": {
		`Bearer realm="spotify", error="` + kind + `", error_description="` + message + `"`}}
	return a
}

// notRegistered answers a user who is not on the app's allow-list. The body is
// no JSON.
func notRegistered() answer {
	return answer{
		status: http.StatusForbidden,
		header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}},
		raw:    []byte("User not registered in the Developer Dashboard"),
	}
}

func premiumRequired() answer {
	return apiError(http.StatusForbidden, "Active premium subscription required for the owner of the app. "+
		"If you recently changed your subscription, it can take a few hours until it applies.")
}

// rateLimited is a 429; with a quota it is that of the daily quota.
func rateLimited(retryAfter int, quota bool) answer {
	body := object{"status": http.StatusTooManyRequests, "message": "API rate limit exceeded"}
	if quota {
		body = object{"status": http.StatusTooManyRequests, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}
	}
	return answer{
		status: http.StatusTooManyRequests,
		header: http.Header{"Retry-After": {strconv.Itoa(retryAfter)}},
		json:   object{"error": body},
	}
}

// oauthError is an error in the accounts service's flat form.
func oauthError(code, description string) answer {
	body := object{"error": code}
	if description != "" {
		body["error_description"] = description
	}
	return answer{status: http.StatusBadRequest, json: body}
}

// bytes returns the body and sets its content type.
func (a *answer) bytes() ([]byte, error) {
	if a.header == nil {
		a.header = make(http.Header)
	}
	if a.json == nil {
		return a.raw, nil
	}
	a.header.Set("Content-Type", "application/json; charset=utf-8")
	return json.Marshal(a.json)
}

func (a *answer) write(w http.ResponseWriter) {
	body, err := a.bytes()
	if err != nil {
		http.Error(w, "encoding the answer", http.StatusInternalServerError)
		return
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if len(body) > 0 || a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(body) //nolint:gosec // G705: templates escape, the rest is JSON; the client may be gone
}
