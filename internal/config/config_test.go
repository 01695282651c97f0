package config_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

func cloud() map[string]string {
	return map[string]string{
		"ENVIRONMENT":                "test",
		"BASE_URL":                   "https://archive.example.com",
		"GOOGLE_CLOUD_PROJECT":       "weekly-archive-1",
		"FIRESTORE_DATABASE":         "weekly",
		"KMS_KEY":                    "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k",
		"ARCHIVE_TOPIC":              "archive",
		"WEEKLY_TOPIC":               "projects/p/topics/weekly",
		"SPOTIFY_CLIENT_ID":          "0123456789abcdef",
		"SPOTIFY_CLIENT_SECRET_NAME": "projects/p/secrets/s/versions/3",
		"REPOSITORY_URL":             "https://git.example/me/weekly-archive",
		"VERSION":                    "source-0123456789ab",
		"RUNNING_SINCE":              "2026-11-24T09:30:00.5Z",
	}
}

func TestLoadCloud(t *testing.T) {
	t.Parallel()
	environ := cloud()
	signUp, err := config.LoadSignUp(environ)
	if err != nil {
		t.Fatal(err)
	}
	wantSignUp := config.SignUp{
		Environment: "test", BaseURL: "https://archive.example.com", Project: "weekly-archive-1",
		FirestoreDatabase: "weekly", KMSKey: environ["KMS_KEY"], ArchiveTopic: "archive",
		SpotifyClientID: "0123456789abcdef", ClientSecretName: "projects/p/secrets/s/versions/3",
		SpotifyAccountsURL: "https://accounts.spotify.com", SpotifyAPIURL: "https://api.spotify.com/v1",
		RepositoryURL: "https://git.example/me/weekly-archive", Version: "source-0123456789ab",
		RunningSince: time.Date(2026, 11, 24, 9, 30, 0, 500_000_000, time.UTC),
	}
	if diff := cmp.Diff(signUp, wantSignUp); diff != "" {
		t.Errorf("sign-up, got -, want +:\n%s", diff)
	}

	fanOut, err := config.LoadFanOut(environ)
	if err != nil {
		t.Fatal(err)
	}
	wantFanOut := config.FanOut{
		Environment: "test", Project: "weekly-archive-1", FirestoreDatabase: "weekly",
		ArchiveTopic: "archive", WeeklyTopic: "projects/p/topics/weekly",
		Version: "source-0123456789ab",
	}
	if diff := cmp.Diff(fanOut, wantFanOut); diff != "" {
		t.Errorf("fan-out, got -, want +:\n%s", diff)
	}

	delete(environ, "FIRESTORE_DATABASE")
	environ["SPOTIFY_API_URL"] = "http://127.0.0.1:9090"
	user, err := config.LoadArchiveUser(environ)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := user.FirestoreDatabase, "(default)"; got != want {
		t.Errorf("got database %q, want %q", got, want)
	}
	if got, want := user.SpotifyAPIURL, "http://127.0.0.1:9090"; got != want {
		t.Errorf("got API %q, want %q", got, want)
	}
}

func TestLoadNamesEveryWrongVariable(t *testing.T) {
	t.Parallel()
	_, err := config.LoadSignUp(map[string]string{
		"ENVIRONMENT":                "Prod 1",
		"BASE_URL":                   "http://localhost:8080",
		"KMS_KEY":                    "k",
		"SPOTIFY_CLIENT_SECRET_NAME": "projects/p/secrets/s",
		"ARCHIVE_TOPIC":              "  ",
		"REPOSITORY_URL":             "git.example/me",
		"VERSION":                    "(devel)",
		"RUNNING_SINCE":              "yesterday",
	})
	if err == nil {
		t.Fatal("got no error")
	}
	got := strings.Split(err.Error(), "\n")
	want := []string{
		`ARCHIVE_TOPIC: not set, want a topic id, or projects/PROJECT/topics/TOPIC`,
		`BASE_URL: got "http://localhost:8080", want https://host or http://127.0.0.1:port, without a path, never localhost: Spotify takes nothing else as redirect address`,
		`ENVIRONMENT: got "Prod 1", want up to 63 lowercase letters, digits and hyphens, beginning with a letter`,
		`GOOGLE_CLOUD_PROJECT: not set, want a project id such as weekly-archive-1`,
		`KMS_KEY: got "k", want projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY`,
		`REPOSITORY_URL: got "git.example/me", want https://host/path without a slash at the end, where this code is published`,
		`RUNNING_SINCE: got "yesterday", want a time such as 2026-11-24T09:30:00Z`,
		`SPOTIFY_CLIENT_ID: not set, want the client id of an app in Spotify's dashboard (letters and digits)`,
		`SPOTIFY_CLIENT_SECRET_NAME: got "projects/p/secrets/s", want projects/PROJECT/secrets/SECRET/versions/VERSION`,
		`VERSION: got "(devel)", want up to 40 letters, digits, dots and hyphens`,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
	var one *config.Error
	if !errors.As(err, &one) {
		t.Errorf("got %T, want it to hold a *config.Error", err)
	}
}

func TestEveryRequiredVariableIsNamed(t *testing.T) {
	t.Parallel()
	for name, load := range map[string]func(map[string]string) error{
		"sign_up":      func(e map[string]string) error { _, err := config.LoadSignUp(e); return err },
		"fan_out":      func(e map[string]string) error { _, err := config.LoadFanOut(e); return err },
		"archive_user": func(e map[string]string) error { _, err := config.LoadArchiveUser(e); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := load(map[string]string{})
			if err == nil {
				t.Fatal("got no error for an empty environment")
			}
			for line := range strings.SplitSeq(err.Error(), "\n") {
				variable, _, _ := strings.Cut(line, ":")
				if _, ok := cloud()[variable]; !ok || !strings.Contains(line, ": not set, want ") || strings.HasSuffix(line, "want ") {
					t.Errorf("got %q, want a variable and what is allowed", line)
				}
			}
		})
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for value, ok := range map[string]bool{
		"https://archive.example.com":      true,
		"https://archive.example.com:8443": true,
		"http://127.0.0.1:8080":            true,
		"http://127.8.8.8":                 false,
		"http://[::1]:8080":                true,
		"http://[::1]":                     true,
		"http://[::ffff:127.0.0.1]:8080":   false,
		"http://[0:0:0:0:0:0:0:1]:8080":    false,
		"http://localhost:8080":            false,
		"https://localhost:8080":           false,
		"http://192.168.1.5:8080":          false,
		"http://archive.example.com":       false,
		"http://127.0.0.1.example.com":     false,
		"https://archive.example.com/":     false,
		"https://archive.example.com/a":    false,
		"https://archive.example.com?a":    false,
		"https://archive.example.com#a":    false,
		"https://a:b@archive.example.com":  false,
		"https://":                         false,
		"archive.example.com":              false,
		"ftp://127.0.0.1":                  false,
		"https://bad host":                 false,
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			environ := cloud()
			environ["BASE_URL"] = value
			_, err := config.LoadSignUp(environ)
			if (err == nil) != ok {
				t.Errorf("got error %v, want accepted: %v", err, ok)
			}
		})
	}
}

// A path is not Spotify's to refuse: the reason is ours, and it is told.
func TestBaseURLSaysWhyNoPath(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"https://home.example.com/archive": "without the path: the pages and their cookies need a host to themselves",
		"http://127.0.0.1:8080/archive":    "without the path: the pages and their cookies need a host to themselves",
		"https://home.example.com/":        "without the slash at the end",
		"http://home.example.com/archive":  "Spotify takes nothing else",
		"https://home.example.com?a":       "Spotify takes nothing else",
	} {
		_, err := config.LoadLocal(map[string]string{"BASE_URL": value})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want it to say %q", value, err, want)
		}
	}
}

func TestLoadLocalOnAllAddresses(t *testing.T) {
	t.Parallel()
	got, err := config.LoadLocal(map[string]string{"ADDR": "0.0.0.0", "BASE_URL": "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := got.BaseURL(9), "http://127.0.0.1:8080"; got != want {
		t.Errorf("got address %q, want %q", got, want)
	}
}

func TestLoadLocalDefaults(t *testing.T) {
	t.Parallel()
	got, err := config.LoadLocal(map[string]string{})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Local{
		Environment: "local", Addr: "127.0.0.1", Port: 8080, DataDir: ".data", SpotifyMode: config.ModeExtended,
	}
	if diff := cmp.Diff(got, want, cmp.Comparer(secret.Text.Equal)); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
	if !got.Standin() {
		t.Error("got no stand-in, want it without a client id")
	}
	if got, want := got.BaseURL(8080), "http://127.0.0.1:8080"; got != want {
		t.Errorf("got address %q, want %q", got, want)
	}
}

func TestLoadLocalWithSpotify(t *testing.T) {
	t.Parallel()
	got, err := config.LoadLocal(map[string]string{
		"ADDR": "::1", "PORT": "0", "SPOTIFY_CLIENT_ID": "abc", "SPOTIFY_CLIENT_SECRET": "hush",
		"OPERATOR_TOKEN": "0123456789abcdef",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Local{
		Environment: "local", Addr: "::1", Port: 0, DataDir: ".data", OperatorToken: secret.New("0123456789abcdef"),
		SpotifyClientID: "abc", SpotifyClientSecret: secret.New("hush"),
		SpotifyAccountsURL: "https://accounts.spotify.com", SpotifyAPIURL: "https://api.spotify.com/v1",
	}
	if diff := cmp.Diff(got, want, cmp.Comparer(secret.Text.Equal)); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
	if got, want := got.BaseURL(43210), "http://[::1]:43210"; got != want {
		t.Errorf("got address %q, want %q", got, want)
	}
	for addr, want := range map[string]string{"::ffff:127.0.0.1": "http://127.0.0.1:80", "0:0:0:0:0:0:0:1": "http://[::1]:80"} {
		got, err := config.LoadLocal(map[string]string{"ADDR": addr})
		if err != nil || got.BaseURL(80) != want {
			t.Errorf("ADDR %s: got address %q, error %v, want %q", addr, got.BaseURL(80), err, want)
		}
	}
}

func TestLoadLocalWithAStandinOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, environ := range map[string]map[string]string{
		"alone": {"SPOTIFY_STANDIN_URL": "http://127.0.0.1:9090", "PORT": "65535"},
		"behind_a_proxy": {
			"SPOTIFY_STANDIN_URL": "http://[::1]:9090", "SPOTIFY_ACCOUNTS_URL": "http://127.0.0.1:7000", "SPOTIFY_API_URL": "http://127.0.0.1:7000/v1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.LoadLocal(environ)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Standin() || got.BuiltIn() || got.SpotifyMode != "" || got.SpotifyStandinURL != environ["SPOTIFY_STANDIN_URL"] ||
				got.SpotifyAccountsURL != environ["SPOTIFY_ACCOUNTS_URL"] || got.SpotifyAPIURL != environ["SPOTIFY_API_URL"] {
				t.Errorf("got %+v, want what was set, and no built-in stand-in", got)
			}
		})
	}
}

func TestLoadLocalRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		environ map[string]string
		want    []string // variables, in order
	}{
		"api_with_slash": {
			map[string]string{"SPOTIFY_CLIENT_ID": "abc", "SPOTIFY_CLIENT_SECRET": "hush", "SPOTIFY_API_URL": "https://api.example.com/v1/"},
			[]string{"SPOTIFY_API_URL"},
		},
		"accounts_in_the_clear": {
			map[string]string{"SPOTIFY_CLIENT_ID": "abc", "SPOTIFY_CLIENT_SECRET": "hush", "SPOTIFY_ACCOUNTS_URL": "http://accounts.example.com"},
			[]string{"SPOTIFY_ACCOUNTS_URL"},
		},
		"several_at_once": {
			environ: map[string]string{"PORT": "http", "ADDR": "localhost", "SPOTIFY_MODE": "old"},
			want:    []string{"ADDR", "PORT", "SPOTIFY_MODE"},
		},
		"no_port_for_the_stand_in": {map[string]string{"PORT": "65535"}, []string{"PORT"}},
		"port_too_large":           {map[string]string{"PORT": "65536"}, []string{"PORT"}},
		"id_without_secret": {
			map[string]string{"SPOTIFY_CLIENT_ID": "abc"}, []string{"SPOTIFY_CLIENT_SECRET"},
		},
		"secret_without_id": {
			map[string]string{"SPOTIFY_CLIENT_SECRET": "hush"}, []string{"SPOTIFY_CLIENT_SECRET"},
		},
		"api_without_id": {
			map[string]string{"SPOTIFY_API_URL": "https://api.example.com"}, []string{"SPOTIFY_API_URL"},
		},
		"mode_with_id": {
			map[string]string{"SPOTIFY_CLIENT_ID": "abc", "SPOTIFY_CLIENT_SECRET": "hush", "SPOTIFY_MODE": "extended"},
			[]string{"SPOTIFY_MODE"},
		},
		"stand_in_in_the_network": {map[string]string{"SPOTIFY_STANDIN_URL": "http://192.168.1.5:9090"}, []string{"SPOTIFY_STANDIN_URL"}},
		"stand_in_with_a_name":    {map[string]string{"SPOTIFY_STANDIN_URL": "http://localhost:9090"}, []string{"SPOTIFY_STANDIN_URL"}},
		"stand_in_over_https":     {map[string]string{"SPOTIFY_STANDIN_URL": "https://127.0.0.1:9090"}, []string{"SPOTIFY_STANDIN_URL"}},
		"stand_in_with_a_path":    {map[string]string{"SPOTIFY_STANDIN_URL": "http://127.0.0.1:9090/standin"}, []string{"SPOTIFY_STANDIN_URL"}},
		"stand_in_and_spotify": {
			map[string]string{"SPOTIFY_STANDIN_URL": "http://127.0.0.1:9090", "SPOTIFY_CLIENT_ID": "abc"}, []string{"SPOTIFY_STANDIN_URL"},
		},
		"stand_in_and_secret": {
			map[string]string{"SPOTIFY_STANDIN_URL": "http://127.0.0.1:9090", "SPOTIFY_CLIENT_SECRET": "hush"}, []string{"SPOTIFY_STANDIN_URL"},
		},
		"stand_in_and_mode": {
			map[string]string{"SPOTIFY_STANDIN_URL": "http://127.0.0.1:9090", "SPOTIFY_MODE": "extended"}, []string{"SPOTIFY_MODE"},
		},
		"stand_in_and_the_real_api": {
			map[string]string{"SPOTIFY_STANDIN_URL": "http://127.0.0.1:9090", "SPOTIFY_API_URL": "https://api.spotify.com/v1"}, []string{"SPOTIFY_API_URL"},
		},
		"stand_in_and_the_real_accounts": {
			map[string]string{"SPOTIFY_STANDIN_URL": "http://127.0.0.1:9090", "SPOTIFY_ACCOUNTS_URL": "https://accounts.spotify.com"}, []string{"SPOTIFY_ACCOUNTS_URL"},
		},
		"lan_address_without_base_url":        {map[string]string{"ADDR": "192.168.1.5"}, []string{"BASE_URL"}},
		"all_addresses_without_base_url":      {map[string]string{"ADDR": "0.0.0.0"}, []string{"BASE_URL"}},
		"all_ipv6_addresses_without_base_url": {map[string]string{"ADDR": "::"}, []string{"BASE_URL"}},
		"contact_that_is_a_name":              {map[string]string{"CONTACT": "Ada"}, []string{"CONTACT"}},
		"contact_in_the_clear":                {map[string]string{"CONTACT": "http://archive.example"}, []string{"CONTACT"}},
		"contact_that_is_a_script":            {map[string]string{"CONTACT": "javascript:a@b.c"}, []string{"CONTACT"}},
		"short_operator_token":                {map[string]string{"OPERATOR_TOKEN": "hush-hush"}, []string{"OPERATOR_TOKEN"}},
		"operator_token_with_spaces":          {map[string]string{"OPERATOR_TOKEN": "hush hush hush hush"}, []string{"OPERATOR_TOKEN"}},
		"another_loopback_address":            {map[string]string{"ADDR": "127.0.0.2"}, []string{"ADDR"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.LoadLocal(tc.environ)
			if err == nil {
				t.Fatal("got no error")
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("got %q, which shows the secret", err)
			}
			var got []string
			for line := range strings.SplitSeq(err.Error(), "\n") {
				variable, _, _ := strings.Cut(line, ":")
				got = append(got, variable)
			}
			slices.Sort(got)
			if diff := cmp.Diff(got, tc.want); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
		})
	}
}

func TestEnviron(t *testing.T) {
	t.Parallel()
	got := config.Environ([]string{"A=1", "B=x=y", "C=", "nonsense"})
	want := map[string]string{"A": "1", "B": "x=y", "C": ""}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
