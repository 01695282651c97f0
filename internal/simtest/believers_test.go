package simtest_test

// believers are mistakes of one kind: an answer, or a stored time, is believed
// that cannot be.
func believers() []mutant {
	return []mutant{
		{
			name: "absence believed at once", file: "archive/playlist/locate.go",
			old: "		absence.Since = now\n		return webapi.Playlist{}, Unclear, absence, nil",
			new: "		absence.Since = now\n		return webapi.Playlist{}, Gone, absence, nil",
		},
		{
			name: "absence from where it stood believed", file: "archive/playlist/place.go", quick: true,
			old: "	p, found, err := o.Stands(ctx, id, place)\n", new: "	p, found, err := o.Stands(ctx, id, place)\n	if place.Of > 0 && place.Of == o.list.total {\n		return p, found, nil\n	}\n",
		},
		{
			name: "the end of an inbox explains everything", file: "archive/source/inboxtail.go",
			old: "			return !read.odd || pages >= inboxFurther, nil\n		}", new: "			return true, nil\n		}",
			and: []edit{{"archive/source/inboxtail.go", "		case fresh < grown, added(page[0]), read.odd && in.monthSince(), in.overdue():\n			return false, nil\n", ""}},
		},
		{
			name: "the end of an archive explains everything", file: "archive/playlist/look.go",
			old: "		return fresh == 0 && start <= total-target.Unlearned, err", new: "		return true, err",
		},
		{
			name: "a whole week that was copied ends the looks for good", file: "archive/copying.go",
			old: "	if u.Inbox.Week == u.WeekOf(now) && ", new: "	if u.Inbox.Week != \"\" && ",
			and: []edit{{"archive/usecase/archivist.go", "	case run.Kind == app.RunWeekly:\n", "	case run.Kind == app.RunWeekly && user.Inbox.Week != \"\":\n		return outcome.AlreadyDone, true\n	case run.Kind == app.RunWeekly:\n"}},
		},
		{
			name: "a date taken as it comes", file: "archive/source/discover.go",
			old: "	edition, dated := datedEdition(list, now)\n	if !dated || edition <= d.User.Discover.Done && fresh*2 > len(list) {",
			new: "	edition, dated := calendar.Edition(\"\"), len(list) > 0\n	for _, item := range list {\n		edition = max(edition, calendar.EditionOf(item.AddedAt))\n	}\n	if !dated {",
			and: []edit{
				{"archive/calendar/edition.go", "return e > EditionOf(now.Add(MaxSkew)) }", "return false }"},
				{"archive/clock.go", " || calendar.Ahead(u.Last.At, now)\n", "\n"},
			},
		},
		{
			name: "one source ends the run", file: "archive/source/source.go",
			old: "		if err != nil && !outcome.OfOneRoute(err) && !outcome.Barred(err) {", new: "		if err != nil {",
		},
		{
			name: "ISRC alone is a song", file: "archive/ledger/seen.go",
			old: "strconv.Itoa(seconds)", new: "strconv.Itoa(seconds*0)",
		},
		{
			name: "cursor at the newest play", file: "archive/source/listening.go",
			old: "	heard, played := l.fromDiscover(l.told(plays))",
			new: "	plays = slices.DeleteFunc(plays, func(p webapi.Play) bool { return !p.PlayedAt.After(known.Cursor) })\n	heard, played := l.fromDiscover(l.told(plays))",
		},
		{
			name: "an empty page believed", file: "archive/exactlyonce/look.go",
			old: "	if readErr != nil || total != listed.Total {", new: "	if readErr != nil {",
			and: []edit{{"archive/exactlyonce/look.go", "	if len(all) < total {\n", "	if len(all) < 0 {\n"}},
		},
		{
			name: "next followed beyond the total", file: "archive/playlist/listing.go",
			old: "		if page.Next <= offset || page.Next >= total {", new: "		if page.Next <= offset {",
			and: []edit{{"spotify/library.go", "	if entries == 0 || next >= total {", "	if nextURL == \"\" {"}},
		},
		{
			name: "the queue taken as it comes", file: "archive/source/listening.go", seed: 395,
			old: "	queued := confirmed(known, played)", new: "	_ = played\n	queued := queue.next",
		},
		{
			name: "stored times believed however far ahead", file: "archive/clock.go", rows: "on_a_clock_30_days_ahead",
			old: "	if u.Lease.Until.After(now.Add(LeaseTime + calendar.MaxSkew)) {\n", new: "	if u.ID != \"\" {\n		return u\n	}\n	if u.Lease.Until.IsZero() {\n",
		},
		{
			name: "an equal total believed without the snapshot", file: "archive/playlist/look.go",
			old: "	same := p.Total == target.Total && target.Snapshot != \"\" && p.Snapshot == target.Snapshot",
			new: "	same := p.Total == target.Total",
		},
		{
			name: "the first of two Discover Weekly taken", file: "archive/source/discover.go",
			old: "		if len(candidates) > 1 {\n			return d.hold", new: "		if len(candidates) > 100 {\n			return d.hold",
			and: []edit{{"archive/source/discover.go", "	case len(candidates) > 1:\n", "	case len(candidates) > 100:\n"}},
		},
		{
			name: "VisibilityDelay of ten seconds", file: "archive/clock.go", rows: "append_takes_effect_after_40s",
			old: "const VisibilityDelay = 90 * time.Second", new: "const VisibilityDelay = 10 * time.Second",
		},
		{
			name: "an entry that stands twice believed", file: "archive/playlist/listing.go", rows: "an_entry_twice|stands_in_discover_weekly_twice|slips",
			old: "		for _, other := range dates[id] {", new: "		for _, other := range dates[id][:0] {",
		},
		{
			name: "what is counted and not shown believed", file: "archive/source/discover.go", rows: "discover_weekly_is_short_until_wednesday",
			old: "		case old, len(list) < total:\n", new: "		case old:\n",
		},
		{
			name: "songs not kept while the archive is unclear", file: "archive/usecase/run.go",
			old: "	if len(b.Tracks) == 0 || b.ID != \"\" {", new: "	if len(b.Tracks) >= 0 || b.ID != \"\" {",
		},
		{
			name: "ISRC with hyphens is none", file: "spotify/song.go", rows: "isrc_with_hyphens",
			old: "unicode.IsSpace(r) || unicode.Is(unicode.Pd, r)", new: "unicode.IsSpace(r) && unicode.Is(unicode.Pd, r)",
		},
		{
			name: "found: songs taken out in doubt are an append undone", file: "archive/exactlyonce/look.go", seed: 903,
			old: " && !slices.ContainsFunc(tail, func(i webapi.Item) bool { return e.mayHold(open, i) })", new: "",
			and: []edit{{"archive/exactlyonce/look.go", "max(0, start-len(open.Tracks)))", "max(0, start-1))"}},
		},
		{
			name: "found: a song put by hand under a known recording is not seen", file: "archive/lease/lease.go", seed: 377,
			old: "if !seen.HasID(t) || !seen.HasRecording(t) {", new: "if !seen.Has(t) || !seen.HasRecording(t) {",
		},
		{
			name: "found: resuming learns nothing of what others put there", file: "archive/exactlyonce/look.go", seed: 2017,
			old: "	if open.Copy {\n		return nil\n	}\n	others", new: "	if len(tail) >= 0 {\n		return nil\n	}\n	others",
		},
		{
			name: "found: a claim on messages is over on another clock", file: "archive/notice/message.go", seed: 1169,
			old: "SendingTime = time.Minute + calendar.MaxSkew", new: "SendingTime = time.Minute",
		},
		{
			name: "found: a pause of a clock that was ahead is obeyed a month later", file: "archive/usecase/archivist.go", seed: 2210,
			old: "if err == nil && known.Impossible(now) {", new: "if false {",
		},
		{
			name: "found: a mass refusal seen by a clock that is behind", file: "archive/usecase/refusal.go",
			old: "!lastMass.Add(calendar.MaxSkew).Before(", new: "!lastMass.Before(",
		},
		{
			name: "found: pasted songs under other ids are known by their place alone", file: "archive/exactlyonce/look.go", seed: 6769,
			old: "	renamed := e.underOtherIDs(open, all)\n", new: "	renamed := 0\n",
		},
		{
			name: "found: a page of the archive that leaves a song out is believed", file: "archive/playlist/look.go", rows: "end_of_the_archive_shows_an_entry_twice",
			old: "	if unknown < total-target.Total && Slipped(read, o.Clock.Now()) && o.twice == \"\" {", new: "	if false {",
		},
		{
			name: "found: the id that a late append returned is trusted", file: "archive/playlist/archives.go",
			old: "		if o.Clock.Now().Sub(o.began) >= staleLook {", new: "		if false {",
		},
		{
			name: "found: a permission that a look missed is told as never given", file: "web/situation.go", seed: 4018,
			old: "		if s.unasked() {\n", new: "		if s.lacksScope() {\n",
			and: []edit{{"archive/usecase/run.go", "	over := before.Plays && ", "	over := false && before.Plays && "}},
		},
		{
			name: "found: a friend's list is taken where the own one is left out", file: "archive/source/discover.go", seed: 9396,
			old: "	if err := d.alone(ctx); err != nil {", new: "	if err := d.alone(ctx); err != nil && false {",
		},
		{
			name: "found: what an inbox held before is told by our own clock", file: "archive/source/inboxtail.go", seed: 4774,
			old: "in.Clock.Now(), in.User.Inbox.Newest\n", new: "in.Clock.Now(), time.Time{}\n",
		},
		{
			name: "found: another snapshot id of an inbox as long as before believed to say nothing", file: "archive/source/inboxtail.go", seed: 4842,
			old: " || fresh == 0 && box.Snapshot != known.Snapshot\n", new: "\n",
		},
		{
			name: "found: what the end of an inbox does not explain is not looked for", file: "archive/source/inboxtail.go", seed: 7862,
			old: "pages >= inboxFurther, nil", new: "pages >= 1, nil",
			and: []edit{{"archive/source/inbox.go", "		known.Unexplained = true\n", "		known.Unexplained = false\n"}},
		},
		{
			name: "found: the week that a clock told which was days ahead is one that can be", file: "archive/clock.go",
			old: " || calendar.Ahead(u.Last.At, now)\n", new: "\n",
			and: []edit{{"archive/calendar/edition.go", "return e > EditionOf(now.Add(MaxSkew)) }", "return e > DueEdition(now).Next() }"}},
		},
		{
			name: "found: an entry that stands twice, once under a wrong date, is two", file: "archive/playlist/listing.go", seed: 10351,
			old: " || !calendar.Plausible(added, now) || !calendar.Plausible(other, now) {", new: " || !calendar.Plausible(now, now) {",
		},
		{
			name: "found: the first list without dates taken for this week's", file: "archive/source/discover.go", seed: 6507,
			old: "	if !dated && known.Done == \"\" {\n", new: "	if false {\n",
		},
		{
			name: "found: what is taken back goes into a week's playlist, too", file: "archive/exactlyonce/engine.go", seed: 13,
			old: " || b.TakesBack() {", new: " {",
		},
		{
			name: "found: weeks pass unread while nothing can be written", file: "archive/usecase/conclude.go", rows: "three_weeks_of_500_for_every_append_extended",
			old: "	return passes(err) && !r.plays && ", new: "	return false && passes(err) && !r.plays && ",
		},
		{
			name: "a context without a URI is none", file: "spotify/context.go", rows: "context_is_a",
			old: "	return cmp.Or(ofURL(c.Href), ofURL(c.ExternalURLs.Spotify))", new: "	return cmp.Or(\"\", ofURL(\"\"))",
		},
	}
}
