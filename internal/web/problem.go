package web

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// Faults of a request that are not the core's to name.
var (
	errNoPage      = errors.New("no such page")
	errMethod      = errors.New("method not allowed here")
	errForged      = errors.New("post from another site")
	errBadChoice   = errors.New("form with a value that it does not offer")
	errDenied      = errors.New("consent denied")
	errRefused     = errors.New("consent page answered with an error")
	errCodeMissing = errors.New("callback without a code")
	errElsewhere   = errors.New("sign-in on another computer than the one that the callback goes to")
	errTooLarge    = errors.New("post too large")
	errBrokenForm  = errors.New("post that is no form")
)

// problem is what a visitor is told when a page cannot be served. Name is the
// middle part of the keys of its title and text.
type problem struct {
	Name   string
	Status int
	Action action // what to do about it; may be empty
	Data   any    // what its text needs; usually nothing
	Wait   time.Time
	Loud   bool // the operator has to do something, though the fault is not ours
	Leave  bool // offer to disconnect
	Send   bool // there are words to send to somebody else
}

type action struct {
	Label words.Line
	Link  string
}

var (
	connectFirst = action{words.Say("action.connect"), "/connect"}
	connectAgain = action{words.Say("action.connect_again"), "/connect"}
	reconnect    = action{words.Say("action.reconnect"), "/connect"}
	openAccount  = action{words.Say("action.account"), "/account"}
	toStart      = action{words.Say("action.start"), "/"}
)

// level keeps errors for faults of our own, which ring an alert (playbook
// InternalError). The other 5xx are Spotify's, or pass by themselves.
func (p problem) level() slog.Level {
	switch {
	case p.Status == http.StatusInternalServerError:
		return slog.LevelError
	case p.Status > http.StatusInternalServerError, p.Loud:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}

// problemOf is the table from errors to answers. Its order matters where an
// error wraps another.
func problemOf(err error) problem {
	var paused *fault.PausedError
	if errors.As(err, &paused) {
		return problem{
			Name: "paused", Status: http.StatusServiceUnavailable,
			Action: toStart, Data: paused.Until, Wait: paused.Until,
		}
	}
	var tooMany *tooManyError
	if errors.As(err, &tooMany) {
		return problem{Name: tooMany.problem, Status: http.StatusTooManyRequests, Action: toStart, Wait: tooMany.until}
	}
	for _, row := range problems() {
		if errors.Is(err, row.err) {
			return row.problem
		}
	}
	return problem{Name: "internal", Status: http.StatusInternalServerError, Action: toStart}
}

type problemRow struct {
	err     error
	problem problem
}

func problems() []problemRow {
	noSession := problem{Name: "no_session", Status: http.StatusUnauthorized, Action: connectFirst}
	return []problemRow{
		{errNoPage, problem{Name: "no_page", Status: http.StatusNotFound, Action: toStart}},
		{errOldLink, problem{Name: "old_link", Status: http.StatusNotFound, Action: openAccount}},
		{errMethod, problem{Name: "method", Status: http.StatusMethodNotAllowed, Action: toStart}},
		{errForged, problem{Name: "forged", Status: http.StatusForbidden, Action: openAccount}},
		{errEnded, problem{Name: "ended", Status: http.StatusUnauthorized, Action: reconnect}},
		{errNoSession, noSession},
		{errElsewhere, problem{Name: "elsewhere", Status: http.StatusForbidden, Action: toStart}},
		{errBadChoice, problem{Name: "bad_choice", Status: http.StatusBadRequest, Action: openAccount}},
		{errTooLarge, problem{Name: "too_large", Status: http.StatusRequestEntityTooLarge, Action: openAccount, Data: pasteText >> 20}},
		{errBrokenForm, problem{Name: "broken_form", Status: http.StatusBadRequest, Action: openAccount}},

		{errStateMissing, problem{Name: "state_missing", Status: http.StatusBadRequest, Action: connectAgain}},
		{errStateUnknown, problem{Name: "state_unknown", Status: http.StatusBadRequest, Action: connectAgain}},
		{errStateForged, problem{Name: "state_forged", Status: http.StatusBadRequest, Action: connectAgain}},
		{errStateExpired, problem{Name: "state_expired", Status: http.StatusBadRequest, Action: connectAgain}},
		{errStateUsed, problem{Name: "state_used", Status: http.StatusBadRequest, Action: openAccount}},
		{errDenied, problem{Name: "denied", Status: http.StatusForbidden, Action: connectAgain}},
		{errRefused, problem{Name: "refused", Status: http.StatusBadGateway, Action: connectAgain}},
		{errCodeMissing, problem{Name: "code_missing", Status: http.StatusBadRequest, Action: connectAgain}},

		{fault.ErrInvalidGrant, problem{Name: "invalid_grant", Status: http.StatusBadRequest, Action: connectAgain}},
		{fault.ErrNotAllowed, problem{Name: "not_allowed", Status: http.StatusForbidden, Action: connectAgain, Loud: true, Send: true}},
		{fault.ErrPremiumLapsed, problem{Name: "premium_lapsed", Status: http.StatusServiceUnavailable, Action: toStart, Loud: true}},
		{fault.ErrScope, problem{Name: "scope", Status: http.StatusForbidden, Action: connectAgain}},
		{fault.ErrInvalidClient, problem{Name: "invalid_client", Status: http.StatusInternalServerError, Action: toStart, Loud: true}},
		{fault.ErrUnavailable, problem{Name: "unavailable", Status: http.StatusServiceUnavailable, Action: connectAgain}},
		{fault.ErrUnauthorized, problem{Name: "unauthorized", Status: http.StatusBadGateway, Action: connectAgain}},
		{fault.ErrNotFound, noSession},
		{fault.ErrMalformed, problem{Name: "malformed", Status: http.StatusInternalServerError, Action: toStart, Leave: true}},
		{fault.ErrConflict, problem{Name: "conflict", Status: http.StatusServiceUnavailable, Action: openAccount}},
	}
}

// problemView is a problem on its page.
type problemView struct {
	problem
	Title, Text words.Line
	Ready       words.Line // words to send to somebody else; usually none
	Reference   string     // for questions; empty where there is nothing to ask
}

func (s *server) showProblem(w http.ResponseWriter, r *http.Request, p problem) {
	if !p.Wait.IsZero() {
		seconds := max(1, int(math.Ceil(p.Wait.Sub(s.Clock()).Seconds())))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	page := problemView{
		problem: p,
		Title:   words.Say("problem." + p.Name + ".title"),
		Text:    words.Say("problem."+p.Name+".text", p.Data),
	}
	if p.Send {
		page.Ready = words.Say("problem." + p.Name + ".ready")
	}
	if p.Status >= http.StatusInternalServerError {
		page.Reference = reference(r.Context())
	}
	v := s.view(r, page.Title, page)
	v.SignedIn = v.SignedIn && p.Status != http.StatusUnauthorized // its cookie is of no use any more
	s.render(w, r, p.Status, "problem", v)
}
