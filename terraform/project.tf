# The project is there already; its number is asked for, and its billing account
# for the budget. Both come while Terraform plans, from APIs that a person
# switches on first: without Cloud Billing's, the account is silently left out.
data "google_project" "this" {
  project_id = var.project_id
}

locals {
  name = "weekly-archive"

  names = {
    for function in ["archiveuser", "fanout", "signup"] : function => "${local.name}-${function}"
  }

  # Cloud Run gives every service this address beside the one with a random
  # part. It is known before anything exists, so it can be registered at
  # Spotify first, and SignUp can be told its own address.
  addresses = {
    for function, name in local.names :
    function => "https://${name}-${data.google_project.this.number}.${var.region}.run.app"
  }

  # The accounts that the functions run as, as the audit log writes them.
  emails = {
    for function, name in local.names : function => "${name}@${var.project_id}.iam.gserviceaccount.com"
  }

  redirect_uri = "${local.addresses.signup}/callback"

  # Google's own account that moves messages to the dead letters.
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}
