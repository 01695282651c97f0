# The box for the Spotify app's client secret. A person puts the content in
# (output add_secret_command), so that it is in no Terraform state.
resource "google_secret_manager_secret" "spotify" {
  secret_id = "${local.name}-spotify-client-secret"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.this]
}

# A binding, not members: nobody else reads it by a grant on the secret.
resource "google_secret_manager_secret_iam_binding" "accessor" {
  secret_id = google_secret_manager_secret.spotify.id
  role      = "roles/secretmanager.secretAccessor"
  members = [
    module.archiveuser.member, # refreshes access tokens
    module.signup.member,      # redeems the code of a consent
  ]
}
