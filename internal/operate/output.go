package operate

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// print shows a result: as JSON where scripts read it, else as text.
func (c *commands) print(value any, text func(w io.Writer)) error {
	if c.json {
		encoder := json.NewEncoder(c.Stdout)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(value); err != nil {
			return fmt.Errorf("printing: %w", err)
		}
		return nil
	}
	w := tabwriter.NewWriter(c.Stdout, 0, 8, 2, ' ', 0)
	text(w)
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// done says in a sentence what was done; value is the same for scripts.
func (c *commands) done(value any, format string, args ...any) error {
	return c.print(value, func(w io.Writer) { write(w, format+"\n", args...) })
}

// progress says on the other stream how far long work is.
func (c *commands) progress(format string, args ...any) {
	write(c.Stderr, format+"\n", args...)
}

// write leaves errors to the flush that follows; on the stream of progress
// there is nobody to tell.
func write(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// row writes cells of a table.
func row(w io.Writer, cells ...any) {
	text := make([]string, len(cells))
	for i, cell := range cells {
		text[i] = printable(fmt.Sprint(cell))
	}
	write(w, "%s\n", strings.Join(text, "\t"))
}

// printable keeps what people called themselves from moving the cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '�'
		}
		return r
	}, text)
}

// moment is a time as people read it; "-" where there is none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// dash shows that nothing is there.
func dash[T ~string](text T) string {
	if text == "" {
		return "-"
	}
	return string(text)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
