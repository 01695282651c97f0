package fakespotify

import (
	"cmp"
	"net/http"
)

func refuseStatus(f Fault, _ route) answer {
	switch f.Status {
	case http.StatusForbidden:
		return forbidden()
	case http.StatusNotFound:
		return notFound()
	default:
		return apiError(f.Status, http.StatusText(f.Status))
	}
}

func containsNothing(Fault, route) answer { return ok([]bool{false}) }

const missingPermissions = "Permissions missing"

func permissionsMissing(Fault, route) answer {
	return apiError(http.StatusUnauthorized, missingPermissions)
}

func permissionNamed(f Fault, rt route) answer {
	scope := f.Text
	if len(rt.scopes) > 0 {
		scope = cmp.Or(scope, rt.scopes[0])
	}
	return apiError(http.StatusUnauthorized, missingPermissions+": "+scope)
}

// unlisted answers a user who is not on the app's allow-list, in the words of
// one year.
func unlisted(words string) func(Fault, route) answer {
	return func(f Fault, _ route) answer {
		if f.Text != "plain" {
			return apiError(http.StatusForbidden, words)
		}
		return answer{
			status: http.StatusForbidden,
			header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}},
			raw:    []byte(words),
		}
	}
}
