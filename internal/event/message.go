package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// version is of the message bodies. A change that an older instance would
// misunderstand takes the next number.
const version = 1

// A Message is one delivery of a message, without the envelope.
type Message struct {
	ID          string
	Data        []byte
	PublishedAt time.Time
}

type body struct {
	V      int    `json:"v"`
	Kind   string `json:"kind"`
	User   string `json:"user,omitempty"`
	At     string `json:"at,omitempty"` // RFC 3339
	Prefix string `json:"prefix,omitempty"`
	After  string `json:"after,omitempty"`

	Everybody bool   `json:"everybody,omitempty"`
	From      string `json:"from,omitempty"` // RFC 3339, as is Due
	Due       string `json:"due,omitempty"`  // of After
}

// The kinds that a message to topic "weekly" had in programs that had daily
// catch-ups and looks at everybody's plays. Both ask for whoever is due.
const (
	oldCatchUp   = "catchup"
	oldListening = "listening"
)

// EncodeArchive returns the body of a message to the topic of ArchiveUser.
// Times are kept to the second.
func EncodeArchive(job archive.ArchiveJob) []byte {
	return encode(body{Kind: string(job.Run.Kind), User: string(job.User), At: stamp(job.Run.At)})
}

// EncodeFanOut returns the body of a message to the topic of FanOut.
func EncodeFanOut(job archive.FanOutJob) []byte {
	return encode(body{
		Kind: string(job.Run.Kind), At: stamp(job.Run.At), Prefix: job.Prefix, Everybody: job.Everybody,
		After: string(job.After.User), From: stamp(job.From), Due: stamp(job.After.Due),
	})
}

// DecodeArchive is the inverse of EncodeArchive. Everything that it does not
// take is fault.ErrMalformed.
func DecodeArchive(m Message) (archive.ArchiveJob, error) {
	b, run, err := decode(m)
	if err != nil {
		return archive.ArchiveJob{}, err
	}
	if b.Kind == oldListening {
		run.Kind = app.RunDue
	}
	if !run.Kind.OfOneUser() {
		return archive.ArchiveJob{}, malformed("kind is not of one user's run")
	}
	user := archive.UserID(b.User)
	if !user.Valid() {
		return archive.ArchiveJob{}, malformed("user is no user id")
	}
	return archive.ArchiveJob{User: user, Run: run}, nil
}

// DecodeFanOut is the inverse of EncodeFanOut, under the same terms as
// DecodeArchive. It takes the scheduler's message too.
func DecodeFanOut(m Message) (archive.FanOutJob, error) {
	b, run, err := decode(m)
	if err != nil {
		return archive.FanOutJob{}, err
	}
	job := archive.FanOutJob{Run: run, Prefix: b.Prefix, Everybody: b.Everybody}
	if b.Kind == oldCatchUp || b.Kind == oldListening {
		job.Run.Kind, job.Everybody = app.RunSweep, true
	}
	if !job.Run.Kind.SendsOut() {
		return archive.FanOutJob{}, malformed("kind does not send out users")
	}
	if len(b.Prefix) > 1 || strings.Trim(b.Prefix, archive.UserIDAlphabet) != "" {
		return archive.FanOutJob{}, malformed("prefix is no shard")
	}
	job.After.User = archive.UserID(b.After)
	if job.After.User != "" && !job.After.User.Valid() {
		return archive.FanOutJob{}, malformed("after is no user id")
	}
	var err1, err2 error
	job.From, err1 = moment(b.From)
	job.After.Due, err2 = moment(b.Due)
	if err := errors.Join(err1, err2); err != nil {
		return archive.FanOutJob{}, err
	}
	return job, nil
}

// kindProbe is the kind of a message that asks for a probe of one user.
const kindProbe = "probe"

// A ProbeJob asks ArchiveUser, which may open grants, how Spotify behaves
// towards one of them (package probe).
type ProbeJob struct {
	User archive.UserID
	At   time.Time // to the second; names the answer
}

// EncodeProbe returns the body of a message to the topic of ArchiveUser.
func EncodeProbe(job ProbeJob) []byte {
	return encode(body{Kind: kindProbe, User: string(job.User), At: stamp(job.At)})
}

// DecodeProbe is the inverse of EncodeProbe; ok is false for every other
// message.
func DecodeProbe(m Message) (job ProbeJob, ok bool) {
	var b body
	if json.Unmarshal(m.Data, &b) != nil || b.V != version || b.Kind != kindProbe {
		return ProbeJob{}, false
	}
	at, err := time.Parse(time.RFC3339, b.At)
	job = ProbeJob{User: archive.UserID(b.User), At: at.UTC()}
	return job, err == nil && job.User.Valid()
}

func encode(b body) []byte {
	b.V = version
	data, err := json.Marshal(b)
	if err != nil {
		panic("event: a body of numbers and strings cannot be encoded: " + err.Error())
	}
	return data
}

func decode(m Message) (body, app.Run, error) {
	var b body
	if err := json.Unmarshal(m.Data, &b); err != nil {
		return b, app.Run{}, malformed("body is no JSON object of this form")
	}
	if b.V != version {
		return b, app.Run{}, malformed(fmt.Sprintf("version is %d, not %d", b.V, version))
	}
	run := app.Run{Kind: app.RunKind(b.Kind), At: m.PublishedAt}
	if b.At != "" {
		at, err := moment(b.At)
		if err != nil {
			return b, app.Run{}, err
		}
		run.At = at
	}
	run.At = run.At.UTC().Truncate(time.Second)
	if !possible(run.At) {
		return b, app.Run{}, malformed("at is missing, and so is the time of publishing")
	}
	return b, run, nil
}

// stamp is a time as a text, to the second; "" for none.
func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// moment is the inverse of stamp.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if at = at.UTC().Truncate(time.Second); err != nil || !possible(at) {
		return time.Time{}, malformed("a time is none of RFC 3339, or cannot be")
	}
	return at, nil
}

func possible(at time.Time) bool { return at.Year() >= 2000 && at.Year() <= 9999 }

func malformed(what string) error { return fmt.Errorf("message: %s: %w", what, fault.ErrMalformed) }
