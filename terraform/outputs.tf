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
