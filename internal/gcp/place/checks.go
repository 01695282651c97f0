package place

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

const (
	signIn = "run `gcloud auth application-default login`, as somebody who may; the role Viewer on the project is enough to look"
	apply  = "run `terraform apply`: it makes what is missing"
)

// bad turns the answer of one of Google's services into a finding.
func bad(check, what string, err error, absent string) operate.Finding {
	switch code := status.Code(err); code {
	case codes.NotFound:
		return operate.Bad(check, what+" is not there", absent)
	case codes.PermissionDenied, codes.Unauthenticated:
		return operate.Bad("permissions", what+" may not be looked at by whoever runs this ("+code.String()+")", signIn)
	default:
		return operate.Bad(check, fmt.Sprintf("%s cannot be looked at (%s)", what, code), "try again later; then look at Google Cloud's status page")
	}
}

// checkPages asks the pages how they are.
func (p *Place) checkPages(ctx context.Context) operate.Finding {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.cfg.BaseURL+"/healthz", http.NoBody)
	if err != nil {
		return operate.Bad("pages", "BASE_URL is no address", "take it from `terraform output -raw sign_up_url`")
	}
	answer, err := (&http.Client{Timeout: doctorTimeout}).Do(request)
	if err != nil {
		return operate.Bad("pages", p.cfg.BaseURL+" does not answer", apply+"; then look at the log of SignUp")
	}
	defer func() { _ = answer.Body.Close() }()
	switch answer.StatusCode {
	case http.StatusOK:
		return operate.Good("pages", "%s answers", p.cfg.BaseURL)
	case http.StatusForbidden, http.StatusUnauthorized:
		return operate.Bad("pages", fmt.Sprintf("%s answers with status %d: people may not reach it", p.cfg.BaseURL, answer.StatusCode),
			"let everybody call SignUp; where the organization forbids that, see \"In an organization\" in terraform/README.md")
	default:
		return operate.Bad("pages", fmt.Sprintf("%s answers with status %d", p.cfg.BaseURL, answer.StatusCode), "look at the log of SignUp, which says what is missing")
	}
}

// checkSecret looks at the version of the client secret and does not read it.
func (p *Place) checkSecret(ctx context.Context) operate.Finding {
	const add = "add the client secret: eval \"$(terraform output -raw add_secret_command)\""
	version, err := p.secrets.GetSecretVersion(ctx, &secretmanagerpb.GetSecretVersionRequest{Name: p.cfg.ClientSecretName})
	switch {
	case err != nil:
		return bad("secret", "the client secret", err, add)
	case version.GetState() != secretmanagerpb.SecretVersion_ENABLED:
		return operate.Bad("secret", fmt.Sprintf("the client secret's newest version is %s", strings.ToLower(version.GetState().String())), add)
	default:
		return operate.Good("secret", "the client secret is there")
	}
}

// checkPubSub looks for the topics and the two subscriptions of each.
func (p *Place) checkPubSub(ctx context.Context) []operate.Finding {
	var findings []operate.Finding
	for _, q := range NewDeadLetters(p.pubsub, p.cfg.Project, p.cfg.ArchiveTopic, p.cfg.WeeklyTopic).queues {
		if _, err := p.pubsub.TopicAdminClient.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: q.topic}); err != nil {
			findings = append(findings, bad("pubsub", "the topic "+q.topic, err, apply))
			continue
		}
		push := strings.TrimSuffix(q.subscription, deadSuffix) + "-push"
		subscription, err := p.pubsub.SubscriptionAdminClient.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: push})
		switch {
		case err != nil:
			findings = append(findings, bad("pubsub", "the subscription "+push, err, apply))
		case subscription.GetDetached():
			findings = append(findings, operate.Bad("pubsub", "the subscription "+push+" is detached from its topic", apply))
		}
	}
	if len(findings) == 0 {
		findings = append(findings, operate.Good("pubsub", "both topics are there and pushed to the functions"))
	}
	return findings
}

// checkKey looks at every version that seals a grant, and opens none.
func (p *Place) checkKey(ctx context.Context) []operate.Finding {
	current, err := p.currentKey(ctx)
	if err != nil {
		return []operate.Finding{bad("key", "the key "+p.cfg.KMSKey, err, apply)}
	}
	users, _, err := p.store.List(ctx)
	if err != nil {
		return nil // which another check has said
	}
	versions := []string{current}
	for _, u := range users {
		if sealed := u.Grant.Sealed; len(sealed.Ciphertext) > 0 && !slices.Contains(versions, sealed.KeyVersion) {
			versions = append(versions, sealed.KeyVersion)
		}
	}
	var findings []operate.Finding
	for _, name := range versions {
		version, err := p.kms.GetCryptoKeyVersion(ctx, &kmspb.GetCryptoKeyVersionRequest{Name: name})
		switch {
		case err != nil:
			findings = append(findings, bad("key", "the key version "+name, err, "it sealed grants that cannot be opened any more: these people have to reconnect"))
		case version.GetState() != kmspb.CryptoKeyVersion_ENABLED:
			findings = append(findings, operate.Bad("key", fmt.Sprintf("the key version %s is %s, and grants need it", name, strings.ToLower(version.GetState().String())),
				"enable it, or restore it (playbook KeyUnusable)"))
		}
	}
	if len(findings) == 0 {
		findings = append(findings, operate.Good("key", "every version that seals grants is enabled (%d)", len(versions)))
	}
	return findings
}
