package web

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// pageWeeks is how many weeks a page of the history shows.
const pageWeeks = 26

// historyView is what the history page shows.
type historyView struct {
	Weeks []weekRow
	Older calendar.Edition // the next page shows the weeks before it; empty: there are none
	Later bool             // this is not the first page
}

// lastWeek is the newest week that is over, and should be in the history.
func (s *server) lastWeek() time.Time {
	return calendar.DueEdition(s.Clock()).Monday().AddDate(0, 0, -7)
}

// historyPage shows the weeks before the one that the query names.
func (s *server) historyPage(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	if err != nil {
		return err
	}
	last := s.lastWeek()
	var before calendar.Edition
	if text := r.URL.Query().Get("before"); text != "" {
		if before, err = calendar.ParseEdition(text); err != nil {
			return errNoPage
		}
		last = before.Monday().AddDate(0, 0, -7)
	}
	kept, err := s.Accounts.History(r.Context(), user.ID, before, pageWeeks)
	if err != nil {
		return err
	}
	weeks := history(kept.Entries)
	page := historyView{Weeks: rows(weeks, last, user.Missed, !kept.More), Later: before != ""}
	if kept.More {
		page.Older = calendar.WeekOf(weeks[len(weeks)-1].Monday)
	}
	v := s.view(r, words.Say("history.title"), page)
	v.SignedIn = true
	s.render(w, r, http.StatusOK, "history", v)
	return nil
}

// historyFile serves every week that is kept as CSV (RFC 4180): the Monday,
// counts of songs, where they came from, and whether the person missed it.
func (s *server) historyFile(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	if err != nil {
		return err
	}
	kept, err := s.Accounts.History(r.Context(), user.ID, "", 0)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="weekly-archive-history.csv"`)
	var file strings.Builder
	if err := writeWeeks(&file, rows(history(kept.Entries), s.lastWeek(), user.Missed, true)); err != nil {
		return err
	}
	s.write(w, r, []byte(file.String()))
	return nil
}

func writeWeeks(file *strings.Builder, weeks []weekRow) error {
	lines := csv.NewWriter(file)
	lines.UseCRLF = true
	errs := []error{lines.Write([]string{"week", "new", "already_there", "not_usable", "from_queue", "sources", "missed"})}
	for _, w := range weeks {
		var names []string
		for _, f := range w.From {
			names = append(names, string(f.Name))
		}
		missed := ""
		if w.Missed {
			missed = "yes"
		}
		errs = append(errs, lines.Write([]string{
			w.Monday.Format(time.DateOnly), strconv.Itoa(w.Added), strconv.Itoa(w.Already),
			strconv.Itoa(w.Unusable), strconv.Itoa(w.Queued), strings.Join(names, " "), missed,
		}))
	}
	lines.Flush()
	if err := errors.Join(append(errs, lines.Error())...); err != nil {
		return fmt.Errorf("writing the history as CSV: %w", err)
	}
	return nil
}
