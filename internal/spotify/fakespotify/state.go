package fakespotify

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// save notes that a row changed; commit writes it. A nil row is deleted.
func (s *Server) save(table, key string, row any) {
	value, err := json.Marshal(row)
	if err != nil {
		s.broken = fmt.Errorf("encoding a row of %s: %w", table, err)
		return
	}
	s.pending.Puts = append(s.pending.Puts, put{Table: table, Key: key, Value: value})
}

func (s *Server) saveWorld()               { s.save(tableWorld, "", &s.world) }
func (s *Server) saveMember(m *member)     { s.save(tableMembers, m.Key, m) }
func (s *Server) saveGrant(g *grant)       { s.save(tableGrants, g.ID, g) }
func (s *Server) savePlaylist(p *playlist) { s.save(tablePlaylists, p.ID, p) }

// spliceItems changes the items of a playlist whose change touch began.
func (s *Server) spliceItems(p *playlist, at, removed int, inserted []item) {
	p.splice(at, removed, inserted)
	s.pending.Splices = append(s.pending.Splices,
		splice{Playlist: p.ID, At: at, Removed: removed, Inserted: inserted})
}

// touch begins a change of a playlist and notes its new version.
func (s *Server) touch(p *playlist) {
	p.touch(s.now(), max(s.cfg.ItemsLag, s.cfg.SnapshotLag))
	s.savePlaylist(p)
}

// commit makes what was noted durable. After an error the server answers
// nothing but errors, because memory and disk differ.
func (s *Server) commit() error {
	c := s.pending
	s.pending = change{}
	if s.broken != nil || s.disk == nil || len(c.Puts)+len(c.Splices) == 0 {
		return s.broken
	}
	s.seq++
	c.Seq = s.seq
	s.broken = s.disk.append(c)
	if s.broken == nil && s.disk.wantsCompaction() {
		s.broken = s.disk.compact(s.snapshot())
	}
	return s.broken
}

func (s *Server) snapshot() snapshotFile {
	saved := s.pending
	s.pending = change{}
	s.saveWorld()
	for _, key := range slices.Sorted(maps.Keys(s.members)) {
		s.saveMember(s.members[key])
	}
	for _, key := range slices.Sorted(maps.Keys(s.grants)) {
		s.saveGrant(s.grants[key])
	}
	for _, key := range slices.Sorted(maps.Keys(s.codes)) {
		s.save(tableCodes, key, s.codes[key])
	}
	for _, key := range slices.Sorted(maps.Keys(s.access)) {
		s.save(tableAccess, key, s.access[key])
	}
	snap := snapshotFile{Version: stateVersion, Seq: s.seq, Items: make(map[string][]item)}
	for _, key := range slices.Sorted(maps.Keys(s.playlists)) {
		s.savePlaylist(s.playlists[key])
		snap.Items[key] = s.playlists[key].items
	}
	snap.Puts, s.pending = s.pending.Puts, saved
	return snap
}

// restore brings back what the state file holds.
func (s *Server) restore(path string) error {
	d, snap, changes, err := openDisk(path)
	if err != nil {
		return err
	}
	if err := s.replay(snap, changes); err != nil {
		return errors.Join(fmt.Errorf("restoring stand-in state: %w", err), d.journal.Close())
	}
	if err := d.compact(s.snapshot()); err != nil {
		return errors.Join(err, d.journal.Close())
	}
	s.disk = d
	return nil
}

func (s *Server) replay(snap snapshotFile, changes []change) error {
	s.seq = snap.Seq
	for _, p := range snap.Puts {
		if err := s.apply(p); err != nil {
			return err
		}
	}
	for id, items := range snap.Items {
		if s.playlists[id] == nil {
			return fmt.Errorf("items of the unknown playlist %s", id)
		}
		s.playlists[id].items = items
	}
	for _, c := range changes {
		s.seq = c.Seq
		for _, p := range c.Puts {
			if err := s.apply(p); err != nil {
				return err
			}
		}
		for _, sp := range c.Splices {
			p := s.playlists[sp.Playlist]
			if p == nil || sp.At < 0 || sp.Removed < 0 || sp.At+sp.Removed > len(p.items) {
				return fmt.Errorf("a change does not fit playlist %s", sp.Playlist)
			}
			p.splice(sp.At, sp.Removed, sp.Inserted)
		}
	}
	return nil
}

func (s *Server) apply(p put) error {
	switch p.Table {
	case tableWorld:
		return json.Unmarshal(p.Value, &s.world)
	case tableMembers:
		if m := s.members[p.Key]; m != nil {
			account := m.Account
			*m = member{}
			defer func() { m.Account = account }()
			return json.Unmarshal(p.Value, m)
		}
		return nil // an account that the configuration no longer has
	case tableGrants:
		return applyRow(s.grants, p)
	case tableCodes:
		return applyRow(s.codes, p)
	case tableAccess:
		return applyRow(s.access, p)
	case tablePlaylists:
		var items []item
		if old := s.playlists[p.Key]; old != nil {
			items = old.items
		}
		if err := applyRow(s.playlists, p); err != nil {
			return err
		}
		s.playlists[p.Key].items = items
		return nil
	default:
		return fmt.Errorf("unknown table %q", p.Table)
	}
}

func applyRow[T any](rows map[string]*T, p put) error {
	var row *T
	if err := json.Unmarshal(p.Value, &row); err != nil {
		return err
	}
	if row == nil {
		delete(rows, p.Key)
		return nil
	}
	rows[p.Key] = row
	return nil
}

// Now returns the stand-in's time: the clock's plus what Advance added.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Server) now() time.Time { return s.cfg.Clock().UTC().Add(s.world.Offset) }

// Advance moves the stand-in's time forward by d and returns the new time. It
// never moves back. The move survives a restart.
func (s *Server) Advance(d time.Duration) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.advance(d)
}

// NextMonday moves the stand-in's time forward to the next Monday 13:00 UTC,
// when the week's Discover Weekly is out in every time zone, and returns it.
func (s *Server) NextMonday() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	next := localMonday(now, 0).Add(13 * time.Hour)
	if !next.After(now) {
		next = next.Add(week)
	}
	return s.advance(next.Sub(now))
}

func (s *Server) advance(d time.Duration) time.Time {
	s.world.Offset += max(d, 0)
	s.saveWorld()
	if err := s.commit(); err != nil {
		s.problem("saving the time: " + err.Error())
	}
	return s.now()
}
