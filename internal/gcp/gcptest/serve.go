package gcptest

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
)

// serve answers on a loopback address until stop is called.
func serve(ctx context.Context, register func(*grpc.Server)) (host string, stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listening: %w", err)
	}
	server := grpc.NewServer()
	register(server)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Stop
	}()
	return listener.Addr().String(), func() { server.Stop(); <-done }, nil
}
