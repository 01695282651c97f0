output "add_secret_command" {
  description = "Reads the Spotify app's client secret from the keyboard, without showing it, into Secret Manager. For bash and zsh."
  value       = "read -rs SECRET && printf %s \"$SECRET\" | gcloud secrets versions add ${google_secret_manager_secret.spotify.secret_id} --project=${var.project_id} --data-file=-; unset SECRET"
}

output "dashboard_url" {
  description = "Address of the dashboard in Google's console."
  value       = "https://console.cloud.google.com/monitoring/dashboards?project=${var.project_id}"
}

output "make_public_command" {
  description = "Lets people reach SignUp without a grant to allUsers. Needed once, with allow_all_users = false only."
  value       = "gcloud run services update ${module.signup.name} --no-invoker-iam-check --region=${var.region} --project=${var.project_id}"
}

output "operate_environment" {
  description = "Environment variables of the operator's commands. For bash and zsh."
  value       = <<-EOT
    export ARCHIVE_TOPIC='${google_pubsub_topic.this["archive"].name}'
    export BASE_URL='${local.addresses.signup}'
    export FIRESTORE_DATABASE='${google_firestore_database.this.name}'
    export GOOGLE_CLOUD_PROJECT='${var.project_id}'
    export KMS_KEY='${google_kms_crypto_key.grants.id}'
    export SPOTIFY_CLIENT_ID='${var.spotify_client_id}'
    export SPOTIFY_CLIENT_SECRET_NAME='${local.client_secret}'
    export WEEKLY_TOPIC='${google_pubsub_topic.this["weekly"].name}'
  EOT
}

output "redirect_uri" {
  description = "Redirect URI to register in the settings of the Spotify app, to the letter."
  value       = local.redirect_uri
}

output "run_week_command" {
  description = "Runs the week now instead of waiting for Monday."
  value       = "gcloud scheduler jobs run ${google_cloud_scheduler_job.this["weekly"].name} --location=${var.region} --project=${var.project_id}"
}

output "sign_up_url" {
  description = "Address that people open to sign up."
  value       = local.addresses.signup
}
