// Package probe asks Spotify, with one person's consent, how it behaves
// towards this app. It only reads. What it reports are shapes, statuses,
// counts and words of its own: no id, name, address, token or text of
// Spotify's, so a report can be shown to anybody.
package probe

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// Config says whom to ask about. Progress is optional.
type Config struct {
	APIURL   string // "https://api.spotify.com/v1"
	Token    webapi.Token
	Rotated  bool // the token came with another refresh token
	User     archive.User
	Program  string // version of the program
	Now      time.Time
	HTTP     *http.Client
	Progress func(question string)
}

// Report is everything that was answered.
type Report struct {
	Version int      `json:"version"` // of this form
	Program string   `json:"program"`
	Day     string   `json:"day"` // UTC
	Answers []Answer `json:"answers"`
	Stopped string   `json:"stopped,omitempty"` // why not everything was asked
}

// Answer is what Spotify answered to one request, or what is known without one.
type Answer struct {
	Question   string         `json:"question"`
	Route      string         `json:"route,omitempty"`       // ids left out
	Status     int            `json:"status,omitempty"`      // 0: no answer
	RetryAfter int            `json:"retry_after,omitempty"` // seconds
	Reason     string         `json:"reason,omitempty"`      // error.reason
	Message    string         `json:"message,omitempty"`     // error.message, words that are not known left out
	Counts     map[string]int `json:"counts,omitempty"`
	Yes        []string       `json:"yes,omitempty"` // what is so
	No         []string       `json:"no,omitempty"`  // what is not so
	Shape      any            `json:"shape,omitempty"`
}

const reportVersion = 1

// maxAnswers bounds how much is asked: about as much as five runs.
const maxAnswers = 32

// errStop ends the asking: Spotify wants to be left alone, or nobody answers.
var errStop = errors.New("stop")

// Run asks every question in order. It ends early, with what is known by
// then, when Spotify asks to wait. Its error is that of ctx.
func Run(ctx context.Context, cfg Config) (Report, error) {
	p := &prober{Config: cfg, report: Report{Version: reportVersion, Program: cfg.Program, Day: cfg.Now.UTC().Format(time.DateOnly)}}
	p.token()
	for _, ask := range []func(context.Context) error{
		p.profile, p.playlists, p.discover, p.archive, p.pastTheEnd, p.contains, p.plays, p.player, p.conditional,
	} {
		if err := ask(ctx); err != nil {
			if ctx.Err() != nil {
				return p.report, ctx.Err()
			}
			break
		}
	}
	return p.report, nil
}

// prober remembers what later questions need. None of it gets into the report.
type prober struct {
	Config
	report Report

	total      int    // entries of the list of playlists
	discoverID string // empty where it is not known
	archiveID  string
	items      int // of the archive
}

// token tells what the refresh answered; it was not asked here.
func (p *prober) token() {
	a := Answer{Question: "what a refresh answers", Route: "POST /api/token", Status: http.StatusOK}
	a.tell("a refresh token came with it", !p.Token.Refresh.IsZero())
	a.tell("the refresh token is another one", p.Rotated)
	a.count("scopes", len(p.Token.Scopes))
	a.count("scopes of the consent", len(p.User.Grant.Scopes))
	a.count("seconds that it lives", int(p.Token.ExpiresIn/time.Second))
	p.report.Answers = append(p.report.Answers, a)
}

func (a *Answer) tell(what string, so bool) {
	if so {
		a.Yes = append(a.Yes, what)
	} else {
		a.No = append(a.No, what)
	}
}

func (a *Answer) count(what string, n int) {
	if a.Counts == nil {
		a.Counts = map[string]int{}
	}
	a.Counts[what] = n
}
