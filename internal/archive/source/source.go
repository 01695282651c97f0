// Package source reads where songs come from. A source is one row of the table
// and one file; a further one is both, its sentences in internal/words, and its
// scopes.
package source

import (
	"context"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// A Source is where songs come from.
type Source struct {
	Name ledger.SourceName

	// Scopes are what a consent has to cover beside the scopes of every consent
	// (webapi.Scopes).
	Scopes []string

	// Archive is the key of the playlist that it alone fills; empty for the
	// user's archives, which their Shape names.
	Archive string

	// Passing: what it shows in one week is gone in the next, so a message comes
	// again at once when it could not be read.
	Passing bool

	// Auto reports whether the automatic choice reads it. Nil: never.
	Auto func(v *View) bool

	// Read reads it. An error concerns this source alone, unless it is not
	// outcome.OfOneRoute.
	Read func(ctx context.Context, v *View) (Reading, error)
}

// A Table is the sources in the order in which they are read.
type Table []Source

// Sources returns the table.
func Sources() Table {
	return Table{
		{Name: ledger.SourceDiscover, Passing: true, Auto: always, Read: readDiscover},
		{Name: ledger.SourceInbox, Auto: inboxToo, Read: readInbox},
		{Name: ledger.SourceListening, Scopes: webapi.PlayerScopes(), Auto: playsToo, Read: readListening},
		{Name: ledger.SourcePaste, Read: readPaste},
	}
}

func always(*View) bool { return true }

// inboxToo: where this app may not read Discover Weekly. An inbox that we made in
// such a week keeps its promise in every other.
func inboxToo(v *View) bool { return v.Before.NotReadable || v.User.Inbox.PlaylistID != "" }

func playsToo(v *View) bool {
	return (v.Before.NotReadable || v.Before.Troubled) && v.User.Grant.Listens()
}

// readPaste: pasted songs wait as batches, which every choice takes up.
func readPaste(_ context.Context, v *View) (Reading, error) { return v.byThemselves(), nil }

// Of returns the source of that name; ok is false where there is none.
func (t Table) Of(name ledger.SourceName) (row Source, ok bool) {
	for _, row := range t {
		if row.Name == name {
			return row, true
		}
	}
	return Source{}, false
}

// Knows reports whether every source of a choice is in the table: a newer
// program may have stored one that is not.
func (t Table) Knows(choice archive.Choice) bool {
	return !slices.ContainsFunc(choice.Sources(), func(name ledger.SourceName) bool {
		_, ok := t.Of(name)
		return !ok
	})
}

// Archive is the key of the playlist into which songs of a source go.
func (t Table) Archive(key ledger.EntryKey, shape archive.Shape) string {
	if row, ok := t.Of(key.Source); ok && row.Archive != "" {
		return row.Archive
	}
	return shape.ArchiveKey(key.Edition)
}

// View is what a source sees of a run.
type View struct {
	*playlist.Ours
	Run    app.RunKind
	Choice archive.Choice // of the person when this run read it
	Before Before

	// Last is read after all others: Spotify asked to wait when it was read before.
	// ReadAll sets it to the source at which it has asked so now.
	Last ledger.SourceName

	// Looked is made with the last write of a look at plays; nil in every other run.
	Looked func(*archive.User)

	// PutOff returns fault.ErrPutOff for a source that has to wait for another
	// day. Nil: none has to.
	PutOff func(ctx context.Context, name ledger.SourceName) error
}

// Before is what the sources that were read earlier in the run have shown.
type Before struct {
	NotReadable bool // this app may not read Discover Weekly
	Troubled    bool // Discover Weekly could not be read today
}

// Reading is what a source showed.
type Reading struct {
	Kind    outcome.Kind        // what it means if nothing is new
	Batches []ledger.Batch      // in order
	Learned func(*archive.User) // remembered once every song that was found is in the archive; may be nil
	Partly  error               // why it did not show everything
}

// weekDone notes that an edition is no longer due. A user who chose other
// sources while this run was reading has those asked as well.
func (v *View) weekDone(u *archive.User, e calendar.Edition) {
	if u.Choice == v.Choice {
		u.LastEdition = max(u.LastEdition, e)
	}
}

// byThemselves is the reading of a source whose songs come by themselves: the
// week needs no daily look.
func (v *View) byThemselves() Reading {
	due := calendar.DueEdition(v.Clock.Now())
	return Reading{Kind: outcome.NothingNew, Learned: func(u *archive.User) {
		if u.Choice != archive.ChoiceAuto {
			v.weekDone(u, due)
		}
	}}
}

// A Failure is a source that could not be read, or not all of it.
type Failure struct {
	Source Source
	Err    error
}

// Kind says what is in the way of the source. A refused request to read is no
// refused song, and an account that another source has answered is not barred.
func (f Failure) Kind() outcome.Kind {
	kind := outcome.VerdictOf(f.Err).Kind
	if kind == outcome.Rejected || outcome.Barred(f.Err) {
		return outcome.Unreadable
	}
	return kind
}

// ReadAll reads the sources that the person chose. One that fails is noted and
// fails alone: only what concerns the whole run is an error, with which comes what
// was read before. That Spotify bars us does if it says so wherever it was asked.
func (t Table) ReadAll(ctx context.Context, v *View) (readings []Reading, failures []Failure, err error) {
	var barred error
	answered := false
	for _, row := range t.order(v) {
		chosen := v.Choice.Has(row.Name) || v.Choice == archive.ChoiceAuto && row.Auto != nil && row.Auto(v)
		if !chosen {
			continue
		}
		reading, err := row.read(ctx, v)
		if err != nil && !outcome.OfOneRoute(err) && !outcome.Barred(err) {
			v.Last = row.Name
			return readings, failures, err
		}
		if outcome.Barred(err) {
			barred = err
		}
		answered = answered || err == nil && row.Name != ledger.SourcePaste
		if row.Name == ledger.SourceDiscover {
			v.Before = Before{
				NotReadable: err == nil && reading.Kind == outcome.NotReadable,
				Troubled:    err != nil || reading.Kind == outcome.Unreadable,
			}
		}
		if err == nil {
			readings = append(readings, reading)
			err = reading.Partly
		}
		if err != nil {
			v.Log.WarnContext(ctx, "source not read", "user_id", v.User.ID, "source", string(row.Name), "error", err)
			failures = append(failures, Failure{row, err})
		}
	}
	if barred != nil && !answered {
		return readings, nil, barred
	}
	return readings, failures, nil
}

// order is the table with the source at its end that has to be read last.
func (t Table) order(v *View) Table {
	last := func(row Source) bool { return row.Name == v.Last }
	at := slices.IndexFunc(t, last)
	if at < 0 {
		return t
	}
	if v.Last == ledger.SourceDiscover {
		v.Before.Troubled = true // as far as the others know
	}
	return append(slices.DeleteFunc(slices.Clone(t), last), t[at])
}

// read reads a source, unless it is put off.
func (s Source) read(ctx context.Context, v *View) (Reading, error) {
	if v.PutOff != nil {
		if err := v.PutOff(ctx, s.Name); err != nil {
			return Reading{}, err
		}
	}
	return s.Read(ctx, v)
}
