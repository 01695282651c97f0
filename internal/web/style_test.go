package web

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var colorRule = regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`)

// TestContrast holds the colours, light and dark, to the Web Content
// Accessibility Guidelines 2.2: 4.5 for text, 3 for the edges of fields.
func TestContrast(t *testing.T) {
	t.Parallel()
	css, err := files.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("the stylesheet has no dark colours")
	}
	dark, _, _ = strings.Cut(dark, "}\n}")
	for scheme, part := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]string{}
		for _, m := range colorRule.FindAllStringSubmatch(part, -1) {
			colors[m[1]] = m[2]
		}
		for _, pair := range []struct {
			front, back string
			least       float64
		}{
			{"ink", "paper", 4.5}, {"ink", "card", 4.5}, {"ink", "note-back", 4.5}, {"ink", "bad-back", 4.5},
			{"ink", "good-back", 4.5}, {"ink", "idle-back", 4.5},
			{"soft", "paper", 4.5}, {"soft", "card", 4.5}, {"soft", "note-back", 4.5},
			{"accent", "paper", 4.5}, {"accent", "card", 4.5}, {"accent", "note-back", 4.5},
			{"accent", "bad-back", 4.5}, {"accent", "good-back", 4.5}, {"accent-strong", "card", 4.5},
			{"on-accent", "accent", 4.5}, {"on-accent", "accent-strong", 4.5}, {"card", "bad", 4.5},
			{"good", "good-back", 4.5}, {"bad", "bad-back", 4.5}, {"field", "paper", 3}, {"field", "card", 3},
		} {
			front, back := colors[pair.front], colors[pair.back]
			if front == "" || back == "" {
				t.Errorf("%s: no colour %s or %s", scheme, pair.front, pair.back)
				continue
			}
			if got := contrast(t, front, back); got < pair.least {
				t.Errorf("%s: %s on %s has contrast %.2f, want at least %.1f", scheme, pair.front, pair.back, got, pair.least)
			}
		}
	}
}

// TestTargets holds what is clicked to the 24 pixels of the Web Content
// Accessibility Guidelines 2.2 (2.5.8).
func TestTargets(t *testing.T) {
	t.Parallel()
	const root = 16 * 1.0625 // pixels of a rem: html has font-size 106.25%
	css, err := files.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range []string{".option > input", ".extra input", ".reload"} {
		found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(rule) + ` \{[^}]*height: ([0-9.]+)rem`).FindSubmatch(css)
		if found == nil {
			t.Errorf("%s has no height", rule)
			continue
		}
		if rem, err := strconv.ParseFloat(string(found[1]), 64); err != nil || rem*root < 24 {
			t.Errorf("%s: got %.1f pixels and error %v, want at least 24", rule, rem*root, err)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	var r, g, b uint8
	if _, err := fmt.Sscanf(hex, "%02x%02x%02x", &r, &g, &b); err != nil {
		t.Fatalf("colour %q: %v", hex, err)
	}
	linear := func(c uint8) float64 {
		v := float64(c) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}
