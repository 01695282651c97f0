package main

import (
	"fmt"
	"math"
	"strings"
)

// songs is how many tiles there are: one for each song of a Discover Weekly.
const songs = 30

// tile is the edge of one.
const tile = 34.0

// icon is the drawer alone. A touch icon is cut to a shape by the system, so
// full fills its square.
func icon(full bool) picture {
	round := 8.0
	if full {
		round = 0
	}
	return picture{width: 32, height: 32, boxes: []box{
		{x: 0, y: 0, width: 32, height: 32, round: round, fill: "wood"},
		{x: 8, y: 7, width: 16, height: 2, round: 1, fill: "peach"},
		{x: 6, y: 11, width: 20, height: 2, round: 1, fill: "peach"},
		{x: 6, y: 16, width: 20, height: 9, round: 2, fill: "cream"},
		{x: 12, y: 18.4, width: 8, height: 2.2, round: 1.1, fill: "wood"},
	}}
}

// scene is thirty tiles that fall into one drawer.
func scene() picture {
	p := picture{width: 640, height: 336, ground: "paper"}
	p.boxes = append(p.boxes, box{x: 96, y: 168, width: 448, height: 120, round: 14, fill: "dark", class: "inside"})
	p.boxes = append(p.boxes, tiles()...)
	return picture{p.width, p.height, p.ground, append(p.boxes,
		box{x: 84, y: 212, width: 472, height: 108, round: 16, fill: "wood", class: "front"},
		box{x: 252, y: 246, width: 136, height: 40, round: 7, fill: "cream", class: "label"},
		box{x: 292, y: 262, width: 56, height: 8, round: 4, fill: "wood", class: "front"},
	)}
}

// tiles are the songs: the first are filed already, the last have just let go.
func tiles() []box {
	fills := []string{"gold", "green", "rose", "peach"}
	list := make([]box, 0, songs)
	for i := range songs {
		b := box{width: tile, height: tile, round: 6, fill: fills[(i*7+i/5)%len(fills)]}
		b.class = fmt.Sprintf("tile %s", b.fill)
		switch {
		case i < 11: // filed, in a row behind the front
			b.x, b.y = 112+float64(i)*38.2, 190
		case i < 21: // the row above it, not quite straight
			n := float64(i - 11)
			b.x, b.y, b.turn = 122+n*40.4, 142+5*math.Sin(n*2.1), 9*math.Sin(n*1.7)
		case i < 27:
			n := float64(i - 21)
			b.x, b.y, b.turn = 150+n*58, 76+16*math.Sin(n*2.6+1), 26*math.Sin(n*1.9+.6)
		default:
			n := float64(i - 27)
			b.x, b.y, b.turn = 196+n*104, 10+12*math.Cos(n*2.2), 38*math.Sin(n*2.3+1.1)
		}
		list = append(list, b)
	}
	return list
}

// sceneTemplate is the scene for the start page. Colours and movement are the
// stylesheet's.
func sceneTemplate() []byte {
	p := scene()
	var s strings.Builder
	_, _ = fmt.Fprintf(&s, `{{/* Drawn by internal/web/artwork: go generate ./internal/web */}}
{{define "scene"}}<svg class="scene" viewBox="0 0 %g %g" aria-hidden="true" focusable="false">
`, p.width, p.height)
	for _, b := range p.boxes {
		turn := ""
		if b.turn != 0 {
			turn = fmt.Sprintf(` transform="rotate(%.0f %.1f %.1f)"`, b.turn, b.x+b.width/2, b.y+b.height/2)
		}
		if strings.HasPrefix(b.class, "tile") { // the group falls, the tile in it is turned
			_, _ = fmt.Fprintf(&s, `<g><rect class="%s" x="%.1f" y="%.1f" width="%g" height="%g" rx="%g"%s></rect></g>`+"\n",
				b.class, b.x, b.y, b.width, b.height, b.round, turn)
			continue
		}
		_, _ = fmt.Fprintf(&s, `<rect class="%s" x="%g" y="%g" width="%g" height="%g" rx="%g"></rect>`+"\n",
			b.class, b.x, b.y, b.width, b.height, b.round)
	}
	s.WriteString("</svg>{{end}}\n")
	return []byte(s.String())
}
