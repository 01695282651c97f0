package fakespotify

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const filterInput = `{"total":2,"next":null,"name":"x","items":[
	{"added_at":"t","added_by":{"id":"u","type":"user"},"item":{"id":"1","name":"n","album":{"name":"a","href":"h","images":[]}}},
	{"added_at":"t","added_by":null,"item":null}]}`

func TestFieldsKeep(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ filter, want string }{
		"everything":       {"  ", filterInput},
		"plain":            {"total,next", `{"total":2,"next":null}`},
		"unknown":          {"nothing", `{}`},
		"blanks":           {" total , name ", `{"total":2,"name":"x"}`},
		"list":             {"items(added_at)", `{"items":[{"added_at":"t"},{"added_at":"t"}]}`},
		"dots":             {"items.added_by.id", `{"items":[{"added_by":{"id":"u"}},{"added_by":null}]}`},
		"dot_in_list":      {"items(added_by.id,item(id))", `{"items":[{"added_by":{"id":"u"},"item":{"id":"1"}},{"added_by":null,"item":null}]}`},
		"dot_then_list":    {"items.item(id,name)", `{"items":[{"item":{"id":"1","name":"n"}},{"item":null}]}`},
		"exclude":          {"!items,!next", `{"total":2,"name":"x"}`},
		"exclude_nested":   {"items(item(id,album(!href)))", `{"items":[{"item":{"id":"1","album":{"name":"a","images":[]}}},{"item":null}]}`},
		"exclude_and_keep": {"items.item.album(!href,name)", `{"items":[{"item":{"album":{"name":"a"}}},{"item":null}]}`},
		"twice":            {"items(added_at),items(item(id)),items.item.name", `{"items":[{"added_at":"t","item":{"id":"1","name":"n"}},{"added_at":"t","item":null}]}`},
		"twice_all":        {"added,items.added_at,items", `{"items":` + `[{"added_at":"t","added_by":{"id":"u","type":"user"},"item":{"id":"1","name":"n","album":{"name":"a","href":"h","images":[]}}},{"added_at":"t","added_by":null,"item":null}]}`},
		"below_a_scalar":   {"total(x)", `{"total":2}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in, want any
			for text, target := range map[string]*any{filterInput: &in, tc.want: &want} {
				if err := json.Unmarshal([]byte(text), target); err != nil {
					t.Fatal(err)
				}
			}
			if tc.filter == "  " {
				want = in
			}
			set, err := parseFields(tc.filter)
			if err != nil {
				t.Fatalf("parseFields(%q): %v", tc.filter, err)
			}
			if diff := cmp.Diff(want, set.keep(in)); diff != "" {
				t.Errorf("%q keeps something else (-want +got):\n%s", tc.filter, diff)
			}
		})
	}
}

func TestFieldsRefuse(t *testing.T) {
	t.Parallel()
	for _, filter := range []string{",", "a,", "a(", "a()", "a)", "a(b", "a.", ".a", "!", "a!b", "a b", "A", "a((b))", "!a.b"} {
		if _, err := parseFields(filter); err == nil {
			t.Errorf("parseFields(%q): got no error", filter)
		}
	}
}

func FuzzFields(f *testing.F) {
	for _, seed := range []string{"next,total,items(added_at,item(id,external_ids.isrc,album(!name)))", "a.b.c", "!a", "((", "a(b.c(d),!e)"} {
		f.Add(seed)
	}
	var in any
	if err := json.Unmarshal([]byte(filterInput), &in); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		set, err := parseFields(filter)
		if err != nil {
			return
		}
		once := set.keep(in)
		if diff := cmp.Diff(once, set.keep(once)); diff != "" {
			t.Errorf("%q filters its own result (-once +twice):\n%s", filter, diff)
		}
	})
}
