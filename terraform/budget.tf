resource "google_billing_budget" "this" {
  count = var.monthly_budget == null ? 0 : 1

  billing_account = data.google_project.this.billing_account
  display_name    = "Weekly Archive"

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }

  # Without a currency, the billing account's.
  amount {
    specified_amount {
      units = tostring(var.monthly_budget)
    }
  }

  threshold_rules {
    threshold_percent = 0.5
  }
  threshold_rules {
    threshold_percent = 1
  }

  dynamic "all_updates_rule" {
    for_each = length(local.channels) > 0 ? [local.channels] : []
    content {
      monitoring_notification_channels = all_updates_rule.value
    }
  }

  lifecycle {
    precondition {
      condition     = try(length(data.google_project.this.billing_account) > 0, false)
      error_message = "The project's billing account does not show. Switch on cloudbilling.googleapis.com (gcloud services enable), wait two minutes, apply again."
    }
  }

  depends_on = [google_project_service.this]
}
