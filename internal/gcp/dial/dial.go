// Package dial knows how Google's client libraries are pointed at an emulator.
package dial

import (
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// The variables that name emulators of services whose client libraries do not
// read one themselves. They mean what FIRESTORE_EMULATOR_HOST and
// PUBSUB_EMULATOR_HOST mean: host:port, reached without encryption and
// without credentials. They are for tests and never set in the cloud.
const (
	KMSEmulator           = "KMS_EMULATOR_HOST"
	SecretManagerEmulator = "SECRETMANAGER_EMULATOR_HOST"
)

// Options returns the options of a client for the emulator at host, and none
// for an empty host: the service itself, with the credentials of the
// environment.
func Options(host string) []option.ClientOption {
	if host == "" {
		return nil
	}
	return []option.ClientOption{
		option.WithEndpoint(host),
		option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
		option.WithTelemetryDisabled(),
	}
}
