package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const aDay = 24 * time.Hour

// claims says of every sentence about a user's state what it claims. A
// sentence that is not here fails the walk below: say first when it is true.
var claims = map[string]func(situation) bool{
	"state.ended":      isOver,
	"state.revoked":    isOver,
	"state.stopped":    isStopped,
	"state.app_paused": isAppPaused,
	"state.running":    isRunning,
	"state.first":      func(s situation) bool { return isFree(s) && !ranSince(s) },
	"state.again":      func(s situation) bool { return isFree(s) && !ranSince(s) },
	"state.needs_you": func(s situation) bool {
		return isFree(s) && (ranSince(s) && wantsPerson(s) || s.user.Choice == archive.ChoiceListening && !s.user.Grant.Listens())
	},
	"state.waiting": func(s situation) bool { return isFree(s) && ranSince(s) && !wentWell(s) },
	"state.turn":    func(s situation) bool { return isQuiet(s) && byHand(s) && songsIn(s) == 0 },
	"state.partly":  func(s situation) bool { return isQuiet(s) && songsIn(s) > 0 && songsIn(s) < 30 },
	"state.in":      func(s situation) bool { return isQuiet(s) && isIn(s) },
	"state.well":    func(s situation) bool { return isFree(s) && ranSince(s) && wentWell(s) },

	"status.ended": func(s situation) bool { return s.user.Grant.Ended(s.now) },
	"status.revoked": func(s situation) bool { // refused, and not for its age
		return s.user.Status == archive.StatusReconnect &&
			(!s.user.Grant.Ended(s.now) || s.user.Last.At.Before(s.user.Grant.EndsAt()))
	},
	"progress.asked":            func(s situation) bool { return isRunning(s) && s.user.Lease.Holder == "" && ranSince(s) },
	"progress.looking":          isReading,
	"progress.looking.discover": func(s situation) bool { return isReading(s) && s.user.Choice == archive.ChoiceDiscover },
	"progress.looking.inbox":    func(s situation) bool { return isReading(s) && s.user.Choice == archive.ChoiceInbox },
	"progress.adding":           func(s situation) bool { return isRunning(s) && s.user.Open != nil && s.user.Lease.Holder != "settling" },
	"progress.unsure":           func(s situation) bool { return isRunning(s) && s.user.Lease.Holder == "settling" },
	"progress.watched":          isRunning,
	"steps":                     func(s situation) bool { return isQuiet(s) && copies(s) && !isIn(s) },
	"look":                      func(s situation) bool { return canRun(s) && copies(s) },
	"main.reconnect": func(s situation) bool {
		return isOver(s) || told(s, outcome.Scope) || s.user.Choice == archive.ChoiceListening && !s.user.Grant.Listens()
	},
	"inbox.soon": func(s situation) bool { return isFree(s) && s.user.Inbox.PlaylistID == "" },

	"status.stopped":     isStopped,
	"status.app_paused":  isAppPaused,
	"status.first":       func(s situation) bool { return isFree(s) && isNew(s) && isFresh(s) },
	"status.first_waits": func(s situation) bool { return isAppPaused(s) && isNew(s) },
	"status.first_late":  func(s situation) bool { return isFree(s) && isNew(s) && !isFresh(s) && canRun(s) },
	"status.again":       func(s situation) bool { return isFree(s) && !isNew(s) && !ranSince(s) && isFresh(s) },
	"status.again_waits": func(s situation) bool { return isAppPaused(s) && !isNew(s) && !ranSince(s) },
	"status.again_late":  func(s situation) bool { return isFree(s) && !isNew(s) && !ranSince(s) && canRun(s) },
	"status.untried": func(s situation) bool {
		chosen := s.user.Last.Kind == outcome.Choose && len(s.user.Discover.Candidates) == 0
		return ranSince(s) && (!asksDiscover(s) || chosen || s.user.Last.Kind == outcome.InboxGone)
	},
	"status.unpaused": func(s situation) bool {
		return ranSince(s) && s.user.Last.Kind == outcome.Paused && !s.pauseUnknown && !s.pause.Until.After(s.now)
	},
	"status.coming": func(s situation) bool {
		return ranSince(s) && !isIn(s)
	},
	"outcome.already_done": func(s situation) bool { // this week, which is the one of the last run
		return told(s, outcome.AlreadyDone) && s.user.WeekOf(s.user.Last.At) == s.user.WeekOf(s.now)
	},
	"outcome.not_refreshed": func(s situation) bool {
		return told(s, outcome.NotRefreshed) && s.user.WeekOf(s.user.Last.At) == s.user.WeekOf(s.now)
	},
	"outcome.put_off": func(s situation) bool { // it speaks of what is left of today
		return told(s, outcome.PutOff) && s.user.Last.At.UTC().YearDay() == s.now.UTC().YearDay()
	},
	"outcome.put_off_over": func(s situation) bool { return told(s, outcome.PutOff) },
	"outcome.choose":       func(s situation) bool { return told(s, outcome.Choose) && len(s.user.Discover.Candidates) > 0 },
	"outcome.inbox_gone": func(s situation) bool {
		return told(s, outcome.InboxGone) && s.user.Choice == archive.ChoiceAuto
	},
	"candidates":          func(s situation) bool { return len(s.user.Discover.Candidates) > 0 },
	"failed.inbox":        func(s situation) bool { return ranSince(s) && len(s.user.Last.Failed) > 0 },
	"week.turn.copy":      func(s situation) bool { return isQuiet(s) && copies(s) && songsIn(s) == 0 },
	"week.turn.paste":     func(s situation) bool { return isQuiet(s) && s.user.Choice == archive.ChoicePaste && songsIn(s) == 0 },
	"week.partly":         func(s situation) bool { return isQuiet(s) && songsIn(s) > 0 && !isIn(s) },
	"week.partly.copy":    func(s situation) bool { return isQuiet(s) && songsIn(s) > 0 && !isIn(s) && copies(s) },
	"week.partly.paste":   func(s situation) bool { return isQuiet(s) && songsIn(s) > 0 && s.user.Choice == archive.ChoicePaste },
	"week.in":             func(s situation) bool { return isQuiet(s) && isIn(s) },
	"week.next":           isIn,
	"week.missed":         func(s situation) bool { return isQuiet(s) && slices.Contains(s.user.Missed, "2026-11-09") },
	"outcome.new_archive": func(s situation) bool { return s.user.Last.NewArchive },
	"outcome.back":        func(s situation) bool { return ranSince(s) && s.user.Last.Back > 0 },
	"outcome.stood":       func(s situation) bool { return ranSince(s) && s.user.Last.Stood > 0 },
	"outcome.paused": func(s situation) bool {
		return ranSince(s) && s.user.Last.Kind == outcome.Paused && s.now.Before(s.user.Last.Until) && (s.pauseUnknown || s.pause.Until.After(s.now))
	},
	"outcome.paused_over": func(s situation) bool {
		return ranSince(s) && s.user.Last.Kind == outcome.Paused && !s.now.Before(s.user.Last.Until)
	},
	"outcome.not_readable": func(s situation) bool { return ranSince(s) && asksDiscover(s) },

	"status.scope": func(s situation) bool {
		return isFree(s) && s.user.Choice == archive.ChoiceListening && !s.user.Grant.Listens()
	},
	"outcome.scope":           func(s situation) bool { return told(s, outcome.Scope) },
	"banner.soon":             func(s situation) bool { return !isOver(s) && s.user.Grant.EndsAt().Sub(s.now) <= 30*aDay },
	"consent.lasts":           func(s situation) bool { return !isOver(s) && s.now.Before(s.user.Grant.EndsAt()) },
	"consent.ended":           func(s situation) bool { return s.user.Grant.Ended(s.now) },
	"consent.revoked":         func(s situation) bool { return isOver(s) && !s.user.Last.At.After(s.now) },
	"consent.revoked_undated": isOver,
	"inbox.after":             isFree,
	"source.readable": func(s situation) bool {
		return isFree(s) && asksDiscover(s) && s.user.Discover.Access == archive.AccessReadable
	},
	"source.readable.nothing": func(s situation) bool {
		soon := s.user.Grant.EndsAt().Sub(s.now) <= 30*aDay // then they are asked to reconnect
		return isFree(s) && (wentWell(s) || !ranSince(s)) && !wantsPersonNow(s) && !soon
	},
	"account.denied": func(s situation) bool {
		return asksDiscover(s) && s.user.Choice != archive.ChoiceAuto && s.user.Discover.Access == archive.AccessDenied
	},
	"account.denied.fold": func(s situation) bool {
		return s.user.Choice == archive.ChoiceAuto && s.user.Discover.Access == archive.AccessDenied
	},
	"remark.denied": func(s situation) bool { return asksDiscover(s) && s.user.Discover.Access == archive.AccessDenied },
	"remark.denied_once": func(s situation) bool {
		return !asksDiscover(s) && s.user.Discover.Access == archive.AccessDenied
	},
	"remark.readable":  func(s situation) bool { return s.user.Discover.Access == archive.AccessReadable },
	"remark.listening": func(s situation) bool { return !s.user.Grant.Listens() },

	"account.schedule": func(s situation) bool { return isFree(s) && s.user.Choice != archive.ChoicePaste },
	"account.run":      canRun,
	"account.run.main": func(s situation) bool {
		operators := slices.ContainsFunc([]outcome.Kind{outcome.Key, outcome.App, outcome.Malformed}, func(kind outcome.Kind) bool { return told(s, kind) })
		return canRun(s) && (!wentWell(s) || !ranSince(s)) && !operators
	},
	"account.pause":             func(s situation) bool { return s.user.Status == archive.StatusActive && !isOver(s) },
	"account.resume":            isStopped,
	"account.copied":            func(s situation) bool { return canRun(s) && copies(s) },
	"account.open.main":         isQuiet,
	"paste.title":               func(s situation) bool { return isQuiet(s) && s.user.Choice == archive.ChoicePaste },
	"note.source":               func(situation) bool { return true },
	"note.until.reconnect":      isOver,
	"note.until.resume":         isStopped,
	"note.until.app":            isAppPaused,
	"account.waiting.reconnect": isOver,
	"account.waiting.resume":    isStopped,
	"account.waiting.app":       isAppPaused,
	"account.waiting.now":       isRunning,
	"account.waiting.next":      func(s situation) bool { return isFree(s) && !isTaking(s) },
	"listening.put_off": func(s situation) bool { // today, and no look came since
		l := s.user.Listening
		return isFree(s) && l.PutOff.After(l.AskedAt) && l.PutOff.UTC().YearDay() == s.now.UTC().YearDay()
	},
	"paste.wait.reconnect": isOver,
	"paste.wait.resume":    isStopped,
	"paste.wait.app":       isAppPaused,
	"paste.on_the_way":     isRunning,
	"paste.wait.next":      func(s situation) bool { return isFree(s) && !isTaking(s) },
}

// The facts, in other words than the code that is tested.

func isOver(s situation) bool {
	return s.user.Status == archive.StatusReconnect || !s.now.Before(s.user.Grant.AuthorizedAt.Add(archive.ConsentLife))
}

func isStopped(s situation) bool { return s.user.Status == archive.StatusPaused && !isOver(s) }

func isAppPaused(s situation) bool {
	return s.pause.Until.After(s.now) && s.user.Status == archive.StatusActive && !isOver(s)
}

// isFree: a run that is asked for happens.
func isFree(s situation) bool {
	return s.user.Status == archive.StatusActive && !isOver(s) && !s.pause.Until.After(s.now)
}

// isQuiet: nothing is in the way, and nothing is being added.
func isQuiet(s situation) bool {
	return isFree(s) && ranSince(s) && wentWell(s) && s.user.Open == nil && s.user.Lease.Holder != "settling"
}

func byHand(s situation) bool { return copies(s) || s.user.Choice == archive.ChoicePaste }

// songsIn counts the songs of this week that are in.
func songsIn(s situation) int {
	for _, w := range s.user.Weeks {
		if w.Edition == "2026-11-16" {
			return w.Songs
		}
	}
	return 0
}

func isIn(s situation) bool {
	copied := slices.ContainsFunc(s.user.Weeks, func(w calendar.WeekTally) bool { return w.Edition == "2026-11-16" && w.Copied > 0 })
	return copied || songsIn(s) >= 30 || asksDiscover(s) && s.user.Discover.Done == "2026-11-16"
}

// isRunning: a run is under way, or is about to be.
func isRunning(s situation) bool {
	leased := s.user.Lease.Holder != "" && s.user.Lease.Until.After(s.now)
	asked := s.user.Manual.AskedAt.After(s.user.Manual.DoneAt) || !ranSince(s)
	return isFree(s) && (leased || asked)
}

// isTaking: a run is under way that takes what waits, or is about to be.
func isTaking(s situation) bool {
	recent := func(asked time.Time) bool { return s.now.Sub(asked) < 2*time.Minute && asked.After(s.user.Last.At) }
	u := s.user
	return u.Lease.Holder == "a" || u.Lease.Holder == "" && (recent(u.Manual.AskedAt) || recent(u.Grant.AuthorizedAt))
}

func isReading(s situation) bool {
	return isRunning(s) && s.user.Lease.Holder != "" && s.user.Lease.Holder != "settling" && s.user.Open == nil
}

func isNew(s situation) bool    { return s.user.Last.Kind == outcome.None }
func ranSince(s situation) bool { return !s.user.Last.At.Before(s.user.Grant.AuthorizedAt) }
func isFresh(s situation) bool  { return s.now.Sub(s.user.Grant.AuthorizedAt) < 15*time.Minute }

func asksDiscover(s situation) bool {
	return s.user.Choice == archive.ChoiceAuto || strings.Contains(string(s.user.Choice), "discover")
}

func copies(s situation) bool {
	return s.user.Inbox.PlaylistID != "" &&
		(strings.Contains(string(s.user.Choice), "inbox") || s.user.Choice == archive.ChoiceAuto && s.user.Discover.Access == archive.AccessDenied)
}

// wentWell: the last run read what it was to read.
func wentWell(s situation) bool {
	return slices.Contains([]outcome.Kind{
		outcome.Saved, outcome.NothingNew, outcome.NotRefreshed, outcome.AlreadyDone,
		outcome.Busy, outcome.Stopped, outcome.UnknownUser, outcome.None,
	}, s.user.Last.Kind) && len(s.user.Last.Failed) == 0
}

func wantsPerson(s situation) bool {
	return slices.ContainsFunc([]outcome.Kind{
		outcome.NotReadable, outcome.Choose, outcome.InboxGone, outcome.Scope, outcome.Reconnect,
	}, func(kind outcome.Kind) bool { return told(s, kind) })
}

// told: the last run, or a source in it, ended so.
func told(s situation, kind outcome.Kind) bool {
	return ranSince(s) && (s.user.Last.Kind == kind ||
		slices.ContainsFunc(s.user.Last.Failed, func(f outcome.Failure) bool { return f.Kind == kind }))
}

func wantsPersonNow(s situation) bool { return ranSince(s) && wantsPerson(s) }

// canRun: a run that somebody asks for now would ask Spotify something.
func canRun(s situation) bool {
	waits := s.pauseUnknown && s.user.Last.Kind == outcome.Paused && s.user.Last.Until.After(s.now) && ranSince(s)
	lacks := s.user.Choice == archive.ChoiceListening && !s.user.Grant.Listens() && ranSince(s)
	return isFree(s) && !waits && !lacks
}

// claim returns what a line claims; every line of an outcome claims at least
// that it is the last one's, and every reason of a pause that it is the pause's.
func claim(key string) (func(situation) bool, bool) {
	if is, ok := claims[key]; ok {
		return is, true
	}
	if kind, ok := strings.CutPrefix(key, "outcome."); ok {
		return func(s situation) bool {
			return told(s, outcome.Kind(kind)) || ranSince(s) && !s.user.Last.Kind.Known() && kind == "internal"
		}, true
	}
	if reason, ok := strings.CutPrefix(key, "pause."); ok {
		return func(s situation) bool {
			of := func(r app.PauseReason) bool { return string(r) == reason || r == "" && reason == "unknown" }
			last := s.pauseUnknown || s.pause.Until.After(s.now) // else what the last run met is over
			return s.pause.Until.After(s.now) && of(s.pause.Reason) || last && s.user.Last.Until.After(s.now) && of(s.user.Last.Reason)
		}, true
	}
	return nil, false
}

// views are the pages that tell a user's state.
type views struct {
	account  accountView
	settings settingsView
	paste    pasteView
}

// said returns the keys of everything on the pages that is about the user's
// state.
func said(v views) []string {
	card, settings := v.account.Card, v.settings
	keys := []string{
		card.Progress.Key, card.State.Word.Key, card.WaitingFor.Key, card.Main.Label.Key, card.Also.Label.Key,
		settings.Consent.Key, settings.Inbox.After.Key, v.paste.Fate.Key, v.account.Banner.Line.Key,
	}
	for _, lines := range [][]words.Line{card.Sentence, card.Result, v.account.Note, settings.Note} {
		for _, line := range lines {
			keys = append(keys, line.Key)
		}
	}
	for _, w := range settings.Ways {
		keys = append(keys, w.Remark.Key)
	}
	for key, shown := range map[string]bool{
		"listening.put_off": !card.PutOff.IsZero() || !settings.PutOff.IsZero(),
		"source.readable":   settings.Readable, "source.readable.nothing": settings.Readable && settings.Nothing,
		"candidates":     len(card.Candidates) > 0,
		"account.denied": settings.Denied, "account.denied.fold": settings.DeniedFold,
		"account.schedule": settings.State.Scheduled,
		"account.run.main": card.Main.Post == "/account/run",
		"main.reconnect":   card.Main.Label.Key == "action.reconnect",
		"account.pause":    settings.State.Pause, "account.resume": settings.State.Resume,
		"week.next": !card.Next.IsZero(), "week.missed": !card.Missed.IsZero(), "progress.watched": card.Watched, "steps": card.Steps, "look": card.Look, "inbox.soon": card.InboxSoon,
	} {
		if shown {
			keys = append(keys, key)
		}
	}
	return slices.DeleteFunc(keys, func(key string) bool { return key == "" || strings.HasPrefix(key, "action.") })
}

// walk visits every state that a page can be asked for.
func walk(visit func(situation)) {
	now := testNow
	for _, status := range []archive.Status{archive.StatusActive, archive.StatusPaused, archive.StatusReconnect} {
		for _, age := range []time.Duration{time.Minute, time.Hour, 155 * aDay, 181 * aDay} {
			for _, ago := range []time.Duration{0, 30 * aDay, 200 * aDay, 1000 * aDay} { // of the last run
				for _, choice := range append(archive.Choices(), "discover+inbox", "inbox+listening") {
					for _, access := range []archive.Access{archive.AccessUnknown, archive.AccessReadable, archive.AccessDenied} {
						for _, listens := range []bool{false, true} {
							for _, reason := range []app.PauseReason{"none", "", app.PauseMassRefusal} {
								failure := outcome.InboxGone
								if age == time.Hour {
									failure = outcome.Unavailable
								}
								for _, kind := range append(outcome.Kinds(), "of a newer version") {
									for _, until := range []time.Duration{-time.Minute, time.Minute} {
										if until > 0 && kind != outcome.Paused {
											continue
										}
										s := situation{now: now}
										s.user = archive.User{Status: status, Choice: choice, Discover: archive.Discover{Access: access}}
										s.user.Grant = archive.Grant{Scopes: webapi.Scopes(listens), AuthorizedAt: now.Add(-age)}
										s.user.Inbox.PlaylistID = "inbox"
										s.user.Last = outcome.Outcome{Kind: kind, At: now.Add(-ago), Until: now.Add(until)}
										if listens { // to have half of the walk with each
											s.user.Discover.Candidates = []archive.Candidate{{PlaylistID: "a"}, {PlaylistID: "b"}}
										}
										if kind == outcome.Saved && access == archive.AccessReadable {
											s.user.Last.Failed = []outcome.Failure{{Source: ledger.SourceInbox, Kind: failure}}
										}
										if kind == outcome.None {
											s.user.Last = outcome.Outcome{}
										}
										if reason != "none" {
											s.pause = app.Pause{Until: now.Add(time.Hour), Reason: reason}
										}
										visit(s)
										if kind == outcome.Paused && reason == "none" {
											s.pauseUnknown = true
											visit(s)
										}
										if kind == outcome.Saved {
											visitRuns(s, visit)
											visitWeeks(s, visit)
										}
									}
								}
							}
						}
					}
				}
			}
		}
	}
}

// visitRuns visits the state with a run under way, in each of its stages.
func visitRuns(s situation, visit func(situation)) {
	until := s.now.Add(time.Minute)
	for _, run := range []func(u *archive.User){
		func(u *archive.User) { u.Manual.AskedAt = s.now.Add(-time.Second) },
		func(u *archive.User) { u.Lease = archive.Lease{Holder: "a", Until: until} },
		func(u *archive.User) {
			u.Lease = archive.Lease{Holder: "a", Until: until}
			u.Open = &ledger.Batch{Entry: ledger.Entry{Found: 30}, Tracks: make([]ledger.Track, 30)}
		},
		func(u *archive.User) {
			u.Lease = archive.Lease{Holder: "settling", Until: until}
			u.Open = &ledger.Batch{}
		},
	} {
		running := s
		running.user.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "main"}}
		run(&running.user)
		visit(running)
	}
	idle := s
	idle.user.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "main"}}
	idle.user.Inbox.PlaylistID = ""
	visit(idle)
	for _, ago := range []time.Duration{time.Minute, 20 * time.Hour} {
		for _, since := range []time.Duration{-time.Second, time.Second} {
			spared := idle
			spared.user.Listening.PutOff = s.now.Add(-ago)
			spared.user.Listening.AskedAt = s.now.Add(-ago + since)
			visit(spared)
		}
	}
}

// visitWeeks visits the state with something of this week in.
func visitWeeks(s situation, visit func(situation)) {
	for _, tally := range []calendar.WeekTally{{Songs: 22}, {Songs: 12, Copied: 12}, {Songs: 30}} {
		tally.Edition = "2026-11-16"
		week := s
		week.user.Weeks = []calendar.WeekTally{tally}
		week.user.Missed = []calendar.Edition{"2026-11-09"}
		week.user.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "main"}}
		visit(week)
	}
	back := s
	back.user.Last.Back, back.user.Last.Stood = 2, 1
	visit(back)
	done := s
	done.user.Discover.Done = "2026-11-16"
	visit(done)
}

// TestWordsAreTrueInEveryState walks every state and holds each sentence on
// the account page to the facts that it claims.
func TestWordsAreTrueInEveryState(t *testing.T) {
	t.Parallel()
	states, seen := 0, map[string]bool{}
	walk(func(s situation) {
		if t.Failed() {
			return
		}
		states++
		server := &server{Config: Config{Clock: func() time.Time { return s.now }, Words: words.Ours()}}
		account, flash := usecase.Account{User: s.user, Waiting: 1}, flash{Note: noteSource}
		now := server.situation(account, knownPause{s.pause, !s.pauseUnknown})
		v := views{server.accountView(account, now, flash), server.settingsView(now, flash), server.pasteView(account, now, flash)}
		for _, key := range said(v) {
			seen[key] = true
			is, ok := claim(key)
			if !ok {
				t.Errorf("nothing says when %s is true", key)
			} else if !is(s) {
				t.Errorf("%s is not true of %s", key, describe(s))
			}
		}
	})
	if t.Failed() {
		return
	}
	if states < 50_000 {
		t.Errorf("got %d states: the walk is too short", states)
	}
	for key := range claims {
		if !seen[key] && key != "outcome.new_archive" {
			t.Errorf("%s was never said: its claim checks nothing", key)
		}
	}
}

func describe(s situation) string {
	return fmt.Sprintf("status %q, consent of %v, choice %q, access %q, listens %v, last run %q %v ago with %+v, app's pause %+v",
		s.user.Status, s.now.Sub(s.user.Grant.AuthorizedAt), s.user.Choice, s.user.Discover.Access, s.user.Grant.Listens(),
		s.user.Last.Kind, s.now.Sub(s.user.Last.At), s.user.Last, s.pause)
}
