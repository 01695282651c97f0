package operator

import (
	"cmp"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/releases"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// overview is the page of everything.
type overview struct {
	State     words.Line // all is well, or not, for the title
	Why       words.Line // why the app waits; without a key: it does not
	Lead      words.Line // the same as State in a sentence
	Done      words.Line
	Attention []attention

	People []row
	Part   bool // not the first page of all people
	Next   archive.UserID
	Total  int

	LastWeekly time.Time
	NextWeekly time.Time
	Queue      memjobs.Stats
	Requests   webapi.Budget // of today
	PutOff     words.Line    // what waits for another day's requests; without a key: nothing
	Letters    []letter
	NextMonday bool
	Standin    string

	Invite invite
	Places bool // few enough people for an app of today

	Steps      []step
	StepsDone  int
	StepsFirst bool // nobody is connected yet
	StepsOpen  bool

	Version    string
	Repository string
	Newer      *releases.Release
	Uptime     uptime
	LastBackup time.Time
	CanBackup  bool
	CanNotify  bool // alerts go somewhere
	Now        time.Time
	Token      bool
}

// attention is a concern in words, with whom it is about.
type attention struct {
	Line   words.Line
	Who    []who
	More   int // people who are not named
	Action *action
}

// action is a button that helps.
type action struct {
	Path  string
	Label words.Line
}

// actions are the concerns that a button on this page ends.
var actions = map[Concern]action{
	ConcernWeek:        {Path + "/weekly?wait=30s", words.Say("operator.week.run")},
	ConcernLetters:     {Path + "/dead-letters/retry", words.Say("operator.letters.retry_all")},
	ConcernPaused:      {Path + "/resume", words.Say("operator.resume.app")},
	ConcernCredentials: {Path + "/resume", words.Say("operator.resume.mended")},
	ConcernPremium:     {Path + "/resume", words.Say("operator.resume.mended")},
	ConcernBackup:      {Path + "/backup", words.Say("operator.copy.back_up")},
}

// letter is a dead letter as the page shows it.
type letter struct {
	memjobs.DeadLetter
	Name string // empty for a run of everybody
}

// uptime is a time since in days, hours and minutes.
type uptime struct{ Days, Hours, Minutes int }

func newUptime(d time.Duration) uptime {
	const day = 24 * time.Hour
	return uptime{int(d / day), int(d % day / time.Hour), int(d % time.Hour / time.Minute)}
}

// placesOfAnApp is how many people Spotify lets an app of today have.
const placesOfAnApp = 5

func (s *server) overview(p *picture) overview {
	o := overview{
		Next: p.next, LastWeekly: p.lastWeekly, NextWeekly: s.Next(), Queue: p.queue,
		NextMonday: s.NextMonday != nil, Standin: s.Standin, Invite: s.invite(p.access),
		Version: s.Version, Repository: s.RepositoryURL, Uptime: newUptime(s.Uptime()),
		LastBackup: p.lastBackup, CanBackup: s.Backups != nil, CanNotify: s.SendTest != nil, Now: p.now, Token: !s.Token.IsZero(),
	}
	o.Requests, o.PutOff = p.requests, putOff(p.requests, p.now)
	if s.Newer != nil {
		if newer, is := s.Newer(); is {
			o.Newer = &newer
		}
	}
	names := map[archive.UserID]string{}
	for _, one := range p.people {
		names[one.ID] = nameOf(one.User)
		o.People = append(o.People, one.row(p))
	}
	if p.next == "" {
		slices.SortStableFunc(o.People, func(a, b row) int {
			return cmp.Or(-cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Name, b.Name))
		})
	}
	for _, d := range p.letters {
		l := letter{DeadLetter: d}
		if d.User != "" {
			l.Name = cmp.Or(names[d.User], string(d.User))
		}
		o.Letters = append(o.Letters, l)
	}
	o.judge(p)
	if p.all != nil {
		o.Total, o.Places = p.all.Total, p.all.Total <= placesOfAnApp
		o.StepsFirst = p.all.Total == 0
		o.Steps = s.steps(p)
	}
	for _, step := range o.Steps {
		if step.Done {
			o.StepsDone++
		}
	}
	o.StepsOpen = o.StepsFirst
	return o
}

// putOff says what has to wait for another day's requests.
func putOff(b webapi.Budget, now time.Time) words.Line {
	switch {
	case !b.Leaves():
		return words.Say("operator.requests.all")
	case !b.LeavesFor(ledger.SourceInbox, now):
		return words.Say("operator.requests.inbox")
	case !b.LeavesFor(ledger.SourceListening, now):
		return words.Say("operator.requests.listening")
	default:
		return words.Line{}
	}
}

// rank is higher for whom somebody has to look after first.
func rank(r row) int { return slices.Index([]string{"good", "idle", "bad"}, r.Class) }

// judge says whether all is well.
func (o *overview) judge(p *picture) {
	if p.all == nil {
		o.State, o.Lead = words.Say("operator.title.counting"), words.Say("operator.lead.counting")
		return
	}
	for _, w := range p.all.Worries.list() {
		a := attention{Line: words.Say("operator.attention."+string(w.Concern), w.Count), Who: w.who, More: w.Count - len(w.who)}
		if len(w.who) == 0 {
			a.More = 0
		}
		if helps, ok := actions[w.Concern]; ok {
			a.Action = &helps
		}
		o.Attention = append(o.Attention, a)
	}
	switch {
	case len(o.Attention) > 0:
		o.State = words.Say("operator.title.attention", len(o.Attention))
		o.Lead = words.Say("operator.lead.attention", len(o.Attention))
	case !p.pause.Until.IsZero():
		o.State, o.Lead = words.Say("operator.title.waits"), words.Say("operator.lead.waits", p.pause.Until)
		o.Why = words.PauseReason(p.pause.Reason)
	case p.all.Total == 0:
		o.State, o.Lead = words.Say("operator.title.nobody"), words.Say("operator.lead.nobody")
	default:
		o.State = words.Say("operator.title.well")
		o.Lead = words.Say("operator.lead.well", struct {
			People int
			Next   time.Time
		}{p.all.Total, o.NextWeekly})
	}
}

// invite is what others are sent.
type invite struct {
	Local bool       // only this computer can open the link
	Text  words.Line // to send
	Link  string
	QR    *drawing
}

func (s *server) invite(access archive.Access) invite {
	i := invite{Link: s.BaseURL, Text: words.Say("operator.invite.text.copies", s.BaseURL)}
	if access == archive.AccessReadable {
		i.Text = words.Say("operator.invite.text", s.BaseURL)
	}
	if base, err := url.Parse(s.BaseURL); err != nil || net.ParseIP(base.Hostname()).IsLoopback() {
		i.Local = true
		return i
	}
	i.QR = draw(i.Link)
	return i
}

// step is a part of setting this copy up.
type step struct {
	Title, How words.Line
	Done       bool
	Copy       string // to be pasted elsewhere
}

// steps are the ways to a first week, and what keeps it safe. Somebody who has
// connected shows that Spotify knows the redirect URI and lets people in.
func (s *server) steps(p *picture) []step {
	connected := p.all.Total > 0
	say := func(name string, done bool) step {
		return step{Title: words.Say("operator.step.title." + name), How: words.Say("operator.step.how." + name), Done: done}
	}
	redirect, allow := say("redirect", connected), say("allow", connected)
	redirect.Copy = s.RedirectURI
	if s.Standin != "" {
		redirect.How, allow.How = words.Say("operator.step.how.standin"), words.Say("operator.step.how.standin")
		redirect.Copy = ""
		redirect.Done, allow.Done = true, true
	}
	list := []step{redirect, allow, say("connect", connected), say("first", p.all.Saved > 0)}
	if s.Backups != nil {
		list = append(list, say("backup", time.Since(p.lastBackup) <= operate.KeepBackups))
	}
	if s.Messages != nil {
		list = append(list, say("messages", s.Messages()))
	}
	return list
}
