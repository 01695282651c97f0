provider "google" {
  project = var.project_id
  region  = var.region

  # Some APIs (budgets) refuse a person's own credentials unless the call is
  # counted against a project.
  billing_project       = var.project_id
  user_project_override = true

  default_labels = {
    app         = local.name
    environment = var.environment
  }
}
