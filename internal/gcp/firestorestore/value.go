package firestorestore

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// The fields beside the body's; see the package comment.
const (
	expiresField = "expires_at"
	labelsField  = "_labels"
	bytesField   = "_bytes"
	writeField   = "_write"
)

type fields = map[string]*firestorepb.Value

func text(s string) *firestorepb.Value {
	return &firestorepb.Value{ValueType: &firestorepb.Value_StringValue{StringValue: s}}
}

func mapOf(f fields) *firestorepb.Value {
	return &firestorepb.Value{ValueType: &firestorepb.Value_MapValue{MapValue: &firestorepb.MapValue{Fields: f}}}
}

func timestamp(t time.Time) *firestorepb.Value {
	return &firestorepb.Value{ValueType: &firestorepb.Value_TimestampValue{
		TimestampValue: timestamppb.New(t.Truncate(time.Microsecond)),
	}}
}

// encode returns the fields of a document.
func encode(d document.Document) (fields, error) {
	decoder := json.NewDecoder(bytes.NewReader(d.Body))
	decoder.UseNumber()
	var body map[string]any
	if err := decoder.Decode(&body); err != nil {
		return nil, fmt.Errorf("decoding the body: %w", err)
	}
	all := toFields(body)
	all[writeField] = text(rand.Text())
	if len(d.Labels) > 0 {
		labels := make(fields, len(d.Labels))
		for name, value := range d.Labels {
			labels[name] = text(value)
		}
		all[labelsField] = mapOf(labels)
	}
	if len(d.Bytes) > 0 {
		all[bytesField] = &firestorepb.Value{ValueType: &firestorepb.Value_BytesValue{BytesValue: d.Bytes}}
	}
	if !d.Expires.IsZero() {
		all[expiresField] = timestamp(d.Expires)
	}
	return all, nil
}

func toFields(object map[string]any) fields {
	all := make(fields, len(object))
	for name, value := range object {
		all[name] = toValue(value)
	}
	return all
}

func toValue(v any) *firestorepb.Value {
	switch v := v.(type) {
	case string:
		return text(v)
	case bool:
		return &firestorepb.Value{ValueType: &firestorepb.Value_BooleanValue{BooleanValue: v}}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return &firestorepb.Value{ValueType: &firestorepb.Value_IntegerValue{IntegerValue: n}}
		}
		f, _ := v.Float64() // JSON has checked its form
		return &firestorepb.Value{ValueType: &firestorepb.Value_DoubleValue{DoubleValue: f}}
	case []any:
		list := make([]*firestorepb.Value, len(v))
		for i := range v {
			list[i] = toValue(v[i])
		}
		return &firestorepb.Value{ValueType: &firestorepb.Value_ArrayValue{ArrayValue: &firestorepb.ArrayValue{Values: list}}}
	case map[string]any:
		return mapOf(toFields(v))
	default:
		return &firestorepb.Value{ValueType: &firestorepb.Value_NullValue{NullValue: structpb.NullValue_NULL_VALUE}}
	}
}

// decode is the inverse of encode.
func (s *Store) decode(stored *firestorepb.Document) (document.Document, error) {
	d := document.Document{Key: s.keyOf(stored.GetName()), Revision: revision(stored.GetUpdateTime())}
	body := make(map[string]any, len(stored.GetFields()))
	for name, value := range stored.GetFields() {
		switch name {
		case writeField:
		case expiresField:
			d.Expires = value.GetTimestampValue().AsTime()
		case bytesField:
			d.Bytes = value.GetBytesValue()
		case labelsField:
			d.Labels = map[string]string{}
			for label, v := range value.GetMapValue().GetFields() {
				d.Labels[label] = v.GetStringValue()
			}
		default:
			body[name] = fromValue(value)
		}
	}
	var err error
	if d.Body, err = json.Marshal(body); err != nil {
		return document.Document{}, fmt.Errorf("encoding the body: %w", err)
	}
	return d, nil
}

// fromValue also knows the kinds of values that the first released form used
// for times and bytes: they become what encoding/json makes of a time.Time and
// of a []byte. A kind that nobody wrote becomes an empty list, which no field
// takes.
func fromValue(value *firestorepb.Value) any {
	switch v := value.GetValueType().(type) {
	case *firestorepb.Value_StringValue:
		return v.StringValue
	case *firestorepb.Value_BooleanValue:
		return v.BooleanValue
	case *firestorepb.Value_IntegerValue:
		return v.IntegerValue
	case *firestorepb.Value_DoubleValue:
		return v.DoubleValue
	case *firestorepb.Value_NullValue:
		return nil
	case *firestorepb.Value_TimestampValue:
		return v.TimestampValue.AsTime().Format(time.RFC3339Nano)
	case *firestorepb.Value_BytesValue:
		return base64.StdEncoding.EncodeToString(v.BytesValue)
	case *firestorepb.Value_ArrayValue:
		list := make([]any, len(v.ArrayValue.GetValues()))
		for i, element := range v.ArrayValue.GetValues() {
			list[i] = fromValue(element)
		}
		return list
	case *firestorepb.Value_MapValue:
		object := make(map[string]any, len(v.MapValue.GetFields()))
		for name, field := range v.MapValue.GetFields() {
			object[name] = fromValue(field)
		}
		return object
	default:
		return []any{}
	}
}

func revision(updated *timestamppb.Timestamp) string {
	return updated.AsTime().Format(time.RFC3339Nano)
}
