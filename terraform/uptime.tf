# A metric that stays away can be noticed for a day at most, and the weekly run
# comes once a week. So SignUp knows when the last one was: this address
# answers 503 when it is more than eight days ago.
resource "google_monitoring_uptime_check_config" "weekly" {
  display_name = "Weekly Archive: the week was archived"
  period       = "900s"
  timeout      = "30s" # an instance may have to start

  # Three is the least that Google takes.
  selected_regions = ["ASIA_PACIFIC", "EUROPE", "SOUTH_AMERICA"]

  http_check {
    path         = "/healthz/weekly"
    port         = 443
    use_ssl      = true
    validate_ssl = true

    accepted_response_status_codes {
      status_value = 200
    }
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project_id
      host       = trimprefix(local.addresses.signup, "https://")
    }
  }

  depends_on = [google_project_service.this]
}
