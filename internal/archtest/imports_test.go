package archtest_test

import (
	"slices"
	"strings"
	"testing"
)

// forbidden says which import would break which sentence of the design.
var forbidden = []struct {
	name     string
	from, to string // import path prefixes, relative to the module unless they have a dot
	except   string
}{
	{"nothing_internal_knows_a_composition_root", "internal/", "functions/", ""},
	{"the_cloud_does_not_know_the_local_program", "internal/gcp", "internal/local", ""},
	{"the_local_program_does_not_know_the_cloud", "internal/local", "internal/gcp", ""},
	{"pages_know_no_cloud", "internal/web", "internal/gcp", ""},
	{"pages_know_no_local_program", "internal/web", "internal/local", ""},
	{"pages_know_spotify_by_its_port", "internal/web", "internal/spotify", ""},
	{"events_know_no_cloud", "internal/event", "internal/gcp", ""},
	{"events_know_no_cloud_library", "internal/event", "cloud.google.com/", ""},
	{"the_client_knows_no_cloud", "internal/spotify", "internal/gcp", ""},
	{"the_operators_commands_know_no_cloud", "internal/operate", "internal/gcp", ""},
	{"the_operators_commands_know_no_local_program", "internal/operate", "internal/local", ""},
	{"the_operators_commands_know_spotify_by_its_port", "internal/operate", "internal/spotify", ""},
	{"the_core_knows_no_adapter", "internal/archive", "internal/", "internal/secret"},
	{"documents_know_nothing_of_what_is_in_them", "internal/archive/document", "internal/", ""},
	{"words_know_the_core_alone", "internal/words", "internal/", "internal/archive"},
	{"only_gcp_knows_grpc", "internal/", "google.golang.org/grpc", "internal/gcp"},
}

func TestForbiddenImports(t *testing.T) {
	t.Parallel()
	for _, rule := range forbidden {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			looked := 0
			for _, p := range ours(t) {
				from, mine := strings.CutPrefix(p.ImportPath, module+"/")
				if !mine || !within(from, rule.from) || rule.except != "" && within(from, rule.except) {
					continue
				}
				looked++
				for _, imported := range p.Imports {
					to := strings.TrimPrefix(imported, module+"/")
					if within(to, rule.to) && !within(to, rule.from) && (rule.except == "" || !within(to, rule.except)) {
						t.Errorf("%s imports %s", from, to)
					}
				}
			}
			if looked == 0 {
				t.Errorf("no package matches %q: the rule checks nothing", rule.from)
			}
		})
	}
}

func within(path, prefix string) bool {
	prefix = strings.TrimSuffix(prefix, "/")
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

// floors are the rooms of the core from the bottom up: each knows rooms of lower
// floors only, so no arrow runs back up, and two of one floor know nothing of
// each other.
var floors = []struct {
	name  string
	rooms []string // below internal/archive
}{
	{"weeks_and_clocks", []string{"calendar"}},
	{"what_all_users_of_an_app_share", []string{"app"}},
	{"what_can_go_wrong", []string{"fault"}},
	{"songs_on_their_way", []string{"ledger"}},
	{"spotify_and_verdicts", []string{"webapi", "outcome"}},
	{"what_a_person_is_told", []string{"notice"}},
	{"users_ports_and_documents", []string{"", "document"}},
	{"who_works_on_a_user_and_what_is_stored", []string{"lease", "records"}},
	{"what_is_believed_of_playlists", []string{"playlist"}},
	{"once_and_from_where", []string{"exactlyonce", "source"}},
	{"what_the_core_does", []string{"usecase", "messaging"}},
}

func TestRoomsOfTheCore(t *testing.T) {
	t.Parallel()
	floor := make(map[string]int)
	for i, f := range floors {
		for _, room := range f.rooms {
			floor[strings.TrimSuffix(module+"/internal/archive/"+room, "/")] = i + 1
		}
	}
	found := 0
	for _, p := range ours(t) {
		if !within(p.ImportPath, module+"/internal/archive") {
			continue
		}
		found++
		mine := floor[p.ImportPath]
		if mine == 0 {
			t.Errorf("%s is on no floor: name it in floors", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if other := floor[imported]; other >= mine {
				t.Errorf("%s (%s) imports %s (%s)", p.ImportPath, floors[mine-1].name, imported, floors[other-1].name)
			}
		}
	}
	if found != len(floor) {
		t.Errorf("found %d rooms of %d: the rest of floors checks nothing", found, len(floor))
	}
}

// The core is the standard library and internal/secret, all the way down.
func TestCoreImportsTheStandardLibraryOnly(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, p := range ours(t) {
		name, mine := strings.CutPrefix(p.ImportPath, module+"/")
		if !mine || !within(name, "internal/archive") {
			continue
		}
		looked++
		for _, dep := range p.Deps {
			first, _, _ := strings.Cut(dep, "/")
			own := dep == module+"/internal/secret" || within(dep, module+"/internal/archive")
			if strings.Contains(first, ".") && !own {
				t.Errorf("%s of the core depends on %s", name, dep)
			}
		}
	}
	if looked < 3 {
		t.Errorf("looked at %d packages, want internal/archive and those below it", looked)
	}
}

// A cloud function links no database of the local service, the local service links no cloud, and
// fan-out can touch neither keys nor Spotify.
func TestWhatEachProgramLinks(t *testing.T) {
	t.Parallel()
	deny := map[string][]string{
		"functions/signup":      {"modernc.org/", "github.com/spf13/cobra", "github.com/nicholas-fedor/shoutrrr", module + "/internal/local", module + "/internal/spotify/fakespotify"},
		"functions/fanout":      {"modernc.org/", "github.com/spf13/cobra", "github.com/nicholas-fedor/shoutrrr", module + "/internal/local", module + "/internal/spotify", "cloud.google.com/go/kms", "cloud.google.com/go/secretmanager", module + "/internal/web"},
		"functions/archiveuser": {"modernc.org/", "github.com/spf13/cobra", "github.com/nicholas-fedor/shoutrrr", module + "/internal/local", module + "/internal/spotify/fakespotify", module + "/internal/web"},
		"functions/operate":     {"modernc.org/", "github.com/nicholas-fedor/shoutrrr", module + "/internal/local", module + "/internal/web", module + "/internal/spotify/fakespotify"},
		"functions/local":       {"cloud.google.com/", "google.golang.org/", module + "/internal/gcp"},
	}
	packages := ours(t)
	for program, prefixes := range deny {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(packages, func(p goPackage) bool { return p.ImportPath == module+"/"+program })
			if i < 0 {
				t.Fatalf("%s not found", program)
			}
			for _, dep := range packages[i].Deps {
				for _, prefix := range prefixes {
					if within(dep, prefix) {
						t.Errorf("%s links %s", program, dep)
					}
				}
			}
		})
	}
}
