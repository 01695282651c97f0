package words

import (
	"errors"
	htmltemplate "html/template"
	"slices"
	"strings"
	texttemplate "text/template"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Language is one language of a Book.
type Language struct {
	tag     language.Tag
	name    string
	html    *htmltemplate.Template
	text    *texttemplate.Template
	printer *message.Printer // of numbers

	months, weekdays       []string
	dateLayout, timeLayout string
}

// Line is a sentence, or several, before it is in a language: the key of its
// definition, and what the definition needs to know.
type Line struct {
	Key  string
	Data any
}

// Say returns a line. A definition that needs nothing takes no data; one that
// needs several things takes a struct or a map.
func Say(key string, data ...any) Line {
	l := Line{Key: key}
	if len(data) > 0 {
		l.Data = data[0]
	}
	return l
}

// parse reads a language file.
func parse(tag, source string) (*Language, error) {
	parsed, err := language.Parse(tag)
	if err != nil {
		return nil, errors.New("its name is no language tag")
	}
	l := &Language{tag: parsed, printer: message.NewPrinter(parsed)}
	l.text, err = texttemplate.New(tag).Option("missingkey=error").Funcs(l.textFuncs()).Parse(source)
	if err != nil {
		return nil, err
	}
	l.html, err = htmltemplate.New(tag).Option("missingkey=error").Funcs(l.htmlFuncs()).Parse(source)
	if err != nil {
		return nil, err
	}
	l.name = l.Text(Say("language.name"))
	l.months = strings.Split(l.Text(Say("format.months")), ",")
	l.weekdays = strings.Split(l.Text(Say("format.weekdays")), ",")
	l.dateLayout, l.timeLayout = l.Text(Say("format.date")), l.Text(Say("format.moment"))
	if len(l.months) != 12 || len(l.weekdays) != 7 {
		return nil, errors.New("format.months has not twelve names, or format.weekdays not seven")
	}
	return l, nil
}

// Tag is the BCP 47 tag, such as "de".
func (l *Language) Tag() string { return l.tag.String() }

// Name is what the language calls itself.
func (l *Language) Name() string { return l.name }

// Keys returns the keys of every definition, sorted.
func (l *Language) Keys() []string {
	var keys []string
	for _, t := range l.text.Templates() {
		if t.Name() != l.text.Name() {
			keys = append(keys, t.Name())
		}
	}
	slices.Sort(keys)
	return keys
}

func (l *Language) has(key string) bool { return l.text.Lookup(key) != nil }

// HTML returns the line for a page. A key that is not there, or data that
// does not fit it, is an error.
func (l *Language) HTML(line Line) (htmltemplate.HTML, error) {
	var b strings.Builder
	if err := l.html.ExecuteTemplate(&b, line.Key, line.Data); err != nil {
		return "", err
	}
	return htmltemplate.HTML(b.String()), nil //nolint:gosec // G203: a template of ours escaped it
}

// Text returns the line as plain text. A line that cannot be said is its key:
// a run must not fail for want of a word, and tests say every line.
func (l *Language) Text(line Line) string {
	var b strings.Builder
	if err := l.text.ExecuteTemplate(&b, line.Key, line.Data); err != nil {
		return line.Key
	}
	return b.String()
}

// Texts returns lines as one plain text.
func (l *Language) Texts(lines []Line) string {
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = l.Text(line)
	}
	return strings.Join(texts, " ")
}
