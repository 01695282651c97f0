# Who may do what. A failing sentence here is a change of somebody's rights.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "archive" {
  override_during = plan
}

variables {
  project_id        = "test-project"
  region            = "europe-west1"
  spotify_client_id = "0123456789abcdef0123456789abcdef"
}

run "only_archiveuser_may_decrypt" {
  command = plan

  assert {
    condition     = google_kms_crypto_key_iam_binding.decrypter.role == "roles/cloudkms.cryptoKeyDecrypter"
    error_message = "The role must decrypt and nothing else."
  }
  assert {
    condition     = google_kms_crypto_key_iam_binding.decrypter.members == toset(["serviceAccount:archiveuser"])
    error_message = "Nobody but ArchiveUser may decrypt."
  }
}

run "signup_can_encrypt_and_fanout_touches_no_key" {
  command = plan

  assert {
    condition     = google_kms_crypto_key_iam_binding.encrypter.role == "roles/cloudkms.cryptoKeyEncrypter"
    error_message = "The role must encrypt and nothing else."
  }
  assert {
    condition     = google_kms_crypto_key_iam_binding.encrypter.members == toset(["serviceAccount:archiveuser", "serviceAccount:signup"])
    error_message = "Only SignUp and ArchiveUser may encrypt."
  }
}

run "only_signup_and_archiveuser_read_the_client_secret" {
  command = plan

  assert {
    condition     = google_secret_manager_secret_iam_binding.accessor.role == "roles/secretmanager.secretAccessor"
    error_message = "The role must read the secret and nothing else."
  }
  assert {
    condition     = google_secret_manager_secret_iam_binding.accessor.members == toset(["serviceAccount:archiveuser", "serviceAccount:signup"])
    error_message = "Only SignUp and ArchiveUser may read the client secret."
  }
}

run "only_signup_is_public" {
  command = plan

  assert {
    condition     = module.signup.invokers == toset(["allUsers"]) && module.signup.ingress == "ALLOW_ALL"
    error_message = "People have to reach SignUp from anywhere."
  }
  assert {
    condition     = module.archiveuser.ingress == "ALLOW_INTERNAL_ONLY" && module.fanout.ingress == "ALLOW_INTERNAL_ONLY"
    error_message = "Only Google's own services may reach FanOut and ArchiveUser."
  }
}

run "signup_needs_no_grant_to_everybody" {
  command = plan

  variables {
    allow_all_users = false
  }

  assert {
    condition     = length(module.signup.invokers) == 0
    error_message = "Where an organization forbids allUsers, no grant on SignUp may be tried."
  }
  assert {
    condition     = module.signup.ingress == "ALLOW_ALL"
    error_message = "People have to reach SignUp from anywhere all the same."
  }
  assert {
    condition     = output.make_public_command == "gcloud run services update weekly-archive-signup --no-invoker-iam-check --region=europe-west1 --project=test-project"
    error_message = "This command lets people reach SignUp."
  }
}

run "each_push_account_may_call_one_function" {
  command = plan

  assert {
    condition     = module.archiveuser.invokers == toset(["serviceAccount:push-archive"])
    error_message = "Only the push of topic archive may call ArchiveUser."
  }
  assert {
    condition     = module.fanout.invokers == toset(["serviceAccount:push-weekly"])
    error_message = "Only the push of topic weekly may call FanOut."
  }
  assert {
    condition = alltrue([
      for topic, subscription in google_pubsub_subscription.push :
      subscription.push_config[0].oidc_token[0].service_account_email == "push-${topic}@test"
    ])
    error_message = "Each subscription has to push as its own account."
  }
}

run "archiveuser_publishes_nothing" {
  command = plan

  assert {
    condition     = google_pubsub_topic_iam_binding.publisher["archive"].members == toset(["serviceAccount:fanout", "serviceAccount:signup"])
    error_message = "Only FanOut and SignUp may send a user out."
  }
  assert {
    condition     = google_pubsub_topic_iam_binding.publisher["weekly"].members == toset(["serviceAccount:fanout"])
    error_message = "Of our accounts, only FanOut may hand work on to itself."
  }
}

run "no_grant_is_project_wide_unless_listed_with_a_reason" {
  command = plan

  assert {
    condition = alltrue([
      for grant in merge(local.builder_grants, local.function_grants) : length(grant.reason) > 30 && length(grant.reason) <= 256
    ])
    error_message = "Each grant on the project needs a reason of at most 256 characters."
  }
  assert {
    condition = toset([for grant in google_project_iam_member.function : "${grant.member} ${grant.role}"]) == toset([
      "serviceAccount:archiveuser roles/datastore.user",
      "serviceAccount:fanout roles/datastore.user",
      "serviceAccount:signup roles/datastore.user",
    ])
    error_message = "The functions hold the database role on the project and no other."
  }
  assert {
    condition = toset([for grant in google_project_iam_member.builder : "${grant.member} ${grant.role}"]) == toset([
      "serviceAccount:builder roles/logging.logWriter",
      "serviceAccount:builder roles/storage.objectViewer",
    ])
    error_message = "The builder holds these two roles on the project and no other."
  }
}

run "the_database_role_ends_at_our_database" {
  command = plan

  assert {
    condition = alltrue([
      for grant in google_project_iam_member.function :
      grant.condition[0].expression == "resource.name == \"projects/test-project/databases/(default)\""
    ])
    error_message = "The grant on the project must be held to our database by a condition."
  }
  assert {
    condition     = google_project_iam_member.builder["fetches_source"].condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-123456789012-europe-west1/\")"
    error_message = "The builder's grant must be held to the bucket with the copy of the source."
  }
}

run "nobody_runs_as_the_default_compute_account" {
  command = plan

  assert {
    condition     = module.archiveuser.runs_as == "archiveuser@test" && module.fanout.runs_as == "fanout@test" && module.signup.runs_as == "signup@test"
    error_message = "Each function has to run as its own account."
  }
  assert {
    condition     = local.build.service_account == "builder-id"
    error_message = "The functions have to be built by the builder's account."
  }
}

run "keys_and_secrets_are_watched" {
  command = plan

  assert {
    condition = alltrue([
      for service in ["cloudkms.googleapis.com", "secretmanager.googleapis.com"] :
      one(google_project_iam_audit_config.this[service].audit_log_config).log_type == "DATA_READ"
    ])
    error_message = "Using the key and reading the secret have to be in the audit log."
  }
  assert {
    condition = alltrue([
      for config in google_project_iam_audit_config.this : length(coalesce(one(config.audit_log_config).exempted_members, [])) == 0
    ])
    error_message = "Nobody may be exempt from the audit log."
  }
}
