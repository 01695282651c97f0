output "environment" {
  description = "Environment variables of the function."
  value       = google_cloudfunctions2_function.this.service_config[0].environment_variables
}

output "ingress" {
  description = "From where the function can be reached."
  value       = google_cloudfunctions2_function.this.service_config[0].ingress_settings
}

output "invokers" {
  description = "IAM members that may call the function."
  value       = toset(flatten(google_cloud_run_v2_service_iam_binding.invoker[*].members))
}

output "member" {
  description = "IAM member of the account that the function runs as."
  value       = google_service_account.this.member
}

output "name" {
  description = "Name of the function and of its service."
  value       = google_cloudfunctions2_function.this.name
}

output "runs_as" {
  description = "Address of the account that the function runs as."
  value       = google_cloudfunctions2_function.this.service_config[0].service_account_email
}

output "timeout_seconds" {
  description = "Seconds after which a request is cut off."
  value       = google_cloudfunctions2_function.this.service_config[0].timeout_seconds
}
