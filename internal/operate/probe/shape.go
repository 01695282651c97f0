package probe

import (
	"slices"
	"strings"
)

const unnamed = "…"

// isField reports whether a name is made of words that Spotify's fields are
// made of, so that a new one mostly shows. Anything else in the place of a name
// could be a value: a nickname, say.
func isField(name string) bool {
	for word := range strings.SplitSeq(name, "_") {
		if !known[word] && !ofFields[word] {
			return false
		}
	}
	return true
}

// shapeOf describes a decoded JSON value without holding any of it: scalars
// become the name of their type, lists the shape that all their items share.
func shapeOf(value any) any {
	switch v := value.(type) {
	case map[string]any:
		shape := make(map[string]any, len(v))
		for name, field := range v {
			if !isField(name) {
				name = unnamed
			}
			shape[name] = merge(shape[name], shapeOf(field))
		}
		return shape
	case []any:
		return listShape(v)
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "bool"
	default:
		return "null"
	}
}

func listShape(items []any) any {
	shape := map[string]any{"list of": len(items)}
	var of any
	for _, item := range items {
		of = merge(of, shapeOf(item))
	}
	if of != nil {
		shape["items"] = of
	}
	return shape
}

// merge returns a shape that both are. A field that one lacks is marked
// "absent".
func merge(a, b any) any {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	left, isObject := a.(map[string]any)
	right, isToo := b.(map[string]any)
	if isObject && isToo {
		return mergeObjects(left, right)
	}
	return either(a, b)
}

func mergeObjects(a, b map[string]any) any {
	n, isList := a["list of"].(int)
	m, isToo := b["list of"].(int)
	if isList != isToo {
		return either(a, b)
	}
	if isList {
		merged := map[string]any{"list of": max(n, m)}
		if of := merge(a["items"], b["items"]); of != nil {
			merged["items"] = of
		}
		return merged
	}
	merged := make(map[string]any, max(len(a), len(b)))
	for name, shape := range a {
		if other, ok := b[name]; ok {
			merged[name] = merge(shape, other)
		} else {
			merged[name] = either(shape, "absent")
		}
	}
	for name, shape := range b {
		if _, ok := a[name]; !ok {
			merged[name] = either(shape, "absent")
		}
	}
	return merged
}

// either is a shape that differs from item to item: the words joined, or
// under "or" what the others are.
func either(a, b any) any {
	left, isWord := a.(string)
	right, isToo := b.(string)
	switch {
	case isWord && isToo:
		words := append(strings.Split(left, "|"), strings.Split(right, "|")...)
		slices.Sort(words)
		return strings.Join(slices.Compact(words), "|")
	case isWord:
		return either(b, a)
	default:
		o, _ := a.(map[string]any) // neither is a word, or the caller changed them round
		joined := make(map[string]any, len(o)+1)
		for name, shape := range o {
			joined[name] = shape
		}
		joined["or"] = merge(joined["or"], b)
		return joined
	}
}

// isReason reports whether a text is what Spotify's reasons look like:
// QUOTA_EXCEEDED.
func isReason(text string) bool {
	return text == strings.ToUpper(text) && isField(strings.ToLower(text))
}

// known are the words of Spotify's messages as they have been published. Any
// other word could be a name.
var known = words(`a account active allow-list an and any api app application are be bad been by call
		cannot check client consent could dashboard deprecated developer device does encountered error exceeded exist expired failed
		for forbidden found from gateway grant has have id in insufficient internal invalid is item items latency limit list
		many market may missing mode must no not of on only open owner param parameter permission permissions
		playlist playlists please premium provided query quota rate register registered request requests required
		resource retry revoked scope scopes server service settings spotify subscription supported temporarily the this
		to token too track tracks try unauthorized unavailable unexpected unknown unsupported uri uris url user users valid
		was with you your approved base specified type wrong`)

// ofFields are the words of its fields
// (https://developer.spotify.com/documentation/web-api).
var ofFields = words(`actions added after album albums allowed artist artists at audio author authors available before birthdate chapter chapters
		collaborative content context copyrights country currently cursors date description devices disallows disc display duration
		ean edition email enabled episode episodes explicit external feature features filter followers full fully genres group height href html
		ids image images interrupting isrc key label languages library linked local markets media message ms name names narrators next
		number offset pausing playback played player playing popularity position precision preview previous primary private product
		progress public publisher queue reason release repeat restrictions resume resuming saved seeking session shows show shuffle size skipping
		smart snapshot source state status supports thumbnail timestamp toggling total transferring type types upc urls video volume width`)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		set[word] = true
	}
	return set
}

// errorWords returns what may be told of an error body.
func errorWords(body any) (reason, message string) {
	fault := object(body, "error")
	if reason = text(fault, "reason"); !isReason(reason) {
		reason = ""
	}
	var told []string
	for word := range strings.FieldsSeq(text(fault, "message")) {
		if !known[strings.ToLower(strings.Trim(word, ".,:;'\"()"))] {
			word = unnamed
		}
		told = append(told, word)
	}
	return reason, strings.Join(told, " ")
}
