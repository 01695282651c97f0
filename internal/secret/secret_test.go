package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

func TestTextNeverPrintsItsValue(t *testing.T) {
	t.Parallel()
	const value = "BQD-very-secret"
	text := secret.New(value)
	holder := struct{ Token secret.Text }{Token: text}

	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", text, "holder", holder)
	asJSON, err := json.Marshal(map[string]any{"token": text, "holder": holder})
	if err != nil {
		t.Fatal(err)
	}

	for name, got := range map[string]string{
		"verb_s":     fmt.Sprintf("%s", text),
		"verb_v":     fmt.Sprintf("%v", text),
		"verb_q":     fmt.Sprintf("%q", text),
		"verb_x":     fmt.Sprintf("%x", text),
		"verb_plus":  fmt.Sprintf("%+v", holder),
		"verb_sharp": fmt.Sprintf("%#v", holder),
		"error":      fmt.Errorf("opening: %v", text).Error(),
		"json":       string(asJSON),
		"slog":       log.String(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(got, value) || strings.Contains(got, fmt.Sprintf("%x", value)) {
				t.Errorf("got %q, which shows the secret", got)
			}
			if !strings.Contains(got, "[redacted]") {
				t.Errorf("got %q, want it to say [redacted]", got)
			}
		})
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	if !secret.New("a").Equal(secret.New("a")) {
		t.Error("got false for equal secrets, want true")
	}
	if secret.New("a").Equal(secret.New("b")) {
		t.Error("got true for different secrets, want false")
	}
	if !(secret.Text{}).IsZero() || secret.New("a").IsZero() {
		t.Error("IsZero must be true for the empty secret only")
	}
}
