package web

import (
	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// way is one choice of source, with its effort and what it catches.
type way struct {
	Choice   archive.Choice
	Name     words.Line
	Catches  words.Line
	Effort   words.Line
	Remark   words.Line // what speaks for or against it for this user; without a key: nothing
	Chosen   bool
	AskExtra bool // offer listening in addition, which needs another consent
}

// ways lists every choice as this user sees it.
func ways(u archive.User) []way {
	ways := make([]way, 0, len(archive.Choices()))
	for _, choice := range archive.Choices() {
		key := "choice." + string(choice)
		ways = append(ways, way{
			Choice: choice, Chosen: choice == u.Choice, Remark: remark(u, choice),
			Name: words.Say(key + ".name"), Catches: words.Say(key + ".catches"), Effort: words.Say(key + ".effort"),
			AskExtra: choice == archive.ChoiceAuto && !u.Grant.Listens() && u.Discover.Access != archive.AccessReadable,
		})
	}
	return ways
}

// remark is what this user should know of a choice.
func remark(u archive.User, choice archive.Choice) words.Line {
	asked := u.Choice.Direct()
	switch {
	case choice == archive.ChoiceDiscover && u.Discover.Access == archive.AccessDenied && asked:
		return words.Say("remark.denied")
	case choice == archive.ChoiceDiscover && u.Discover.Access == archive.AccessDenied:
		return words.Say("remark.denied_once")
	case choice == archive.ChoiceDiscover && u.Discover.Access == archive.AccessReadable:
		return words.Say("remark.readable")
	case choice == archive.ChoiceListening && !u.Grant.Listens():
		return words.Say("remark.listening")
	default:
		return words.Line{}
	}
}

// shapeView is one choice of archive shape.
type shapeView struct {
	Shape   archive.Shape
	Name    words.Line
	Explain words.Line
	Chosen  bool
}

func shapes(chosen archive.Shape) []shapeView {
	shapes := make([]shapeView, 0, len(archive.Shapes()))
	for _, shape := range archive.Shapes() {
		key := "shape." + string(shape)
		shapes = append(shapes, shapeView{
			Shape: shape, Name: words.Say(key + ".name"), Explain: words.Say(key + ".explain"), Chosen: shape == chosen,
		})
	}
	return shapes
}
