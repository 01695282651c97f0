// Package words holds every sentence that a person reads: on pages, in the
// calendar file, in the names and descriptions of playlists.
//
// A language is one file below languages, named by its BCP 47 tag; nothing
// here or elsewhere knows which there are. A file defines the same keys as
// English does, each with the same arguments, as Go templates: what is HTML
// in them is kept on pages, and arguments are escaped. README.md there says
// how to write one.
package words

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// Fallback is the tag of the language of whoever reads none of ours.
const Fallback = "en"

const extension = ".html"

//go:embed languages/*.html
var files embed.FS

// Files returns the languages that we have, one file each.
func Files() fs.FS {
	sub, err := fs.Sub(files, "languages")
	if err != nil {
		panic("the embedded languages have no folder: " + err.Error())
	}
	return sub
}

// Book holds the words of every language. It is safe for concurrent use.
type Book struct {
	languages []*Language // the fallback first, then by tag
	matcher   language.Matcher
}

// Load reads every language file at the root of a file system. One of them
// has to be the Fallback's.
func Load(from fs.FS) (*Book, error) {
	names, err := fs.Glob(from, "*"+extension)
	if err != nil {
		return nil, fmt.Errorf("listing the languages: %w", err)
	}
	book := &Book{}
	for _, name := range names {
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("reading the language file %s: %w", name, err)
		}
		l, err := parse(strings.TrimSuffix(path.Base(name), extension), string(text))
		if err != nil {
			return nil, fmt.Errorf("parsing the language file %s: %w", name, err)
		}
		book.languages = append(book.languages, l)
	}
	slices.SortFunc(book.languages, func(a, b *Language) int {
		return cmp.Or(-cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Tag(), b.Tag()))
	})
	if len(book.languages) == 0 || book.languages[0].Tag() != Fallback {
		return nil, errors.New("there is no language file of " + Fallback)
	}
	tags := make([]language.Tag, len(book.languages))
	for i, l := range book.languages {
		tags[i] = l.tag
	}
	book.matcher = language.NewMatcher(tags)
	return book, nil
}

// rank is higher for the language that comes first.
func rank(l *Language) int {
	if l.Tag() == Fallback {
		return 1
	}
	return 0
}

var ours = sync.OnceValue(func() *Book {
	book, err := Load(Files())
	if err != nil {
		panic("the embedded languages: " + err.Error()) // a test loads them
	}
	return book
})

// Ours returns the book of the languages that we have.
func Ours() *Book { return ours() }

// Languages returns every language, the fallback first.
func (b *Book) Languages() []*Language { return slices.Clone(b.languages) }

// Language returns the language of that tag. One that is not there, and no
// tag at all, gives the fallback; found tells the two apart.
func (b *Book) Language(tag string) (l *Language, found bool) {
	for _, l := range b.languages {
		if l.Tag() == tag {
			return l, true
		}
	}
	return b.languages[0], false
}

// Match returns the language that suits the value of an Accept-Language
// header best (RFC 9110, section 12.5.4).
func (b *Book) Match(acceptLanguage string) *Language {
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return b.languages[0]
	}
	_, i, _ := b.matcher.Match(wanted...)
	return b.languages[i]
}
