package operator

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is how many empty modules have to be around a code (ISO/IEC 18004).
const quiet = 4

// drawing is a QR code as an SVG draws it: a square of Size by Size, and the
// path of what is dark.
type drawing struct {
	Size int
	Path string
}

// draw returns the code of a text, with a quiet zone around it; nil for one
// that is too long for any code.
func draw(text string) *drawing {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil
	}
	dark := func(x, y int) bool {
		gray, ok := color.GrayModel.Convert(code.At(x, y)).(color.Gray)
		return ok && gray.Y < 0x80
	}
	modules := code.Bounds().Dx()
	var path strings.Builder
	for y := range modules {
		for x := 0; x < modules; x++ {
			from := x
			for x < modules && dark(x, y) {
				x++
			}
			if x > from {
				_, _ = fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return &drawing{Size: modules + 2*quiet, Path: path.String()}
}
