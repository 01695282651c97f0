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
	rare  bool   // only its seed is known to meet it
}

type edit struct{ file, old, new string }

func (m mutant) edits() []edit { return append([]edit{{m.file, m.old, m.new}}, m.and...) }

// mutants are the mistakes that the simulation has to find. The last group
// are mistakes that it did find (internal/docs/traps.md), made again.
func mutants() []mutant {
	return append(believers(), []mutant{
		{
			name: "finish before append", file: "archive/intent.go", quick: true,
			old: "	if err := r.appendOpen(ctx); err != nil {\n		return err\n	}\n	return r.settle(ctx, last)\n}\n\n// record",
			new: "	open := *r.user.Open\n	if err := r.settle(ctx, last); err != nil {\n		return err\n	}\n	_, err = r.library.Append(ctx, open.PlaylistID, open.Tracks)\n	return err\n}\n\n// record",
		},
		{
			name: "no lease", file: "archive/run.go",
			old: "if r.user.Lease.Holder != \"\" && now.Before(r.user.Lease.Until) {",
			new: "if false && now.Before(r.user.Lease.Until) {",
		},
		{
			name: "open intent dropped instead of resumed", file: "archive/resume.go",
			old: "		if err := r.resumeOne(ctx, open); err != nil {",
			new: "		if err := r.write(ctx, Changes{}, func(u *User) { u.Open = nil }); err != nil {",
		},
		{
			name: "resume without looking", file: "archive/resume.go",
			old: "	case where == present && !open.Unsent:",
			new: "	case where == present && !open.Unsent && open.At.IsZero():",
		},
		{
			name: "seen forgotten", file: "archive/intent.go",
			old: "changes = Changes{Entry: &open.Entry, Seen: seen, RemovePending:",
			new: "changes = Changes{Entry: &open.Entry, RemovePending:",
		},
		{
			name: "seen holds ids only", file: "archive/seen.go",
			old: "if key := t.recording(); key != \"\" {",
			new: "if key := t.recording(); key == \"-\" {",
		},
		{
			name: "intent after append", file: "archive/intent.go",
			old: "	// Whoever resumes trusts the total",
			new: "	if _, err := r.library.Append(ctx, intent.PlaylistID, intent.Tracks); err != nil {\n		return err\n	}\n	r.user.Open = &intent\n	return r.settle(ctx, last)\n	// Whoever resumes trusts the total",
		},
		{
			name: "a lost append is repeated by the client", file: "spotify/append.go",
			old: "	e := writing(http.MethodPost, \"/playlists/{id}/items\")\n",
			new: "	e := writing(http.MethodPost, \"/playlists/{id}/items\")\n	e.repeatable = true\n",
		},
		{
			name: "a lost append is taken for done", file: "archive/intent.go",
			old: "	case errors.Is(err, ErrUnknownEffect), ctx.Err() != nil:\n",
			new: "	case errors.Is(err, ErrUnknownEffect):\n		return nil\n",
		},
		{
			name: "a lost append is taken for not sent", file: "archive/intent.go",
			old: "	case errors.Is(err, ErrUnknownEffect), ctx.Err() != nil:\n	default:\n		r.unsent = true",
			new: "	default:\n		r.unsent = true",
		},
		{
			name: "rotated token ignored", file: "archive/run.go",
			old: "		if err := r.keep(ctx, token.Refresh); err != nil {\n			return secret.Text{}, err\n		}\n",
			new: "",
		},
		{
			name: "access token used before the rotated one is stored", file: "archive/run.go",
			old: "		if err := r.keep(ctx, token.Refresh); err != nil {\n			return secret.Text{}, err\n		}\n	case old:",
			new: "		defer func() {\n			if r.library != nil {\n				return\n			}\n			first := r.Spotify.Library(func(context.Context, bool) (secret.Text, error) { return token.Access, nil })\n			_, _ = first.Playlists(ctx, 0)\n			_ = r.keep(ctx, token.Refresh)\n		}()\n	case old:",
		},
		{
			name: "edition marked done though the append failed", file: "archive/archive.go",
			old: "		if r.concernsPerson(err) {\n			u.Last = r.outcome\n		}",
			new: "		for _, reading := range r.readings {\n			reading.learned(u)\n		}",
		},
		{
			name: "pending removed before the append", file: "archive/intent.go",
			old: "	err = r.write(ctx, r.shown(), func(u *User) {\n		intent.Entry.Key",
			new: "	changes := r.shown()\n	changes.RemovePending = b.pending\n	err = r.write(ctx, changes, func(u *User) {\n		intent.Entry.Key",
		},
		{
			name: "week done while last week's list still shows", file: "archive/discover.go",
			old: "		case old, len(list) < total:\n",
			new: "		case old:\n			r.weekDone(u, DueEdition(now))\n		case len(list) < total:\n",
		},
		{
			name: "refusal wave ignored", file: "archive/refusal.go",
			old: "return day, day.Refused >= waveUsers &&",
			new: "return day, day.Refused >= 1000 &&",
			and: []edit{{"archive/refusal.go", "return week, week.Refused >= waveUsers &&", "return week, week.Refused >= 1000 &&"}},
		},
		{
			name: "one invalid_grant believed", file: "archive/refusal.go", quick: true,
			old: "if refusals.Count >= believeCount && now.Sub(refusals.First) >= believeTime {",
			new: "if refusals.Count >= 1 {",
		},
		{
			name: "another total ignored", file: "archive/look.go",
			old: "	same := p.Total == shelf.Total &&",
			new: "	same := p.Total >= 0 || p.Total == shelf.Total &&",
		},
		{
			name: "archive adopted without reading it", file: "archive/shelf.go",
			old: "		if err := r.readAll(ctx, marked, &candidate, p); err != nil {\n			return Shelf{}, err\n		}\n		if !other",
			new: "		candidate.Total, candidate.Snapshot = p.Total, p.Snapshot\n		if !other",
		},
		{
			name: "archive never adopted", file: "archive/shelf.go",
			old: "		marked, part := r.marked(p)\n",
			new: "		marked, part := \"\", 0\n",
		},
		{
			name: "playlist in a hole of the list taken for deleted", file: "archive/locate.go",
			old: "			absence.Since = time.Time{}\n			return Playlist{}, unclear, absence, nil",
			new: "			return Playlist{}, gone, absence, nil",
		},
		{
			name: "songs given up without proof that Spotify takes others", file: "archive/intent.go",
			old: "	case r.accepted || open.Copy:",
			new: "	case r.accepted || !open.GivenUp:",
		},
		{
			name: "nobody waits for an append to settle", file: "archive/archive.go",
			old: "	unsure := interrupted || r.outcome.Kind == OutcomeUnsure\n",
			new: "	unsure := false && interrupted\n	if u := r.user.Open; u != nil {\n		u.At = u.At.Add(-r.settleTime())\n	}\n",
		},
		{
			name: "pause not kept", file: "archive/refusal.go",
			old: "	if err := r.App.SetPause(ctx, pause); err != nil {\n		return fmt.Errorf(\"pausing the app: %w\", err)\n	}\n",
			new: "",
		},
		{
			name: "cursor of plays moves without the songs", file: "archive/listening.go",
			old: "	return r.write(ctx, Changes{AddPending: batches}, func(u *User) {",
			new: "	return r.write(ctx, Changes{}, func(u *User) {",
		},
		{
			name: "pasted songs not marked as waiting", file: "archive/paste.go",
			old: "		u.wait(batch.At)\n",
			new: "",
		},
		{
			name: "disconnect forgets to finish", file: "archive/archivist.go",
			old: "	if user.Status == StatusLeaving {\n",
			new: "	if user.Status == StatusLeaving && user.Open != nil {\n",
		},
		{
			name: "token in an error", file: "archive/run.go", quick: true,
			old: "fmt.Errorf(\"refreshing the grant of user %s: %w\", r.user.ID, err)",
			new: "fmt.Errorf(\"refreshing the grant %s of user %s: %w\", refresh.Reveal(), r.user.ID, err)",
		},
		{
			name: "songs put at the top", file: "spotify/append.go",
			old: "	}{uris})\n",
			new: "		Position int `json:\"position\"`\n	}{uris, 0})\n",
		},
		{
			name: "source written to", file: "archive/inbox.go",
			old: "	if r.job.Run.Kind == RunDue && same &&",
			new: "	if _, err := r.library.Append(ctx, playlist.ID, []Track{{ID: \"0000000000000000000000\"}}); err != nil {\n		return reading{}, err\n	}\n	if r.job.Run.Kind == RunDue && same &&",
		},

		{
			name: "found: what a look has shown is not stored", file: "archive/intent.go", seed: 377,
			old: "	err = r.write(ctx, r.shown(), func(u *User) {\n		intent.Entry.Key",
			new: "	err = r.write(ctx, Changes{}, func(u *User) {\n		intent.Entry.Key",
		},
		{
			name: "found: refusals remembered after an accepted run failed", file: "archive/archive.go", seed: 136,
			old: "		if r.renewed && r.outcome.Kind != OutcomeGrantRefused {",
			new: "		if r.renewed && r.outcome.Kind == OutcomeSaved {",
		},
		{
			name: "found: archives of another shape not read", file: "archive/shelf.go", seed: 136,
			old: "(!forgotten || marked == inboxKey",
			new: "(forgotten || marked == inboxKey",
		},
		{
			name: "found: an inbox song ends the week of an unreadable list", file: "archive/inbox.go", seed: 13,
			old: "		u.Inbox.Settled = whole &&",
			new: "		if len(result.finds) > 0 {\n			r.weekDone(u, DueEdition(now))\n		}\n		u.Inbox.Settled = whole &&",
		},
		{
			name: "found: a snapshot id believed at first sight", file: "archive/inbox.go", seed: 7102, rare: true,
			old: "same && now.Sub(u.Inbox.SnapshotAt) >= r.settleTime()",
			new: "true",
		},
		{
			name: "found: a batch put again is dropped with the one before", file: "archive/intent.go", seed: 73,
			old: "func(id string) bool { return r.waits[id] })",
			new: "func(id string) bool { return false && r.waits[id] })",
		},
		{
			name: "found: the clocks of two machines taken for one", file: "archive/archivist.go", seed: 734,
			old: "	if a.Alone {",
			new: "	if true {",
		},
		{
			name: "found: another choice does not make the week due again", file: "archive/user.go", seed: 13,
			old: "		u.Choice = choice\n		u.reopen(now)\n",
			new: "		u.Choice = choice\n",
		},
		{
			name: "found: a denied week counted by the run", file: "archive/discover.go", seed: 89,
			old: "if u.Discover.Denials == 0 || now.Sub(u.Discover.CheckedAt) >= clearOf {",
			new: "if u.Discover.Denials >= 0 {",
		},
	}...)
}
