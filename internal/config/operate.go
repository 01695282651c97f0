package config

// Operate is the environment of the operator's commands for the cloud: what
// the functions are told, together.
type Operate struct {
	BaseURL            string `env:"BASE_URL,required"`
	Project            string `env:"GOOGLE_CLOUD_PROJECT,required"`
	FirestoreDatabase  string `env:"FIRESTORE_DATABASE" envDefault:"(default)"`
	KMSKey             string `env:"KMS_KEY,required"`
	ArchiveTopic       string `env:"ARCHIVE_TOPIC,required"`
	WeeklyTopic        string `env:"WEEKLY_TOPIC,required"`
	SpotifyClientID    string `env:"SPOTIFY_CLIENT_ID,required"`
	ClientSecretName   string `env:"SPOTIFY_CLIENT_SECRET_NAME,required"`
	SpotifyAccountsURL string `env:"SPOTIFY_ACCOUNTS_URL" envDefault:"https://accounts.spotify.com"`
	SpotifyAPIURL      string `env:"SPOTIFY_API_URL" envDefault:"https://api.spotify.com/v1"`
}

// LoadOperate reads the variables that Operate's tags name.
func LoadOperate(environ map[string]string) (Operate, error) { return load[Operate](environ) }
