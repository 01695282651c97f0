package firestorestore

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

func TestCodecKeepsEveryField(t *testing.T) {
	t.Parallel()
	roundTrip[archive.User](t)
	roundTrip[archive.Entry](t)
	roundTrip[archive.Pending](t)
	roundTrip[appState](t)
}

// roundTrip sets every stored field of a T, at every depth, so a field that
// the core gains tomorrow is tested tomorrow.
func roundTrip[T any](t *testing.T) {
	t.Helper()
	var want, got T
	n := 0
	fill(t, reflect.ValueOf(&want).Elem(), &n)
	if err := decode(encode(want), &got); err != nil {
		t.Fatalf("%T: %v", want, err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%T: got (-), want (+):\n%s", want, diff)
	}
	var zero, back T
	if err := decode(encode(zero), &back); err != nil {
		t.Errorf("zero %T: %v", zero, err)
	}
}

func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	if v.Type() == timeType {
		v.Set(reflect.ValueOf(time.Date(2026, 11, 16, 13, *n, 0, 1000, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text" + string(rune('a'+*n%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	case reflect.Struct:
		for _, field := range structFields(v) {
			fill(t, field.value, n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0), n)
		fill(t, v.Index(1), n)
	case reflect.Map:
		entry := reflect.New(v.Type().Elem()).Elem()
		fill(t, entry, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key").Convert(v.Type().Key()), entry)
	default:
		t.Fatalf("the core has a field of type %s", v.Type())
	}
}

func TestDecodeRefusesOtherTypes(t *testing.T) {
	t.Parallel()
	cases := map[string]map[string]any{
		"number_for_text":     {"status": int64(1)},
		"text_for_number":     {"grant": map[string]any{"refusals": map[string]any{"count": "2"}}},
		"float_for_number":    {"grant": map[string]any{"refusals": map[string]any{"count": 2.0}}},
		"text_for_time":       {"created_at": "2026-11-16T13:00:00Z"},
		"text_for_bytes":      {"grant": map[string]any{"sealed": map[string]any{"ciphertext": "abc"}}},
		"bytes_for_list":      {"grant": map[string]any{"scopes": []byte("abc")}},
		"list_for_bytes":      {"grant": map[string]any{"sealed": map[string]any{"ciphertext": []any{int64(1)}}}},
		"number_in_text_list": {"grant": map[string]any{"scopes": []any{"a", int64(1)}}},
		"text_for_map":        {"grant": "secret"},
		"map_for_text":        {"display_name": map[string]any{}},
		"text_in_map":         {"shelves": map[string]any{"main": "id"}},
		"text_for_bool":       {"waiting": "true"},
		"text_for_pointer":    {"open": "yes"},
		"null_in_text_list":   {"grant": map[string]any{"scopes": []any{nil}}},
	}
	for name, fields := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var user archive.User
			if err := decode(fields, &user); !errors.Is(err, archive.ErrMalformed) {
				t.Errorf("got error %v, want %v", err, archive.ErrMalformed)
			}
		})
	}
}
