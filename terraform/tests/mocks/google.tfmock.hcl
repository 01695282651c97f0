# What Google would answer. Everything else is made up by Terraform.

mock_data "google_project" {
  defaults = {
    number          = "123456789012"
    billing_account = "AAAAAA-BBBBBB-CCCCCC"
  }
}

mock_data "google_cloudfunctions2_function" {
  defaults = { state = "ACTIVE" }
}

mock_data "google_cloud_run_v2_service" {
  defaults = { invoker_iam_disabled = false }
}

override_resource {
  target = module.archiveuser.google_service_account.this
  values = { email = "archiveuser@test", member = "serviceAccount:archiveuser" }
}

override_resource {
  target = module.fanout.google_service_account.this
  values = { email = "fanout@test", member = "serviceAccount:fanout" }
}

override_resource {
  target = module.signup.google_service_account.this
  values = { email = "signup@test", member = "serviceAccount:signup" }
}

override_resource {
  target = google_service_account.push["archive"]
  values = { email = "push-archive@test", member = "serviceAccount:push-archive" }
}

override_resource {
  target = google_service_account.push["weekly"]
  values = { email = "push-weekly@test", member = "serviceAccount:push-weekly" }
}

override_resource {
  target = google_service_account.builder
  values = { id = "builder-id", member = "serviceAccount:builder" }
}

override_resource {
  target = google_firestore_database.this
  values = { create_time = "2026-11-24T09:30:00.123456Z" }
}

override_resource {
  target = google_kms_crypto_key.grants
  values = { id = "projects/test-project/locations/europe-west1/keyRings/weekly-archive/cryptoKeys/grants" }
}

override_resource {
  target = google_secret_manager_secret.spotify
  values = { id = "projects/test-project/secrets/weekly-archive-spotify-client-secret" }
}
