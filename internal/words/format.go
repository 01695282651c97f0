package words

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/number"
)

// The functions of a language file:
//
//	{{date .Ends}}      16 November 2026
//	{{moment .At}}      Monday 16 November 2026, 14:04 UTC+1
//	{{week .Monday}}    16 November 2026: a day of the calendar, in no zone
//	{{number .N}}       1,560
//	{{count .N "one" "song" "other" "songs"}}    1 song, 1,560 songs
//	{{form .N "one" "is" "other" "are"}}         the same without the number
//
// On a page the first two are time elements, which the page's script turns into
// the reader's own time, in the form that Clock says.

func (l *Language) textFuncs() texttemplate.FuncMap {
	return texttemplate.FuncMap{
		"date": l.date, "moment": l.moment, "week": l.week, "number": l.Number, "count": l.count, "form": l.form,
	}
}

func (l *Language) htmlFuncs() htmltemplate.FuncMap {
	element := func(machine, form, text string) htmltemplate.HTML {
		return htmltemplate.HTML(fmt.Sprintf(`<time datetime="%s"%s>%s</time>`, //nolint:gosec // G203: two are times, and one is escaped
			machine, form, htmltemplate.HTMLEscapeString(text)))
	}
	return htmltemplate.FuncMap{
		"date": func(t time.Time) htmltemplate.HTML {
			return element(t.UTC().Format(time.RFC3339), ` data-form="date"`, l.date(t))
		},
		"moment": func(t time.Time) htmltemplate.HTML {
			return element(t.UTC().Format(time.RFC3339), ` data-form="moment"`, l.moment(t))
		},
		"week":   func(t time.Time) htmltemplate.HTML { return element(t.Format(time.DateOnly), "", l.week(t)) },
		"number": l.Number, "count": l.count, "form": l.form,
	}
}

// Speech are the functions of a page's templates: "say" takes a Line, or the
// key of one and what it needs; "number" takes a number.
func (l *Language) Speech() htmltemplate.FuncMap {
	return htmltemplate.FuncMap{
		"say": func(line any, data ...any) (htmltemplate.HTML, error) {
			switch line := line.(type) {
			case Line:
				if len(data) > 0 {
					line.Data = data[0]
				}
				return l.HTML(line)
			case string:
				return l.HTML(Say(line, data...))
			default:
				return "", fmt.Errorf("a %T is no line", line)
			}
		},
		"number": l.Number,
	}
}

func (l *Language) date(t time.Time) string   { return l.format(inZone(t), l.dateLayout) }
func (l *Language) moment(t time.Time) string { return l.format(inZone(t), l.timeLayout) }
func (l *Language) week(t time.Time) string   { return l.format(t, l.dateLayout) }

// format is Time.Format with the language's names of months and weekdays, and
// with the zone as its distance from UTC: names of zones differ by language, and
// a script knows none of them.
func (l *Language) format(t time.Time, layout string) string {
	text := t.Format(strings.Replace(layout, "MST", "\x00", 1))
	text = strings.Replace(text, t.Weekday().String(), l.weekdays[t.Weekday()], 1)
	text = strings.Replace(text, t.Month().String(), l.months[t.Month()-1], 1)
	return strings.Replace(text, "\x00", zoneOf(t), 1)
}

// zoneOf is "UTC", "UTC+1" or "UTC−3:30".
func zoneOf(t time.Time) string {
	_, seconds := t.Zone()
	sign, minutes := "+", seconds/60
	if minutes < 0 {
		sign, minutes = "−", -minutes
	}
	switch {
	case minutes == 0:
		return "UTC"
	case minutes%60 == 0:
		return fmt.Sprintf("UTC%s%d", sign, minutes/60)
	default:
		return fmt.Sprintf("UTC%s%d:%02d", sign, minutes/60, minutes%60)
	}
}

// Clock are the attributes that tell the page's script how the language writes
// dates, so that it writes them as the server does.
func (l *Language) Clock() htmltemplate.HTMLAttr {
	escape := htmltemplate.HTMLEscapeString
	return htmltemplate.HTMLAttr(fmt.Sprintf(`data-date="%s" data-moment="%s" data-months="%s" data-weekdays="%s"`, //nolint:gosec // G203: escaped
		escape(l.dateLayout), escape(l.timeLayout), escape(strings.Join(l.months, ",")), escape(strings.Join(l.weekdays, ","))))
}

// inZone keeps a time in the zone that somebody gave it by name, and puts
// every other into UTC: the zone of this machine is not the reader's.
func inZone(t time.Time) time.Time {
	if zone := t.Location(); zone == time.Local || zone.String() == "" {
		return t.UTC()
	}
	return t
}

// Number returns the number with the language's separators: "1,560".
func (l *Language) Number(n int) string { return l.printer.Sprint(number.Decimal(n)) }

// count returns the number and the form of a noun that goes with it.
func (l *Language) count(n int, forms ...string) (string, error) {
	form, err := l.form(n, forms...)
	return l.Number(n) + " " + form, err
}

var pluralNames = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

// form picks the text that goes with a number. forms are pairs of a plural
// category (https://cldr.unicode.org/index/cldr-spec/plural-rules) and a text;
// "other" has to be among them.
func (l *Language) form(n int, forms ...string) (string, error) {
	category := pluralNames[plural.Cardinal.MatchPlural(l.tag, n, 0, 0, 0, 0)]
	other, found := "", false
	for i := 0; i+1 < len(forms); i += 2 {
		switch forms[i] {
		case category:
			return forms[i+1], nil
		case "other":
			other, found = forms[i+1], true
		}
	}
	if !found {
		return "", errors.New(`the forms of a number lack "other"`)
	}
	return other, nil
}
