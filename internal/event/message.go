package event

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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
}

// EncodeArchive returns the body of a message to the topic of ArchiveUser.
// Times are kept to the second.
func EncodeArchive(job archive.ArchiveJob) []byte {
	return encode(body{Kind: string(job.Run.Kind), User: string(job.User), At: stamp(job.Run.At)})
}

// EncodeFanOut returns the body of a message to the topic of FanOut.
func EncodeFanOut(job archive.FanOutJob) []byte {
	return encode(body{
		Kind: string(job.Run.Kind), At: stamp(job.Run.At), Prefix: job.Prefix, After: string(job.After),
	})
}

// DecodeArchive is the inverse of EncodeArchive. Everything that it does not
// take is archive.ErrMalformed.
func DecodeArchive(m Message) (archive.ArchiveJob, error) {
	b, run, err := decode(m)
	if err != nil {
		return archive.ArchiveJob{}, err
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
	switch run.Kind {
	case archive.RunWeekly, archive.RunCatchUp, archive.RunListening:
	default:
		return archive.FanOutJob{}, malformed("kind is of one user's run")
	}
	if len(b.Prefix) > 1 || strings.Trim(b.Prefix, archive.UserIDAlphabet) != "" {
		return archive.FanOutJob{}, malformed("prefix is no shard")
	}
	after := archive.UserID(b.After)
	if after != "" && !after.Valid() {
		return archive.FanOutJob{}, malformed("after is no user id")
	}
	return archive.FanOutJob{Run: run, Prefix: b.Prefix, After: after}, nil
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

func decode(m Message) (body, archive.Run, error) {
	var b body
	if err := json.Unmarshal(m.Data, &b); err != nil {
		return b, archive.Run{}, malformed("body is no JSON object of this form")
	}
	if b.V != version {
		return b, archive.Run{}, malformed(fmt.Sprintf("version is %d, not %d", b.V, version))
	}
	run := archive.Run{Kind: archive.RunKind(b.Kind), At: m.PublishedAt}
	if !run.Kind.Valid() {
		return b, archive.Run{}, malformed("kind is not known")
	}
	if b.At != "" {
		at, err := time.Parse(time.RFC3339, b.At)
		if err != nil {
			return b, archive.Run{}, malformed("at is no time of RFC 3339")
		}
		run.At = at
	}
	run.At = run.At.UTC().Truncate(time.Second)
	if year := run.At.Year(); year < 2000 || year > 9999 {
		return b, archive.Run{}, malformed("at is missing, and so is the time of publishing")
	}
	return b, run, nil
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func malformed(what string) error { return fmt.Errorf("message: %s: %w", what, archive.ErrMalformed) }
