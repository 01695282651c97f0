package web

import (
	"errors"
	"net/http"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// errOldLink: a signed link that does not hold (any more).
var errOldLink = errors.New("signed link does not hold")

// signedView is the page behind a signed link of a message. Opening it does
// nothing: programs open links to show what is behind them.
type signedView struct {
	Purpose links.Purpose
	Post    string // where its button posts to
	Done    bool
	Weeks   []optionView
}

// signed returns who a link is for, as they are stored now.
func (s *server) signed(r *http.Request, purpose links.Purpose, token string) (archive.User, error) {
	id, ok := links.UserOf(token)
	if !ok {
		return archive.User{}, errOldLink
	}
	if err := s.knock(&s.links, r); err != nil {
		return archive.User{}, err
	}
	if err := s.links.admit(s.Clock()); err != nil {
		return archive.User{}, err
	}
	user, err := s.Accounts.Store.User(r.Context(), id)
	switch {
	case errors.Is(err, fault.ErrNotFound) || err == nil && user.Status == archive.StatusLeaving:
		return archive.User{}, errOldLink
	case err != nil:
		return archive.User{}, err
	}
	valid, err := s.Messages.Links.Valid(r.Context(), purpose, user, token)
	if err == nil && !valid {
		err = errOldLink
	}
	if err == nil {
		s.links.forgive(s.visitor(r)) // the servers of one calendar ask for many people
	}
	return user, err
}

// signedPage asks whether the person means it.
func (s *server) signedPage(purpose links.Purpose) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		user, err := s.signed(r, purpose, r.PathValue("token"))
		if err != nil {
			return err
		}
		v := signedView{Purpose: purpose, Post: "/" + string(purpose) + "/" + r.PathValue("token")}
		for _, weeks := range awayWeeks {
			v.Weeks = append(v.Weeks, optionView{weeks, words.Say("messages.away.weeks", s.backAfter(user, weeks)), weeks == 1})
		}
		page := s.view(r, words.Say("signed."+string(purpose)+".title"), v)
		page.Secret = true
		s.render(w, r, http.StatusOK, "signed", page)
		return nil
	}
}

// signedPost does the one thing that the link is for.
func (s *server) signedPost(purpose links.Purpose) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := readForm(r); err != nil {
			return err
		}
		user, err := s.signed(r, purpose, r.PathValue("token"))
		if err != nil {
			return err
		}
		switch purpose {
		case links.Leave:
			return s.leave(w, r, user.ID)
		case links.Stop:
			err = s.Messages.Channels.Stop(r.Context(), user.ID)
		default:
			until, odd := s.awayUntil(r, user)
			if odd != nil {
				return odd
			}
			err = s.Messages.Channels.Away(r.Context(), user.ID, until)
		}
		if err != nil {
			return err
		}
		v := signedView{Purpose: purpose, Done: true}
		s.render(w, r, http.StatusOK, "signed", s.view(r, words.Say("signed."+string(purpose)+".title"), v))
		return nil
	}
}
