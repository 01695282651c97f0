package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// box is a rectangle with round corners, turned about its middle.
type box struct {
	x, y, width, height float64 // of its upper left corner, before it is turned
	round               float64
	turn                float64 // degrees, clockwise
	fill                string  // the name of a colour
	class               string  // in the SVG
}

// covers reports whether the point lies in the box.
func (b box) covers(x, y float64) bool {
	far := b.width + b.height
	if math.Abs(x-b.x) > far || math.Abs(y-b.y) > far {
		return false
	}
	sin, cos := math.Sincos(-b.turn * math.Pi / 180)
	x, y = x-(b.x+b.width/2), y-(b.y+b.height/2)
	x, y = x*cos-y*sin, x*sin+y*cos
	dx := max(math.Abs(x)-(b.width/2-b.round), 0)
	dy := max(math.Abs(y)-(b.height/2-b.round), 0)
	return math.Hypot(dx, dy) <= b.round
}

// picture is boxes on a ground, the last one on top.
type picture struct {
	width, height float64
	ground        string // empty: nothing
	boxes         []box
}

// The colours of the light pages (static/style.css).
var colours = map[string]color.NRGBA{
	"paper": {0xfb, 0xf7, 0xf1, 0xff}, "ink": {0x22, 0x1c, 0x17, 0xff}, "line": {0xe4, 0xda, 0xcd, 0xff},
	"wood": {0x7a, 0x2e, 0x1d, 0xff}, "dark": {0x5c, 0x20, 0x12, 0xff}, "cream": {0xff, 0xf6, 0xea, 0xff},
	"peach": {0xf3, 0xc9, 0xa5, 0xff}, "green": {0x1e, 0x61, 0x41, 0xff}, "gold": {0xdc, 0xa8, 0x4a, 0xff},
	"rose": {0xc4, 0x6a, 0x4f, 0xff},
}

// samples is how many points of a pixel are looked at in each direction.
const samples = 4

// on draws the picture in the middle of so many pixels.
func (p picture) on(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	scale := min(float64(width)/p.width, float64(height)/p.height)
	left, top := (float64(width)-p.width*scale)/2, (float64(height)-p.height*scale)/2
	for py := range height {
		for px := range width {
			at := func(i int) color.NRGBA {
				x := (float64(px) + (float64(i%samples)+.5)/samples - left) / scale
				y := (float64(py) + (float64(i/samples)+.5)/samples - top) / scale
				return p.at(x, y)
			}
			first := at(0)
			if first == at(samples-1) && first == at(samples*samples-1) && first == at(samples*(samples-1)) {
				img.SetNRGBA(px, py, first)
				continue
			}
			var r, g, b, a int
			for i := range samples * samples {
				c := at(i)
				r, g, b, a = r+int(c.R)*int(c.A), g+int(c.G)*int(c.A), b+int(c.B)*int(c.A), a+int(c.A)
			}
			if a > 0 {
				img.SetNRGBA(px, py, color.NRGBA{uint8(r / a), uint8(g / a), uint8(b / a), uint8(a / (samples * samples))}) //nolint:gosec // G115: means of bytes
			}
		}
	}
	return img
}

func (p picture) at(x, y float64) color.NRGBA {
	for i := len(p.boxes) - 1; i >= 0; i-- {
		if p.boxes[i].covers(x, y) {
			return colours[p.boxes[i].fill]
		}
	}
	return colours[p.ground]
}

func encode(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("encoding a picture: %w", err)
	}
	return b.Bytes(), nil
}

// ico wraps a PNG into the form that browsers ask for as /favicon.ico
// (https://en.wikipedia.org/wiki/ICO_(file_format)).
func ico(content []byte, size uint8) []byte {
	var b bytes.Buffer
	for _, field := range []any{
		uint16(0), uint16(1), uint16(1), // reserved, an icon, of one size
		size, size, uint8(0), uint8(0), uint16(1), uint16(32), // no palette, 32 bits a pixel
		uint32(len(content)), uint32(22), //nolint:gosec // G115: a few hundred bytes; where they begin
	} {
		_ = binary.Write(&b, binary.LittleEndian, field) // a buffer takes everything
	}
	b.Write(content)
	return b.Bytes()
}
