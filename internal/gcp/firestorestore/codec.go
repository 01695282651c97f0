package firestorestore

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

var timeType = reflect.TypeFor[time.Time]()

// encode turns a struct of the core into the fields of a document. Names come
// from the JSON tags, which are the stored form; values are what Firestore
// calls timestamp, bytes, map and array. The zero time is null.
func encode(v any) map[string]any {
	return encodeStruct(reflect.ValueOf(v))
}

func encodeStruct(v reflect.Value) map[string]any {
	fields := make(map[string]any, v.NumField())
	for name, field := range structFields(v) {
		if field.omit && field.value.IsZero() {
			continue
		}
		fields[name] = encodeValue(field.value)
	}
	return fields
}

func encodeValue(v reflect.Value) any {
	if v.Type() == timeType {
		if at := v.Interface().(time.Time); !at.IsZero() {
			return at.UTC()
		}
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int64:
		return v.Int()
	case reflect.Struct:
		return encodeStruct(v)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return encodeValue(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes()
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = encodeValue(v.Index(i))
		}
		return list
	case reflect.Map:
		entries := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			entries[it.Key().String()] = encodeValue(it.Value())
		}
		return entries
	default:
		panic(fmt.Sprintf("firestorestore: the core has a field of type %s, which has no stored form", v.Type()))
	}
}

// decode fills the struct that target points to. A field that is missing or
// null keeps its zero value, one that the struct does not have is passed over,
// and one of another type is archive.ErrMalformed.
func decode(fields map[string]any, target any) error {
	return decodeStruct(fields, reflect.ValueOf(target).Elem())
}

func decodeStruct(fields map[string]any, v reflect.Value) error {
	for name, field := range structFields(v) {
		stored, ok := fields[name]
		if !ok || stored == nil {
			continue
		}
		if err := decodeValue(stored, field.value); err != nil {
			return fmt.Errorf("field %s: %w", name, err)
		}
	}
	return nil
}

func decodeValue(stored any, v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return decodeValue(stored, v.Elem())
	}
	switch s := stored.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(s)
			return nil
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(s)
			return nil
		}
	case int64:
		if v.CanInt() && !v.OverflowInt(s) {
			v.SetInt(s)
			return nil
		}
	case time.Time:
		if v.Type() == timeType {
			v.Set(reflect.ValueOf(s.UTC()))
			return nil
		}
	case []byte:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(s)
			return nil
		}
	case []any:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8 {
			return decodeList(s, v)
		}
	case map[string]any:
		return decodeMap(s, v)
	}
	return fmt.Errorf("%T where %s belongs: %w", stored, v.Type(), archive.ErrMalformed)
}

func decodeList(stored []any, v reflect.Value) error {
	list := reflect.MakeSlice(v.Type(), len(stored), len(stored))
	for i, s := range stored {
		if err := decodeValue(s, list.Index(i)); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
	}
	v.Set(list)
	return nil
}

func decodeMap(stored map[string]any, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Struct:
		return decodeStruct(stored, v)
	case reflect.Map:
		entries := reflect.MakeMapWithSize(v.Type(), len(stored))
		for key, s := range stored {
			entry := reflect.New(v.Type().Elem()).Elem()
			if err := decodeValue(s, entry); err != nil {
				return fmt.Errorf("key %q: %w", key, err)
			}
			entries.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), entry)
		}
		v.Set(entries)
		return nil
	default:
		return fmt.Errorf("a map where %s belongs: %w", v.Type(), archive.ErrMalformed)
	}
}

type structField struct {
	value reflect.Value
	omit  bool // left out when zero
}

// structFields iterates over the stored fields of a struct by stored name.
func structFields(v reflect.Value) func(yield func(string, structField) bool) {
	return func(yield func(string, structField) bool) {
		for i := range v.NumField() {
			name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if name == "" || name == "-" {
				continue
			}
			omit := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
			if !yield(name, structField{value: v.Field(i), omit: omit}) {
				return
			}
		}
	}
}

// structFieldNames iterates over the stored names of a struct's fields.
func structFieldNames[T any]() func(yield func(string) bool) {
	return func(yield func(string) bool) {
		var zero T
		for name := range structFields(reflect.ValueOf(zero)) {
			if !yield(name) {
				return
			}
		}
	}
}
