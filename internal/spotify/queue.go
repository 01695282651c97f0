package spotify

import (
	"context"
	"errors"
	"net/http"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// queueJSON is GET /me/player/queue.
type queueJSON struct {
	Playing *trackJSON   `json:"currently_playing"`
	Queue   []*trackJSON `json:"queue"`
}

// playerJSON is GET /me/player and GET /me/player/currently-playing.
type playerJSON struct {
	Item         *trackJSON  `json:"item"`
	Context      contextJSON `json:"context"`
	SmartShuffle *bool       `json:"smart_shuffle"` // told by the first of the two only
}

// Queue reads GET /me/player/queue and, for the playlist, GET /me/player; GET
// /me/player/currently-playing where that one fails. These are three requests
// at most: a queue that cannot be had now is not worth a repetition.
func (l *library) Queue(ctx context.Context) (webapi.Queue, error) {
	var queue queueJSON
	if _, err := l.playing(ctx, "/me/player/queue", "", &queue); err != nil {
		return webapi.Queue{}, err
	}
	const query = "?additional_types=track,episode"
	var player playerJSON
	blind := false
	ans, err := l.playing(ctx, "/me/player", query, &player)
	if err != nil && (errors.Is(err, fault.ErrNotReadable) || elsewhere(ans, err)) {
		player = playerJSON{}
		if current, other := l.playing(ctx, "/me/player/currently-playing", query, &player); other == nil {
			ans, err, blind = current, nil, player.SmartShuffle == nil
		}
	}
	if err != nil || ans.status == http.StatusNoContent {
		return webapi.Queue{}, err
	}
	return joined(queue, player, blind), nil
}

// playing decodes a route of the player into v, which stays as it is where
// nothing plays.
func (l *library) playing(ctx context.Context, path, query string, v any) (answer, error) {
	e := reading(path)
	e.repeatable = false
	r, ans, err := l.call(ctx, e, path+query, nil)
	if err != nil || ans.status == http.StatusNoContent {
		return ans, err
	}
	if decode(ans.body, v) != nil {
		return ans, r.unclear(errShape)
	}
	return ans, nil
}

// joined is the queue in the player's context. If the player went on between
// the two answers, the playlist may be another, so the context stays empty. A
// blind player does not tell of Smart Shuffle, which mixes other songs into
// what comes next: then only the song that plays is told.
func joined(queue queueJSON, player playerJSON, blind bool) webapi.Queue {
	current := queue.Playing
	if current == nil {
		current = player.Item
	}
	if current == nil || current.ID == "" {
		return webapi.Queue{}
	}
	entries := []*trackJSON{current}
	if !blind {
		entries = append(entries, queue.Queue...)
	}
	var result webapi.Queue
	for _, entry := range entries {
		if track, usable := entry.track(); usable {
			result.Tracks = append(result.Tracks, track)
		}
	}
	if player.Item != nil && player.Item.ID == current.ID {
		result.Context = player.Context.name()
	}
	result.SmartShuffle = player.SmartShuffle != nil && *player.SmartShuffle
	return result
}
