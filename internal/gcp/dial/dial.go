// Package dial knows how Google's client libraries are pointed at an emulator.
package dial

import (
	"context"

	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// The variables that name emulators: host:port, reached without encryption and
// without credentials. They are for tests and never set in the cloud. Google's
// larger clients read FIRESTORE_EMULATOR_HOST and PUBSUB_EMULATOR_HOST
// themselves; ours of Firestore does not.
const (
	FirestoreEmulator     = "FIRESTORE_EMULATOR_HOST"
	KMSEmulator           = "KMS_EMULATOR_HOST"
	PubSubEmulator        = "PUBSUB_EMULATOR_HOST"
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

// FirestoreOptions is Options for Firestore, whose emulator lets its owner do
// everything.
func FirestoreOptions(host string) []option.ClientOption {
	if host == "" {
		return nil
	}
	return append(Options(host), option.WithGRPCDialOption(grpc.WithPerRPCCredentials(owner{})))
}

type owner struct{}

func (owner) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer owner"}, nil
}

func (owner) RequireTransportSecurity() bool { return false }
