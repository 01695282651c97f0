package simtest_test

// A mutant is a deliberate wrong version: in one file, one text replaced, or a
// few in more where one mistake is guarded against twice.
type mutant struct {
	name  string
	file  string // below internal/
	old   string // found exactly once
	new   string
	and   []edit
	quick bool   // made in every test run
	seed  uint64 // that found it, or finds it today; made in every test run too

	neighbours bool   // found by the simulation of messages, which has no seeds
	rows       string // of the book of field cases, where what it takes meets in one seed of thousands; a pattern
}

type edit struct{ file, old, new string }

func (m mutant) edits() []edit { return append([]edit{{m.file, m.old, m.new}}, m.and...) }

// mutants are the mistakes that the simulation has to find. The last group
// are mistakes that it did find (internal/docs/traps.md), made again.
func mutants() []mutant {
	return append(append(believers(), tellers()...), []mutant{
		{
			name: "finish before append", file: "archive/exactlyonce/machine.go", quick: true,
			old: "	s.Phase, s.Batch = Intended, b\n	return s, Action{Do: Store}",
			new: "	s.Phase, s.Batch = Intended, b\n	return s, Action{Do: Commit}",
		},
		{
			name: "no lease", file: "archive/lease/lease.go",
			old: "if h.User.Lease.Holder != \"\" && now.Before(h.User.Lease.Until) {",
			new: "if false && now.Before(h.User.Lease.Until) {",
		},
		{
			name: "open intent dropped instead of resumed", file: "archive/exactlyonce/machine.go",
			old: "		return s, Action{Do: Look}\n	}\n}\n\n// opened",
			new: "		return s, Action{Do: Drop}\n	}\n}\n\n// opened",
		},
		{
			name: "resume without looking", file: "archive/exactlyonce/look.go",
			old: "	if where != playlist.Present || open.Unsent {",
			new: "	if where != playlist.Present || !open.At.IsZero() {",
		},
		{
			name: "seen forgotten", file: "archive/exactlyonce/engine.go",
			old: "archive.Changes{Entry: &b.Entry, Seen: seen, RemovePending:",
			new: "archive.Changes{Entry: &b.Entry, RemovePending:",
		},
		{
			name: "seen holds ids only", file: "archive/ledger/seen.go",
			old: "if key := t.Recording(); key != \"\" {",
			new: "if key := t.Recording(); key == \"-\" {",
		},
		{
			name: "intent after append", file: "archive/exactlyonce/engine.go",
			old: "	changes := e.held.Unsaved()\n	if len(s.There) > 0 {",
			new: "	_, _ = e.archives.Library.Append(ctx, s.Batch.PlaylistID, s.Batch.Tracks)\n	changes := e.held.Unsaved()\n	if len(s.There) > 0 {",
		},
		{
			name: "a lost append is repeated by the client", file: "spotify/append.go",
			old: "	e := writing(http.MethodPost, \"/playlists/{id}/items\")\n",
			new: "	e := writing(http.MethodPost, \"/playlists/{id}/items\")\n	e.repeatable = true\n",
		},
		{
			name: "a lost append is taken for done", file: "archive/exactlyonce/engine.go",
			old: "	case errors.Is(err, fault.ErrUnknownEffect), ctx.Err() != nil:\n		seen.Event = Unanswered",
			new: "	case errors.Is(err, fault.ErrUnknownEffect):\n		seen.Event = Accepted",
		},
		{
			name: "a lost append is taken for not sent", file: "archive/exactlyonce/engine.go",
			old: "		seen.Event = Unanswered\n	default:",
			new: "		seen.Event = Unsent\n	default:",
		},
		{
			name: "rotated token ignored", file: "archive/usecase/grant.go",
			old: "		if err := g.keep(ctx, token.Refresh); err != nil {\n			return secret.Text{}, err\n		}\n",
			new: "",
		},
		{
			name: "access token used before the rotated one is stored", file: "archive/usecase/grant.go",
			old: "		if err := g.keep(ctx, token.Refresh); err != nil {\n			return secret.Text{}, err\n		}\n	case old:",
			new: "		defer func() {\n			if !g.access.IsZero() {\n				return\n			}\n			first := g.Spotify.Library(func(context.Context, bool) (secret.Text, error) { return token.Access, nil })\n			_, _ = first.Playlists(ctx, 0, webapi.PageSize)\n			_ = g.keep(ctx, token.Refresh)\n		}()\n	case old:",
		},
		{
			name: "edition marked done though the append failed", file: "archive/usecase/conclude.go",
			old: "		if r.concernsPerson(err) {\n			u.Last = r.report.outcome.After(u.Last)\n		}",
			new: "		for _, learn := range r.report.learned {\n			learn(u)\n		}",
		},
		{
			name: "pending removed before the append", file: "archive/exactlyonce/engine.go",
			old: "	b := s.Batch\n	b.ID = \"\"\n",
			new: "	b := s.Batch\n	b.ID = \"\"\n	changes.RemovePending = b.Pending\n",
		},
		{
			name: "week done while last week's list still shows", file: "archive/source/discover.go",
			old: "		case old, len(list) < total:\n",
			new: "		case old:\n			d.weekDone(u, calendar.DueEdition(now))\n		case len(list) < total:\n",
		},
		{
			name: "mass refusal ignored", file: "archive/usecase/refusal.go",
			old: "return day, day.Refused >= massUsers &&",
			new: "return day, day.Refused >= 1000 &&",
			and: []edit{{"archive/usecase/refusal.go", "return week, week.Refused >= massUsers &&", "return week, week.Refused >= 1000 &&"}},
		},
		{
			name: "one invalid_grant believed", file: "archive/usecase/refusal.go", quick: true,
			old: "if refusals.Count >= confirmCount && now.Sub(refusals.First) >= confirmTime {",
			new: "if refusals.Count >= 1 {",
		},
		{
			name: "another total ignored", file: "archive/playlist/look.go",
			old: "	same := p.Total == target.Total &&",
			new: "	same := p.Total >= 0 || p.Total == target.Total &&",
		},
		{
			name: "archive adopted without reading it", file: "archive/playlist/archives.go",
			old: "		if err := o.readAll(ctx, marked, &candidate, o.Found(p)); err != nil {\n			return archive.ArchivePlaylist{}, err\n		}\n		if !other",
			new: "		candidate.Total, candidate.Snapshot = p.Total, p.Snapshot\n		if !other",
		},
		{
			name: "archive never adopted", file: "archive/playlist/archives.go",
			old: "		marked, part := o.Marked(p)\n",
			new: "		marked, part := \"\", 0\n",
		},
		{
			name: "playlist in a hole of the list taken for deleted", file: "archive/playlist/locate.go",
			old: "			absence.Since = time.Time{}\n			return webapi.Playlist{}, Unclear, absence, nil",
			new: "			return webapi.Playlist{}, Gone, absence, nil",
		},
		{
			name: "songs given up without proof that Spotify takes others", file: "archive/exactlyonce/machine.go",
			old: "	case s.Proof.Accepted || b.Copy:",
			new: "	case s.Proof.Accepted || !b.GivenUp:",
		},
		{
			name: "nobody waits for an append to show", file: "archive/usecase/conclude.go",
			old: "	unsure := interrupted || errors.Is(err, fault.ErrUnknownEffect)\n",
			new: "	unsure := false && interrupted\n	if u := r.held.User.Open; u != nil {\n		u.At = u.At.Add(-r.visibilityDelay())\n	}\n",
		},
		{
			name: "pause not kept", file: "archive/usecase/refusal.go",
			old: "	if err := a.App.SetPause(ctx, pause); err != nil {\n		return fmt.Errorf(\"pausing the app: %w\", err)\n	}\n",
			new: "",
		},
		{
			name: "cursor of plays moves without the songs", file: "archive/source/listening.go",
			old: "	return l.Write(ctx, archive.Changes{AddPending: batches}, func(u *archive.User) {",
			new: "	return l.Write(ctx, archive.Changes{}, func(u *archive.User) {",
		},
		{
			name: "pasted songs not marked as waiting", file: "archive/usecase/paste.go",
			old: "		u.NoteWaiting(now)\n",
			new: "",
		},
		{
			name: "disconnect forgets to finish", file: "archive/usecase/archivist.go",
			old: "	if user.Status == archive.StatusLeaving {\n",
			new: "	if user.Status == archive.StatusLeaving && user.Open != nil {\n",
		},
		{
			name: "token in an error", file: "archive/usecase/grant.go", quick: true,
			old: "fmt.Errorf(\"refreshing the grant of user %s: %w\", g.held.User.ID, err)",
			new: "fmt.Errorf(\"refreshing the grant %s of user %s: %w\", refresh.Reveal(), g.held.User.ID, err)",
		},
		{
			name: "songs put at the top", file: "spotify/append.go",
			old: "	}{uris})\n",
			new: "		Position int `json:\"position\"`\n	}{uris, 0})\n",
		},
		{
			name: "due time not moved after a look", file: "archive/usecase/archivist.go",
			old: "	return u.NextLook(a.Clock.Now(), paused).Within(u, run.At)",
			new: "	if run.Kind == app.RunDue {\n		return u.Due\n	}\n	return u.NextLook(a.Clock.Now(), paused).Within(u, run.At)",
		},
		{
			name: "source written to", file: "archive/source/inbox.go",
			old: "	if in.Run != app.RunManual && same &&",
			new: "	if _, err := in.Library.Append(ctx, box.ID, []ledger.Track{{ID: \"0000000000000000000000\"}}); err != nil {\n		return Reading{}, err\n	}\n	if in.Run != app.RunManual && same &&",
		},

		{
			name: "found: what a look has shown is not stored", file: "archive/exactlyonce/engine.go",
			old: "	changes := e.held.Unsaved()\n	if len(s.There) > 0 {",
			new: "	var changes archive.Changes\n	if len(s.There) > 0 {",
		},
		{
			name: "found: refusals remembered after an accepted run failed", file: "archive/usecase/conclude.go", seed: 181,
			old: "		if r.grant.renewed && r.report.outcome.Kind != outcome.GrantRefused {",
			new: "		if r.grant.renewed && r.report.outcome.Kind == outcome.Saved {",
		},
		{
			name: "found: archives of another shape not read", file: "archive/playlist/archives.go", seed: 136,
			old: "(!forgotten || marked == InboxKey",
			new: "(forgotten || marked == InboxKey",
		},
		{
			name: "found: an inbox song ends the week of an unreadable list", file: "archive/source/inbox.go", seed: 13,
			old: "		u.Inbox.Confirmed = whole &&",
			new: "		if len(result.Batches) > 0 {\n			in.weekDone(u, calendar.DueEdition(now))\n		}\n		u.Inbox.Confirmed = whole &&",
		},
		{
			name: "found: a batch put again is dropped with the one before", file: "archive/exactlyonce/engine.go", seed: 73,
			old: "func(id string) bool { return e.waits[id] })",
			new: "func(id string) bool { return false && e.waits[id] })",
		},
		{
			name: "found: the clocks of two machines taken for one", file: "archive/usecase/archivist.go", rows: "another_machine_whose_clock_is_ahead",
			old: "	if a.Alone {",
			new: "	if true {",
		},
		{
			name: "found: another choice does not make the week due again", file: "archive/user.go", seed: 13,
			old: "		u.Choice = choice\n		u.Reopen(now)\n",
			new: "		u.Choice = choice\n",
		},
		{
			name: "found: a denied week counted by the run", file: "archive/source/discover.go", seed: 89,
			old: "if u.Discover.Denials == 0 || now.Sub(u.Discover.CheckedAt) >= archive.LooksApart {",
			new: "if u.Discover.Denials >= 0 {",
		},
		{
			name: "found: an inbox that was put off waits for the next week", file: "archive/due.go", seed: 6282,
			old: "	return u.awaitsInbox() || !u.weekDone(now)\n", new: "	return !u.weekDone(now)\n",
		},
	}...)
}
