package firestorestore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/firestore"
	apiv1 "cloud.google.com/go/firestore/apiv1"
	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
)

// A Delete that is cut off after any of its commits is found by fan-out and
// finished by another one, and nothing of the user is left, not even in
// collections that this version does not know.
func TestDeleteSurvivesBeingCutOff(t *testing.T) {
	t.Parallel()
	for allowed := range int32(5) {
		t.Run(fmt.Sprintf("after_%d_commits", allowed), func(t *testing.T) {
			t.Parallel()
			var left atomic.Int32
			left.Store(1 << 30)
			db := emulators.Firestore(t, option.WithGRPCDialOption(grpc.WithChainUnaryInterceptor(
				func(ctx context.Context, method string, req, reply any, c *grpc.ClientConn, invoke grpc.UnaryInvoker, o ...grpc.CallOption) error {
					if strings.HasSuffix(method, "/Commit") && left.Add(-1) < 0 {
						return status.Error(codes.Internal, "cut off")
					}
					return invoke(ctx, method, req, reply, c, o...)
				})))
			store := in(db)
			id := crowded(t, db.Client, store)

			left.Store(allowed)
			if err := store.Delete(t.Context(), id); err == nil {
				t.Fatal("got no error from a Delete that was cut off")
			}
			left.Store(1 << 30)
			page, err := store.DueUsers(t.Context(), archive.DueQuery{Open: archivetest.WeekTime(), Limit: 10})
			if err != nil || !slices.Contains(page.Users, id) {
				t.Errorf("due users: got %v and %v, want the one who is half deleted", page.Users, err)
			}
			if err := store.Delete(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			wantGone(t, db.Client, id)
		})
	}
}

// crowded stores a user with documents in a known and an unknown collection,
// more than one batch of a Delete.
func crowded(t *testing.T, client *firestore.Client, store *records.Store) archive.UserID {
	t.Helper()
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	entry := archivetest.NewEntry(1, archivetest.WeekTime())
	archivetest.MustCommit(t, store, user, archive.Changes{Entry: &entry})
	writer := client.BulkWriter(t.Context())
	for i := range 310 {
		doc := client.Collection("users").Doc(string(user.ID)).Collection("later").Doc(fmt.Sprint(i))
		if _, err := writer.Create(doc, map[string]any{"n": i}); err != nil {
			t.Fatal(err)
		}
	}
	writer.End()
	return user.ID
}

func wantGone(t *testing.T, client *firestore.Client, id archive.UserID) {
	t.Helper()
	ref := client.Collection("users").Doc(string(id))
	if _, err := ref.Get(t.Context()); status.Code(err) != codes.NotFound {
		t.Errorf("reading the user document: got %v, want it gone", err)
	}
	collections, err := ref.Collections(t.Context()).GetAll()
	if err != nil || len(collections) > 0 {
		t.Errorf("collections under the user: got %d and %v, want none", len(collections), err)
	}
}

// nowhere answers like a database that does not exist.
type nowhere struct {
	firestorepb.UnimplementedFirestoreServer
}

func (nowhere) BatchGetDocuments(*firestorepb.BatchGetDocumentsRequest, firestorepb.Firestore_BatchGetDocumentsServer) error {
	return status.Error(codes.NotFound, "The database (default) does not exist for project p")
}

func (nowhere) Commit(context.Context, *firestorepb.CommitRequest) (*firestorepb.CommitResponse, error) {
	return nil, status.Error(codes.NotFound, "The database (default) does not exist for project p")
}

// Nobody has left because the database's name is wrong: messages must come
// again.
func TestMissingDatabaseIsNoMissingUser(t *testing.T) {
	t.Parallel()
	store := in(gcptest.Database{API: dialNowhere(t), Name: "projects/p/databases/(default)"})
	user := archivetest.NewUser(t, "ada")
	if _, err := store.User(t.Context(), user.ID); err == nil || errors.Is(err, fault.ErrNotFound) {
		t.Errorf("User: got %v, want an error that is not %v", err, fault.ErrNotFound)
	}
	if _, err := store.Put(t.Context(), user); err == nil || errors.Is(err, fault.ErrConflict) {
		t.Errorf("Put: got %v, want an error that is not %v", err, fault.ErrConflict)
	}
	if _, err := store.Seen(t.Context(), user.ID); err == nil {
		t.Error("Seen: got no error: an empty set would archive every song again")
	}
	if _, err := store.Pause(t.Context()); err == nil {
		t.Error("Pause: got no error")
	}
}

func dialNowhere(t *testing.T) *apiv1.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	firestorepb.RegisterFirestoreServer(server, nowhere{})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	client, err := apiv1.NewClient(t.Context(), option.WithEndpoint(listener.Addr().String()),
		option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
