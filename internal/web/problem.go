package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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
	errTooLarge    = errors.New("post too large")
	errBrokenForm  = errors.New("post that is no form")
)

// problem is what a visitor is told when a page cannot be served.
type problem struct {
	Status int
	Title  string
	Text   []string // paragraphs
	Action action   // what to do about it; may be empty
	Wait   time.Time
	Loud   bool // the operator has to do something, though the fault is not ours
	Leave  bool // offer to disconnect
}

type action struct{ Label, Link string }

var (
	connectAgain = action{"Connect again", "/connect"}
	openAccount  = action{"Open your account", "/account"}
	toStart      = action{"To the start page", "/"}
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
	var paused *archive.PausedError
	if errors.As(err, &paused) {
		return problem{
			Status: http.StatusServiceUnavailable,
			Title:  "Spotify asked us to wait",
			Text: []string{"Spotify has asked this app to make no requests until " + moment(paused.Until) + ".",
				"Nothing is lost. Please come back after that."},
			Action: toStart, Wait: paused.Until,
		}
	}
	for _, row := range problems() {
		if errors.Is(err, row.err) {
			return row.problem
		}
	}
	return problem{
		Status: http.StatusInternalServerError,
		Title:  "Something went wrong on our side",
		Text:   []string{"Nothing is lost. Please try again in a minute."},
		Action: toStart,
	}
}

type problemRow struct {
	err     error
	problem problem
}

func problems() []problemRow {
	return []problemRow{
		{errNoPage, problem{Status: http.StatusNotFound, Title: "There is no such page",
			Text:   []string{"The address may be mistyped, or the page has moved."},
			Action: toStart}},
		{errMethod, problem{Status: http.StatusMethodNotAllowed, Title: "That does not work here",
			Text:   []string{"This address is there, but it cannot be used in this way."},
			Action: toStart}},
		{errForged, problem{Status: http.StatusForbidden, Title: "This request came from another site",
			Text:   []string{"To protect your account we take changes only from our own pages. Nothing was changed."},
			Action: openAccount}},
		{errNoSession, signInFirst()},
		{errBadChoice, problem{Status: http.StatusBadRequest, Title: "That is not one of the choices",
			Text:   []string{"Nothing was changed. Please choose again on your account page."},
			Action: openAccount}},
		{errTooLarge, problem{Status: http.StatusRequestEntityTooLarge, Title: "That is too much at once",
			Text:   []string{"We take up to 500 links at a time. Nothing was saved from this one; please paste it in smaller pieces."},
			Action: openAccount}},
		{errBrokenForm, problem{Status: http.StatusBadRequest, Title: "We could not read that form",
			Text:   []string{"Nothing was changed. Please try again."},
			Action: openAccount}},

		{errStateMissing, problem{Status: http.StatusBadRequest, Title: "This sign-in link is not complete",
			Text:   []string{"A part of the address is missing, so we cannot tell whether this sign-in was yours. Nothing was changed."},
			Action: connectAgain}},
		{errStateUnknown, problem{Status: http.StatusBadRequest, Title: "We do not know this sign-in",
			Text: []string{"It was begun in another browser, took longer than ten minutes, or was finished already. " +
				"If your browser blocks cookies, allow them for this site. Nothing was changed."},
			Action: connectAgain}},
		{errStateForged, problem{Status: http.StatusBadRequest, Title: "This sign-in was not begun here",
			Text:   []string{"It does not match the one that this browser began, so we stopped. Nothing was changed."},
			Action: connectAgain}},
		{errStateExpired, problem{Status: http.StatusBadRequest, Title: "This sign-in took too long",
			Text:   []string{"We wait ten minutes for an answer from Spotify. Nothing was changed; please begin again."},
			Action: connectAgain}},
		{errStateUsed, problem{Status: http.StatusBadRequest, Title: "This sign-in was used already",
			Text:   []string{"Each sign-in works once. If you pressed twice, your account may be ready."},
			Action: openAccount}},
		{errDenied, problem{Status: http.StatusForbidden, Title: "You did not connect",
			Text:   []string{"You chose Cancel at Spotify, so we got no access and stored nothing new. You can connect whenever you like."},
			Action: connectAgain}},
		{errRefused, problem{Status: http.StatusBadGateway, Title: "Spotify could not finish the sign-in",
			Text:   []string{"Spotify answered with an error of its own. Nothing was changed; please try again in a minute."},
			Action: connectAgain}},
		{errCodeMissing, problem{Status: http.StatusBadRequest, Title: "This sign-in link is not complete",
			Text:   []string{"Spotify's part of the address is missing. Nothing was changed."},
			Action: connectAgain}},

		{archive.ErrInvalidGrant, problem{Status: http.StatusBadRequest, Title: "Spotify did not accept this sign-in",
			Text:   []string{"The one-time code was used before, or is too old. Nothing was changed; please begin again."},
			Action: connectAgain}},
		{archive.ErrNotAllowed, problem{Status: http.StatusForbidden, Title: "Your account is not on this app's list",
			Text: []string{"Spotify lets a small app serve only the people that its owner has listed.",
				"Ask the owner of this app to open the app in Spotify's developer dashboard, choose Settings, then User Management, " +
					"and add your name and the mail address of your Spotify account. Then connect again."},
			Action: connectAgain, Loud: true}},
		{archive.ErrPremiumLapsed, problem{Status: http.StatusServiceUnavailable, Title: "Spotify has switched this app off",
			Text: []string{"Spotify serves an app only while its owner has Premium, and that subscription has ended.",
				"The owner of this app has to subscribe again. Nothing is lost; please connect after that."},
			Action: toStart, Loud: true}},
		{archive.ErrScope, problem{Status: http.StatusForbidden, Title: "A permission is missing",
			Text: []string{"Without being allowed to read your playlists and to add to them we can archive nothing, so nothing was stored.",
				"Please connect again and agree to all the permissions."},
			Action: connectAgain}},
		{archive.ErrInvalidClient, problem{Status: http.StatusInternalServerError, Title: "This app is not set up properly",
			Text:   []string{"Spotify does not accept this app's own credentials. Its owner has to put that right; there is nothing you can do."},
			Action: toStart, Loud: true}},
		{archive.ErrUnavailable, problem{Status: http.StatusServiceUnavailable, Title: "Spotify does not answer",
			Text:   []string{"Spotify is having trouble. Nothing was changed; please try again in a few minutes."},
			Action: connectAgain}},
		{archive.ErrUnauthorized, problem{Status: http.StatusBadGateway, Title: "Spotify did not accept this sign-in",
			Text:   []string{"Spotify gave us access and took it back. Nothing was changed; please begin again."},
			Action: connectAgain}},
		{archive.ErrNotFound, signInFirst()},
		{archive.ErrMalformed, problem{Status: http.StatusInternalServerError, Title: "We cannot read your account",
			Text: []string{"What we stored about you is damaged, and we change nothing until it is mended. Your archive playlist is safe in Spotify.",
				"Please tell whoever runs this service, and give them the reference below. " +
					"Or disconnect, which deletes what we stored, and connect again."},
			Action: toStart, Leave: true}},
		{archive.ErrConflict, problem{Status: http.StatusServiceUnavailable, Title: "Your account is busy",
			Text:   []string{"A run was changing it at the same moment. Nothing was changed; please try again."},
			Action: openAccount}},
	}
}

func (s *server) showProblem(w http.ResponseWriter, r *http.Request, p problem) {
	if !p.Wait.IsZero() {
		seconds := max(1, int(p.Wait.Sub(s.Clock()).Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	view := s.view(r, p.Title, struct {
		problem
		Reference string
	}{p, reference(r.Context())})
	s.render(w, r, p.Status, "problem", view)
}

func signInFirst() problem {
	return problem{
		Status: http.StatusUnauthorized,
		Title:  "Please connect first",
		Text: []string{"You are not signed in here, or not any more. Connecting takes you to Spotify and straight back; " +
			"if you were connected before, everything goes on where it stopped."},
		Action: action{"Connect with Spotify", "/connect"},
	}
}
