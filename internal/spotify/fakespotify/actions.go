package fakespotify

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The methods of this file are what people do in Spotify's own apps, where no
// quota mode applies. Accounts are named by key. They return an error for an
// unknown account or playlist, for what the account may not do, and when the
// state cannot be saved.

var (
	errNoAccount  = errors.New("no such account")
	errNoPlaylist = errors.New("no such playlist")
	errNotOwner   = errors.New("not a playlist of the account's own")
	errOutOfRange = errors.New("index out of range")
)

// act runs a change under the lock and saves it.
func (s *Server) act(account, what string, change func(m *member) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[account]
	err := errNoAccount
	if m != nil {
		s.settle()
		err = change(m)
	}
	if err := errors.Join(err, s.commit()); err != nil {
		return fmt.Errorf("%s for account %s: %w", what, account, err)
	}
	return nil
}

// edit runs a change of a playlist that the account may change.
func (s *Server) edit(account, id, what string, change func(m *member, p *playlist) error) error {
	return s.act(account, what, func(m *member) error {
		p := s.playlists[id]
		switch {
		case p == nil:
			return fmt.Errorf("playlist %s: %w", id, errNoPlaylist)
		case !mayChange(m, p):
			return fmt.Errorf("playlist %s: %w", id, errNotOwner)
		default:
			return change(m, p)
		}
	})
}

// CreatePlaylist makes a playlist and returns its id.
func (s *Server) CreatePlaylist(account, name string) (string, error) {
	var id string
	err := s.act(account, "creating a playlist", func(m *member) error {
		id = s.addPlaylist(m, name).ID
		return nil
	})
	return id, err
}

// CopyDiscover adds what the account's Discover Weekly holds now to the end of
// its own playlist: everything but null items.
func (s *Server) CopyDiscover(account, playlistID string) error {
	return s.edit(account, playlistID, "copying Discover Weekly", func(m *member, p *playlist) error {
		var uris []string
		for _, it := range s.discoverItems(m, s.now()) {
			if it.URI != "" {
				uris = append(uris, it.URI)
			}
		}
		s.touch(p)
		s.spliceItems(p, len(p.items), 0, s.newItems(m.Key, uris))
		return nil
	})
}

// AddItems adds tracks, episodes or local files to the end of a playlist; an
// empty URI adds a null item.
func (s *Server) AddItems(account, playlistID string, uris ...string) error {
	return s.edit(account, playlistID, "adding items", func(m *member, p *playlist) error {
		s.touch(p)
		s.spliceItems(p, len(p.items), 0, s.newItems(m.Key, uris))
		return nil
	})
}

// Fill adds n made-up songs to the end of a playlist. Their ids depend on the
// playlist and the position alone.
func (s *Server) Fill(account, playlistID string, n int) error {
	return s.edit(account, playlistID, "filling a playlist", func(m *member, p *playlist) error {
		uris := make([]string, n)
		for i := range uris {
			uris[i] = trackPrefix + TrackID("fill", p.ID, strconv.Itoa(len(p.items)+i))
		}
		s.touch(p)
		s.spliceItems(p, len(p.items), 0, s.newItems(m.Key, uris))
		return nil
	})
}

// RemoveItem removes the item at a position, counted from 0.
func (s *Server) RemoveItem(account, playlistID string, position int) error {
	return s.edit(account, playlistID, "removing an item", func(_ *member, p *playlist) error {
		if position < 0 || position >= len(p.items) {
			return errOutOfRange
		}
		s.touch(p)
		s.spliceItems(p, position, 1, nil)
		return nil
	})
}

// Reorder moves length items from the position start to before another
// position, as PUT /playlists/{id}/items does.
func (s *Server) Reorder(account, playlistID string, start, length, before int) error {
	return s.edit(account, playlistID, "reordering items", func(_ *member, p *playlist) error {
		if !s.reorder(p, start, length, before) {
			return errOutOfRange
		}
		return nil
	})
}

// Rename changes a playlist's name and description.
func (s *Server) Rename(account, playlistID, name, description string) error {
	return s.edit(account, playlistID, "renaming a playlist", func(_ *member, p *playlist) error {
		s.touch(p)
		p.Name, p.Description = name, description
		s.savePlaylist(p)
		return nil
	})
}

// Unfollow removes a playlist from the account's list, which is how people
// delete one of their own. It still answers by its id.
func (s *Server) Unfollow(account, playlistID string) error {
	return s.act(account, "unfollowing a playlist", func(m *member) error {
		s.unfollow(m, playlistID)
		return nil
	})
}

// Follow puts a playlist on top of the account's list. Following one's own
// deleted playlist restores it.
func (s *Server) Follow(account, playlistID string) error {
	return s.act(account, "following a playlist", func(m *member) error {
		if s.playlist(playlistID, s.now()) == nil {
			return fmt.Errorf("playlist %s: %w", playlistID, errNoPlaylist)
		}
		s.follow(m, playlistID)
		return nil
	})
}

// Play notes that the account played a track at that time. The context is the
// URI of what it was played from, such as "spotify:playlist:" and an id; empty
// means none.
func (s *Server) Play(account, contextURI, trackURI string, at time.Time) error {
	return s.act(account, "playing a track", func(m *member) error {
		return s.playTrack(m, play{URI: trackURI, Context: contextURI, At: at.UTC()})
	})
}

func (s *Server) playTrack(m *member, p play) error {
	if !strings.HasPrefix(p.URI, trackPrefix) {
		return fmt.Errorf("%q is no track", p.URI)
	}
	s.played(m, p)
	return nil
}

// SetQueue makes the account play a track or episode, with what comes next. An
// empty current stops the player.
func (s *Server) SetQueue(account, contextURI, current string, next ...string) error {
	return s.act(account, "setting the queue", func(m *member) error {
		m.Player = player{Context: contextURI, Current: current, Queue: slices.Clone(next), Since: s.now()}
		s.saveMember(m)
		return nil
	})
}

// RevokeApp removes the app from the account, as a person does at
// https://www.spotify.com/account/apps/: its tokens work no longer.
func (s *Server) RevokeApp(account string) error {
	return s.act(account, "revoking the app", func(m *member) error {
		for _, g := range s.grants {
			if g.Account == m.Key && !g.Revoked {
				g.Revoked = true
				s.saveGrant(g)
			}
		}
		return nil
	})
}

// Allow puts an account on the app's allow-list.
func (s *Server) Allow(account string) error { return s.setAllowed(account, true) }

// Disallow removes an account from the app's allow-list.
func (s *Server) Disallow(account string) error { return s.setAllowed(account, false) }

func (s *Server) setAllowed(account string, allowed bool) error {
	return s.act(account, "changing the allow-list", func(*member) error {
		list := []string{}
		for _, a := range s.cfg.Accounts {
			if a.Key != account && s.allowed(a.Key) || a.Key == account && allowed {
				list = append(list, a.Key)
			}
		}
		s.world.Allowed = list
		s.saveWorld()
		return nil
	})
}

// SetPremium says whether the app's owner has Premium. In development mode an
// app without stops working.
func (s *Server) SetPremium(owner bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.NoPremium = !owner
	s.saveWorld()
	return s.commit()
}

// SetDiscoverAccess changes what Spotify answers for every Discover Weekly
// from now on, as when an app gains or loses access. It is not kept across a
// restart.
func (s *Server) SetDiscoverAccess(access DiscoverAccess, listing DiscoverListing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.DiscoverAccess, s.cfg.DiscoverListing = access, listing
}

// SetUTCOffset changes an account's local time, as daylight saving does. Like
// the configuration that it changes, it is not in the state file.
func (s *Server) SetUTCOffset(account string, offset time.Duration) error {
	return s.act(account, "changing the local time", func(m *member) error {
		m.UTCOffset = offset
		return nil
	})
}
