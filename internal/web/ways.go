package web

import "github.com/weeklyarchive/weeklyarchive/internal/archive"

// way is one choice of source, with its effort and what it catches.
type way struct {
	Choice   archive.Choice
	Name     string
	Catches  string
	Effort   string
	Remark   string // what speaks for or against it for this user; may be empty
	Chosen   bool
	AskExtra bool // offer listening in addition, which needs another consent
}

// ways lists every choice as this user sees it.
func ways(u archive.User) []way {
	ways := make([]way, 0, len(archive.Choices()))
	for _, choice := range archive.Choices() {
		w := wayOf(choice)
		w.Choice, w.Chosen = choice, choice == u.Choice
		switch {
		case choice == archive.ChoiceDiscover && u.Discover.Access == archive.AccessDenied:
			w.Remark = "Spotify does not let this app do that today. We try again every week."
		case choice == archive.ChoiceDiscover && u.Discover.Access == archive.AccessReadable:
			w.Remark = "Works for you."
		case choice == archive.ChoiceListening && !u.Grant.Listens():
			w.Remark = "Takes you to Spotify, which asks for three more permissions: what you played recently, what plays now, and what comes next."
		case choice == archive.ChoiceAuto && !u.Grant.Listens() && u.Discover.Access != archive.AccessReadable:
			w.AskExtra = true
		}
		ways = append(ways, w)
	}
	return ways
}

func wayOf(choice archive.Choice) way {
	switch choice {
	case archive.ChoiceAuto:
		return way{
			Name:    "Automatic",
			Catches: "All songs where Spotify lets us read Discover Weekly. Elsewhere what you copy into your inbox, and what you play if you allow that.",
			Effort:  "None, or that of the inbox.",
		}
	case archive.ChoiceDiscover:
		return way{
			Name:    "Discover Weekly itself",
			Catches: "All songs, every week.",
			Effort:  "None. Only apps that Spotify admitted before 27 November 2024 can read it.",
		}
	case archive.ChoiceInbox:
		return way{
			Name:    "Inbox playlist",
			Catches: "All songs that you copy into it.",
			Effort:  "About ten seconds a week: select all, add to playlist.",
		}
	case archive.ChoiceListening:
		return way{
			Name:    "What I play",
			Catches: "Songs that you play from Discover Weekly, and those lined up while it plays. Not the ones that you never come to.",
			Effort:  "None but listening.",
		}
	case archive.ChoicePaste:
		return way{
			Name:    "Only what I paste",
			Catches: "Songs whose links you paste on this page. Pasting works with every other choice too.",
			Effort:  "Copy and paste, whenever you like.",
		}
	default:
		return way{Name: string(choice)}
	}
}

// shapeView is one choice of archive shape.
type shapeView struct {
	Shape   archive.Shape
	Name    string
	Explain string
	Chosen  bool
}

func shapes(chosen archive.Shape) []shapeView {
	shapes := make([]shapeView, 0, len(archive.Shapes()))
	for _, shape := range archive.Shapes() {
		v := shapeView{Shape: shape, Name: string(shape), Chosen: shape == chosen}
		switch shape {
		case archive.ShapeSingle:
			v.Name, v.Explain = "One playlist", "Everything in one long archive."
		case archive.ShapeYearly:
			v.Name, v.Explain = "One a year", "A new archive every January."
		case archive.ShapeEdition:
			v.Name, v.Explain = "One, and one a week", "The long archive, and a small playlist for each week beside it."
		}
		shapes = append(shapes, v)
	}
	return shapes
}
